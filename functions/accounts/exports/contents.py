"""What an export of a person holds, as files: tables, pictures, who looked; recordings follow.

A page is read in the name of whoever asks, so that the policies decide anew, and leaves its trace
in the trail. Where reading goes on is a place: the table, its next page, the key of the last row.
"""

import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from functions.accounts.record import queries
from functions.accounts.record.queries import Row
from shared.database.repositories import access_log, keys

ACCESS_LOG, RECORDINGS = "access_log", "recordings"
UPLOADS, PICTURES = "uploaded_files", "assessment_pictures"
# Rows that are read at once: of most tables few are large, of pictures all.
ROWS_AT_ONCE = {"biomarker_values": 2_000, PICTURES: 20, ACCESS_LOG: 1_000}
MOST_ROWS_AT_ONCE = 200
# A transaction reads so much, of which memory holds several copies, and ends.
SLICE_BYTES = 4_000_000
# What tells nothing of a person, only of how it is stored.
NOT_SHOWN = frozenset(
    {
        *("organization_id", keys.WRAPPED_KEY, "storage_key", "multipart_id"),
        *("value_token", "email_token", "surname_token"),
    }
)
# The bytes of a picture are a file of their own.
BYTES = frozenset({"content"})
SUFFIXES = {"image/svg+xml": ".svg", "image/png": ".png"}


@dataclass(frozen=True)
class Place:
    """Where reading goes on: a table, which page of it, after which row."""

    table: str = "users"
    page: int = 1
    after: tuple[str, ...] = ()

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "Place":
        """Return the place that was stored; without one, the beginning."""
        return cls(told["table"], told["page"], tuple(told["after"])) if told else cls()

    @property
    def told(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def is_of_recordings(self) -> bool:
        return self.table == RECORDINGS

    @property
    def most(self) -> int:
        return ROWS_AT_ONCE.get(self.table, MOST_ROWS_AT_ONCE)

    def beyond(self, last: tuple[str, ...] | None) -> "Place":
        """Return the place after a page: of the same table where there may be another row."""
        if last is not None:
            return Place(self.table, self.page + 1, last)
        order = [*queries.tables(), ACCESS_LOG, RECORDINGS]
        return Place(order[order.index(self.table) + 1])


@dataclass
class Slice:
    """Files that were read, by name, and where reading goes on."""

    place: Place
    files: list[tuple[str, bytes]] = field(default_factory=list)

    @property
    def is_full(self) -> bool:
        return sum(len(content) for _, content in self.files) >= SLICE_BYTES


def numbered(name: str, number: int) -> str:
    """Return the name of a file that others of the same name may follow."""
    return f"{name}.json" if number == 1 else f"{name}-{number}.json"


async def read(connection: AsyncConnection, person_id: UUID, place: Place) -> Slice:
    """Read on from a place, up to the recordings or until there is enough for a transaction."""
    slice_ = Slice(place)
    while not slice_.place.is_of_recordings and not slice_.is_full:
        page = _log if slice_.place.table == ACCESS_LOG else _table
        await page(connection, person_id, slice_)
    return slice_


async def recordings(
    connection: AsyncConnection, person_id: UUID, place: Place
) -> tuple[Sequence[Row], Place | None]:
    """Return the next few files that were uploaded of a person, and where others follow."""
    uploads = await queries.get_page(
        connection, person_id, UPLOADS, after=place.after, most=place.most
    )
    return uploads, None if len(uploads) < place.most else after_recording(uploads[-1])


def after_recording(upload: Row) -> Place:
    return Place(RECORDINGS, 1, queries.key_of(UPLOADS, upload))


async def _table(connection: AsyncConnection, person_id: UUID, slice_: Slice) -> None:
    place = slice_.place
    rows = await queries.get_page(
        connection, person_id, place.table, after=place.after, most=place.most
    )
    hidden = NOT_SHOWN | (BYTES if place.table == PICTURES else set())
    shown = [{key: value for key, value in row.items() if key not in hidden} for row in rows]
    if shown or place.page == 1:
        slice_.files.append((numbered(f"tables/{place.table}", place.page), _written(shown)))
    if place.table == PICTURES:
        slice_.files += map(_picture, rows)
    is_last = len(rows) < place.most
    slice_.place = place.beyond(None if is_last else queries.key_of(place.table, rows[-1]))


async def _log(connection: AsyncConnection, person_id: UUID, slice_: Slice) -> None:
    """Read who looked at the record, with their names, the newest first."""
    place = slice_.place
    before = (datetime.fromisoformat(place.after[0]), place.after[1]) if place.after else None
    events = await access_log.get_access_log(connection, person_id, most=place.most, before=before)
    names = await access_log.get_log_names(connection, person_id, events)
    told = [asdict(event) | {"who": event.user_id and names.get(event.user_id)} for event in events]
    slice_.files.append((numbered(f"tables/{ACCESS_LOG}", place.page), _written(told)))
    is_last = len(events) < place.most
    last = None if is_last else (events[-1].created_at.isoformat(), str(events[-1].id))
    slice_.place = place.beyond(last)


def _written(told: object) -> bytes:
    return json.dumps(told, default=str, ensure_ascii=False, indent=1).encode()


def _picture(row: Row) -> tuple[str, bytes]:
    content: bytes = row["content"]
    if row["content_encoding"] == "gzip":
        content = gzip.decompress(content)
    suffix = SUFFIXES.get(row["media_type"], "")
    return f"pictures/{row['assessment_id']}/{row['name']}{suffix}", content


def recording_name(upload: Row) -> str:
    return f"{RECORDINGS}/{upload['id']}{upload['suffix'] or ''}"
