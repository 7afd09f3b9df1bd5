"""The other way into a pipeline: analyses that its queue brings.

The worker does what the request would have done, in the caller's name, whose permission is asked
for again. Whatever is delivered twice finds that the assessment is finished already.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from pydantic import BaseModel, JsonValue

from shared.caller import Caller
from shared.database import transaction
from shared.database.repositories import assessment_parts, assessments
from shared.errors import MediLensError
from shared.examination.deferred import AnalysisMessage
from shared.examination.request import AnalysisRequest
from shared.http.worker import Task
from shared.permissions import Permission
from shared.record import Json, Stage
from shared.recording import RecordingFile
from shared.schemas import AssessmentRead
from shared.vocabulary import StageStatus

# What answers a request makes a deferred analysis too.
type Examine[Fields] = Callable[
    [Caller, AnalysisRequest, tuple[RecordingFile, ...], Fields], Awaitable[AssessmentRead]
]


class Source(BaseModel):
    """What the provenance of a pending assessment keeps for its worker."""

    upload_ids: tuple[UUID, ...]
    fields: dict[str, JsonValue]
    recorded_at: dict[str, JsonValue] = {"source": "request"}
    order_reference: str | None = None


@dataclass(frozen=True)
class Begun:
    """An analysis that a worker has begun: what was requested, and the fields of its form."""

    requested: AnalysisRequest
    fields: Mapping[str, Json]


def analyses[Fields](examine: Examine[Fields], fields: type[Fields]) -> Task[AnalysisMessage]:
    """Return what a pipeline's worker does with a message; `fields` is the pipeline's form."""

    async def work(message: AnalysisMessage) -> None:
        begun = await _begin(message.caller, message.assessment_id)
        if begun is not None:
            await examine(message.caller, begun.requested, (), fields(**begun.fields))

    async def give_up(message: AnalysisMessage, failure: Exception) -> None:
        await _give_up(message.caller, message.assessment_id, failure)

    return Task(AnalysisMessage, work, give_up)


async def _begin(caller: Caller, assessment_id: UUID) -> Begun | None:
    """Take up a pending assessment; None where it is finished or deleted."""
    async with transaction.begin(caller, Permission.CREATE_ASSESSMENT) as connection:
        asked = await assessments.start_assessment(connection, assessment_id)
    if asked is None:
        return None
    source = Source.model_validate(asked.provenance)
    requested = AnalysisRequest(
        asked.user_id,
        asked.session_id,
        asked.recorded_at,
        idempotency_key=None,
        upload_ids=source.upload_ids,
        assessment_id=assessment_id,
        moment_of=source.recorded_at,
        order_reference=source.order_reference,
    )
    return Begun(requested, source.fields)


async def _give_up(caller: Caller, assessment_id: UUID, failure: Exception) -> None:
    """End an assessment as failed; what was our mistake is not told."""
    code, words = "analysis-crashed", "This is our mistake. It was tried several times."
    if isinstance(failure, MediLensError) and not failure.status.is_server_error:
        code, words = failure.code, failure.detail
    stage = Stage(
        stage_name="analyze",
        stage_index=0,
        status=StageStatus.FAILED,
        duration_ms=0,
        started_at=datetime.now(UTC),
        error_code=code,
        error_message=words,
    )
    async with transaction.begin(caller, Permission.CREATE_ASSESSMENT) as connection:
        ended = await assessments.fail_assessment(connection, assessment_id)
        if ended:
            await assessment_parts.save_stages(connection, ended, [stage])
