"""What becomes of a person's record in the end: held, or erased."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from functions.accounts.lifecycle import queries
from functions.accounts.lifecycle.schemas import ErasureRead, HoldCreate, HoldList, HoldRead
from shared.database.repositories import people
from shared.errors import Conflict, InvalidRequest, NotFound


class Retained(Conflict):
    """The record has to be kept for a while yet."""

    code = "retention-stands"

    def __init__(self, until: datetime) -> None:
        super().__init__(
            f"The record has to be kept until {until:%Y-%m-%d}. Send when_due to hide the person"
            " now and have them erased then."
        )
        self.until = until

    @property
    def members(self) -> dict[str, Any]:
        return {"retained_until": self.until}


class Held(Conflict):
    """A legal hold is on the person."""

    code = "legal-hold"

    def __init__(self) -> None:
        super().__init__("A legal hold is on this person: nothing is erased until it is released.")


async def list_holds(connection: AsyncConnection, person_id: UUID) -> HoldList:
    if not await people.is_within_reach(connection, person_id):
        raise _no_person(person_id)
    rows = await queries.get_holds(connection, person_id)
    return HoldList(items=[HoldRead.model_validate(row) for row in rows])


async def place(connection: AsyncConnection, person_id: UUID, hold: HoldCreate) -> HoldList:
    """Keep whatever is stored of a person.

    Raises
    ------
    NotFound, InvalidRequest
    """
    if not await people.is_within_reach(connection, person_id):
        raise _no_person(person_id)
    if hold.held_until and hold.held_until <= datetime.now(UTC):
        raise InvalidRequest("held_until: lies in the past")
    await queries.place(connection, person_id, hold.reason, hold.held_until)
    return await list_holds(connection, person_id)


async def release(connection: AsyncConnection, person_id: UUID, hold_id: UUID) -> HoldList:
    """End a hold; the clocks of the records go on as if it had never been.

    Raises
    ------
    NotFound
    """
    if not await queries.release(connection, person_id, hold_id):
        raise NotFound(
            "There is no such hold in force.", resource_type="legal_holds", resource_id=hold_id
        )
    return await list_holds(connection, person_id)


async def erase(connection: AsyncConnection, person_id: UUID, *, when_due: bool) -> ErasureRead:
    """Destroy a person's key and all that tells who they are, or say until when that waits.

    Raises
    ------
    NotFound, Retained, Held
    """
    told = await queries.erase(connection, person_id, when_due=when_due)
    if told is None:
        raise _no_person(person_id)
    if "erased_at" in told:
        return ErasureRead(person_id=person_id, **told)
    until = told["retained_until"] and datetime.fromisoformat(told["retained_until"])
    if when_due:
        return ErasureRead(person_id=person_id, due_at=until)
    if told["is_held"]:
        raise Held
    raise Retained(until)


def _no_person(person_id: UUID) -> NotFound:
    return NotFound("There is no such person.", resource_type="users", resource_id=person_id)
