"""Analyses that are asked for now and made later (`Prefer: respond-async`, RFC 7240).

The recording goes to storage, a pending assessment into the database, a message into the queue.
The worker then does what the request would have done, in the caller's name, whose permission is
asked for again. Whatever is delivered twice finds that the assessment is finished already.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from anyio.to_thread import run_sync
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.aws import queue
from shared.caller import Caller
from shared.database import transaction
from shared.database.repositories import assessment_parts, assessments, uploads
from shared.errors import MediLensError
from shared.examination.idempotency import replay
from shared.examination.pipeline import Method
from shared.examination.request import Order, input_sha256
from shared.examination.uploads import StoredFile, deposit_files, find_uploads
from shared.identifiers import uuid7
from shared.permissions import Permission
from shared.recording import RecordingFile
from shared.schemas import AssessmentRead
from shared.settings import ServiceSettings, load
from shared.vocabulary import AssessmentStatus, StageStatus

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


@dataclass(frozen=True)
class Task:
    """An analysis that a worker has begun: the order, and the fields of its form."""

    order: Order
    fields: Mapping[str, Any]


async def accept(
    caller: Caller,
    order: Order,
    method: Method,
    files: tuple[RecordingFile, ...],
    fields: "DataclassInstance",
) -> AssessmentRead:
    """Keep the recording and a pending assessment of it, and queue its analysis.

    Raises
    ------
    IdempotencyKeyReused, NotFound, Forbidden, Unavailable, UploadsNotOffered
    """
    if order.upload_ids:
        order, found = await find_uploads(caller, order)
    else:
        order, found = await deposit_files(caller, order, files)
    row = _pending_row(order, method, found, fields)
    async with transaction.begin(caller, Permission.CREATE_ASSESSMENT) as connection:
        kept = await _keep(connection, order, row)
    if kept.status == AssessmentStatus.PENDING:
        # Sent again when the request is: the first message may never have left.
        message = queue.Message(pipeline=method.pipeline, assessment_id=kept.id, caller=caller)
        await run_sync(queue.send, message)
    return kept


def _pending_row(
    order: Order, method: Method, found: tuple[StoredFile, ...], fields: "DataclassInstance"
) -> dict[str, Any]:
    key = uuid7()
    return {
        "id": key,
        "session_id": order.session_id or str(key),
        "pipeline": method.pipeline,
        "pipeline_version": method.version,
        "status": AssessmentStatus.PENDING,
        # With the uploads, all that a worker needs; the analysis writes its own when it is done.
        "provenance": {
            "input_sha256": input_sha256(one.sha256 for one in found),
            "code_version": load(ServiceSettings).code_version,
            "upload_ids": [str(one.id) for one in found],
            "fields": asdict(fields),
        },
        "idempotency_key": order.idempotency_key,
        "recorded_at": order.recorded_at,
    }


async def _keep(connection: AsyncConnection, order: Order, row: dict[str, Any]) -> AssessmentRead:
    created = await assessments.create_assessment(connection, row, subject_id=order.subject_id)
    if created is None:
        return await replay(connection, order, row)
    await uploads.use_uploads(connection, order.upload_ids, created.id)
    kept = await assessments.get_assessment(connection, created.id)
    assert kept is not None
    return AssessmentRead.from_row(dict(kept))


async def begin(caller: Caller, assessment_id: UUID) -> Task | None:
    """Take up a pending assessment; None where it is finished or deleted.

    Raises
    ------
    Forbidden, Unavailable
    """
    async with transaction.begin(caller, Permission.CREATE_ASSESSMENT) as connection:
        row = await assessments.start_assessment(connection, assessment_id)
    if row is None:
        return None
    order = Order(
        row["user_id"],
        row["session_id"],
        row["recorded_at"],
        idempotency_key=None,
        upload_ids=tuple(UUID(one) for one in row["provenance"]["upload_ids"]),
        assessment_id=assessment_id,
    )
    return Task(order, row["provenance"]["fields"])


async def give_up(caller: Caller, assessment_id: UUID, failure: Exception) -> None:
    """End an assessment as failed; what was our mistake is not told.

    Raises
    ------
    Forbidden, Unavailable
    """
    code, words = "analysis-crashed", "This is our mistake. It was tried 3 times."
    if isinstance(failure, MediLensError) and not failure.status.is_server_error:
        code, words = failure.code, failure.detail
    stage = {
        "id": str(uuid7()),
        "stage_name": "analyze",
        "stage_index": 0,
        "status": StageStatus.FAILED,
        "started_at": datetime.now(UTC).isoformat(),
        "duration_ms": 0,
        "error_code": code,
        "error_message": words,
    }
    row = {
        "id": assessment_id,
        "status": AssessmentStatus.FAILED,
        "completed_at": datetime.now(UTC),
    }
    async with transaction.begin(caller, Permission.CREATE_ASSESSMENT) as connection:
        ended = await assessments.finish_assessment(connection, row)
        if ended:
            await assessment_parts.save_parts(
                connection, ended.id, ended.user_id, {"pipeline_stages": [stage]}
            )
