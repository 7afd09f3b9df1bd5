"""One entry of the audit trail, by the id that FHIR gives it."""

from sqlalchemy.ext.asyncio import AsyncConnection

from functions.fhir.ids import entry_of
from shared.database.repositories.trail import Event, get_events


async def get_event(connection: AsyncConnection, written: str) -> Event | None:
    """Return the entry that an id names; that it was read becomes one itself."""
    if (entry := entry_of(written)) is None:
        return None
    after = entry.created_at, entry.number + 1
    listed = await get_events(connection, {"created_from": entry.created_at}, most=1, before=after)
    return next((event for event in listed if event.id == entry.number), None)
