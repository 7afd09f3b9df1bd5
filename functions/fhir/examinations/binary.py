"""The bytes behind a document: a printed report, a picture, a recording as it was sent."""

import gzip
from asyncio import to_thread
from hashlib import sha256
from http import HTTPStatus

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from functions.fhir.addresses import absolute
from functions.fhir.examinations.service import get_dossier
from functions.fhir.ids import Part, part_of
from functions.fhir.recordings.queries import PREFIX, upload_named
from functions.fhir.reports import typesetting
from functions.fhir.reports.service import assessment_report
from functions.fhir.resources.report import PDF, PRINTED
from shared.aws import storage
from shared.aws.requests import NotThere
from shared.aws.storage import UploadsNotOffered
from shared.caller import Caller, Resource
from shared.database import transaction
from shared.database.repositories import pictures
from shared.database.repositories.uploads import get_uploads
from shared.errors import AnalysisUnfinished, NotFound, Unavailable
from shared.permissions import Permission
from shared.vocabulary import UploadStatus

REFUSALS = (AnalysisUnfinished, UploadsNotOffered)
# What every platform lets out in one answer.
MOST_BYTES = 4_000_000


async def fetch(request: Request, caller: Caller, written: str) -> Response:
    """Answer with the bytes that an id names.

    Raises
    ------
    NotFound, Gone, AnalysisUnfinished, UploadsNotOffered, Unavailable
    """
    part = part_of(written)
    if part is None:
        raise NotFound("There is no such document.")
    if part.name == PRINTED:
        url = absolute(request, f"/api/records/assessments/{part.assessment_id}")
        report = await assessment_report(caller, part.assessment_id, url)
        return Response(await to_thread(typesetting.pdf, report, "a4"), media_type=PDF)
    if part.name.startswith(PREFIX):
        return await _recording(caller, part)
    return await _picture(caller, part)


async def _picture(caller: Caller, part: Part) -> Response:
    about = Resource("assessments", part.assessment_id)
    async with transaction.begin(
        caller, Permission.VIEW_ASSESSMENTS, read_only=True, about=about
    ) as connection:
        stored = await pictures.get_picture(connection, part.assessment_id, part.name)
        if stored is None:
            raise NotFound(
                "There is no such document.",
                resource_type="assessment_pictures",
                resource_id=part.assessment_id,
            )
    is_packed = stored.content_encoding == "gzip"
    content = gzip.decompress(stored.content) if is_packed else stored.content
    return Response(content, media_type=stored.media_type)


async def _recording(caller: Caller, part: Part) -> Response:
    """Give a file as it was sent; where no answer holds it, an address that works for minutes."""
    about = Resource("assessments", part.assessment_id)
    async with transaction.begin(
        caller, Permission.VIEW_ASSESSMENTS, read_only=True, about=about
    ) as connection:
        dossier = await get_dossier(connection, "", part.assessment_id)
        key = upload_named(dossier.examination, part.name)
        stored = await get_uploads(connection, [key]) if key else ()
        upload = next((it for it in stored if it.status == UploadStatus.COMPLETE), None)
        if upload is None:
            raise _no_recording(part)
    named = {"Content-Disposition": f'attachment; filename="recording{upload.suffix or ""}"'}
    if upload.file_size_bytes > MOST_BYTES:
        address = storage.reading_address(upload.storage_key)
        return RedirectResponse(address, HTTPStatus.TEMPORARY_REDIRECT)
    try:
        content = await to_thread(storage.get, upload.storage_key)
    except NotThere:
        raise _no_recording(part) from None
    if sha256(content).hexdigest() != upload.sha256:
        raise Unavailable("The storage holds other bytes than were sent.")
    return Response(content, media_type=upload.content_type, headers=named)


def _no_recording(part: Part) -> NotFound:
    return NotFound(
        "There is no such document.",
        resource_type="uploaded_files",
        resource_id=part.assessment_id,
    )
