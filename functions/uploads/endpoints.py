from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.uploads import service
from functions.uploads.inspection import HashDiffers, SizeDiffers, TypeDiffers, UploadNotArrived
from functions.uploads.parts import PartsMissing
from functions.uploads.schemas import (
    PartsAsked,
    PartsSigned,
    UploadCreate,
    UploadCreated,
    UploadRead,
)
from functions.uploads.service import NotAnnouncedByCaller, UploadClosed, UploadInUse
from shared.aws.storage import UploadsNotOffered
from shared.errors import NotFound, UploadTooLarge
from shared.http.dependencies import CurrentCaller, allowed
from shared.http.documents import refusals
from shared.permissions import Permission
from shared.person_conflicts import PersonErased, PersonMerged

router = APIRouter(tags=["uploads"])

Adding = Annotated[AsyncConnection, allowed(Permission.CREATE_ASSESSMENT)]


@router.post(
    "",
    status_code=201,
    responses=refusals(NotFound, PersonErased, PersonMerged, UploadTooLarge, UploadsNotOffered),
)
async def create(connection: Adding, announced: UploadCreate) -> UploadCreated:
    """Announce a file; the answer holds the one request that may send it to storage.

    A file that you have begun to send in parts before is answered as it stands: go on with it.
    """
    return await service.create(connection, announced)


@router.post(
    "/{upload_id}/parts",
    responses=refusals(NotFound, NotAnnouncedByCaller, UploadClosed, UploadsNotOffered),
)
async def sign_parts(caller: CurrentCaller, upload_id: UUID, asked: PartsAsked) -> PartsSigned:
    """Sign requests that each send one part of a large file; the parts may come in any order."""
    return await service.sign_parts(caller, upload_id, asked)


@router.post(
    "/{upload_id}/complete",
    responses=refusals(
        NotFound,
        UploadClosed,
        UploadNotArrived,
        PartsMissing,
        SizeDiffers,
        HashDiffers,
        TypeDiffers,
        UploadsNotOffered,
    ),
)
async def complete(caller: CurrentCaller, upload_id: UUID) -> UploadRead:
    """Check the size, hash and type of what was sent; then its `upload_id` may be analyzed.

    What came in parts is joined first.
    """
    return await service.complete(caller, upload_id)


@router.get("/{upload_id}", responses=refusals(NotFound, UploadsNotOffered))
async def get(caller: CurrentCaller, upload_id: UUID) -> UploadRead:
    """Show what is known of an upload, and which parts of it have arrived."""
    return await service.get(caller, upload_id)


@router.delete(
    "/{upload_id}",
    status_code=204,
    responses=refusals(NotFound, UploadInUse, UploadsNotOffered),
)
async def delete(caller: CurrentCaller, upload_id: UUID) -> None:
    """Remove an upload that no assessment was made from."""
    await service.delete(caller, upload_id)
