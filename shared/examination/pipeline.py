"""A pipeline, declared once: its form, its method card, its analysis; routes and worker follow."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.responses import Response

from shared.aws.storage import UploadsNotOffered
from shared.caller import Caller
from shared.errors import AnalysisUnfinished, Gone, NotFound, UnreadableUpload, UnusableRecording
from shared.examination.again import analysis_again
from shared.examination.examine import ACCEPTED, Informed, answer, examine
from shared.examination.idempotency import IdempotencyKeyReused
from shared.examination.method_card import MethodCard
from shared.examination.not_again import FieldsChanged, InputNotStored
from shared.examination.received import RecordingFiles
from shared.examination.recording_time import Clock
from shared.examination.request import (
    AnalysisRequest,
    CurrentAnalysisRequest,
    IdempotencyKey,
    Prefer,
    wants_no_answer,
)
from shared.examination.run import Analyze
from shared.examination.uploads import UploadChanged, UploadNotComplete
from shared.examination.worker import analyses
from shared.http.application import create_app
from shared.http.dependencies import CurrentCaller
from shared.http.documents import refusals
from shared.http.pictures import router as pictures
from shared.http.worker import Handler, queue_handler
from shared.limits_reached import QuotaUsedUp
from shared.person_conflicts import PersonErased, PersonMerged
from shared.pipelines import PipelineName
from shared.recording import RecordingFile
from shared.schemas import AssessmentRead, PipelineInfo
from shared.settings import Settings

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


REFUSED = refusals(
    NotFound,
    Gone,
    IdempotencyKeyReused,
    PersonErased,
    PersonMerged,
    QuotaUsedUp,
    UploadNotComplete,
    UploadChanged,
    UploadsNotOffered,
    UnreadableUpload,
    UnusableRecording,
)
# An operation describes each status once, so all of its 409s are named together.
REFUSED_AGAIN = REFUSED | refusals(
    *(IdempotencyKeyReused, PersonErased, PersonMerged, UploadNotComplete, UploadChanged),
    *(AnalysisUnfinished, InputNotStored, FieldsChanged),
)


@dataclass(frozen=True, kw_only=True)
class Pipeline[Fields: DataclassInstance]:
    """One kind of recording and everything that its function is made of.

    Attributes
    ----------
    summary, description : str
        The function, and what its analysis does, as the API's documents say it.
    fields : type
        The form beside the recording: a dataclass of `Annotated[..., Form()]` fields.
    card : callable
        Gives the method card; loads numeric libraries, so nothing calls it at the start.
    analyze : callable
        Bytes to findings: decodes and measures, without the database. A function of a module,
        for it may run in another process.
    informed : callable, optional
        Gives the analysis once it knows what the database has beside the recording, such as what
        the caller's organization has fitted itself or an earlier assessment of the person; in the
        transaction that asks whether the caller may.
    clock : callable, optional
        Reads from the files when they were recorded.
    settings : tuple
        The settings that no other function has.
    """

    name: PipelineName
    summary: str
    description: str
    fields: type[Fields]
    card: Callable[[], MethodCard]
    analyze: Analyze[Fields]
    informed: Informed[Fields] | None = None
    clock: Clock | None = None
    settings: tuple[type[Settings], ...] = ()

    async def examine(
        self,
        caller: Caller,
        requested: AnalysisRequest,
        files: tuple[RecordingFile, ...],
        fields: Fields,
    ) -> AssessmentRead:
        """Analyze a recording and store the assessment, at once or later.

        Raises
        ------
        IdempotencyKeyReused, NotFound, Forbidden, QuotaUsedUp, Unavailable, UploadNotComplete
        """
        return await examine(
            *(caller, requested, self.card(), files, fields, self.analyze),
            informed=self.informed,
            clock=self.clock,
        )

    def app(self, *routers: APIRouter) -> FastAPI:
        """Build the function's application; `routers` are routes that no other pipeline has."""
        return create_app(
            self.name, self.summary, self.router(), *routers, own_settings=self.settings
        )

    def worker(self) -> Handler:
        """Return what Lambda invokes with messages of the queue."""
        return queue_handler(analyses(self.examine, self.fields), *self.settings)

    def router(self) -> APIRouter:
        """Return the routes that every pipeline has: `/analyze`, `/info` and its pictures."""
        router = APIRouter(tags=[self.name])
        router.include_router(pictures)
        self._offer_analysis(router)
        self._offer_analysis_again(router)
        self._offer_method(router)
        return router

    def _offer_analysis(self, router: APIRouter) -> None:
        @router.post(
            "/analyze",
            status_code=201,
            response_model=AssessmentRead,
            responses=ACCEPTED | REFUSED,
            description=self.description,
        )
        async def analyze(
            request: Request,
            caller: CurrentCaller,
            requested: CurrentAnalysisRequest,
            files: RecordingFiles,
            fields: Annotated[Any, Depends(self.fields)],
        ) -> Response:
            return answer(request, await self.examine(caller, requested, files, fields))

    def _offer_analysis_again(self, router: APIRouter) -> None:
        @router.post(
            "/assessments/{assessment_id}/analyze-again",
            status_code=201,
            response_model=AssessmentRead,
            responses=ACCEPTED | REFUSED_AGAIN,
        )
        async def analyze_again(
            request: Request,
            caller: CurrentCaller,
            assessment_id: UUID,
            idempotency_key: IdempotencyKey = None,
            prefer: Prefer = None,
        ) -> Response:
            """Analyze the stored recording of an assessment anew, as a new assessment."""
            again = await analysis_again(
                caller,
                assessment_id,
                idempotency_key=idempotency_key,
                respond_async=wants_no_answer(prefer),
            )
            if again.predecessor.pipeline != self.name:
                raise NotFound(f"There is no such assessment of {self.name}.")
            fields = again.filled(self.fields)
            return answer(request, await self.examine(caller, again.requested, (), fields))

    def _offer_method(self, router: APIRouter) -> None:
        @router.get("/info")
        async def info() -> PipelineInfo:
            """Say which formats are read, what is measured, in which units and by which sources."""
            return self.card().info()
