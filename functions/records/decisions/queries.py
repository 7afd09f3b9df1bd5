"""What people decide about an assessment: it is signed off, deleted or restored."""

from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Text,
    Uuid,
    and_,
    bindparam,
    func,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningInsert

from shared.database.repositories import keys
from shared.database.repositories.assessments import UNFINISHED
from shared.database.repositories.tables import ASSESSMENTS, CALLER, ORGANIZATION, SIGN_OFFS
from shared.identifiers import uuid7
from shared.vocabulary import AssessmentStatus


@dataclass(frozen=True)
class State:
    """Which state an assessment is in."""

    revision: int
    is_finished: bool
    is_signed: bool
    is_deleted: bool


async def get_state(connection: AsyncConnection, assessment_id: UUID) -> State | None:
    """Return which state an assessment is in, deleted or not; nothing of it is read."""
    row = (await connection.execute(_get_state(), {"assessment_id": assessment_id})).mappings()
    state = row.one_or_none()
    return State(**state) if state else None


@cache
def _get_state() -> Select[Any]:
    return select(
        ASSESSMENTS.c.revision,
        (~UNFINISHED).label("is_finished"),
        ASSESSMENTS.c.reviewed_at.is_not(None).label("is_signed"),
        ASSESSMENTS.c.deleted_at.is_not(None).label("is_deleted"),
    ).where(ASSESSMENTS.c.id == bindparam("assessment_id", type_=Uuid))


async def sign_off_assessment(
    connection: AsyncConnection, assessment_id: UUID, *, note: str | None, revision: int
) -> bool:
    """Sign this revision of a finished assessment off in the caller's name.

    False where there is none: it is unfinished, deleted, out of reach, or another revision by now.
    """
    key = uuid7()
    signed = await connection.execute(
        _sign_off_statement(),
        # A name that is a column's would be taken for one to change.
        {
            "the_key": key,
            "the_assessment": assessment_id,
            "the_revision": revision,
            **await _sealed_note(connection, assessment_id, key, note),
        },
    )
    return signed.one_or_none() is not None


async def _sealed_note(
    connection: AsyncConnection, assessment_id: UUID, key: UUID, note: str | None
) -> dict[str, str | None]:
    """Return a note as the assessment and the sign-off hold it, with the person's key."""
    person = select(ASSESSMENTS.c.user_id).where(ASSESSMENTS.c.id == assessment_id)
    person_id = (await connection.execute(person)).scalar_one_or_none() if note else None
    if person_id is None:
        return {"the_note": None, "the_signed_note": None}
    texts = (await keys.keys_of(connection, person_id)).texts
    return {
        "the_note": texts.sealed("assessments", "review_note", assessment_id, note),
        "the_signed_note": texts.sealed("sign_offs", "note", key, note),
    }


@cache
def _sign_off_statement() -> ReturningInsert[Any]:
    note = bindparam("the_note", type_=Text)
    finished = ASSESSMENTS.c.status.in_([AssessmentStatus.COMPLETED, AssessmentStatus.FAILED])
    signed = (
        update(ASSESSMENTS)
        .where(
            ASSESSMENTS.c.id == bindparam("the_assessment", type_=Uuid),
            ASSESSMENTS.c.revision == bindparam("the_revision", type_=Integer),
            ASSESSMENTS.c.deleted_at.is_(None),
            finished,
        )
        .values(updated_at=func.now(), reviewed_by=CALLER, reviewed_at=func.now(), review_note=note)
        .returning(ASSESSMENTS.c.id, ASSESSMENTS.c.user_id, ASSESSMENTS.c.status)
        .cte("signed")
    )
    row = {
        "id": bindparam("the_key", type_=Uuid),
        "organization_id": ORGANIZATION,
        "user_id": signed.c.user_id,
        "assessment_id": signed.c.id,
        "signed_by": CALLER,
        "status": signed.c.status,
        "revision": bindparam("the_revision", type_=Integer),
        "note": bindparam("the_signed_note", type_=Text),
    }
    return (
        insert(SIGN_OFFS)
        .from_select(list(row), select(*row.values()).select_from(signed))
        .returning(SIGN_OFFS.c.id)
    )


async def soft_delete_assessment(
    connection: AsyncConnection, assessment_id: UUID, *, revision: int | None = None
) -> bool:
    """Hide an assessment everywhere; a second time changes nothing and returns False."""
    return await _change(
        connection,
        assessment_id,
        and_(ASSESSMENTS.c.deleted_at.is_(None), _is_revision(revision)),
        deleted_at=func.now(),
        deleted_by=CALLER,
    )


async def restore_assessment(
    connection: AsyncConnection, assessment_id: UUID, *, revision: int | None = None
) -> bool:
    """Bring a deleted assessment back; False where there is no deleted one."""
    return await _change(
        connection,
        assessment_id,
        and_(
            ASSESSMENTS.c.deleted_at.is_not(None),
            ASSESSMENTS.c.purged_at.is_(None),
            _is_revision(revision),
        ),
        deleted_at=None,
        deleted_by=None,
    )


def _is_revision(revision: int | None) -> ColumnElement[bool]:
    return true() if revision is None else ASSESSMENTS.c.revision == revision


async def _change(
    connection: AsyncConnection, assessment_id: UUID, condition: ColumnElement[bool], **values: Any
) -> bool:
    statement = (
        update(ASSESSMENTS)
        .where(ASSESSMENTS.c.id == assessment_id, condition)
        .values(updated_at=func.now(), **values)
        .returning(ASSESSMENTS.c.id)
    )
    return (await connection.execute(statement)).one_or_none() is not None
