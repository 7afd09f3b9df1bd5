from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.records.history import chart, service
from functions.records.history.schemas import BiomarkerHistory
from shared.drawing.svg import MEDIA_TYPE
from shared.errors import NotFound
from shared.http.dependencies import allowed
from shared.http.documents import refusals
from shared.permissions import Permission

router = APIRouter(tags=["records"])

Reading = Annotated[AsyncConnection, allowed(Permission.VIEW_ASSESSMENTS, read_only=True)]

CHART: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/svg+xml": {"schema": {"type": "string"}, "example": "<svg/>"}}},
    **refusals(NotFound),
}

Name = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Days = Annotated[int, Query(ge=1, le=36_525)]
Subject = Annotated[UUID | None, Query(description="The person; by default the caller")]


@router.get("/biomarkers/{name}/history", responses=refusals(NotFound))
async def biomarker_history(
    connection: Reading,
    name: Name,
    days: Days = 90,
    subject_id: Subject = None,
) -> BiomarkerHistory:
    """Show one person's biomarker over time, with its reference band and trend."""
    return await service.biomarker_history(connection, name, days=days, subject_id=subject_id)


@router.get("/biomarkers/{name}/history/chart", response_class=Response, responses=CHART)
async def biomarker_chart(
    connection: Reading,
    name: Name,
    days: Days = 90,
    subject_id: Subject = None,
    form: Annotated[
        Literal["wide", "narrow"], Query(description="For a page, or for a telephone")
    ] = "wide",
) -> Response:
    """Draw one person's biomarker over time, with its reference band and its change band."""
    values = await service.biomarker_history(connection, name, days=days, subject_id=subject_id)
    drawing = chart.draw(values, chart.NARROW if form == "narrow" else chart.WIDE)
    return Response(drawing.content, media_type=MEDIA_TYPE)
