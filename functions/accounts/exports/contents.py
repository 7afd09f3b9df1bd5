"""What an export of a person holds: every table with rows about one, read page by page.

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

from sqlalchemy import Column, ColumnElement, Select, Table, literal, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel

from shared.database import models
from shared.database.encryption.columns import ENCRYPTED, PERSON_COLUMNS
from shared.database.repositories import access_log, keys
from shared.database.repositories.audit import audited
from shared.database.repositories.tables import CATALOG, ORGANIZATION

type Row = Mapping[str, Any]

# Which columns say whose a row is, where it is not `user_id` alone.
WHOSE: Mapping[str, tuple[str, ...]] = {
    "users": ("id",),
    "invitations": ("person_id", "accepted_by"),
    "merges": ("user_id", "merged_person_id"),
}
# Tables that name people, and why no export reads them; a test goes through the catalog.
LEFT_OUT = {
    "audit_events": "told by the access log, which names whoever looked",
    "person_keys": "keys, of no use outside of the database",
    "person_exports": "names what is handed over here; the access log tells of each",
    "fhir_exports": "names who asked for many people's records, in their work",
    "outgoing_secrets": "names who set it up, in their work",
    "service_keys": "names who made it, in their work",
    "site_norms": "names who fitted it, in their work",
    "webhooks": "names who set it up, in their work",
}
ACCESS_LOG, RECORDINGS = "access_log", "recordings"
# Rows that are read at once: of most tables few are large, of pictures each.
ROWS_AT_ONCE = {"biomarker_values": 2_000, "assessment_pictures": 20, ACCESS_LOG: 1_000}
MOST_ROWS_AT_ONCE = 200
# A transaction reads so much, of which memory holds several copies, and ends.
SLICE_BYTES = 4_000_000
# What tells nothing of a person, only of how it is stored.
NOT_SHOWN = frozenset(
    {"organization_id", keys.WRAPPED_KEY, "value_token", "email_token", "content", "storage_key"}
)
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

    def beyond(self, last: Sequence[Any] | None) -> "Place":
        """Return the place after a page: of the same table where there may be another row."""
        if last is None:
            return Place(_next(self.table))
        return Place(self.table, self.page + 1, tuple(map(_told, last)))


@dataclass
class Slice:
    """Files that were read, by name, and where reading goes on."""

    place: Place
    files: list[tuple[str, bytes]] = field(default_factory=list)

    @property
    def is_full(self) -> bool:
        return sum(len(content) for _, content in self.files) >= SLICE_BYTES


def tables() -> Sequence[str]:
    """Return the tables that an export reads, in their order."""
    models.register_all()
    return [
        table.name
        for table in SQLModel.metadata.sorted_tables
        if (table.name in WHOSE or "user_id" in table.c) and table.name not in LEFT_OUT
    ]


def numbered(name: str, number: int) -> str:
    """Return the name of a file that others of the same name may follow."""
    return f"{name}.json" if number == 1 else f"{name}-{number}.json"


def _next(table: str) -> str:
    order = [*tables(), ACCESS_LOG, RECORDINGS]
    return order[order.index(table) + 1]


async def is_there(connection: AsyncConnection, person_id: UUID) -> bool:
    """Whether the caller reaches the person, whom nobody has erased."""
    users = _table("users")
    rows = await connection.execute(
        select(users.c.id).where(
            users.c.organization_id == ORGANIZATION,
            users.c.id == person_id,
            users.c.purged_at.is_(None),
        )
    )
    return rows.first() is not None


async def read(connection: AsyncConnection, person_id: UUID, place: Place) -> Slice:
    """Read on from a place, up to the recordings or until there is enough for a transaction."""
    slice_ = Slice(place)
    while not slice_.place.is_of_recordings and not slice_.is_full:
        page = _log if slice_.place.table == ACCESS_LOG else _rows
        await page(connection, person_id, slice_)
    return slice_


async def recordings(connection: AsyncConnection, person_id: UUID, place: Place) -> Sequence[Row]:
    """Return the files that were uploaded of a person, the next few after a place."""
    return await _page(connection, person_id, Place("uploaded_files", 1, place.after))


async def _rows(connection: AsyncConnection, person_id: UUID, slice_: Slice) -> None:
    place = slice_.place
    rows = await _page(connection, person_id, place)
    shown = [{key: value for key, value in row.items() if key not in NOT_SHOWN} for row in rows]
    if shown or place.page == 1:
        slice_.files.append((numbered(f"tables/{place.table}", place.page), written(shown)))
    if place.table == "assessment_pictures":
        slice_.files += map(_picture, rows)
    is_last = len(rows) < _at_once(place.table)
    key = [column.name for column in _table(place.table).primary_key.columns]
    slice_.place = place.beyond(None if is_last else [rows[-1][name] for name in key])


async def _page(connection: AsyncConnection, person_id: UUID, place: Place) -> Sequence[Row]:
    """Return a page of a table in plain, in the order of its key, and write down that it was."""
    page = audited(_select(person_id, place), place.table)
    key = [page.selected_columns[name.name] for name in _table(place.table).primary_key.columns]
    listed: Sequence[Row] = (await connection.execute(page.order_by(*key))).mappings().all()
    if place.table not in ENCRYPTED:
        return listed
    if PERSON_COLUMNS.get(place.table, "user_id") is None:
        texts = (await keys.get_organization_keys(connection)).texts
        return [texts.opened_columns(place.table, row["id"], row) for row in listed]
    reader = await keys.reader(connection, listed)
    return [reader.texts(row).opened_columns(place.table, row["id"], row) for row in listed]


def _select(person_id: UUID, place: Place) -> Select[Any]:
    table = _table(place.table)
    key = list(table.primary_key.columns)
    whose = or_(*(table.c[name] == person_id for name in WHOSE.get(place.table, ("user_id",))))
    person = PERSON_COLUMNS.get(place.table, "user_id")
    rows = select(
        *table.c,
        *([] if "user_id" in table.c else [literal(person_id).label("user_id")]),
        *([keys.wrapped_key(table, person)] if person else []),
        *([_biomarker(table)] if place.table == "biomarker_values" else []),
    ).where(table.c.organization_id == ORGANIZATION, whose)
    if place.after:
        last = (_value(column, told) for column, told in zip(key, place.after, strict=True))
        rows = rows.where(tuple_(*key) > tuple_(*last))
    return rows.order_by(*key).limit(_at_once(place.table))


def _biomarker(values: Table) -> ColumnElement[Any]:
    """Select what was measured, beside its number."""
    known = select(CATALOG.c.name).where(CATALOG.c.id == values.c.biomarker_id)
    return known.scalar_subquery().label("biomarker")


def _value(column: Column[Any], told: str) -> Any:
    kind = column.type.python_type
    value = datetime.fromisoformat(told) if kind is datetime else kind(told)
    return literal(value, column.type)


def _told(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _at_once(table: str) -> int:
    return ROWS_AT_ONCE.get(table, MOST_ROWS_AT_ONCE)


def _table(name: str) -> Table:
    models.register_all()
    return SQLModel.metadata.tables[name]


async def _log(connection: AsyncConnection, person_id: UUID, slice_: Slice) -> None:
    """Read who looked at the record, with their names, the newest first."""
    place, most = slice_.place, _at_once(ACCESS_LOG)
    before = (datetime.fromisoformat(place.after[0]), place.after[1]) if place.after else None
    events = await access_log.get_access_log(connection, person_id, most=most, before=before)
    names = await access_log.get_log_names(connection, person_id, events)
    told = [asdict(event) | {"who": event.user_id and names.get(event.user_id)} for event in events]
    slice_.files.append((numbered(f"tables/{ACCESS_LOG}", place.page), written(told)))
    is_last = len(events) < most
    slice_.place = place.beyond(None if is_last else (events[-1].created_at, events[-1].id))


def written(told: object) -> bytes:
    return json.dumps(told, default=str, ensure_ascii=False, indent=1).encode()


def _picture(row: Row) -> tuple[str, bytes]:
    content: bytes = row["content"]
    if row["content_encoding"] == "gzip":
        content = gzip.decompress(content)
    suffix = SUFFIXES.get(row["media_type"], "")
    return f"pictures/{row['assessment_id']}/{row['name']}{suffix}", content


def recording_name(upload: Row) -> str:
    return f"recordings/{upload['id']}{upload['suffix'] or ''}"
