"""An organization's budget of a month: what a model is asked is reserved of it, then settled."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Text, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

# The budget's own reason: what was reserved before may be used.
USED_UP = "budget-used-up"


@dataclass(frozen=True)
class Reservation:
    """A request about a person and its tokens, which the budget of a month lacks meanwhile."""

    person_id: UUID
    tokens: int
    reserved_at: datetime


async def reserve(connection: AsyncConnection, person_id: UUID, tokens: int) -> Reservation | str:
    """Reserve a request and its tokens of the month's budget, or return why no model is asked."""
    reason = func.medilens.reserve_model(person_id, tokens, type_=Text).label("reason")
    row = (await connection.execute(select(reason, func.now().label("reserved_at")))).one()
    return row.reason or Reservation(person_id, tokens, row.reserved_at)


async def settle(
    connection: AsyncConnection, reserved: Reservation, used: int | None
) -> str | None:
    """Count what a model used in place of what was reserved; return why its words are not kept.

    Leave or consent may be taken back while it is asked. An endpoint that does not say what it
    used has used what was reserved. The month is that of the reservation, though it has ended.
    """
    told = reserved.tokens if used is None else used
    settled = func.medilens.settle_model(reserved.tokens, told, reserved.reserved_at)
    await connection.execute(select(settled))
    asked = await reserve(connection, reserved.person_id, 0)
    if isinstance(asked, Reservation):
        await unreserve(connection, asked)
        return None
    return None if asked == USED_UP else asked


async def unreserve(connection: AsyncConnection, reserved: Reservation) -> None:
    """Give back to its month what was reserved and never used."""
    given_back = func.medilens.unreserve_model(reserved.tokens, reserved.reserved_at)
    await connection.execute(select(given_back))
