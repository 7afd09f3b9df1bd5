"""Waits that are generous, because a machine may be busy, and say what they wait for."""

import asyncio
import time
from collections.abc import Awaitable, Callable

# Longer than any machine takes that works at all: a test that waits so long has found a fault.
PATIENCE_S = 120.0
POLL_S = 0.02


class NeverHappened(AssertionError):
    """What was waited for did not come."""

    def __init__(self, what: str, patience_s: float) -> None:
        super().__init__(f"{what}: not within {patience_s:g} s")


def wait_until[Found](
    what: str, look: Callable[[], Found | None], *, patience_s: float = PATIENCE_S
) -> Found:
    """Return what `look` finds as soon as it is something."""
    deadline = time.monotonic() + patience_s
    while not (outcome := look()):
        if time.monotonic() > deadline:
            raise NeverHappened(what, patience_s)
        time.sleep(POLL_S)
    return outcome


async def until[Found](
    what: str, look: Callable[[], Awaitable[Found | None]], *, patience_s: float = PATIENCE_S
) -> Found:
    """Return what `look` finds as soon as it is something."""
    deadline = time.monotonic() + patience_s
    while not (outcome := await look()):
        if time.monotonic() > deadline:
            raise NeverHappened(what, patience_s)
        await asyncio.sleep(POLL_S)
    return outcome
