"""Whatever touched a person's record, by definer functions that leave their own trace."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import Uuid, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database.repositories import names
from shared.database.repositories.trail import COLUMNS, Event, Place, asked_of, read_events


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
