from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response

from functions.cardiology import service
from functions.cardiology.service import EcgFields
from shared.examination import examine
from shared.examination.request import CurrentOrder, RecordingFiles
from shared.http.dependencies import CurrentCaller
from shared.http.pictures import router as pictures
from shared.schemas import AssessmentRead, PipelineInfo

router = APIRouter(tags=["cardiology"])
router.include_router(pictures)


def ecg_fields(
    fs_hz: Annotated[
        float | None,
        Form(gt=0, le=100_000, description="Sampling rate, for a file that does not state one"),
    ] = None,
    lead: Annotated[
        str | None, Form(max_length=16, description="Name of a single unnamed lead")
    ] = None,
    unit: Annotated[
        Literal["V", "mV", "uV", "nV"] | None,
        Form(description="Unit of the samples, for a file that does not state one"),
    ] = None,
    sex: Annotated[
        Literal["female", "male"] | None, Form(description="Limits of QTc differ by it")
    ] = None,
    age_years: Annotated[int | None, Form(ge=0, le=130)] = None,
) -> EcgFields:
    return EcgFields(fs_hz, lead, unit, sex, age_years)


@router.post("/analyze", status_code=201, response_model=AssessmentRead, responses=examine.ACCEPTED)
async def analyze(
    request: Request,
    caller: CurrentCaller,
    order: CurrentOrder,
    files: RecordingFiles,
    fields: Annotated[EcgFields, Depends(ecg_fields)],
) -> Response:
    """Measure an electrocardiogram and store what was found."""
    return examine.answer(request, await service.analyze(caller, order, files, fields))


@router.get("/info")
async def info() -> PipelineInfo:
    """Say which formats are read, what is measured, in which units and against which ranges."""
    return service.method().info()
