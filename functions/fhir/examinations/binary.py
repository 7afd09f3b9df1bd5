"""The bytes behind a document: a printed report, or a picture as it was drawn."""

import gzip
from asyncio import to_thread

from fastapi import Request
from fastapi.responses import Response

from functions.fhir.addresses import absolute
from functions.fhir.ids import Part, part_of
from functions.fhir.reports import typesetting
from functions.fhir.reports.service import ReportUnfinished, assessment_report
from functions.fhir.resources.report import PDF, PRINTED
from shared.caller import Caller, Resource
from shared.database import transaction
from shared.database.repositories import assessment_parts
from shared.errors import NotFound
from shared.permissions import Permission

REFUSALS = (ReportUnfinished,)


async def fetch(request: Request, caller: Caller, written: str) -> Response:
    """Answer with the bytes that an id names.

    Raises
    ------
    NotFound, Gone, ReportUnfinished
    """
    part = part_of(written)
    if part is None:
        raise NotFound("There is no such document.")
    if part.name == PRINTED:
        url = absolute(request, f"/api/records/assessments/{part.assessment_id}")
        report = await assessment_report(caller, part.assessment_id, url)
        return Response(await to_thread(typesetting.pdf, report, "a4"), media_type=PDF)
    return await _picture(caller, part)


async def _picture(caller: Caller, part: Part) -> Response:
    about = Resource("assessments", part.assessment_id)
    async with transaction.begin(
        caller, Permission.VIEW_ASSESSMENTS, read_only=True, about=about
    ) as connection:
        stored = await assessment_parts.get_picture(connection, part.assessment_id, part.name)
        if stored is None:
            raise NotFound(
                "There is no such document.",
                resource_type="assessment_pictures",
                resource_id=part.assessment_id,
            )
    is_packed = stored.content_encoding == "gzip"
    content = gzip.decompress(stored.content) if is_packed else stored.content
    return Response(content, media_type=stored.media_type)
