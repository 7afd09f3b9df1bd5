"""Every table with rows about a person, read page by page in the order of its key."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Select, Table, Uuid, literal, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel

from shared.database import models
from shared.database.encryption.columns import ENCRYPTED, PERSON_COLUMNS
from shared.database.repositories import keys
from shared.database.repositories.audit import audited
from shared.database.repositories.tables import ASSESSMENTS, CATALOG, ORGANIZATION

type Row = Mapping[str, Any]

# Which columns say whose a row is, where it is not `user_id` alone.
WHOSE: Mapping[str, tuple[str, ...]] = {
    "users": ("id",),
    "invitations": ("person_id", "accepted_by"),
    "merges": ("user_id", "merged_person_id"),
}
# Rows that say by their assessment whose they are.
OF_ASSESSMENTS = ("fhir_pushes",)
# Tables that name people, and why no export reads them; a test goes through the catalog.
LEFT_OUT = {
    "audit_events": "told by the access log, which names whoever looked",
    "person_keys": "keys, of no use outside of the database",
    "person_exports": "names what is handed over here; the access log tells of every export",
    "fhir_exports": "names who asked for many people's records, in their work",
    "outgoing_secrets": "names who set it up, in their work",
    "service_keys": "names who made it, in their work",
    "site_norms": "names who fitted it, in their work",
    "webhooks": "names who set it up, in their work",
}


def tables() -> Sequence[str]:
    """Return the tables that have rows about people, in the order in which they are read."""
    models.register_all()
    return [
        table.name
        for table in SQLModel.metadata.sorted_tables
        if (table.name in (*WHOSE, *OF_ASSESSMENTS) or "user_id" in table.c)
        and table.name not in LEFT_OUT
    ]


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


async def get_page(
    connection: AsyncConnection, person_id: UUID, table: str, *, after: Sequence[str], most: int
) -> Sequence[Row]:
    """Return the next rows of a table after a key, in plain, and write down that they were read."""
    page = audited(_rows(person_id, _table(table), after).limit(most), table)
    key = [page.selected_columns[column.name] for column in _table(table).primary_key.columns]
    listed: Sequence[Row] = (await connection.execute(page.order_by(*key))).mappings().all()
    if table not in ENCRYPTED:
        return listed
    if PERSON_COLUMNS.get(table, "user_id") is None:
        texts = (await keys.get_organization_keys(connection)).texts
        return [texts.opened_columns(table, row["id"], row) for row in listed]
    reader = await keys.reader(connection, listed)
    return [reader.texts(row).opened_columns(table, row["id"], row) for row in listed]


def key_of(table: str, row: Row) -> tuple[str, ...]:
    """Return the key of a row, as pages go on after it."""
    values = (row[column.name] for column in _table(table).primary_key.columns)
    return tuple(
        value.isoformat() if isinstance(value, datetime) else str(value) for value in values
    )


def _rows(person_id: UUID, table: Table, after: Sequence[str]) -> Select[Any]:
    key = list(table.primary_key.columns)
    person = PERSON_COLUMNS.get(table.name, "user_id") if table.name in ENCRYPTED else None
    rows = select(
        *table.c,
        *([] if "user_id" in table.c else [literal(person_id, Uuid).label("user_id")]),
        *([keys.wrapped_key(table, person)] if person else []),
        *([_biomarker(table)] if table.name == "biomarker_values" else []),
    ).where(table.c.organization_id == ORGANIZATION, _is_of(person_id, table))
    if after:
        last = (_value(column, told) for column, told in zip(key, after, strict=True))
        rows = rows.where(tuple_(*key) > tuple_(*last))
    return rows.order_by(*key)


def _is_of(person_id: UUID, table: Table) -> ColumnElement[bool]:
    """Whether a row is about a person."""
    if table.name in OF_ASSESSMENTS:
        examined = select(ASSESSMENTS.c.id).where(
            ASSESSMENTS.c.organization_id == ORGANIZATION, ASSESSMENTS.c.user_id == person_id
        )
        return table.c.assessment_id.in_(examined)
    return or_(*(table.c[name] == person_id for name in WHOSE.get(table.name, ("user_id",))))


def _biomarker(values: Table) -> ColumnElement[Any]:
    """Select what was measured, beside its number."""
    known = select(CATALOG.c.name).where(CATALOG.c.id == values.c.biomarker_id)
    return known.scalar_subquery().label("biomarker")


def _value(column: Column[Any], told: str) -> Any:
    kind = column.type.python_type
    value = datetime.fromisoformat(told) if kind is datetime else kind(told)
    return literal(value, column.type)


def _table(name: str) -> Table:
    models.register_all()
    return SQLModel.metadata.tables[name]
