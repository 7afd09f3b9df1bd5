from asyncio import to_thread
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from functions.fhir.addresses import absolute
from functions.fhir.answering import base_of
from functions.fhir.reports import hl7, html, service, typesetting
from shared.errors import AnalysisUnfinished, Gone, NotFound
from shared.http.dependencies import CurrentCaller
from shared.http.documents import refusals

router = APIRouter(tags=["reports"], prefix="/reports")

PDF = "application/pdf"
HL7, DICOM = "x-application/hl7-v2+er7", "application/dicom"
Paper = Annotated[Literal["a4", "letter"], Query(description="The size of the pages")]


def answers(media_type: str, example: str) -> dict[int | str, dict[str, Any]]:
    """Describe an answer of bytes or text, and what may be refused in its place."""
    schema = {"type": "string"}
    content = {media_type: {"schema": schema, "example": example}}
    return {200: {"content": content}, **refusals(NotFound, Gone, AnalysisUnfinished)}


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


@router.get(
    "/{assessment_id}.hl7",
    response_class=Response,
    responses=answers(HL7, "MSH|^~\\&|MediLens"),
)
async def oru(request: Request, caller: CurrentCaller, assessment_id: UUID) -> Response:
    """Give an assessment as an HL7 v2.5.1 ORU^R01 message with the printed report inside.

    Of a deleted one it takes the values back.
    """
    dossier, written = await service.dossier_and_pdf(
        caller, assessment_id, base_of(request), _record(request, assessment_id), deleted=True
    )
    return Response(hl7.message(dossier, written), media_type=HL7)


@router.get(
    "/{assessment_id}.dcm",
    response_class=Response,
    responses=answers(DICOM, "DICM"),
)
async def encapsulated(request: Request, caller: CurrentCaller, assessment_id: UUID) -> Response:
    """Give the printed report as DICOM Encapsulated PDF."""
    from functions.fhir.reports import dicom

    dossier, written = await service.dossier_and_pdf(
        caller, assessment_id, base_of(request), _record(request, assessment_id)
    )
    assert written is not None
    return Response(dicom.encapsulated(dossier, written), media_type=DICOM)


def _record(request: Request, assessment_id: UUID) -> str:
    return absolute(request, f"/api/records/assessments/{assessment_id}")
