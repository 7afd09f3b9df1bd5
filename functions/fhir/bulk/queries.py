"""Exports as they are stored: begun, leased to one request at a time, moved on, ended."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    RowMapping,
    Select,
    Text,
    bindparam,
    column,
    func,
    insert,
    literal_column,
    or_,
    select,
    table,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.fhir.bulk.files import Listed
from functions.fhir.bulk.order import Order
from shared.database.models.base import table_of
from shared.database.models.fhir_export import FhirExport
from shared.database.repositories.tables import CALLER, ORGANIZATION
from shared.identifiers import uuid7
from shared.permissions import Scope

EXPORTS = table_of(FhirExport)
ACTIVITY = table("pg_stat_activity", column("usename"), column("xact_start"))
# A request that died gives its slice to another after this; no request reads for longer.
LEASE = timedelta(seconds=60)


@dataclass(frozen=True)
class Export:
    """An export as it stands."""

    id: UUID
    organization_id: UUID
    group_name: str | None
    types: tuple[str, ...]
    since: datetime | None
    request_url: str
    until: datetime
    place: dict[str, Any]
    assessments: int
    files: tuple[Listed, ...]
    completed_at: datetime | None
    cancelled_at: datetime | None
    expires_at: datetime


COLUMNS = tuple(EXPORTS.c[field.name] for field in fields(Export))


def _export(row: RowMapping) -> Export:
    told = Export(**row)
    return replace(told, types=tuple(told.types), files=tuple(map(Listed.of, row["files"])))


async def is_researcher(connection: AsyncConnection) -> bool:
    """Whether the caller reaches no more than what people agreed to for research."""
    scope = bindparam("scope", type_=Text, value=Scope.RESEARCH.value)
    told = await connection.execute(select(func.medilens.scope_is(scope, type_=Boolean)))
    return bool(told.scalar_one())


async def is_exporting(connection: AsyncConnection, within: timedelta) -> bool:
    """Whether an export of the caller's is under way that somebody has asked for of late."""
    last_asked = func.coalesce(EXPORTS.c.leased_until, EXPORTS.c.created_at)
    statement: Select[Any] = select(literal_column("1")).where(
        *_own(), *_unfinished(), last_asked > func.now() - within
    )
    rows = await connection.execute(statement.limit(1))
    return rows.first() is not None


def _own() -> tuple[ColumnElement[bool], ...]:
    return EXPORTS.c.organization_id == ORGANIZATION, EXPORTS.c.created_by == CALLER


def _unfinished() -> tuple[ColumnElement[bool], ...]:
    return (
        EXPORTS.c.completed_at.is_(None),
        EXPORTS.c.cancelled_at.is_(None),
        EXPORTS.c.expires_at > func.now(),
    )


async def begin(
    connection: AsyncConnection, order: Order, request_url: str, lifetime: timedelta
) -> UUID:
    """Begin an export of what was stored before every transaction that is open now.

    What a transaction writes has the time of its beginning: one that is open now commits rows
    of a time that lies behind. The next export, from this one's end on, has them.
    """
    key = uuid7()
    settled = (
        select(func.least(func.now(), func.min(ACTIVITY.c.xact_start)))
        .where(ACTIVITY.c.usename == literal_column("current_user"))
        .scalar_subquery()
    )
    await connection.execute(
        insert(EXPORTS).values(
            id=key,
            organization_id=ORGANIZATION,
            created_by=CALLER,
            group_name=order.group,
            types=list(order.types),
            since=order.since,
            request_url=request_url,
            until=settled,
            expires_at=func.now() + lifetime,
        )
    )
    return key


async def get(connection: AsyncConnection, export_id: UUID) -> Export | None:
    """Return an export that the caller has begun, however it stands."""
    rows = await connection.execute(select(*COLUMNS).where(*_own(), EXPORTS.c.id == export_id))
    row = rows.mappings().one_or_none()
    return _export(row) if row else None


async def lease(connection: AsyncConnection, export_id: UUID) -> bool:
    """Keep other requests from reading the next slice; False where one reads it already."""
    leased = await connection.execute(
        update(EXPORTS)
        .where(
            *_own(),
            *_unfinished(),
            EXPORTS.c.id == export_id,
            or_(EXPORTS.c.leased_until.is_(None), EXPORTS.c.leased_until < func.now()),
        )
        .values(leased_until=func.now() + LEASE)
    )
    return bool(leased.rowcount)


@dataclass(frozen=True)
class Advance:
    """What a slice has added, and where the next one begins; None where there is no other."""

    files: Sequence[Listed]
    assessments: int
    place: dict[str, Any] | None


async def advance(connection: AsyncConnection, export: Export, slice_: Advance) -> Export | None:
    """Write down what a slice has added; None where the export was cancelled in the meantime."""
    is_last = slice_.place is None
    rows = await connection.execute(
        update(EXPORTS)
        .where(*_own(), *_unfinished(), EXPORTS.c.id == export.id)
        .values(
            files=[listed.told for listed in (*export.files, *slice_.files)],
            assessments=export.assessments + slice_.assessments,
            place=slice_.place or {},
            completed_at=func.now() if is_last else None,
        )
        .returning(*COLUMNS)
    )
    row = rows.mappings().one_or_none()
    return _export(row) if row else None


async def release(connection: AsyncConnection, export_id: UUID) -> None:
    """Let whoever asks next read the next slice."""
    await connection.execute(
        update(EXPORTS).where(*_own(), EXPORTS.c.id == export_id).values(leased_until=func.now())
    )


async def cancel(connection: AsyncConnection, export_id: UUID) -> None:
    """End an export, whether it was finished or not: its files are due to be removed."""
    await connection.execute(
        update(EXPORTS)
        .where(*_own(), EXPORTS.c.id == export_id)
        .values(completed_at=None, cancelled_at=func.now(), expires_at=func.now())
    )
