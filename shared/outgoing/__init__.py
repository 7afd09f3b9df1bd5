"""Calls to addresses that organizations name: checked, bounded and signed."""

from collections.abc import Sequence
from uuid import UUID


async def send_just_written(messages: Sequence[UUID]) -> None:
    """Try once what a request has written, if anything; a start does not load the sender."""
    if messages:
        from shared.outgoing.delivery import deliver_at_once

        await deliver_at_once(messages)
