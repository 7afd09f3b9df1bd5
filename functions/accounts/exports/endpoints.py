"""All that is stored of a person: at once where it is small, else an export that is polled."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from functions.accounts.exports import service
from functions.accounts.exports.schemas import ExportRead
from functions.accounts.exports.slices import ZIP
from shared.aws import queue
from shared.aws.storage import UploadsNotOffered
from shared.errors import Gone, NotFound
from shared.http.dependencies import CurrentCaller
from shared.http.documents import refusals
from shared.settings import public_path

router = APIRouter(tags=["lifecycle"], prefix="/people/{person_id}")

# Begins, and goes on, with nothing to fetch yet.
ACCEPTED = 202
# How long a client waits between two polls: where there is no queue, a poll works for some seconds
# itself.
POLL_AFTER_S, LOOK_AFTER_S = 1, 2
ARCHIVED = {"schema": {"type": "string", "format": "binary"}, "example": "PK..."}
BEGUN = {"model": ExportRead, "description": "Too large for one answer: poll what `Location` says"}
HANDED_OVER: dict[int | str, dict[str, Any]] = {
    200: {"content": {ZIP: ARCHIVED}},
    ACCEPTED: BEGUN,
    **refusals(NotFound, UploadsNotOffered),
}
STATUS: dict[int | str, dict[str, Any]] = {
    ACCEPTED: {"model": ExportRead, "description": "Not finished: ask again after `Retry-After`"},
    **refusals(NotFound, Gone),
}


@router.get("/export", response_class=Response, responses=HANDED_OVER)
async def export(caller: CurrentCaller, person_id: UUID) -> Response:
    """Hand over all that is stored of a person as a zip, with pictures and recordings.

    What does not fit into one answer is exported instead: 202, and `Location` says where to ask
    how far that is. A deployment without a storage cannot do that.
    """
    handed = await service.hand_over(caller, person_id)
    if isinstance(handed, ExportRead):
        return _answer(handed)
    headers = {"Content-Disposition": 'attachment; filename="record.zip"'}
    return Response(handed, media_type=ZIP, headers=headers)


@router.get("/exports/{export_id}", response_model=ExportRead, responses=STATUS)
async def status(caller: CurrentCaller, person_id: UUID, export_id: UUID) -> Response:
    """Say how far the export is: 202, or 200 with its archives.

    Where no worker reads it, this reads on for some seconds first.
    """
    return _answer(await service.poll(caller, person_id, export_id))


@router.delete("/exports/{export_id}", status_code=204, responses=refusals(NotFound, Gone))
async def cancel(caller: CurrentCaller, person_id: UUID, export_id: UUID) -> None:
    """Cancel an export, or be done with a finished one: its archives are removed."""
    await service.cancel(caller, person_id, export_id)


def _answer(export: ExportRead) -> Response:
    place = public_path(f"/api/accounts/people/{export.person_id}/exports/{export.id}")
    after_s = LOOK_AFTER_S if queue.offered() else POLL_AFTER_S
    told = {} if export.is_finished else {"Retry-After": str(after_s)}
    return Response(
        export.model_dump_json(),
        200 if export.is_finished else ACCEPTED,
        headers=told | {"Location": place},
        media_type="application/json",
    )
