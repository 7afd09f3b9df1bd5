"""Wrong patient: an assessment goes to whom it belongs, and back where that was the mistake."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from functions.accounts.moves import queries
from functions.accounts.moves.queries import Stored
from functions.accounts.moves.schemas import MoveCreate, MovePage, MoveQuery, MoveRead
from functions.accounts.patients.queries import lock_patient
from shared.database.repositories import people
from shared.errors import AnalysisUnfinished, Conflict, NotFound
from shared.http.paging import page_of


class SamePerson(Conflict):
    """The assessment is this person's already."""

    code = "same-person"

    def __init__(self) -> None:
        super().__init__("to_person_id: the assessment is this person's already.")


class MovedOn(Conflict):
    """The move was undone already, or another one followed it."""

    code = "moved-on"

    def __init__(self) -> None:
        super().__init__(
            "The move was undone already, or another one followed it. Undo the latest move."
        )


async def list_moves(connection: AsyncConnection, wanted: MoveQuery) -> MovePage:
    rows = await queries.get_moves(connection, wanted)
    page, last = page_of(rows, wanted.limit)
    shown = ({name: row[name] for name in MoveRead.model_fields} for row in page)
    items = [MoveRead.model_validate(row) for row in shown]
    return MovePage(items=items, next_before=last and last["id"])


async def move(connection: AsyncConnection, wanted: MoveCreate) -> MoveRead:
    """Put an assessment, and the others of its recording, under the right person.

    Raises
    ------
    NotFound, SamePerson, AnalysisUnfinished
    """
    # People before their assessments, as everywhere.
    if await lock_patient(connection, wanted.to_person_id) is None:
        raise _no_person(wanted.to_person_id)
    stored = {row.id: row for row in await lock(connection, [wanted.assessment_id])}
    assessment = stored.get(wanted.assessment_id)
    if assessment is None or assessment.is_deleted:
        raise NotFound(
            "There is no such assessment.",
            resource_type="assessments",
            resource_id=wanted.assessment_id,
        )
    if assessment.person_id == wanted.to_person_id:
        raise SamePerson
    await queries.give(connection, list(stored), wanted.to_person_id)
    (key,) = await queries.add(connection, [assessment], wanted.to_person_id, wanted.reason)
    return MoveRead.model_validate(await _get(connection, key))


async def undo(connection: AsyncConnection, move_id: UUID) -> MoveRead:
    """Put what was moved back under the person from whom it came.

    Raises
    ------
    NotFound, MovedOn, AnalysisUnfinished
    """
    moved = await _get(connection, move_id)
    from_person_id = moved["from_person_id"]
    if await people.get_standing(connection, from_person_id) != from_person_id:
        raise MovedOn
    stored = await lock(connection, [moved["assessment_id"]])
    if moved["undone_at"] or {assessment.person_id for assessment in stored} != {
        moved["to_person_id"]
    }:
        raise MovedOn
    await queries.give(connection, [assessment.id for assessment in stored], from_person_id)
    await queries.undo(connection, move_id)
    return MoveRead.model_validate(await _get(connection, move_id))


async def lock(connection: AsyncConnection, ids: Sequence[UUID]) -> list[Stored]:
    """Return assessments with the others of their recordings, none of them unfinished."""
    stored = list(await queries.lock_assessments(connection, ids))
    if not all(assessment.is_finished for assessment in stored):
        raise AnalysisUnfinished
    return stored


async def _get(connection: AsyncConnection, move_id: UUID) -> dict[str, Any]:
    row = await queries.lock_move(connection, move_id)
    if row is None:
        raise NotFound("There is no such move.", resource_type="moves", resource_id=move_id)
    return dict(row)


def _no_person(person_id: UUID) -> NotFound:
    return NotFound("There is no such patient.", resource_type="users", resource_id=person_id)
