"""Analyses that are asked for now and made later (`Prefer: respond-async`, RFC 7240).

The recording goes to storage, a pending assessment into the database, a message into the queue,
from where the pipeline's worker takes it up (`shared/examination/worker.py`).
"""

from collections.abc import Mapping
from uuid import UUID

from anyio.to_thread import run_sync
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.aws import queue
from shared.caller import Caller
from shared.database import transaction
from shared.database.repositories import assessments, stored_assessments, uploads
from shared.database.repositories.terms import get_terms
from shared.examination.idempotency import replay
from shared.examination.received import input_sha256
from shared.examination.request import AnalysisRequest
from shared.examination.uploads import (
    StoredFile,
    complete_uploads,
    deposit_files,
    find_uploads,
    permitted,
)
from shared.identifiers import uuid7
from shared.permissions import Permission
from shared.pipelines import PipelineName
from shared.record import Examination, Json
from shared.recording import RecordingFile
from shared.schemas import AssessmentRead
from shared.settings import ServiceSettings, load
from shared.vocabulary import AssessmentStatus


class AnalysisMessage(queue.Message):
    """A pending assessment that its pipeline's worker is to finish."""

    function: PipelineName = Field(alias="pipeline")
    assessment_id: UUID


async def accept(
    caller: Caller,
    requested: AnalysisRequest,
    pipeline: tuple[PipelineName, str],
    files: tuple[RecordingFile, ...],
    fields: Mapping[str, Json],
) -> AssessmentRead:
    """Keep the recording and a pending assessment of it, and queue its analysis.

    `pipeline` is its name and version; `fields` are those of its form, as JSON holds them.

    Raises
    ------
    IdempotencyKeyReused, NotFound, Forbidden, QuotaUsedUp, Unavailable, UploadsNotOffered
    """
    accepted = await _accepted_before(caller, requested, pipeline, files, fields)
    if accepted is None:
        if requested.upload_ids:
            async with permitted(caller, requested) as connection:
                announced = await find_uploads(connection, requested)
                key = requested.idempotency_key
                await get_terms(connection, requested.subject_id, coming=1, idempotency_key=key)
            requested, stored = complete_uploads(requested, announced)
        else:
            requested, stored = await deposit_files(caller, requested, files)
        pending = _pending(requested, pipeline, stored, fields)
        async with transaction.begin(caller, Permission.CREATE_ASSESSMENT) as connection:
            accepted = await _store(connection, requested, pending)
    if accepted.status == AssessmentStatus.PENDING:
        # Sent again when the request is: the first message may never have left.
        message = AnalysisMessage(function=pipeline[0], assessment_id=accepted.id, caller=caller)
        await run_sync(queue.send, message)
    return accepted


async def _accepted_before(
    caller: Caller,
    requested: AnalysisRequest,
    pipeline: tuple[PipelineName, str],
    files: tuple[RecordingFile, ...],
    fields: Mapping[str, Json],
) -> AssessmentRead | None:
    """Return what the same request stored before, so that its files are not stored again."""
    key = requested.idempotency_key
    if key is None or requested.upload_ids:
        return None
    async with transaction.begin(caller, Permission.CREATE_ASSESSMENT) as connection:
        if not await stored_assessments.has_idempotency_key(connection, key):
            return None
        return await replay(connection, requested, _pending(requested, pipeline, files, fields))


def _pending(
    requested: AnalysisRequest,
    pipeline: tuple[PipelineName, str],
    files: tuple[StoredFile | RecordingFile, ...],
    fields: Mapping[str, Json],
) -> Examination:
    key = uuid7()
    name, version = pipeline
    return Examination(
        id=key,
        session_id=requested.session_id or str(key),
        pipeline=name,
        pipeline_version=version,
        status=AssessmentStatus.PENDING,
        # With the uploads, all that a worker needs; the analysis writes its own when it is done.
        provenance={
            "input_sha256": input_sha256(file.sha256 for file in files),
            "code_version": load(ServiceSettings).code_version,
            "upload_ids": [str(upload_id) for upload_id in requested.upload_ids],
            "fields": fields,
            "recorded_at": dict(requested.moment_of),
            **_order(requested),
        },
        predecessor_id=requested.predecessor_id,
        recorded_at=requested.recorded_at,
    )


def _order(requested: AnalysisRequest) -> Mapping[str, Json]:
    order = requested.order_reference
    return {"order_reference": order} if order else {}


async def _store(
    connection: AsyncConnection, requested: AnalysisRequest, pending: Examination
) -> AssessmentRead:
    created = await assessments.create_assessment(
        connection,
        pending,
        subject_id=requested.subject_id,
        idempotency_key=requested.idempotency_key,
    )
    if created is None:
        return await replay(connection, requested, pending)
    await uploads.use_uploads(connection, requested.upload_ids, created.id)
    return AssessmentRead.of(created.examination(pending))
