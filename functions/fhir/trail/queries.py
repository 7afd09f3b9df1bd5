"""The audit trail, by the definer function that asks for the permission and leaves its trace."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.fhir.ids import entry_of
from functions.fhir.search import Period

# What the function returns, in its order; more of it than leaves here.
COLUMNS = (
    *("id", "created_at", "seq", "user_id", "actor_type", "actor_role", "actor_ip", "user_agent"),
    *("request_id", "session_id", "action", "resource_type", "resource_id", "subject_id"),
    *("outcome", "phi_accessed", "details"),
)


@dataclass(frozen=True)
class Event:
    """An entry of the trail, as much of it as leaves."""

    id: int
    created_at: datetime
    user_id: UUID | None
    actor_type: str
    actor_role: str | None
    actor_ip: str | None
    action: str
    resource_type: str
    resource_id: UUID | None
    subject_id: UUID | None
    outcome: str


async def get_events(
    connection: AsyncConnection,
    person_id: UUID | None,
    recorded: Period,
    *,
    most: int,
    before: tuple[datetime, int] | None,
) -> Sequence[Event]:
    """Return entries, the newest first; that they were read becomes one itself."""
    told = {
        "subject_id": person_id,
        "created_from": recorded.start,
        "created_to": recorded.end,
        "before_at": before[0] if before else None,
        "before_id": before[1] if before else None,
    }
    asked = {
        name: value.isoformat() if isinstance(value, datetime) else str(value)
        for name, value in told.items()
        if value is not None
    }
    rows = func.medilens.audit_page(bindparam("asked", type_=JSONB)).table_valued(*COLUMNS)
    names = [field.name for field in fields(Event)]
    listed = await connection.execute(
        select(*(rows.c[name] for name in names)), {"asked": {**asked, "most": most}}
    )
    return [Event(**row) for row in listed.mappings()]


async def get_event(connection: AsyncConnection, written: str) -> Event | None:
    """Return the entry that an id names; that it was read becomes one itself."""
    entry = entry_of(written)
    if entry is None:
        return None
    after = entry.created_at, entry.number + 1
    listed = await get_events(connection, None, Period(entry.created_at), most=1, before=after)
    return next((event for event in listed if event.id == entry.number), None)
