"""Bulk Data Access 2.0.0: kick-off, status, files, cancel."""

from dataclasses import replace
from email.utils import format_datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Path, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.fhir.answering import FhirResponse, Format, answer, base_of, links
from functions.fhir.bulk import service
from functions.fhir.bulk.manifest import manifest, progress
from functions.fhir.bulk.order import NDJSON, NotExported, Order, posted, queried
from functions.fhir.bulk.service import CohortsOnly, ExportUnderWay
from functions.fhir.outcome import FHIR_JSON
from shared.aws.storage import UploadsNotOffered
from shared.errors import Gone, NotFound
from shared.http.dependencies import CurrentCaller, allowed
from shared.http.documents import refusals
from shared.http.negotiation import Encoded, NotAcceptable, encoded_response
from shared.permissions import Permission

router = APIRouter(tags=["FHIR R4: bulk export"], default_response_class=FhirResponse)

Exporting = Annotated[AsyncConnection, allowed(Permission.EXPORT_DATA)]
Group = Annotated[
    Literal["research", "care-team"],
    Path(description="Who agreed to research, or whom the caller cares for"),
]
Queried = Annotated[Order, Depends(queried)]
Posted = Annotated[Order, Depends(posted)]
# Begins, and goes on, with nothing to show yet.
ACCEPTED = 202
# How long a client waits between two polls; a poll works for some seconds itself.
POLL_AFTER_S = 1

_REFUSED = refusals(NotExported, ExportUnderWay, CohortsOnly, UploadsNotOffered)
BEGUN: dict[int | str, dict[str, Any]] = {
    ACCEPTED: {"description": "Begun: its status is at `Content-Location`"},
    **_REFUSED,
}
BEGIN: dict[str, Any] = {"status_code": ACCEPTED, "response_class": Response, "responses": BEGUN}
STATUS: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            FHIR_JSON: {"schema": {"type": "object"}, "example": {"requiresAccessToken": True}}
        }
    },
    ACCEPTED: {"description": "Not finished: `X-Progress` says how far"},
    **refusals(NotFound, Gone, UploadsNotOffered),
}
FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {NDJSON: {"schema": {"type": "string"}, "example": '{"resourceType": …}'}}},
    **refusals(NotFound, Gone, NotAcceptable, UploadsNotOffered),
}


@router.get("/$export", **BEGIN)
@router.get("/Patient/$export", **BEGIN)
async def begin(request: Request, connection: Exporting, order: Queried) -> Response:
    """Begin an export of all that the caller may read of everybody examined here."""
    return await _begin(request, connection, order)


@router.post("/$export", **BEGIN)
@router.post("/Patient/$export", **BEGIN)
async def begin_posted(request: Request, connection: Exporting, order: Posted) -> Response:
    """Begin an export that a resource of Parameters asks for."""
    return await _begin(request, connection, order)


@router.get("/Group/{group}/$export", **BEGIN)
async def begin_of_group(
    request: Request, connection: Exporting, group: Group, order: Queried
) -> Response:
    """Begin an export of a group: who agreed to research, or whom the caller cares for."""
    return await _begin(request, connection, replace(order, group=group))


@router.post("/Group/{group}/$export", **BEGIN)
async def begin_of_group_posted(
    request: Request, connection: Exporting, group: Group, order: Posted
) -> Response:
    """Begin an export of a group that a resource of Parameters asks for."""
    return await _begin(request, connection, replace(order, group=group))


async def _begin(request: Request, connection: AsyncConnection, order: Order) -> Response:
    key = await service.begin(connection, order, links(request)["self"])
    place = f"{base_of(request)}/exports/{key}"
    return Response(status_code=ACCEPTED, headers={"Content-Location": place})


@router.get("/exports/{export_id}", responses=STATUS)
async def status(
    request: Request, caller: CurrentCaller, export_id: UUID, _format: Format = None
) -> Response:
    """Read on for some seconds and say how far the export is: 202, or 200 with its files."""
    base = base_of(request)
    export = await service.poll(caller, export_id, base)
    if export.completed_at is None:
        told = {"X-Progress": progress(export), "Retry-After": str(POLL_AFTER_S)}
        return Response(status_code=ACCEPTED, headers=told)
    finished = answer(manifest(export, base))
    finished.headers["Expires"] = format_datetime(export.expires_at, usegmt=True)
    return finished


@router.get("/exports/{export_id}/{number}", response_class=Response, responses=FILE)
async def file(
    caller: CurrentCaller,
    export_id: UUID,
    number: Annotated[int, Path(ge=0, le=1_000_000)],
    accept_encoding: Annotated[str | None, Header(include_in_schema=False)] = None,
) -> Response:
    """Fetch a file of a finished export, packed for whoever reads it packed."""
    content = await service.fetch(caller, export_id, number)
    return encoded_response(Encoded(content, NDJSON, "gzip"), accept_encoding)


@router.delete(
    "/exports/{export_id}",
    status_code=ACCEPTED,
    response_class=Response,
    responses=refusals(NotFound, Gone, UploadsNotOffered),
)
async def cancel(caller: CurrentCaller, export_id: UUID) -> Response:
    """Cancel an export, or be done with a finished one: its files are removed."""
    await service.cancel(caller, export_id)
    return Response(status_code=ACCEPTED)
