"""Trained networks: those that come with a function, and an operator's own."""
