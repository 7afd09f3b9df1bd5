"""Consents, of oneself or recorded by whoever examines the person."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from functions.accounts.consents import queries
from functions.accounts.consents.schemas import ConsentCreate, ConsentRead, Consents
from functions.accounts.turns.queries import take_turn
from shared.database.repositories import people
from shared.vocabulary import ConsentKind


async def list_consents(connection: AsyncConnection, person_id: UUID) -> Consents:
    """Return what a person has agreed to.

    Raises
    ------
    NotFound
    """
    standing = await people.get_standing(connection, person_id)
    rows = await queries.get_consents(connection, standing)
    shown = ({name: row[name] for name in ConsentRead.model_fields} for row in rows)
    return Consents(person_id=standing, items=[ConsentRead.model_validate(row) for row in shown])


async def give(connection: AsyncConnection, person_id: UUID, given: ConsentCreate) -> Consents:
    """Record a consent; one to another version of the text takes the place of the former.

    Raises
    ------
    NotFound, PersonMerged
    """
    await people.require_standing(connection, person_id)
    await take_turn(connection, f"consents of {person_id}")
    former = await queries.version_in_force(connection, person_id, given.kind)
    if former != given.text_version:
        await queries.withdraw(connection, person_id, given.kind)
        await queries.give(connection, person_id, given.kind, given.text_version)
    return await list_consents(connection, person_id)


async def withdraw(connection: AsyncConnection, person_id: UUID, kind: ConsentKind) -> Consents:
    """Withdraw a consent, which holds from the next statement of anybody on.

    Raises
    ------
    NotFound, PersonMerged
    """
    await people.require_standing(connection, person_id)
    await take_turn(connection, f"consents of {person_id}")
    await queries.withdraw(connection, person_id, kind)
    return await list_consents(connection, person_id)
