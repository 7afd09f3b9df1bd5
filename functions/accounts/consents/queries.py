"""What people have agreed to: a row for each time, closed where it was withdrawn."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    FromClause,
    RowMapping,
    Select,
    Uuid,
    and_,
    bindparam,
    func,
    insert,
    or_,
    select,
    true,
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
OTHERS = CONSENTS.alias("others")


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
    statement = select(CONSENTS.c.text_version).where(_in_force(person_id, kind))
    version: str | None = (await connection.execute(statement)).scalar_one_or_none()
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


async def hand_over(
    connection: AsyncConnection, merge_id: UUID, person_id: UUID, into_person_id: UUID
) -> None:
    """Put a duplicate's consents under whom it was merged into.

    What only one of both records says holds. Where one was withdrawn, the other does not hold
    either; of two that hold, the duplicate's is closed.
    """
    for closed, other, condition in (
        (into_person_id, person_id, ~_any_in_force(person_id)),
        (person_id, into_person_id, true()),
    ):
        told = (
            select(OTHERS.c.id).where(_of(OTHERS, other), OTHERS.c.kind == CONSENTS.c.kind).exists()
        )
        await connection.execute(
            update(CONSENTS)
            .where(_of(CONSENTS, closed), CONSENTS.c.withdrawn_at.is_(None), told, condition)
            .values(withdrawn_at=func.now(), withdrawn_by=CALLER)
        )
    await connection.execute(
        update(CONSENTS)
        .where(_of(CONSENTS, person_id))
        .values(user_id=into_person_id, merge_id=merge_id)
    )


async def hand_back(
    connection: AsyncConnection, merge_id: UUID, merged_at: datetime, people: Sequence[UUID]
) -> None:
    """Put back what a merge handed over, and record anew what it closed and nobody decided since.

    The first of `people` is the duplicate, the second whom it was merged into.
    """
    person_id, into_person_id = people
    await connection.execute(
        update(CONSENTS)
        .where(_of(CONSENTS, into_person_id), CONSENTS.c.merge_id == merge_id)
        .values(user_id=person_id, merge_id=None)
    )
    decided = (
        select(OTHERS.c.id)
        .where(
            OTHERS.c.organization_id == ORGANIZATION,
            OTHERS.c.user_id.in_(people),
            OTHERS.c.kind == CONSENTS.c.kind,
            or_(OTHERS.c.created_at > merged_at, OTHERS.c.withdrawn_at > merged_at),
        )
        .exists()
    )
    closed = await connection.execute(
        select(CONSENTS.c.user_id, CONSENTS.c.kind, CONSENTS.c.text_version).where(
            CONSENTS.c.organization_id == ORGANIZATION,
            CONSENTS.c.user_id.in_(people),
            CONSENTS.c.withdrawn_at == merged_at,
            ~decided,
        )
    )
    for row in closed.all():
        await give(connection, row.user_id, ConsentKind(row.kind), row.text_version)


def _of(consents: FromClause, person_id: UUID) -> ColumnElement[bool]:
    return and_(consents.c.organization_id == ORGANIZATION, consents.c.user_id == person_id)


def _any_in_force(person_id: UUID) -> ColumnElement[bool]:
    """Whether the other person's consent of the same kind is in force."""
    return (
        select(OTHERS.c.id)
        .where(
            _of(OTHERS, person_id),
            OTHERS.c.kind == CONSENTS.c.kind,
            OTHERS.c.withdrawn_at.is_(None),
        )
        .exists()
    )
