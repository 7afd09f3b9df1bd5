"""The other way into a pipeline: analyses that its queue brings."""

from collections.abc import Awaitable, Callable

from shared.caller import Caller
from shared.examination import deferred
from shared.examination.deferred import AnalysisMessage
from shared.examination.request import AnalysisRequest
from shared.http.worker import Task
from shared.recording import RecordingFile
from shared.schemas import AssessmentRead

# What answers a request makes a deferred analysis too.
type Examine[Fields] = Callable[
    [Caller, AnalysisRequest, tuple[RecordingFile, ...], Fields], Awaitable[AssessmentRead]
]


def analyses[Fields](examine: Examine[Fields], fields: type[Fields]) -> Task[AnalysisMessage]:
    """Return what a pipeline's worker does with a message; `fields` is the pipeline's form."""

    async def work(message: AnalysisMessage) -> None:
        begun = await deferred.begin(message.caller, message.assessment_id)
        if begun is not None:
            await examine(message.caller, begun.requested, (), fields(**begun.fields))

    async def give_up(message: AnalysisMessage, failure: Exception) -> None:
        await deferred.give_up(message.caller, message.assessment_id, failure)

    return Task(AnalysisMessage, work, give_up)
