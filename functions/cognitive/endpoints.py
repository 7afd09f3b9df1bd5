"""An organization's own norms; the analysis of task logs has the routes of every pipeline."""

from typing import Annotated

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.cognitive import service
from functions.cognitive.schemas import SiteNormCreate, SiteNormRead, SiteNorms
from shared.http.dependencies import allowed
from shared.permissions import Permission

router = APIRouter(tags=["cognitive"])

Reading = Annotated[AsyncConnection, allowed(Permission.VIEW_ASSESSMENTS, read_only=True)]
Managing = Annotated[AsyncConnection, allowed(Permission.MANAGE_ORGANIZATION)]


@router.post("/site-norms", status_code=201)
async def create_site_norm(connection: Managing, wanted: SiteNormCreate) -> SiteNormRead:
    """Fit a norm of the organization's own, on the first valid session of each of its people."""
    return await service.create_site_norm(connection, wanted)


@router.get("/site-norms")
async def list_site_norms(connection: Reading) -> SiteNorms:
    """List the organization's norms, the newest first; that of each kind is the one in use."""
    return await service.list_site_norms(connection)
