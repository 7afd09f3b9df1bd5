"""One person who was registered twice: both records become one, and two again."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from functions.accounts.consents import queries as consents
from functions.accounts.merges import queries
from functions.accounts.merges.schemas import MergeCreate, MergePage, MergeRead
from functions.accounts.moves import queries as moves
from functions.accounts.moves.schemas import ChangeQuery
from functions.accounts.moves.service import MovedOn, SamePerson, lock
from functions.accounts.patients.queries import lock_patient
from shared.database.repositories import people
from shared.errors import Conflict, NotFound
from shared.http.paging import page_of


class Joined(Conflict):
    """The record that would be given up is one that others rely on."""

    code = "person-joined"

    def __init__(self) -> None:
        super().__init__(
            "person_id: this person can sign in, or others were merged into them. Merge the other"
            " way round, or undo the earlier merge."
        )


async def list_merges(connection: AsyncConnection, wanted: ChangeQuery) -> MergePage:
    rows = await queries.get_merges(connection, wanted)
    page, last = page_of(rows, wanted.limit)
    shown = ({name: row[name] for name in MergeRead.model_fields} for row in page)
    items = [MergeRead.model_validate(row) for row in shown]
    return MergePage(items=items, next_before=last and last["id"])


async def merge(connection: AsyncConnection, wanted: MergeCreate) -> MergeRead:
    """Put all that is stored of one person under another, whom the first points at.

    Raises
    ------
    NotFound, SamePerson, Joined, AnalysisUnfinished
    """
    if wanted.person_id == wanted.into_person_id:
        raise SamePerson
    for person_id in sorted((wanted.person_id, wanted.into_person_id)):
        if await lock_patient(connection, person_id) is None:
            raise _no_person(person_id)
    if await queries.is_joined(connection, wanted.person_id):
        raise Joined
    stored = await lock(connection, await queries.get_assessments(connection, wanted.person_id))
    await moves.give(connection, [assessment.id for assessment in stored], wanted.into_person_id)
    key = await queries.add(connection, wanted.person_id, wanted.into_person_id, wanted.reason)
    await moves.add(connection, stored, wanted.into_person_id, wanted.reason, merge_id=key)
    await consents.hand_over(connection, key, wanted.person_id, wanted.into_person_id)
    return MergeRead.model_validate(await _get(connection, key))


async def undo(connection: AsyncConnection, merge_id: UUID) -> MergeRead:
    """Put back exactly what a merge moved, with what was analyzed again of it since.

    Raises
    ------
    NotFound, MovedOn, AnalysisUnfinished
    """
    merged = await _get(connection, merge_id)
    person_id = merged["person_id"]
    if not await people.is_within_reach(connection, person_id):
        raise _no_person(person_id)
    stored = await lock(connection, await queries.get_moved(connection, merge_id))
    if merged["undone_at"] or {assessment.person_id for assessment in stored} - {
        merged["into_person_id"]
    }:
        raise MovedOn
    # Nothing is given to whom another record stands for.
    await queries.undo(connection, merge_id, person_id)
    await moves.give(connection, [assessment.id for assessment in stored], person_id)
    people_before = (person_id, merged["into_person_id"])
    await consents.hand_back(connection, merge_id, merged["created_at"], people_before)
    return MergeRead.model_validate(await _get(connection, merge_id))


async def _get(connection: AsyncConnection, merge_id: UUID) -> dict[str, Any]:
    row = await queries.lock_merge(connection, merge_id)
    if row is None:
        raise NotFound("There is no such merge.", resource_type="merges", resource_id=merge_id)
    return dict(row)


def _no_person(person_id: UUID) -> NotFound:
    return NotFound("There is no such patient.", resource_type="users", resource_id=person_id)
