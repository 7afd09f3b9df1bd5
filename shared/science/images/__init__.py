"""Pictures as arrays: what the pipelines of pictures use unchanged."""
