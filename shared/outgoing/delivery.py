"""Delivery of what the outbox holds: at once after the act, else by the schedule."""

import asyncio
import time
from collections.abc import Sequence
from functools import partial
from uuid import UUID

from shared.database import transaction
from shared.database.repositories import outbox
from shared.database.repositories.outbox import Addressed
from shared.outgoing.attempts import AT_ONCE_S, BY_SCHEDULE_S, Outcome, attempt
from shared.outgoing.post import posted
from shared.outgoing.signature import signed_headers
from shared.runtime.observability import FailuresLogged


async def deliver_at_once(messages: Sequence[UUID]) -> None:
    """Try once what a request has just written; what fails is left to the schedule."""
    # What was asked for is done: whatever goes wrong now is no reason to say otherwise.
    with FailuresLogged():
        async with transaction.unattended() as connection:
            addressed = await outbox.get_just_written(connection, messages)
        await _deliver(addressed, within_s=AT_ONCE_S)


async def deliver_due(most: int) -> int:
    """Try what is due, and return how many were tried."""
    async with transaction.unattended() as connection:
        addressed = await outbox.lease(connection, most)
    await _deliver(addressed, within_s=BY_SCHEDULE_S)
    return len(addressed)


async def _deliver(messages: Sequence[Addressed], *, within_s: float) -> None:
    if not messages:
        return
    attempts = await asyncio.gather(
        *(
            attempt(message.id, message.attempts, partial(_send, message, within_s))
            for message in messages
        )
    )
    async with transaction.unattended() as connection:
        await outbox.settle(connection, attempts)


async def _send(message: Addressed, within_s: float) -> Outcome:
    body = message.body.encode()
    headers = signed_headers(str(message.id), int(time.time()), body, message.secrets)
    return await posted(message.url, headers, body, within_s=within_s)
