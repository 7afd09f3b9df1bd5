"""The one-off migration function and the versions of the schema."""
