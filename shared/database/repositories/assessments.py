"""Assessments: added, finished, read back whole."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime, time, timedelta, timezone
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    func,
    literal_column,
    null,
    select,
    type_coerce,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningInsert

from shared.database.encryption.texts import Texts
from shared.database.repositories import keys, schedule
from shared.database.repositories.assessment_parts import whole
from shared.database.repositories.audit import audited
from shared.database.repositories.tables import (
    ASSESSMENTS,
    CALLER,
    ORGANIZATION,
    SCOPE,
    USERS,
)
from shared.errors import InvalidRequest, NotFound
from shared.permissions import Scope
from shared.record import (
    Absence,
    Created,
    Examination,
    Json,
    RiskPoint,
    SignOff,
    Stage,
    StoredExamination,
    StoredPicture,
    Value,
)
from shared.vocabulary import AssessmentStatus

# The columns of an examination, one a field; what lies in tables of its own is read with them.
PARTS = {"result", "biomarkers", "stages", "pictures", "sign_offs", "altered"}
# Free text of the organization, of its files and of its forms, and what a researcher reads instead.
WITHHELD: dict[str, ColumnElement[Any]] = {
    "session_id": null(),
    "review_note": null(),
    "warnings": literal_column("'[]'::jsonb"),
    "provenance": ASSESSMENTS.c.provenance.op("#-")(literal_column("'{fields,mapping}'::text[]"))
    .op("#-")(literal_column("'{fields,lesion_key}'::text[]"))
    .op("#-")(literal_column("'{order_reference}'::text[]")),
}
WHOLE_COLUMNS = (
    *(field.name for field in fields(StoredExamination) if field.name not in PARTS),
    "citations",
)

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


async def get_assessment(
    connection: AsyncConnection, assessment_id: UUID
) -> StoredExamination | None:
    """Return one assessment whole, deleted or not, or None where the caller sees none."""
    return await _one(connection, _get(), assessment_id=assessment_id)


async def get_by_idempotency_key(connection: AsyncConnection, key: str) -> StoredExamination | None:
    """Return what the caller stored under `key` before."""
    return await _one(connection, _get_replay(), key=key)


async def has_idempotency_key(connection: AsyncConnection, key: str) -> bool:
    """Whether the caller has used `key` before; nothing of a record is read."""
    return (await connection.execute(_has_key(), {"key": key})).first() is not None


@cache
def _has_key() -> Select[Any]:
    return select(literal_column("1")).where(_is_of_key())


async def _one(
    connection: AsyncConnection, statement: Select[Any], **parameters: Any
) -> StoredExamination | None:
    row = (await connection.execute(statement, parameters)).mappings().first()
    if row is None:
        return None
    reader = await keys.reader(connection, [row])
    return stored_examination(row, reader.texts(row))


def stored_examination(row: Mapping[Any, Any], texts: Texts) -> StoredExamination:
    """Give a row, whose parts are JSON, the types of the record."""
    columns = texts.opened_columns("assessments", row["id"], row)
    for name in ("organization_id", keys.WRAPPED_KEY):
        del columns[name]
    citations = columns.pop("citations")
    return StoredExamination(
        **columns
        | {
            "status": AssessmentStatus(columns["status"]),
            "risk_points": tuple(RiskPoint(**point) for point in columns["risk_points"]),
            "absent": tuple(Absence(**absence) for absence in columns["absent"]),
            "warnings": tuple(columns["warnings"]),
            "altered": tuple(columns["altered"]),
            "biomarkers": tuple(
                Value(**value, citation=citations.get(value["source"]))
                for value in columns["biomarkers"]
            ),
            "stages": tuple(Stage(**stage) for stage in columns["stages"]),
            "pictures": tuple(StoredPicture(**picture) for picture in columns["pictures"]),
            "sign_offs": tuple(_sign_off(part, texts) for part in columns["sign_offs"]),
        }
    )


def _sign_off(part: Mapping[str, Json], texts: Texts) -> SignOff:
    return SignOff(
        signed_by=UUID(part["signed_by"]),
        signed_at=datetime.fromisoformat(part["signed_at"]),
        status=AssessmentStatus(part["status"]),
        revision=part["revision"],
        note=texts.opened("sign_offs", "note", UUID(part["id"]), part["note"]),
    )


def shown(name: str) -> ColumnElement[Any]:
    """A column as the caller may read it."""
    column = ASSESSMENTS.c[name]
    if name not in WITHHELD:
        return column
    shown = case((SCOPE == Scope.RESEARCH, WITHHELD[name]), else_=column)
    return type_coerce(shown, column.type).label(name)


@cache
def _get() -> Select[Any]:
    assessment = whole(map(shown, WHOLE_COLUMNS)).where(
        ASSESSMENTS.c.id == bindparam("assessment_id", type_=Uuid)
    )
    return audited(assessment, "assessments", resource="id")


@cache
def _get_replay() -> Select[Any]:
    assessment = whole(map(shown, WHOLE_COLUMNS)).where(_is_of_key())
    return audited(assessment, "assessments", resource="id")


def _is_of_key() -> ColumnElement[bool]:
    return and_(
        ASSESSMENTS.c.organization_id == ORGANIZATION,
        ASSESSMENTS.c.created_by == CALLER,
        ASSESSMENTS.c.idempotency_key == bindparam("key", type_=Text),
    )
