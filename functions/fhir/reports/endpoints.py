from asyncio import to_thread
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from functions.fhir.addresses import absolute
from functions.fhir.reports import html, service, typesetting
from functions.fhir.reports.service import ReportUnfinished
from shared.errors import Gone, NotFound
from shared.http.dependencies import CurrentCaller
from shared.http.documents import refusals

router = APIRouter(tags=["reports"], prefix="/reports")

PDF = "application/pdf"
Paper = Annotated[Literal["a4", "letter"], Query(description="The size of the pages")]


def answers(media_type: str, example: str) -> dict[int | str, dict[str, Any]]:
    """Describe an answer of bytes or text, and what may be refused in its place."""
    schema = {"type": "string"}
    content = {media_type: {"schema": schema, "example": example}}
    return {200: {"content": content}, **refusals(NotFound, Gone, ReportUnfinished)}


@router.get(
    "/{assessment_id}.html",
    response_class=HTMLResponse,
    responses=answers("text/html", "<!doctype html>"),
)
async def page(request: Request, caller: CurrentCaller, assessment_id: UUID) -> Response:
    """Show the report of an assessment as a page for people, without scripts."""
    report = await service.assessment_report(caller, assessment_id, _record(request, assessment_id))
    return HTMLResponse(html.html(report), headers={"Content-Security-Policy": html.POLICY})


@router.get(
    "/{assessment_id}.pdf",
    response_class=Response,
    responses=answers(PDF, "%PDF-1.7"),
)
async def pdf(
    request: Request, caller: CurrentCaller, assessment_id: UUID, paper: Paper = "a4"
) -> Response:
    """Print the report of an assessment: tagged (PDF/UA-1), for archives (PDF/A-2a).

    One page, and another with a twelve-lead sheet at 25 mm/s. The same record gives the same bytes.
    """
    report = await service.assessment_report(caller, assessment_id, _record(request, assessment_id))
    written = await to_thread(typesetting.pdf, report, typesetting.PAPERS[paper])
    named = {"Content-Disposition": f'inline; filename="report-{assessment_id}.pdf"'}
    return Response(written, media_type=PDF, headers=named)


def _record(request: Request, assessment_id: UUID) -> str:
    return absolute(request, f"/api/records/assessments/{assessment_id}")
