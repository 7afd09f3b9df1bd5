"""Where the files of bulk exports lie, and which are due to be removed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database.repositories import schedule


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
