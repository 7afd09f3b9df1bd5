"""Whatever touched a person's record, by definer functions that leave their own trace."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database.repositories import names


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


type Place = tuple[datetime, str]

COLUMNS = tuple(field.name for field in fields(Event))


def asked_of(most: int, before: Place | None, **more: object) -> dict[str, object]:
    """What the database reads as JSON: times and ids as text."""
    place = {"before_at": before[0].isoformat(), "before_id": before[1]} if before else {}
    told = {
        name: value.isoformat() if isinstance(value, datetime) else str(value)
        for name, value in more.items()
        if value is not None
    }
    return {**told, **place, "most": most}


async def get_access_log(
    connection: AsyncConnection,
    person_id: UUID,
    *,
    most: int,
    before: Place | None = None,
    event_id: int | None = None,
) -> Sequence[Event]:
    """Return whatever touched a person's record, the newest first."""
    asked = bindparam("asked", type_=JSONB)
    person = bindparam("person", type_=Uuid, value=person_id)
    rows = func.medilens.access_log(person, asked).table_valued(*COLUMNS)
    return await read_events(connection, select(rows), asked_of(most, before, event_id=event_id))


async def get_log_names(
    connection: AsyncConnection, person_id: UUID, events: Sequence[Event]
) -> Mapping[UUID, str]:
    """Return the names of whoever entries of a person's log are about."""
    people = {event.user_id for event in events if event.user_id} - {person_id}
    if not people:
        return {}
    named = func.medilens.log_names(
        bindparam("person", type_=Uuid), bindparam("people", type_=ARRAY(Uuid))
    )
    return await names.get_names(connection, named, {"person": person_id, "people": list(people)})


async def read_events(
    connection: AsyncConnection, statement: Any, asked: dict[str, object]
) -> Sequence[Event]:
    rows = await connection.execute(statement, {"asked": asked})
    return [Event(**row) for row in rows.mappings()]
