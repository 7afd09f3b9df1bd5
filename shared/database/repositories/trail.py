"""The audit trail, by a definer function that asks for the permission and leaves its own trace."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(frozen=True, kw_only=True)
class Event:
    """A row of the trail; without `seq` it waits for its seal."""

    id: int
    created_at: datetime
    seq: int | None
    user_id: UUID | None
    actor_type: str
    actor_role: str | None
    actor_ip: str | None
    user_agent: str | None
    request_id: str | None
    session_id: str | None
    action: str
    resource_type: str
    resource_id: UUID | None
    subject_id: UUID | None
    outcome: str
    phi_accessed: bool
    details: dict[str, Any]


type Place = tuple[datetime, object]
# As the database reads it, as JSON.
type Question = Mapping[str, str | int]

COLUMNS = tuple(field.name for field in fields(Event))


async def get_events(
    connection: AsyncConnection,
    filters: Mapping[str, object],
    *,
    most: int,
    before: Place | None,
) -> Sequence[Event]:
    """Return events of the organization, the newest first; that they were read is one itself."""
    rows = func.medilens.audit_page(bindparam("asked", type_=JSONB)).table_valued(*COLUMNS)
    return await read_events(connection, select(rows), asked_of(most, before, **filters))


def asked_of(most: int, before: Place | None, **filters: object) -> Question:
    """Return a question as the database reads it, as JSON: times and ids as text."""
    told = dict(filters)
    if before:
        told |= {"before_at": before[0], "before_id": before[1]}
    texts = {
        name: value.isoformat() if isinstance(value, datetime) else str(value)
        for name, value in told.items()
        if value is not None
    }
    return {**texts, "most": most}


async def read_events(
    connection: AsyncConnection, statement: Any, asked: Question
) -> Sequence[Event]:
    rows = await connection.execute(statement, {"asked": asked})
    return [Event(**row) for row in rows.mappings()]
