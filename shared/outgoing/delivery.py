"""Delivery of what the outbox holds: at once after the act, else by the schedule."""

import asyncio
import random
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from uuid import UUID

from shared.database import transaction
from shared.database.repositories import outbox
from shared.database.repositories.outbox import Addressed, Attempt
from shared.outgoing.addresses import parse_target
from shared.outgoing.post import NotAnswered, is_delivered, post
from shared.outgoing.signature import signed_headers
from shared.runtime.observability import log_failure

# Whoever waits for the answer waits for no receiver longer than this.
AT_ONCE_S = 2.0
BY_SCHEDULE_S = 15.0

# Half a minute, two, eight, half an hour, two hours, then every eight, until three days are over.
FIRST_DELAY_S = 30.0
DELAY_GROWTH = 4
LONGEST_DELAY_S = 8 * 3600.0
# Receivers that failed together are not asked together again.
JITTER = random.Random()  # noqa: S311  # spreads load, guards nothing


async def deliver_at_once(messages: Sequence[UUID]) -> None:
    """Try once what a request has just written; what fails is left to the schedule."""
    try:
        async with transaction.unattended() as connection:
            addressed = await outbox.get_just_written(connection, messages)
        await _deliver(addressed, within_s=AT_ONCE_S)
    except Exception as failure:  # noqa: BLE001
        # What was asked for is done: whatever goes wrong now is no reason to say otherwise.
        log_failure(failure)


async def deliver_due(most: int) -> int:
    """Try what is due, and return how many were tried."""
    async with transaction.unattended() as connection:
        addressed = await outbox.lease(connection, most)
    await _deliver(addressed, within_s=BY_SCHEDULE_S)
    return len(addressed)


async def _deliver(messages: Sequence[Addressed], *, within_s: float) -> None:
    if not messages:
        return
    attempts = await asyncio.gather(*(_attempt(message, within_s) for message in messages))
    async with transaction.unattended() as connection:
        await outbox.settle(connection, attempts)


async def _attempt(message: Addressed, within_s: float) -> Attempt:
    started_at, started = datetime.now(UTC), time.perf_counter()
    outcome, status = await _send(message, within_s)
    is_over = outcome == "delivered" or status == HTTPStatus.GONE
    return Attempt(
        id=message.id,
        at=started_at,
        outcome=outcome,
        status=status,
        duration_ms=round(1000 * (time.perf_counter() - started)),
        again_in_s=None if is_over else delay_s(message.attempts, JITTER),
    )


async def _send(message: Addressed, within_s: float) -> tuple[str, int | None]:
    body = message.body.encode()
    headers = signed_headers(str(message.id), int(time.time()), body, message.secrets)
    try:
        status = await post(parse_target(message.url), headers, body, within_s=within_s)
    except NotAnswered as failure:
        return failure.code, None
    except ValueError:
        # An address that was callable when it was taken, by the settings of then.
        return "no-public-address", None
    return ("delivered" if is_delivered(status) else "refused"), status


def delay_s(attempts: int, jitter: random.Random) -> float:
    """Return after how many seconds a message is tried again that was tried `attempts` times."""
    backed_off: float = min(FIRST_DELAY_S * DELAY_GROWTH**attempts, LONGEST_DELAY_S)
    return backed_off * jitter.uniform(0.75, 1.25)
