"""Attempts to send what waits: how one ended, and when the next one is made."""

import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from uuid import UUID

from shared.database.repositories.outbox import Attempt

# Whoever waits for the answer waits for no receiver longer than this.
AT_ONCE_S = 2.0
BY_SCHEDULE_S = 15.0

# Half a minute, two, eight, half an hour, two hours, then every eight, until three days are over.
FIRST_DELAY_S = 30.0
DELAY_GROWTH = 4
LONGEST_DELAY_S = 8 * 3600.0
# Receivers that failed together are not asked together again.
JITTER = random.Random()  # noqa: S311  # spreads load, guards nothing
EARLIEST_PART, LATEST_PART = 0.75, 1.25

DELIVERED = "delivered"


@dataclass(frozen=True)
class Outcome:
    """How an attempt ended, with the status that was answered, if one was."""

    code: str
    status: int | None = None
    # Nobody will ever take it.
    is_last: bool = False


async def attempt(key: UUID, before: int, send: Callable[[], Awaitable[Outcome]]) -> Attempt:
    """Make an attempt at what was tried `before` times."""
    started_at, started = datetime.now(UTC), time.perf_counter()
    outcome = await send()
    is_over = outcome.is_last or outcome.code == DELIVERED or outcome.status == HTTPStatus.GONE
    return Attempt(
        id=key,
        at=started_at,
        outcome=outcome.code,
        status=outcome.status,
        duration_ms=round(1000 * (time.perf_counter() - started)),
        again_in_s=None if is_over else delay_s(before, JITTER),
    )


def delay_s(attempts: int, jitter: random.Random) -> float:
    """Return after how many seconds a message is tried again that was tried `attempts` times."""
    backed_off: float = min(FIRST_DELAY_S * DELAY_GROWTH**attempts, LONGEST_DELAY_S)
    return backed_off * jitter.uniform(EARLIEST_PART, LATEST_PART)
