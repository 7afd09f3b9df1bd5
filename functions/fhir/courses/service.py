"""The report of one person over time, read in the caller's name."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from functions.fhir.courses import queries
from functions.fhir.courses.record import course
from functions.fhir.people.queries import get_issuer, get_person
from functions.fhir.reports.content import Report
from functions.fhir.reports.service import head, zone
from shared.caller import Caller, Resource
from shared.database import transaction
from shared.database.repositories import people
from shared.permissions import Permission

# How far back values are shown where nobody says since when.
LOOKED_BACK = timedelta(days=5 * 365)
# The newest; more make no report that anybody reads.
MAX_VALUES = 20_000
# A recording may be dated a little ahead of our clock.
AHEAD = timedelta(days=1)


async def report(
    caller: Caller, person_id: UUID, since: datetime | None, history_url: str
) -> Report:
    """Return the report of a person; of somebody who was merged, of the record that stands.

    Raises
    ------
    NotFound
    """
    now = datetime.now(UTC)
    begin = since or now - LOOKED_BACK
    async with transaction.begin(
        caller, Permission.VIEW_ASSESSMENTS, read_only=True, about=Resource("users", person_id)
    ) as connection:
        standing = await people.get_standing(connection, person_id)
        issuer = await get_issuer(connection)
        person = await get_person(connection, standing)
        samples = await queries.get_samples(
            connection, standing, begin, now + AHEAD, most=MAX_VALUES
        )
    return course(
        samples, person, head(issuer), since=begin, zone=zone(issuer), history_url=history_url
    )
