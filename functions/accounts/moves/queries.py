"""Assessments that stood under the wrong person.

A change of whose an assessment is carries its parts along (the foreign keys do), and asks the
policies whether both people are within reach.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    Text,
    Uuid,
    and_,
    bindparam,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.accounts.moves.schemas import ChangeQuery, MoveQuery
from functions.accounts.notes import queries as notes
from shared.database.models.base import table_of
from shared.database.models.move import Move
from shared.database.repositories import keys
from shared.database.repositories.audit import audited
from shared.database.repositories.tables import ASSESSMENTS, CALLER, ORGANIZATION
from shared.identifiers import uuid7
from shared.vocabulary import AssessmentStatus

MOVES = table_of(Move)
SHOWN = ("id", "assessment_id", "from_person_id", "reason", "moved_by", "created_at")
UNDOING = ("undone_at", "undone_by")
UNFINISHED = (AssessmentStatus.PENDING, AssessmentStatus.PROCESSING)


@dataclass(frozen=True)
class Stored:
    """An assessment as far as a move needs to know it."""

    id: UUID
    person_id: UUID
    is_deleted: bool
    is_finished: bool


async def lock_assessments(connection: AsyncConnection, ids: Sequence[UUID]) -> Sequence[Stored]:
    """Return assessments and the others of the same recordings, which nobody else changes now.

    Analyses of one recording name the one before them, so they are one person's, all of them.
    """
    columns = (ASSESSMENTS.c.id, ASSESSMENTS.c.user_id, ASSESSMENTS.c.predecessor_id)
    first = select(*columns).where(_here(), ASSESSMENTS.c.id.in_(ids))
    known = first.cte("of_recording", recursive=True)
    of_recording = known.union(
        select(*columns).join(
            known,
            and_(
                _here(),
                ASSESSMENTS.c.user_id == known.c.user_id,
                or_(
                    ASSESSMENTS.c.id == known.c.predecessor_id,
                    ASSESSMENTS.c.predecessor_id == known.c.id,
                ),
            ),
        )
    )
    rows = await connection.execute(
        select(
            ASSESSMENTS.c.id,
            ASSESSMENTS.c.user_id.label("person_id"),
            ASSESSMENTS.c.deleted_at.is_not(None).label("is_deleted"),
            ASSESSMENTS.c.status.not_in(UNFINISHED).label("is_finished"),
        )
        .where(_here(), ASSESSMENTS.c.id.in_(select(of_recording.c.id)))
        .order_by(ASSESSMENTS.c.id)
        .with_for_update(of=ASSESSMENTS)
    )
    return [Stored(**row) for row in rows.mappings()]


def _here() -> ColumnElement[bool]:
    return ASSESSMENTS.c.organization_id == ORGANIZATION


async def give(connection: AsyncConnection, ids: Sequence[UUID], person_id: UUID) -> None:
    """Put assessments of one recording under a person, and what was written of them."""
    written = await notes.read(connection, ids)
    given = update(ASSESSMENTS).where(_here(), ASSESSMENTS.c.id.in_(ids))
    await connection.execute(given.values(user_id=person_id, updated_at=func.now()))
    await notes.write(connection, written, person_id)


async def add(
    connection: AsyncConnection,
    moved: Sequence[Stored],
    person_id: UUID,
    reason: str,
    *,
    merge_id: UUID | None = None,
) -> Sequence[UUID]:
    """Write down, in one statement, that assessments move to a person, and why."""
    if not moved:
        return []
    texts = (await keys.keys_of(connection, person_id)).texts
    ids = [uuid7() for _ in moved]
    reasons = [texts.sealed("moves", "reason", key, reason) for key in ids]
    of_each = func.unnest(
        bindparam("keys", ids, type_=ARRAY(Uuid)),
        bindparam("ids", [assessment.id for assessment in moved], type_=ARRAY(Uuid)),
        bindparam("people", [assessment.person_id for assessment in moved], type_=ARRAY(Uuid)),
        bindparam("reasons", reasons, type_=ARRAY(Text)),
    ).table_valued("id", "assessment_id", "from_person_id", "reason")
    moved_rows = of_each.render_derived(name="moved")
    row = {
        "id": moved_rows.c.id,
        "organization_id": ORGANIZATION,
        "user_id": literal(person_id, Uuid),
        "from_person_id": moved_rows.c.from_person_id,
        "assessment_id": moved_rows.c.assessment_id,
        "merge_id": literal(merge_id, Uuid),
        "moved_by": CALLER,
        "reason": moved_rows.c.reason,
    }
    rows = select(*row.values()).select_from(moved_rows)
    await connection.execute(insert(MOVES).from_select(list(row), rows))
    return ids


async def get_moves(connection: AsyncConnection, wanted: MoveQuery) -> Sequence[Mapping[str, Any]]:
    """Return moves to people within reach, newest first, and write that they were read.

    Those of a merge are told by the merge.
    """
    rows = select(*_shown()).where(
        MOVES.c.organization_id == ORGANIZATION, MOVES.c.merge_id.is_(None)
    )
    if wanted.assessment_id:
        rows = rows.where(MOVES.c.assessment_id == wanted.assessment_id)
    people = (MOVES.c.user_id, MOVES.c.from_person_id)
    page = newest_of(rows, MOVES.c.id, people, wanted)
    listed = await connection.execute(audited_page(page, "moves"))
    return await keys.opened(connection, "moves", listed.mappings().all())


def newest_of(
    rows: Select[Any],
    key: ColumnElement[UUID],
    people: Sequence[ColumnElement[UUID]],
    wanted: ChangeQuery,
) -> Select[Any]:
    """Narrow a list to a person, and to a page and one row more; keys grow with time."""
    if wanted.person_id:
        rows = rows.where(or_(*(person == wanted.person_id for person in people)))
    if wanted.before:
        rows = rows.where(key < wanted.before)
    return rows.order_by(key.desc()).limit(wanted.limit + 1)


def audited_page(page: Select[Any], resource_type: str) -> Select[Any]:
    listed = audited(page, resource_type)
    return listed.order_by(listed.selected_columns.id.desc())


def _shown() -> Iterator[ColumnElement[Any]]:
    yield from (MOVES.c[name] for name in (*SHOWN, *UNDOING))
    yield MOVES.c.user_id.label("to_person_id")
    yield from (MOVES.c.organization_id, MOVES.c.user_id, keys.wrapped_key(MOVES))


async def lock_move(connection: AsyncConnection, move_id: UUID) -> Mapping[str, Any] | None:
    """Return a move of its own to a person within reach, which nobody else undoes meanwhile."""
    move = select(*_shown()).where(MOVES.c.organization_id == ORGANIZATION, MOVES.c.id == move_id)
    rows = await connection.execute(move.where(MOVES.c.merge_id.is_(None)).with_for_update())
    return next(iter(await keys.opened(connection, "moves", rows.mappings().all())), None)


async def undo(connection: AsyncConnection, move_id: UUID) -> None:
    await connection.execute(
        update(MOVES)
        .where(MOVES.c.organization_id == ORGANIZATION, MOVES.c.id == move_id)
        .values(undone_at=func.now(), undone_by=CALLER)
    )
