"""What every function's application has in common."""
