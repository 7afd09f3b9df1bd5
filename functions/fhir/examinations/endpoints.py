"""Reports, observations, documents, and where they come from."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.fhir import bundles, search
from functions.fhir.answering import (
    FOUND,
    READ,
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
from functions.fhir.examinations import binary, service
from functions.fhir.examinations.asked import (
    Asked,
    Changed,
    Dates,
    Ids,
    PatientReference,
    Sort,
    asked,
    assessment_of,
)
from functions.fhir.examinations.pages import page, part_named
from functions.fhir.examinations.queries import has_measured
from functions.fhir.paging import Kind
from functions.fhir.resources.dossier import Dossier
from functions.fhir.resources.elements import Resource
from functions.fhir.resources.observation import absent_observations
from functions.fhir.resources.patient import patient as patient_of
from functions.fhir.resources.provenance import device as device_of
from functions.fhir.resources.report import documents
from functions.fhir.search import Wanted
from shared.errors import NotFound
from shared.http.dependencies import CurrentCaller, allowed
from shared.permissions import Permission
from shared.pipelines import PipelineName

router = APIRouter(tags=["FHIR R4: results"], default_response_class=FhirResponse)

Reading = Annotated[AsyncConnection, allowed(Permission.VIEW_ASSESSMENTS, read_only=True)]
Search = Annotated[Asked, Depends(asked)]
Part = Annotated[str, Path(pattern=r"^[0-9A-Za-z.-]{1,64}$")]
Lineage = Annotated[list[Literal["Provenance:target"]] | None, Query(alias="_revinclude")]
OfReports = Annotated[
    list[Literal["DiagnosticReport:result", "DiagnosticReport:patient", "DiagnosticReport:subject"]]
    | None,
    Query(alias="_include"),
]
OfObservations = Annotated[
    list[Literal["Observation:patient", "Observation:subject", "Observation:device"]] | None,
    Query(alias="_include"),
]
OfDocuments = Annotated[
    list[Literal["DocumentReference:patient", "DocumentReference:subject"]] | None,
    Query(alias="_include"),
]
Absent = Annotated[
    bool, Query(description="Also what could not be measured, with the reason in its place")
]


@router.get("/DiagnosticReport", responses=answers(bundle(), *FOUND))
async def find_reports(
    request: Request,
    connection: Reading,
    wanted: Search,
    include: OfReports = None,
    revinclude: Lineage = None,
) -> Response:
    """Search reports, the newest first."""
    kind = Kind(service.reports, wanted.fits)
    return await page(request, connection, kind, wanted, [*(include or ()), *(revinclude or ())])


@router.get(
    "/DiagnosticReport/{assessment_id}",
    responses=answers({"resourceType": "DiagnosticReport"}, *READ),
)
async def read_report(
    request: Request, connection: Reading, assessment_id: UUID, _format: Format = None
) -> Response:
    """Read one report; a deleted one is 410."""
    dossier = await service.get_dossier(connection, base_of(request), assessment_id)
    return answer(next(iter(service.reports(dossier))))


@router.get(
    "/DiagnosticReport/{assessment_id}/$document",
    responses=answers({"resourceType": "Bundle", "type": "document"}, *READ),
)
async def document(
    request: Request,
    connection: Reading,
    assessment_id: UUID,
    *,
    absent: Absent = False,
    _format: Format = None,
) -> Response:
    """Give an assessment as a document that stands for itself."""
    dossier = await service.get_dossier(connection, base_of(request), assessment_id)
    resources = list(service.everything(dossier, absent=absent))
    person = patient_of(dossier.person, dossier.issuer)
    return answer(bundles.document(dossier, person, resources, dossier.changed_at))


@router.get(
    "/DiagnosticReport/{assessment_id}/$transaction",
    responses=answers({"resourceType": "Bundle", "type": "transaction"}, NotFound),
)
async def transaction(
    request: Request,
    connection: Reading,
    assessment_id: UUID,
    *,
    absent: Absent = False,
    _format: Format = None,
) -> Response:
    """Give an assessment as a transaction for another server.

    Of a deleted one it holds the report alone, entered in error, so that it is taken back there.
    """
    dossier = await service.get_dossier(connection, base_of(request), assessment_id, deleted=True)
    resources = list(service.everything(dossier, absent=absent))
    return answer(bundles.transaction(patient_of(dossier.person, dossier.issuer), resources))


@router.get("/Observation", responses=answers(bundle(), *FOUND))
async def find_observations(
    request: Request,
    connection: Reading,
    wanted: Search,
    include: OfObservations = None,
    revinclude: Lineage = None,
) -> Response:
    """Search measured values, the newest first; a code of ours, of LOINC or of IEEE 11073."""
    narrowed = replace(wanted.wanted, measured=search.measured(wanted.codes))
    kind = Kind(service.results, wanted.fits)
    more = [*(include or ()), *(revinclude or ())]
    return await page(request, connection, kind, replace(wanted, wanted=narrowed), more)


@router.get("/Observation/{part}", responses=answers({"resourceType": "Observation"}, *READ))
async def read_observation(
    request: Request, connection: Reading, part: Part, _format: Format = None
) -> Response:
    """Read one measured value, or why it could not be measured."""

    def derive(dossier: Dossier) -> Iterator[Resource]:
        yield from service.results(dossier)
        yield from absent_observations(dossier)

    return await part_named(request, connection, part, derive)


@router.get("/Provenance", responses=answers(bundle()))
async def find_provenance(
    request: Request,
    connection: Reading,
    target: Annotated[str, Query(pattern=r"^(DiagnosticReport|Observation)/[0-9A-Za-z.-]{1,64}$")],
    _format: Format = None,
) -> Response:
    """Say where a report or a value comes from, and who signed it."""
    key = assessment_of(target.partition("/")[2])
    wanted = Wanted(ids=(key,) if key else ())
    dossiers = await service.get_dossiers(connection, base_of(request), wanted, limit=1)
    matches = [
        resource
        for dossier in dossiers
        for resource in service.lineage(dossier)
        if {"reference": target} in resource["target"]
    ]
    return answer(bundles.searchset(base_of(request), matches, links=links(request)))


@router.get("/Provenance/{part}", responses=answers({"resourceType": "Provenance"}, *READ))
async def read_provenance(
    request: Request, connection: Reading, part: Part, _format: Format = None
) -> Response:
    """Read where an assessment comes from, or one sign-off."""
    return await part_named(request, connection, part, service.lineage)


@router.get("/DocumentReference", responses=answers(bundle(), *FOUND))
async def find_documents(
    request: Request,
    connection: Reading,
    patient: PatientReference = None,
    subject: PatientReference = None,
    ids: Ids = None,
    date: Dates = None,
    last_updated: Changed = None,
    sort: Sort = None,
    count: Count = 20,
    cursor: Cursor = None,
    include: OfDocuments = None,
) -> Response:
    """Search printed reports, pictures and stored recordings, the newest first."""
    wanted = await asked(
        patient=patient,
        subject=subject,
        ids=ids,
        date=date,
        last_updated=last_updated,
        sort=sort,
        count=count,
        cursor=cursor,
    )
    return await page(request, connection, Kind(documents, wanted.fits), wanted, include or [])


@router.get(
    "/DocumentReference/{part}", responses=answers({"resourceType": "DocumentReference"}, *READ)
)
async def read_document(
    request: Request, connection: Reading, part: Part, _format: Format = None
) -> Response:
    """Read what is known of a printed report, a picture or a recording."""
    return await part_named(request, connection, part, documents)


@router.get(
    "/Binary/{part}",
    response_class=Response,
    responses={
        **answers({"resourceType": "Binary"}, *READ, *binary.REFUSALS),
        307: {"description": "The recording is larger than an answer; `Location` has it"},
    },
)
async def read_binary(request: Request, caller: CurrentCaller, part: Part) -> Response:
    """Fetch the bytes of a printed report, of a picture, or of a recording, as they are."""
    return await binary.fetch(request, caller, part)


@router.get("/Device/{device}", responses=answers({"resourceType": "Device"}, NotFound))
async def read_device(
    connection: Reading,
    device: Annotated[str, Path(pattern=r"^[a-z]{1,32}-[0-9.]{1,24}$")],
    _format: Format = None,
) -> Response:
    """Read a pipeline in one version, which measured something here."""
    pipeline, _, version = device.partition("-")
    if pipeline not in set(PipelineName) or not await has_measured(connection, pipeline, version):
        raise NotFound("Nothing was measured by this here.")
    return answer(device_of(pipeline, version))
