"""Assessments that stood under the wrong person.

A change of whose an assessment is carries its parts along (the foreign keys do), and asks the
policies whether both people are within reach.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, and_, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.accounts.moves import notes
from shared.database.models.base import table_of
from shared.database.models.move import Move
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
    await connection.execute(
        update(ASSESSMENTS)
        .where(_here(), ASSESSMENTS.c.id.in_(ids))
        .values(user_id=person_id, updated_at=func.now())
    )
    await notes.write(connection, written, person_id)


async def add(
    connection: AsyncConnection,
    assessment: Stored,
    person_id: UUID,
    reason: str,
    *,
    merge_id: UUID | None = None,
) -> UUID:
    """Write down that an assessment moves to a person, and why."""
    key = uuid7()
    await connection.execute(
        insert(MOVES).values(
            id=key,
            organization_id=ORGANIZATION,
            user_id=person_id,
            from_person_id=assessment.person_id,
            assessment_id=assessment.id,
            merge_id=merge_id,
            moved_by=CALLER,
            reason=reason,
        )
    )
    return key


async def lock_move(connection: AsyncConnection, move_id: UUID) -> RowMapping | None:
    """Return a move of its own to a person within reach, which nobody else undoes meanwhile."""
    rows = await connection.execute(
        select(
            *(MOVES.c[name] for name in (*SHOWN, *UNDOING)),
            MOVES.c.user_id.label("to_person_id"),
        )
        .where(MOVES.c.organization_id == ORGANIZATION, MOVES.c.id == move_id)
        .where(MOVES.c.merge_id.is_(None))
        .with_for_update()
    )
    return rows.mappings().one_or_none()


async def undo(connection: AsyncConnection, move_id: UUID) -> None:
    await connection.execute(
        update(MOVES)
        .where(MOVES.c.organization_id == ORGANIZATION, MOVES.c.id == move_id)
        .values(undone_at=func.now(), undone_by=CALLER)
    )
