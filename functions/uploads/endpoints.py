from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.uploads import service
from functions.uploads.inspection import HashDiffers, SizeDiffers, TypeDiffers, UploadNotArrived
from functions.uploads.schemas import UploadCreate, UploadCreated, UploadRead
from functions.uploads.service import UploadClosed, UploadInUse
from shared.aws.storage import UploadsNotOffered
from shared.errors import NotFound, UploadTooLarge
from shared.http.dependencies import CurrentCaller, allowed
from shared.http.documents import refusals
from shared.permissions import Permission
from shared.person_conflicts import PersonErased, PersonMerged

router = APIRouter(tags=["uploads"])

Adding = Annotated[AsyncConnection, allowed(Permission.CREATE_ASSESSMENT)]
Reading = Annotated[AsyncConnection, allowed(Permission.CREATE_ASSESSMENT, read_only=True)]


@router.post(
    "",
    status_code=201,
    responses=refusals(NotFound, PersonErased, PersonMerged, UploadTooLarge, UploadsNotOffered),
)
async def create(connection: Adding, announced: UploadCreate) -> UploadCreated:
    """Announce a file; the answer holds the one request that may send it to storage."""
    return await service.create(connection, announced)


@router.post(
    "/{upload_id}/complete",
    responses=refusals(
        NotFound,
        UploadClosed,
        UploadNotArrived,
        SizeDiffers,
        HashDiffers,
        TypeDiffers,
        UploadsNotOffered,
    ),
)
async def complete(caller: CurrentCaller, upload_id: UUID) -> UploadRead:
    """Check the size, hash and type of what was sent; then its `upload_id` may be analyzed."""
    return await service.complete(caller, upload_id)


@router.get("/{upload_id}", responses=refusals(NotFound))
async def get(connection: Reading, upload_id: UUID) -> UploadRead:
    """Show what is known of an upload."""
    return await service.get(connection, upload_id)


@router.delete(
    "/{upload_id}",
    status_code=204,
    responses=refusals(NotFound, UploadInUse, UploadsNotOffered),
)
async def delete(caller: CurrentCaller, upload_id: UUID) -> None:
    """Remove an upload that no assessment was made from."""
    await service.delete(caller, upload_id)
