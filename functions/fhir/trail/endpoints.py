from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.fhir import bundles, paging, search
from functions.fhir.answering import (
    FOUND,
    Count,
    Cursor,
    FhirResponse,
    Format,
    answer,
    answers,
    base_of,
    bundle,
    links,
)
from functions.fhir.examinations.asked import Dates, PatientReference
from functions.fhir.ids import MAX_BIGINT
from functions.fhir.people.queries import get_issuer
from functions.fhir.resources.audit_event import audit_event
from functions.fhir.trail.queries import get_event
from shared.database.repositories.trail import get_events
from shared.errors import NotFound
from shared.http.cursor import InvalidCursor
from shared.http.dependencies import allowed
from shared.http.paging import page_of
from shared.moment import parse_moment
from shared.permissions import Permission

router = APIRouter(tags=["FHIR R4: trail"], default_response_class=FhirResponse)

Auditing = Annotated[AsyncConnection, allowed(Permission.VIEW_AUDIT, read_only=True)]


@router.get("/AuditEvent", responses=answers(bundle(), *FOUND))
async def find_events(
    request: Request,
    connection: Auditing,
    patient: PatientReference = None,
    date: Dates = None,
    count: Count = 20,
    cursor: Cursor = None,
    _format: Format = None,
) -> Response:
    """Search the trail, the newest first; that it was read is an entry too."""
    recorded = search.period(date or (), "date")
    filters = {
        "subject_id": search.subject(patient),
        "created_from": recorded.start,
        "created_to": recorded.end,
    }
    rows = await get_events(connection, filters, most=count + 1, before=_place(cursor))
    issuer = await get_issuer(connection)
    page, last = page_of(rows, count)
    more = [last.created_at.isoformat(), last.id] if last else None
    matches = [audit_event(event, issuer) for event in page]
    return answer(bundles.searchset(base_of(request), matches, links=links(request, more)))


@router.get("/AuditEvent/{entry}", responses=answers({"resourceType": "AuditEvent"}, NotFound))
async def read_event(
    connection: Auditing,
    entry: Annotated[str, Path(pattern=r"^[0-9-]{1,64}$")],
    _format: Format = None,
) -> Response:
    """Read one entry of the trail; that it was read is an entry too."""
    event = await get_event(connection, entry)
    if event is None:
        raise NotFound("There is no such entry of the trail.")
    return answer(audit_event(event, await get_issuer(connection)))


def _place(cursor: str | None) -> tuple[datetime, int] | None:
    """Return the entry that a list goes on after.

    Raises
    ------
    InvalidCursor
    """
    if cursor is None:
        return None
    try:
        moment, key = paging.told(cursor)
        place = parse_moment(datetime.fromisoformat(moment)), int(key)
    except (ValueError, TypeError):
        raise InvalidCursor from None
    if not 0 <= place[1] < MAX_BIGINT:
        raise InvalidCursor
    return place
