"""Patients: looked for before they are added, so that nobody is two people."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from functions.accounts.identifiers.queries import set_identifiers
from functions.accounts.patients import queries
from functions.accounts.patients.names import Name
from functions.accounts.patients.queries import MAX_COMPARED
from functions.accounts.patients.schemas import (
    PatientChange,
    PatientCreate,
    PatientPage,
    PatientRead,
    PatientSearch,
)
from functions.accounts.turns.queries import take_turn
from shared.errors import Conflict, InvalidRequest, NotFound
from shared.http.preconditions import Precondition, PreconditionFailed, PreconditionRequired

# What stands in the person's own row.
ELSEWHERE = {"identifiers", "not_duplicate_of"}
# What tells who somebody is.
WHO = {"last_name", "identifiers"}


class LikelyDuplicate(Conflict):
    """Somebody with this birth date and a similar name is there already."""

    code = "likely-duplicate"

    def __init__(self, people: Sequence[UUID]) -> None:
        super().__init__(
            "Somebody with this birth date and a similar name is there already: person_ids says"
            " who. Use that person, or send these ids as not_duplicate_of to add another."
        )
        self.people = people

    @property
    def members(self) -> dict[str, Any]:
        return {"person_ids": list(self.people)}


class TooManyPeople(Conflict):
    """More people are within reach than one search compares names of."""

    code = "too-many-people"

    def __init__(self) -> None:
        super().__init__(
            f"A part of a name is looked for among at most {MAX_COMPARED:,} people, and there are"
            " more. Search by last_name and date_of_birth, or by an identifier."
        )


async def create(connection: AsyncConnection, new: PatientCreate) -> PatientRead:
    """Add a patient.

    Raises
    ------
    LikelyDuplicate, IdentifierTaken
    """
    if new.date_of_birth:
        await take_turn(connection, f"add who was born on {new.date_of_birth}")
        born = await queries.find_born_on(connection, new.date_of_birth, include_inactive=True)
        name = Name(new.first_name, new.last_name)
        alike = [person.id for person in born if person.name.is_like(name)]
        if not set(alike) <= set(new.not_duplicate_of):
            raise LikelyDuplicate(alike)
    key = await queries.add_patient(connection, new.model_dump(exclude=ELSEWHERE))
    await _set_identifiers(connection, key, new)
    return await get(connection, key)


async def search(connection: AsyncConnection, wanted: PatientSearch) -> PatientPage:
    """Return one page of those who are looked for.

    Raises
    ------
    TooManyPeople
    """
    # Both records of somebody who was merged are one match.
    matches = list(dict.fromkeys(await _found(connection, wanted)))
    after = [key for key in matches if wanted.after is None or key > wanted.after]
    ids, more = after[: wanted.limit], len(after) > wanted.limit
    rows = await queries.get_patients(connection, ids) if ids else []
    return PatientPage(
        items=[_read(row) for row in rows],
        next_after=ids[-1] if more else None,
    )


async def _found(connection: AsyncConnection, wanted: PatientSearch) -> Sequence[UUID]:
    """Return the ids of all who are looked for, in their order."""
    all_of_them = wanted.include_inactive
    if wanted.identifier:
        return await queries.find_by_identifier(
            connection,
            wanted.identifier.system,
            wanted.identifier.value,
            include_inactive=all_of_them,
        )
    if wanted.date_of_birth and wanted.last_name:
        people = await queries.find_namesakes(
            connection, wanted.last_name, wanted.date_of_birth, include_inactive=all_of_them
        )
        return [person.id for person in people]
    assert wanted.name_part is not None
    people = await queries.find_names(connection, include_inactive=all_of_them)
    if len(people) > MAX_COMPARED:
        raise TooManyPeople
    return [person.id for person in people if person.name.has_part(wanted.name_part)]


async def get(connection: AsyncConnection, person_id: UUID) -> PatientRead:
    """Return one patient.

    Raises
    ------
    NotFound
    """
    rows = await queries.get_patients(connection, [person_id])
    if not rows:
        raise _not_found(person_id)
    return _read(rows[0])


async def _lock(
    connection: AsyncConnection, person_id: UUID, precondition: Precondition | None
) -> None:
    """Refuse a change of what is not there, or of a state that the caller has not seen."""
    revision = await queries.lock_patient(connection, person_id)
    if revision is None:
        raise _not_found(person_id)
    if precondition is None:
        raise PreconditionRequired("Read the patient, and send the ETag as If-Match.")
    if not precondition.holds(revision):
        raise PreconditionFailed


async def change(
    connection: AsyncConnection,
    person_id: UUID,
    change: PatientChange,
    precondition: Precondition | None,
) -> PatientRead:
    """Change a patient whose state the caller has seen.

    Raises
    ------
    NotFound, PreconditionRequired, PreconditionFailed, IdentifierTaken
    InvalidRequest
        Neither a last name nor an identifier would stay.
    """
    await _lock(connection, person_id, precondition)
    columns = change.model_dump(exclude=ELSEWHERE, exclude_unset=True)
    if "identifiers" in change.model_fields_set:
        await _set_identifiers(connection, person_id, change)
    if change.model_fields_set:
        await queries.change_patient(connection, person_id, columns)
    changed = await get(connection, person_id)
    if change.model_fields_set & WHO and not (changed.last_name or changed.identifiers):
        raise InvalidRequest("last_name, identifiers: a last name or an identifier has to stay")
    return changed


async def _set_identifiers(
    connection: AsyncConnection, person_id: UUID, told: PatientChange
) -> None:
    pairs = [(identifier.system, identifier.value) for identifier in told.identifiers or ()]
    await set_identifiers(connection, person_id, pairs)


def _read(row: Any) -> PatientRead:
    columns = {name: row[name] for name in PatientRead.model_fields}
    return PatientRead.model_validate(columns)


def _not_found(person_id: UUID) -> NotFound:
    return NotFound("There is no such patient.", resource_type="users", resource_id=person_id)
