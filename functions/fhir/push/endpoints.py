from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.fhir.answering import FhirResponse, answers, base_of
from functions.fhir.bulk.service import CohortsOnly
from functions.fhir.push import sending, service
from functions.fhir.push.schemas import Job, PushList, PushQuery, PushRead, PushState
from functions.fhir.push.service import NoFhirServer
from shared.errors import NotFound, Unauthenticated
from shared.http.dependencies import CurrentCaller, allowed
from shared.http.documents import refusals
from shared.http.jobs import JobReport, scheduled
from shared.permissions import Permission

router = APIRouter(tags=["FHIR R4: results"])

Exporting = Annotated[AsyncConnection, allowed(Permission.EXPORT_DATA, read_only=True)]
ACCEPTED = 202


@router.post(
    "/DiagnosticReport/{assessment_id}/$push",
    status_code=ACCEPTED,
    response_class=FhirResponse,
    responses={
        ACCEPTED: answers({"resourceType": "OperationOutcome"})[200],
        **refusals(NotFound, CohortsOnly, NoFhirServer),
    },
)
async def push(request: Request, caller: CurrentCaller, assessment_id: UUID) -> Response:
    """Have an assessment sent to the organization's own FHIR server, as a transaction.

    Tried once before the answer, then for three days; how it stands is at `Content-Location`. Of a
    deleted assessment the transaction holds the report alone, entered in error.
    """
    base = base_of(request)
    begun = await service.push(caller, assessment_id, base)
    taken = {
        "severity": "information",
        "code": "informational",
        "diagnostics": "The organization's FHIR server has taken it."
        if begun.state is PushState.DELIVERED
        else "Not taken yet: it is tried again for three days.",
    }
    return FhirResponse(
        {"resourceType": "OperationOutcome", "issue": [taken]},
        status_code=ACCEPTED,
        headers={"Content-Location": f"{base}/pushes/{begun.id}"},
    )


@router.get("/pushes")
async def list_pushes(connection: Exporting, wanted: Annotated[PushQuery, Query()]) -> PushList:
    """List what was sent to the organization's FHIR server, is on its way or was given up."""
    return await service.list_pushes(connection, wanted)


@router.get("/pushes/{push_id}", responses=refusals(NotFound))
async def get_push(connection: Exporting, push_id: UUID) -> PushRead:
    """Show how an assessment's way to the FHIR server stands, with every attempt."""
    return await service.get_push(connection, push_id)


# A GET, because that is what Vercel's schedule sends; it may run any number of times.
@router.get("/jobs/{job}", dependencies=[Depends(scheduled)], responses=refusals(Unauthenticated))
async def run(job: Job) -> JobReport:
    """Send what is due to organizations' FHIR servers."""
    return await sending.run_job(job)
