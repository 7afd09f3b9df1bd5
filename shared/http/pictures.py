"""The pictures of an assessment, served by the pipeline that drew them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database.repositories import assessment_parts
from shared.errors import NotFound
from shared.http.dependencies import allowed
from shared.permissions import Permission

router = APIRouter()


@router.get("/assessments/{assessment_id}/pictures/{name}", response_class=Response)
async def picture(
    assessment_id: UUID,
    name: Annotated[str, Path(pattern=r"^[a-z0-9_]{1,64}$")],
    connection: Annotated[AsyncConnection, allowed(Permission.VIEW_ASSESSMENTS, read_only=True)],
) -> Response:
    """Show one picture of an assessment."""
    found = await assessment_parts.get_picture(connection, assessment_id, name)
    if found is None:
        raise NotFound(
            "There is no such picture.",
            resource_type="assessment_pictures",
            resource_id=assessment_id,
        )
    return Response(
        found.content,
        media_type=found.media_type,
        headers={"Content-Encoding": found.content_encoding},
    )
