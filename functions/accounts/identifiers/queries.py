"""The identifiers of a patient, each of one person of the organization."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database.encryption.texts import Texts
from shared.database.repositories import identifiers, keys
from shared.database.repositories.tables import IDENTIFIERS, ORGANIZATION
from shared.errors import Conflict
from shared.identifiers import uuid7

IDENTIFIER_IN_USE = "uq_person_identifiers_token_in_use"


class IdentifierTaken(Conflict):
    """Another person has the identifier already."""

    code = "identifier-taken"

    def __init__(self) -> None:
        super().__init__(
            "Somebody of the organization has one of these identifiers already. Search for the"
            " person by it."
        )


async def set_identifiers(
    connection: AsyncConnection, person_id: UUID, wanted: Sequence[tuple[str, str]]
) -> None:
    """Give a person exactly these identifiers, each its system and its value.

    Raises
    ------
    IdentifierTaken
    """
    person = await keys.keys_of(connection, person_id)
    stored = await _identifiers(connection, person_id, person.texts)
    removed = [key for pair, key in stored.items() if pair not in wanted]
    if removed:
        await connection.execute(
            update(IDENTIFIERS).where(IDENTIFIERS.c.id.in_(removed)).values(deleted_at=func.now())
        )
    try:
        for system, value in dict.fromkeys(wanted):
            if (system, value) not in stored:
                await _add_identifier(connection, person_id, person, system, value)
    except IntegrityError as failure:
        if IDENTIFIER_IN_USE in str(failure.driver_exception):
            raise IdentifierTaken from None
        raise


async def _identifiers(
    connection: AsyncConnection, person_id: UUID, texts: Texts
) -> Mapping[tuple[str, str], UUID]:
    """Return the keys of a person's identifiers by system and value."""
    rows = await connection.execute(
        select(IDENTIFIERS.c.id, IDENTIFIERS.c.system, IDENTIFIERS.c.value).where(
            IDENTIFIERS.c.organization_id == ORGANIZATION,
            IDENTIFIERS.c.user_id == person_id,
            IDENTIFIERS.c.deleted_at.is_(None),
        )
    )
    return {
        (row.system, texts.opened("person_identifiers", "value", row.id, row.value)): row.id
        for row in rows
    }


async def _add_identifier(
    connection: AsyncConnection,
    person_id: UUID,
    person: keys.PersonKeys,
    system: str,
    value: str,
) -> None:
    if await identifiers.find_plain_holder(connection, system, value):
        raise IdentifierTaken
    key = uuid7()
    await connection.execute(
        insert(IDENTIFIERS).values(
            id=key,
            organization_id=ORGANIZATION,
            user_id=person_id,
            system=system,
            value=person.texts.sealed("person_identifiers", "value", key, value),
            value_token=identifiers.token(person.organization, system, value),
        )
    )
