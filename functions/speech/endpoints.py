from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response

from functions.speech import service
from functions.speech.service import SpeechFields
from shared.examination import examine
from shared.examination.request import CurrentOrder, RecordingFiles
from shared.http.dependencies import CurrentCaller
from shared.http.pictures import router as pictures
from shared.schemas import AssessmentRead, PipelineInfo

router = APIRouter(tags=["speech"])
router.include_router(pictures)


def speech_fields(
    task: Annotated[
        Literal["sustained_vowel", "speech", "corner_vowels", "diadochokinesis"],
        Form(description="What the person was asked to do"),
    ],
    sex: Annotated[
        Literal["female", "male"] | None, Form(description="Formant settings differ by it")
    ] = None,
    age_years: Annotated[int | None, Form(ge=0, le=130)] = None,
) -> SpeechFields:
    return SpeechFields(task, sex, age_years)


@router.post("/analyze", status_code=201, response_model=AssessmentRead, responses=examine.ACCEPTED)
async def analyze(
    request: Request,
    caller: CurrentCaller,
    order: CurrentOrder,
    files: RecordingFiles,
    fields: Annotated[SpeechFields, Depends(speech_fields)],
) -> Response:
    """Measure a voice and store what was found.

    For running speech, a second file may hold a sustained vowel of the same person: the voice
    quality index needs both.
    """
    return examine.answer(request, await service.analyze(caller, order, files, fields))


@router.get("/info")
async def info() -> PipelineInfo:
    """Say which formats are read, what is measured, in which units and against which ranges."""
    return service.method().info()
