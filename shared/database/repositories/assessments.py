"""Assessments: added, begun by a worker, ended."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime, time, timedelta, timezone
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    func,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningInsert

from shared.database.repositories import schedule
from shared.database.repositories.stored_parts import PARTS
from shared.database.repositories.tables import (
    ASSESSMENTS,
    CALLER,
    ORGANIZATION,
    USERS,
)
from shared.errors import InvalidRequest, NotFound
from shared.record import (
    Created,
    Examination,
    Json,
)
from shared.vocabulary import AssessmentStatus

# What a worker has yet to finish, what it needs to know of it, and what stays as it was ordered.
UNFINISHED = ASSESSMENTS.c.status.in_([AssessmentStatus.PENDING, AssessmentStatus.PROCESSING])
REQUESTED_COLUMNS = ("user_id", "session_id", "recorded_at", "provenance")
NEVER_FINISHED = {"id", "session_id", "pipeline", "predecessor_id"}

# Where a day begins first on earth.
EARLIEST_DAY = timezone(timedelta(hours=14))

# Another tenant's person breaks the composite key, one out of the caller's reach the policy.
NO_SUCH_PERSON = {"23503", "42501"}


@dataclass(frozen=True)
class Requested:
    """What was asked for when an assessment was accepted to be made later."""

    user_id: UUID
    session_id: str
    recorded_at: datetime
    provenance: Mapping[str, Json]


async def create_assessment(
    connection: AsyncConnection,
    examination: Examination,
    *,
    subject_id: UUID | None,
    idempotency_key: str | None = None,
) -> Created | None:
    """Add an assessment of `subject_id` (default: the caller) in the caller's name.

    Returns None where the caller has used the idempotency key before.
    """
    subject = {"user_id": subject_id} if subject_id else {}
    row = {**_row(examination), "idempotency_key": idempotency_key, **subject}
    with person_named(subject_id):
        inserted = await connection.execute(_create(of_caller=subject_id is None), row)
    added = inserted.mappings().one_or_none()
    if added is None:
        return None
    columns = dict(added)
    _check_lifetime(examination.recorded_at, columns.pop("date_of_birth"))
    return Created(**columns)


def _check_lifetime(recorded_at: datetime, born: date | None) -> None:
    """Refuse a recording from before the person's birth, wherever on earth that day began."""
    if born is not None and recorded_at < datetime.combine(born, time.min, tzinfo=EARLIEST_DAY):
        raise InvalidRequest("recorded_at: lies before the person was born")


def _row(examination: Examination) -> dict[str, Any]:
    """The columns of the examination's own table."""
    row = {
        field.name: getattr(examination, field.name)
        for field in fields(examination)
        if field.name not in PARTS
    }
    return row | {
        "risk_points": [asdict(point) for point in examination.risk_points],
        "absent": [asdict(absence) for absence in examination.absent],
        "warnings": list(examination.warnings),
        # In the words of the day, for a method card may cite another edition later.
        "citations": {
            value.source: value.citation for value in examination.biomarkers if value.source
        },
    }


@cache
def _create(*, of_caller: bool) -> ReturningInsert[Any]:
    """Fill what only the database may; the rest of the columns are those of the row given."""
    subject = {"user_id": CALLER} if of_caller else {}
    person = (
        USERS.c.organization_id == literal_column("assessments.organization_id"),
        USERS.c.id == literal_column("assessments.user_id"),
    )
    return (
        insert(ASSESSMENTS)
        .values(organization_id=ORGANIZATION, created_by=CALLER, **subject)
        .on_conflict_do_nothing(index_elements=["organization_id", "created_by", "idempotency_key"])
        .returning(
            *(ASSESSMENTS.c[name] for name in Created.__annotations__),
            select(USERS.c.date_of_birth).where(*person).scalar_subquery().label("date_of_birth"),
        )
    )


@contextmanager
def person_named(subject_id: UUID | None) -> Iterator[None]:
    """Say that the caller named nobody they can reach, where the database says so."""
    try:
        yield
    except DBAPIError as failure:
        if getattr(failure.driver_exception, "sqlstate", None) in NO_SUCH_PERSON:
            raise NotFound(
                "There is no such person.", resource_type="users", resource_id=subject_id
            ) from failure
        raise


async def start_assessment(connection: AsyncConnection, assessment_id: UUID) -> Requested | None:
    """Say that a worker has begun; None where the assessment is finished or deleted."""
    statement = (
        update(ASSESSMENTS)
        .where(ASSESSMENTS.c.id == assessment_id, UNFINISHED, ASSESSMENTS.c.deleted_at.is_(None))
        .values(status=AssessmentStatus.PROCESSING, updated_at=func.now())
        .returning(*(ASSESSMENTS.c[name] for name in REQUESTED_COLUMNS))
    )
    started = (await connection.execute(statement)).mappings().one_or_none()
    return Requested(**started) if started else None


async def finish_assessment(
    connection: AsyncConnection, examination: Examination
) -> Created | None:
    """Put what was found into an unfinished assessment; None where another worker has."""
    row = _row(examination)
    outcome = {name: value for name, value in row.items() if name not in NEVER_FINISHED}
    return await _end(connection, examination.id, outcome)


async def fail_assessment(connection: AsyncConnection, assessment_id: UUID) -> Created | None:
    """End an unfinished assessment without findings; None where another worker has ended it."""
    ended = {"status": AssessmentStatus.FAILED, "completed_at": func.now()}
    return await _end(connection, assessment_id, ended)


async def _end(
    connection: AsyncConnection, assessment_id: UUID, values: Mapping[str, Any]
) -> Created | None:
    statement = (
        update(ASSESSMENTS)
        .where(ASSESSMENTS.c.id == assessment_id, UNFINISHED)
        .values(updated_at=func.now(), **values)
        .returning(*(ASSESSMENTS.c[name] for name in Created.__annotations__))
    )
    ended = (await connection.execute(statement)).mappings().one_or_none()
    return Created(**ended) if ended else None


async def abandon_assessments(connection: AsyncConnection, *, older_than: timedelta) -> int:
    """Fail what no worker finished, of all organizations; return how many."""
    (number,) = await schedule.work(
        connection, "abandon_assessments", older_than=f"{older_than.total_seconds()} s"
    )
    return int(number)
