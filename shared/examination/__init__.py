"""One recording through one pipeline, at once or later."""
