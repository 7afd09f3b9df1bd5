from asyncio import to_thread
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from functions.fhir.cohorts import service
from functions.fhir.cohorts.anonymity import MIN_CLASS_SIZE, MOST_DAYS
from functions.fhir.cohorts.definition import Definition, asked
from functions.fhir.cohorts.schemas import BiomarkerRead, ColumnRead, Dictionary, SuppressedRead
from functions.fhir.cohorts.service import Cohort, CohortChanged, CohortTooLarge, CohortTooSmall
from functions.fhir.cohorts.table import COLUMNS
from shared.http.dependencies import CurrentCaller
from shared.http.documents import refusals
from shared.settings import public_path

router = APIRouter(tags=["research cohorts"], prefix="/cohorts")

Asked = Annotated[Definition, Depends(asked)]
GZIP = "application/gzip"
DATA = "/api/fhir/cohorts/data.csv.gz"
DATE_SHIFT = f"Each person's days are moved back by 1 to {MOST_DAYS}, the same in every cohort."
REFUSED = refusals(CohortTooSmall, CohortTooLarge, CohortChanged)
FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {GZIP: {"schema": {"type": "string"}, "example": "\x1f\x8b"}}},
    **REFUSED,
}


@router.get("", responses=REFUSED)
async def describe(caller: CurrentCaller, definition: Asked) -> Dictionary:
    """Say what a cohort's table holds, whom it leaves out, and where the table is.

    People who agreed to research, each like at least four others in age band, sex and site.
    """
    return _dictionary(await service.cohort(caller, definition))


@router.get("/data.csv.gz", response_class=Response, responses=FILE)
async def data(caller: CurrentCaller, definition: Asked) -> Response:
    """Give a cohort's table as packed CSV; with the same `as_of` the same bytes."""
    cohort = await service.cohort(caller, definition)
    content = await to_thread(service.packed, cohort)
    named = {"Content-Disposition": 'attachment; filename="cohort.csv.gz"'}
    return Response(content, media_type=GZIP, headers=named)


def _dictionary(cohort: Cohort) -> Dictionary:
    table, definition = cohort.table, cohort.definition
    told = definition.told()
    query = {("biomarker" if name == "biomarkers" else name): value for name, value in told.items()}
    return Dictionary(
        id=definition.hash[:32],
        as_of=definition.as_of,
        definition=told,
        sha256=table.sha256,
        rows=table.rows,
        people=len(table.people),
        assessments=len(table.assessments),
        k=MIN_CLASS_SIZE,
        classes_by=["age_band", "sex", "site"],
        suppressed=SuppressedRead.model_validate(vars(cohort.suppressed)),
        date_shift=DATE_SHIFT,
        columns=[ColumnRead(name=name, description=words) for name, words in COLUMNS.items()],
        biomarkers=[BiomarkerRead.model_validate(entry) for entry in table.told()],
        data=f"{public_path(DATA)}?{urlencode(query, doseq=True)}",
    )
