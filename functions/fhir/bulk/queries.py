"""Exports as they are stored: begun, leased to one request at a time, moved on, ended."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    RowMapping,
    ScalarSelect,
    Select,
    Text,
    bindparam,
    column,
    func,
    insert,
    literal_column,
    select,
    table,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.fhir.bulk.files import Listed
from functions.fhir.bulk.order import Order
from shared.database.models.base import table_of
from shared.database.models.fhir_export import FhirExport
from shared.database.repositories.exports import Exports
from shared.database.repositories.tables import CALLER, ORGANIZATION
from shared.identifiers import uuid7
from shared.permissions import Scope

EXPORTS = table_of(FhirExport)
STORED = Exports(EXPORTS)
ACTIVITY = table("pg_stat_activity", column("usename"), column("xact_start"))


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
    objects: int
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
        *STORED.own(), *STORED.unfinished(), last_asked > func.now() - within
    )
    return (await connection.execute(statement.limit(1))).first() is not None


async def begin(
    connection: AsyncConnection, order: Order, request_url: str, lifetime: timedelta
) -> UUID:
    """Begin an export of what was stored before every transaction that is open now."""
    key = uuid7()
    await connection.execute(
        insert(EXPORTS).values(
            id=key,
            organization_id=ORGANIZATION,
            created_by=CALLER,
            group_name=order.group,
            types=list(order.types),
            since=order.since,
            request_url=request_url,
            until=_settled(),
            expires_at=func.now() + lifetime,
        )
    )
    return key


def _settled() -> ScalarSelect[Any]:
    """When the first of the transactions began that are open now.

    What a transaction writes has the time of its beginning: one that is open now commits rows
    of a time that lies behind. The next export, from this one's end on, has them.
    """
    first = select(func.least(func.now(), func.min(ACTIVITY.c.xact_start)))
    return first.where(ACTIVITY.c.usename == literal_column("current_user")).scalar_subquery()


async def get(connection: AsyncConnection, export_id: UUID) -> Export | None:
    """Return an export that the caller has begun, however it stands."""
    rows = await connection.execute(
        select(*COLUMNS).where(*STORED.own(), EXPORTS.c.id == export_id)
    )
    row = rows.mappings().one_or_none()
    return _export(row) if row else None


@dataclass(frozen=True)
class Advance:
    """What a slice has added, and where the next one begins; None where there is no other."""

    files: Sequence[Listed]
    assessments: int
    place: dict[str, Any] | None


async def advance(
    connection: AsyncConnection, export: Export, leased_until: datetime, slice_: Advance
) -> Export | None:
    """Write down what a slice has added, while the lease holds.

    None where the export was cancelled in the meantime, or another request has taken it over.
    """
    is_last = slice_.place is None
    rows = await connection.execute(
        update(EXPORTS)
        .where(*STORED.leased(export.id, leased_until))
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
