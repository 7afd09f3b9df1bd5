"""Stored assessments, read whole in the types of the record."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
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
    literal_column,
    null,
    select,
    type_coerce,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database.encryption.texts import Texts
from shared.database.repositories import keys
from shared.database.repositories.audit import audited
from shared.database.repositories.stored_parts import PARTS, whole
from shared.database.repositories.tables import (
    ASSESSMENTS,
    CALLER,
    ORGANIZATION,
    SCOPE,
)
from shared.permissions import Scope
from shared.record import (
    Absence,
    Json,
    RiskPoint,
    SignOff,
    Stage,
    StoredExamination,
    StoredPicture,
    Value,
)
from shared.vocabulary import AssessmentStatus

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
