"""What FHIR's clients ask first: what is answered here, and what our codes are."""

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.fhir.answering import FhirResponse, Format, answer, answers, base_of
from functions.fhir.capability import statement
from functions.fhir.examinations.queries import get_catalog
from functions.fhir.resources.terminology import code_system, concept_map
from shared.http.dependencies import allowed
from shared.permissions import Permission
from shared.settings import ServiceSettings, load

router = APIRouter(tags=["FHIR R4: server"], default_response_class=FhirResponse)

Reading = Annotated[AsyncConnection, allowed(Permission.VIEW_ASSESSMENTS, read_only=True)]


@router.get("/metadata", responses=answers({"resourceType": "CapabilityStatement"}))
async def metadata(request: Request, _format: Format = None) -> Response:
    """Say what this server answers, to anybody."""
    return answer(statement(base_of(request), load(ServiceSettings).code_version))


@router.get("/CodeSystem/biomarker", responses=answers({"resourceType": "CodeSystem"}))
async def biomarkers(connection: Reading, _format: Format = None) -> Response:
    """List our own codes: every biomarker with its unit and what it is."""
    catalog = await get_catalog(connection)
    return answer(code_system(catalog, load(ServiceSettings).code_version))


@router.get("/ConceptMap/biomarker", responses=answers({"resourceType": "ConceptMap"}))
async def biomarker_map(_connection: Reading, _format: Format = None) -> Response:
    """Say what codes of others are to ours, the near misses too."""
    return answer(concept_map(load(ServiceSettings).code_version))
