from asyncio import to_thread
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from functions.fhir.addresses import absolute
from functions.fhir.courses import service
from functions.fhir.reports import html, typesetting
from functions.fhir.reports.content import Report
from functions.fhir.reports.endpoints import PDF, Paper
from shared.errors import NotFound
from shared.http.dependencies import CurrentCaller
from shared.http.documents import refusals
from shared.moment import Moment

router = APIRouter(tags=["reports"], prefix="/reports/people")

Since = Annotated[Moment | None, Query(description="From when on; five years ago without it")]


def _content(media_type: str, example: str) -> dict[str, object]:
    return {"content": {media_type: {"schema": {"type": "string"}, "example": example}}}


@router.get(
    "/{person_id}.html",
    response_class=HTMLResponse,
    responses={200: _content("text/html", "<!doctype html>"), **refusals(NotFound)},
)
async def page(
    request: Request, caller: CurrentCaller, person_id: UUID, since: Since = None
) -> Response:
    """Show what was measured of a person over time as a page for people, without scripts."""
    report = await _report(request, caller, person_id, since)
    return HTMLResponse(html.html(report), headers={"Content-Security-Policy": html.POLICY})


@router.get(
    "/{person_id}.pdf",
    response_class=Response,
    responses={200: _content(PDF, "%PDF-1.7"), **refusals(NotFound)},
)
async def pdf(
    request: Request,
    caller: CurrentCaller,
    person_id: UUID,
    since: Since = None,
    paper: Paper = "a4",
) -> Response:
    """Print what was measured of a person over time: values, ranges, charts, verdicts on change."""
    report = await _report(request, caller, person_id, since)
    written = await to_thread(typesetting.pdf, report, typesetting.PAPERS[paper])
    named = {"Content-Disposition": f'inline; filename="course-{person_id}.pdf"'}
    return Response(written, media_type=PDF, headers=named)


async def _report(request: Request, caller: CurrentCaller, person_id: UUID, since: Since) -> Report:
    url = absolute(request, "/api/records/biomarkers/NAME/history")
    return await service.report(caller, person_id, since, url)
