"""The attacks that MediLens has to withstand, as a command that anybody may run."""
