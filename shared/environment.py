"""What the environment gives: its variables as they are meant, and what kind of place it is."""

import os
from collections.abc import Mapping

# Lambda and Vercel set one of these for what they run.
PLATFORMS = {"AWS_EXECUTION_ENV", "VERCEL_REGION"}


def given(environment: Mapping[str, str]) -> dict[str, str]:
    """Drop what is empty, and the line break that a console or `echo` leaves at an end."""
    stripped = {name: value.strip() for name, value in environment.items()}
    return {name: value for name, value in stripped.items() if value}


def is_deployed() -> bool:
    """Whether a platform runs this, not a laptop."""
    return not PLATFORMS.isdisjoint(os.environ)
