"""Exports as they are stored: leased to one request at a time, ended, removed when due.

A request may outlive its lease. So what it stores has a name of its own, and is listed by whoever
holds the lease still.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Table, func, or_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database.repositories import schedule
from shared.database.repositories.tables import CALLER, ORGANIZATION

# How long the files of an export lie in the storage.
LIFETIME = timedelta(hours=24)
# A request that died gives its slice to another after this; no request reads for longer.
LEASE = timedelta(seconds=60)


@dataclass(frozen=True)
class Exports:
    """A table of exports, of which a request reaches those of whoever asks."""

    table: Table

    def own(self) -> tuple[ColumnElement[bool], ...]:
        """What makes an export the caller's own."""
        columns = self.table.c
        return columns.organization_id == ORGANIZATION, columns.created_by == CALLER

    def unfinished(self) -> tuple[ColumnElement[bool], ...]:
        """What makes an export one that is still to be written."""
        columns = self.table.c
        return (
            columns.completed_at.is_(None),
            columns.cancelled_at.is_(None),
            columns.expires_at > func.now(),
        )

    async def lease(
        self, connection: AsyncConnection, export_id: UUID, lasts: timedelta = LEASE
    ) -> datetime | None:
        """Keep other requests from reading the next slice; None where one reads it already."""
        columns = self.table.c
        leased = await connection.execute(
            update(self.table)
            .where(
                *self.own(),
                *self.unfinished(),
                columns.id == export_id,
                or_(columns.leased_until.is_(None), columns.leased_until < func.now()),
            )
            .values(leased_until=func.now() + lasts)
            .returning(columns.leased_until)
        )
        until: datetime | None = leased.scalar_one_or_none()
        return until

    def leased(self, export_id: UUID, leased_until: datetime) -> tuple[ColumnElement[bool], ...]:
        """Select an export that no other request has taken over since `lease` said so."""
        columns = self.table.c
        return (
            *self.own(),
            *self.unfinished(),
            columns.id == export_id,
            columns.leased_until == leased_until,
        )

    async def name_objects(
        self, connection: AsyncConnection, export_id: UUID, leased_until: datetime, number: int
    ) -> int | None:
        """Return the first of so many numbers that no request has had or will have.

        So a request that was taken over, and goes on, writes over nothing. None where it was.
        """
        columns = self.table.c
        known = func.greatest(columns.objects, func.jsonb_array_length(columns.files))
        named = await connection.execute(
            update(self.table)
            .where(*self.leased(export_id, leased_until))
            .values(objects=known + number)
            .returning(columns.objects)
        )
        after: int | None = named.scalar_one_or_none()
        return None if after is None else after - number

    async def release(
        self, connection: AsyncConnection, export_id: UUID, leased_until: datetime
    ) -> None:
        """Let whoever asks next read the next slice."""
        await connection.execute(
            update(self.table)
            .where(*self.leased(export_id, leased_until))
            .values(leased_until=func.now())
        )

    async def cancel(self, connection: AsyncConnection, export_id: UUID) -> None:
        """End an export, whether it was finished or not: its files are due to be removed."""
        await connection.execute(
            update(self.table)
            .where(*self.own(), self.table.c.id == export_id)
            .values(completed_at=None, cancelled_at=func.now(), expires_at=func.now())
        )


def storage_key(organization_id: UUID, export_id: UUID, number: int) -> str:
    """Return where a file of an export lies; nothing of it tells about a person."""
    return f"exports/{organization_id}/{export_id}/{number}"


@dataclass(frozen=True)
class ExpiredExport:
    """An export whose files are due to be removed."""

    id: UUID
    organization_id: UUID
    files: int

    def storage_keys(self) -> Iterator[str]:
        """Yield where its files lie in the storage."""
        for number in range(self.files):
            yield storage_key(self.organization_id, self.id, number)


async def expired_exports(connection: AsyncConnection, *, most: int) -> Sequence[ExpiredExport]:
    """Return exports of all organizations whose time is over."""
    due = await schedule.work(connection, "expired_exports", most=most)
    return [
        ExpiredExport(UUID(told["id"]), UUID(told["organization_id"]), told["files"])
        for told in due
    ]


async def free_exports(connection: AsyncConnection, ids: Sequence[UUID]) -> None:
    """Write down that the files of exports are gone."""
    await schedule.work(connection, "free_exports", ids=[str(key) for key in ids])
