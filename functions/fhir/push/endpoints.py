from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from functions.fhir.answering import FhirResponse, answer, answers, base_of
from functions.fhir.bulk.service import CohortsOnly
from functions.fhir.push import service
from functions.fhir.push.service import NoFhirServer, NotTaken
from shared.errors import NotFound
from shared.http.dependencies import CurrentCaller

router = APIRouter(tags=["FHIR R4: results"], default_response_class=FhirResponse)


@router.post(
    "/DiagnosticReport/{assessment_id}/$push",
    responses=answers(
        {"resourceType": "OperationOutcome"}, NotFound, CohortsOnly, NoFhirServer, NotTaken
    ),
)
async def push(request: Request, caller: CurrentCaller, assessment_id: UUID) -> Response:
    """Send an assessment to the organization's own FHIR server, as a transaction.

    Of a deleted one it holds the report alone, entered in error, so that it is taken back there.
    """
    status = await service.push(caller, assessment_id, base_of(request))
    taken = {
        "severity": "information",
        "code": "informational",
        "diagnostics": f"The organization's FHIR server answered {status}.",
    }
    return answer({"resourceType": "OperationOutcome", "issue": [taken]})
