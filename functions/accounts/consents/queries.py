"""What people have agreed to: a row for each time, closed where it was withdrawn."""

from collections.abc import Sequence
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    RowMapping,
    Select,
    Uuid,
    and_,
    bindparam,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database.models.base import table_of
from shared.database.models.consent import Consent
from shared.database.repositories.audit import audited
from shared.database.repositories.tables import CALLER, ORGANIZATION
from shared.identifiers import uuid7
from shared.vocabulary import ConsentKind

CONSENTS = table_of(Consent)


async def get_consents(connection: AsyncConnection, person_id: UUID) -> Sequence[RowMapping]:
    """Return a person's consents, newest first, and write that they were read."""
    page = await connection.execute(_list(), {"person_id": person_id})
    return list(page.mappings())


@cache
def _list() -> Select[Any]:
    rows = select(
        CONSENTS.c.kind,
        CONSENTS.c.text_version,
        CONSENTS.c.created_at.label("given_at"),
        CONSENTS.c.given_by,
        CONSENTS.c.withdrawn_at,
        CONSENTS.c.withdrawn_by,
        CONSENTS.c.id,
        CONSENTS.c.user_id,
    ).where(
        CONSENTS.c.organization_id == ORGANIZATION,
        CONSENTS.c.user_id == bindparam("person_id", type_=Uuid),
    )
    page = audited(rows, "consents")
    return page.order_by(page.selected_columns.id.desc())


def _in_force(person_id: UUID, kind: ConsentKind) -> ColumnElement[bool]:
    return and_(
        CONSENTS.c.organization_id == ORGANIZATION,
        CONSENTS.c.user_id == person_id,
        CONSENTS.c.kind == kind,
        CONSENTS.c.withdrawn_at.is_(None),
    )


async def version_in_force(
    connection: AsyncConnection, person_id: UUID, kind: ConsentKind
) -> str | None:
    """Return which text a person's consent is to, or None where there is none."""
    versions = await connection.execute(
        select(CONSENTS.c.text_version).where(_in_force(person_id, kind))
    )
    version: str | None = versions.scalar_one_or_none()
    return version


async def give(
    connection: AsyncConnection, person_id: UUID, kind: ConsentKind, text_version: str
) -> None:
    await connection.execute(
        insert(CONSENTS).values(
            id=uuid7(),
            organization_id=ORGANIZATION,
            user_id=person_id,
            kind=kind,
            text_version=text_version,
            given_by=CALLER,
        )
    )


async def withdraw(connection: AsyncConnection, person_id: UUID, kind: ConsentKind) -> None:
    """Close a consent that is in force, if there is one."""
    await connection.execute(
        update(CONSENTS)
        .where(_in_force(person_id, kind))
        .values(withdrawn_at=func.now(), withdrawn_by=CALLER)
    )
