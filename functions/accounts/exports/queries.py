"""Exports of a person as they are stored: begun, moved on, ended."""

from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.accounts.exports.contents import Place
from shared.database.models.base import table_of
from shared.database.models.person_export import PersonExport
from shared.database.repositories.audit import audited
from shared.database.repositories.exports import LIFETIME, Exports, storage_key
from shared.database.repositories.tables import CALLER, ORGANIZATION
from shared.identifiers import uuid7

EXPORTS = table_of(PersonExport)
STORED = Exports(EXPORTS)


@dataclass(frozen=True)
class Stored:
    """What is known of an archive that lies in the storage."""

    size_bytes: int
    sha256: str
    # Of the object; of one from before objects had numbers, its place among the archives.
    number: int


@dataclass(frozen=True)
class Export:
    """An export as it stands."""

    id: UUID
    organization_id: UUID
    user_id: UUID
    created_at: datetime
    place: dict[str, Any]
    files: tuple[Stored, ...]
    objects: int
    completed_at: datetime | None
    cancelled_at: datetime | None
    expires_at: datetime
    leased_until: datetime | None

    def key(self, number: int) -> str:
        """Return where an archive of it lies in the storage."""
        return storage_key(self.organization_id, self.id, number)


COLUMNS = tuple(EXPORTS.c[field.name] for field in fields(Export))


def _export(row: RowMapping) -> Export:
    told = {name: row[name] for name in (field.name for field in fields(Export))}
    files = (Stored(**{"number": place, **listed}) for place, listed in enumerate(row["files"]))
    return Export(**told | {"files": tuple(files)})


async def begin(connection: AsyncConnection, person_id: UUID) -> UUID:
    """Begin an export of a person; the caller's that is under way goes on instead."""
    under_way = select(EXPORTS.c.id).where(
        *STORED.own(), *STORED.unfinished(), EXPORTS.c.user_id == person_id
    )
    known: UUID | None = (await connection.execute(under_way.limit(1))).scalar_one_or_none()
    if known:
        return known
    key = uuid7()
    await connection.execute(
        insert(EXPORTS).values(
            id=key,
            organization_id=ORGANIZATION,
            created_by=CALLER,
            user_id=person_id,
            expires_at=func.now() + LIFETIME,
        )
    )
    return key


async def get(connection: AsyncConnection, person_id: UUID, export_id: UUID) -> Export | None:
    """Return an export that the caller has begun, however it stands, and write it down."""
    rows = select(*COLUMNS).where(
        *STORED.own(), EXPORTS.c.user_id == person_id, EXPORTS.c.id == export_id
    )
    page = await connection.execute(audited(rows, "person_exports", resource="id"))
    row = page.mappings().one_or_none()
    return _export(row) if row else None


async def advance(
    connection: AsyncConnection,
    export: Export,
    leased_until: datetime,
    archive: Stored,
    place: Place | None,
    left_for: timedelta,
) -> Export | None:
    """Write down an archive, and where the next one begins: nowhere once all was read.

    The lease lasts on for whoever goes on. None where the export has ended in the meantime, or
    another request has taken it over.
    """
    rows = await connection.execute(
        update(EXPORTS)
        .where(*STORED.leased(export.id, leased_until))
        .values(
            files=[asdict(listed) for listed in (*export.files, archive)],
            place=place.told if place else {},
            completed_at=None if place else func.now(),
            leased_until=func.now() + left_for,
        )
        .returning(*COLUMNS)
    )
    row = rows.mappings().one_or_none()
    return _export(row) if row else None
