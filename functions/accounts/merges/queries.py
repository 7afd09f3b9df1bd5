"""Two records of one person."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.accounts.moves.queries import MOVES, audited_page, newest_of
from functions.accounts.moves.schemas import ChangeQuery
from functions.accounts.patients.queries import PEOPLE
from shared.database.models.base import table_of
from shared.database.models.merge import Merge
from shared.database.repositories import keys
from shared.database.repositories.tables import ASSESSMENTS, CALLER, ORGANIZATION
from shared.identifiers import uuid7

MERGES = table_of(Merge)
SHOWN = ("id", "reason", "merged_by", "created_at", "undone_at", "undone_by")

type Row = Mapping[str, Any]


async def is_joined(connection: AsyncConnection, person_id: UUID) -> bool:
    """Say whether the person can sign in, or others were merged into them."""
    others = PEOPLE.alias()
    rows = await connection.execute(
        select(PEOPLE.c.id).where(
            PEOPLE.c.organization_id == ORGANIZATION,
            PEOPLE.c.id == person_id,
            PEOPLE.c.identity_subject.is_not(None)
            | select(others.c.id)
            .where(others.c.organization_id == ORGANIZATION, others.c.merged_into == person_id)
            .exists(),
        )
    )
    return rows.first() is not None


async def get_assessments(connection: AsyncConnection, person_id: UUID) -> Sequence[UUID]:
    """Return all assessments of a person, deleted ones too."""
    statement = select(ASSESSMENTS.c.id).where(
        ASSESSMENTS.c.organization_id == ORGANIZATION, ASSESSMENTS.c.user_id == person_id
    )
    return (await connection.execute(statement)).scalars().all()


async def get_moved(connection: AsyncConnection, merge_id: UUID) -> Sequence[UUID]:
    """Return the assessments that a merge moved."""
    statement = select(MOVES.c.assessment_id).where(
        MOVES.c.organization_id == ORGANIZATION, MOVES.c.merge_id == merge_id
    )
    return (await connection.execute(statement)).scalars().all()


async def add(
    connection: AsyncConnection, person_id: UUID, into_person_id: UUID, reason: str
) -> UUID:
    """Point a person at another, and write down why."""
    key, texts = uuid7(), (await keys.keys_of(connection, into_person_id)).texts
    await connection.execute(
        insert(MERGES).values(
            id=key,
            organization_id=ORGANIZATION,
            user_id=into_person_id,
            merged_person_id=person_id,
            merged_by=CALLER,
            reason=texts.sealed("merges", "reason", key, reason),
        )
    )
    await _point(connection, person_id, into_person_id)
    return key


async def _point(connection: AsyncConnection, person_id: UUID, at: UUID | None) -> None:
    await connection.execute(
        update(PEOPLE)
        .where(PEOPLE.c.organization_id == ORGANIZATION, PEOPLE.c.id == person_id)
        .values(merged_into=at, updated_at=func.now())
    )


async def get_merges(connection: AsyncConnection, wanted: ChangeQuery) -> Sequence[Row]:
    """Return merges into people within reach, newest first, and write that they were read."""
    rows = _shown().where(MERGES.c.organization_id == ORGANIZATION)
    people = (MERGES.c.user_id, MERGES.c.merged_person_id)
    page = newest_of(rows, MERGES.c.id, people, wanted)
    listed = await connection.execute(audited_page(page, "merges"))
    return await keys.opened(connection, "merges", listed.mappings().all())


async def lock_merge(connection: AsyncConnection, merge_id: UUID) -> Row | None:
    """Return a merge into a person within reach, which nobody else undoes until the commit."""
    merge = _shown().where(MERGES.c.organization_id == ORGANIZATION, MERGES.c.id == merge_id)
    rows = await connection.execute(merge.with_for_update(of=MERGES))
    return next(iter(await keys.opened(connection, "merges", rows.mappings().all())), None)


def _shown() -> Select[Any]:
    moved = (
        select(func.count())
        .select_from(MOVES)
        .where(MOVES.c.organization_id == ORGANIZATION, MOVES.c.merge_id == MERGES.c.id)
        .scalar_subquery()
    )
    return select(
        *(MERGES.c[name] for name in SHOWN),
        MERGES.c.user_id.label("into_person_id"),
        MERGES.c.merged_person_id.label("person_id"),
        moved.label("assessments"),
        *(MERGES.c.organization_id, MERGES.c.user_id, keys.wrapped_key(MERGES)),
    )


async def undo(connection: AsyncConnection, merge_id: UUID, person_id: UUID) -> None:
    """Have a person stand for themselves again, and write down who said so."""
    undone = {"undone_at": func.now(), "undone_by": CALLER}
    await connection.execute(
        update(MERGES)
        .where(MERGES.c.organization_id == ORGANIZATION, MERGES.c.id == merge_id)
        .values(undone)
    )
    await connection.execute(
        update(MOVES)
        .where(MOVES.c.organization_id == ORGANIZATION, MOVES.c.merge_id == merge_id)
        .values(undone)
    )
    await _point(connection, person_id, None)
