"""Recordings synthesized with known truth, for tests and the demonstration."""
