"""What the data layer costs: measured beside its obvious alternatives, in one run."""
