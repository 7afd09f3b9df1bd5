"""The pictures of an assessment, served by the pipeline that drew them."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Path
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database.repositories import pictures
from shared.errors import NotFound
from shared.http.dependencies import allowed
from shared.http.documents import refusals
from shared.http.negotiation import Encoded, NotAcceptable, encoded_response
from shared.permissions import Permission

router = APIRouter()


ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            "image/svg+xml": {"schema": {"type": "string"}, "example": "<svg/>"},
            "image/png": {
                "schema": {"type": "string", "contentMediaType": "image/png"},
                "example": "\x89PNG",
            },
        }
    },
    **refusals(NotFound, NotAcceptable),
}


@router.get(
    "/assessments/{assessment_id}/pictures/{name}", response_class=Response, responses=ANSWERS
)
async def picture(
    assessment_id: UUID,
    name: Annotated[str, Path(pattern=r"^[a-z0-9_]{1,64}$")],
    connection: Annotated[AsyncConnection, allowed(Permission.VIEW_ASSESSMENTS, read_only=True)],
    accept_encoding: Annotated[str | None, Header(include_in_schema=False)] = None,
) -> Response:
    """Show one picture of an assessment."""
    stored = await pictures.get_picture(connection, assessment_id, name)
    if stored is None:
        raise NotFound(
            "There is no such picture.",
            resource_type="assessment_pictures",
            resource_id=assessment_id,
        )
    body = Encoded(stored.content, stored.media_type, stored.content_encoding)
    return encoded_response(body, accept_encoding)
