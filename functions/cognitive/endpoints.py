from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.cognitive import service
from functions.cognitive.schemas import SiteNormCreate, SiteNormRead, SiteNorms
from functions.cognitive.service import SessionFields
from shared.examination import examine
from shared.examination.request import CurrentOrder, RecordingFiles
from shared.http.dependencies import CurrentCaller, allowed
from shared.http.pictures import router as pictures
from shared.permissions import Permission
from shared.schemas import AssessmentRead, PipelineInfo

router = APIRouter(tags=["cognitive"])
router.include_router(pictures)

Reading = Annotated[AsyncConnection, allowed(Permission.VIEW_ASSESSMENTS, read_only=True)]
Managing = Annotated[AsyncConnection, allowed(Permission.MANAGE_ORGANIZATION)]


def session_fields(
    task: Annotated[
        str | None,
        Form(pattern=r"^[a-z0-9_]{1,64}$", description="The task, for a log that does not tell"),
    ] = None,
    sex: Annotated[Literal["female", "male"] | None, Form()] = None,
    age_years: Annotated[
        float | None, Form(ge=0, le=130, description="Without it there is no z-score")
    ] = None,
    education_years: Annotated[float | None, Form(ge=0, le=40)] = None,
    mapping: Annotated[
        str | None,
        Form(
            max_length=16_384,
            description="JSON: columns (column to role), values (column, value to meaning), unit",
        ),
    ] = None,
) -> SessionFields:
    return SessionFields(task, sex, age_years, education_years, mapping)


@router.post("/analyze", status_code=201, response_model=AssessmentRead, responses=examine.ACCEPTED)
async def analyze(
    request: Request,
    caller: CurrentCaller,
    order: CurrentOrder,
    files: RecordingFiles,
    fields: Annotated[SessionFields, Depends(session_fields)],
) -> Response:
    """Score the tasks of one sitting and store what was found."""
    return examine.answer(request, await service.analyze(caller, order, files, fields))


@router.get("/info")
async def info() -> PipelineInfo:
    """Say which logs are read, what is scored, in which units and from which sources."""
    return service.method().info()


@router.post("/site-norms", status_code=201)
async def create_site_norm(connection: Managing, wanted: SiteNormCreate) -> SiteNormRead:
    """Fit a norm of the organization's own, on the first valid session of each of its people."""
    return await service.create_site_norm(connection, wanted)


@router.get("/site-norms")
async def list_site_norms(connection: Reading) -> SiteNorms:
    """List the organization's norms, the newest first; that of each kind is the one in use."""
    return await service.list_site_norms(connection)
