from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.responses import StreamingResponse
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.assistant.explanations import events, service
from functions.assistant.explanations.asking import Question, ask, begin
from functions.assistant.explanations.schemas import (
    ExplanationCreate,
    ExplanationList,
    ExplanationRead,
    Status,
)
from functions.assistant.explanations.service import (
    NothingToRelease,
    NotReleased,
)
from functions.assistant.histories.service import NothingMeasured
from shared.caller import Caller
from shared.database import transaction
from shared.errors import AnalysisUnfinished, Gone, NotFound
from shared.examination.request import Prefer, wants_no_answer
from shared.http.dependencies import CurrentCaller, allowed
from shared.http.documents import refusals
from shared.http.negotiation import weights
from shared.permissions import Permission
from shared.person_conflicts import PersonErased
from shared.settings import public_path

router = APIRouter(tags=["explanations"], prefix="/explanations")

Reviewing = Annotated[AsyncConnection, allowed(Permission.REVIEW_ASSESSMENTS)]
Queue = Annotated[AsyncConnection, allowed(Permission.REVIEW_ASSESSMENTS, read_only=True)]


async def asking(caller: CurrentCaller) -> Caller:
    """Refuse whoever may not ask, before what they ask is read."""
    async with transaction.begin(caller, Permission.CHAT, read_only=True):
        return caller


Asking = Annotated[Caller, Depends(asking)]
Limit = Annotated[int, Query(ge=1, le=100)]
Reading = Annotated[AsyncConnection, allowed(Permission.VIEW_ASSESSMENTS, read_only=True)]
LastEventId = Annotated[
    str | None, Header(max_length=64, description="The last event that was heard of a stream")
]
STREAMED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "As `text/event-stream`: events `status`, `sentence`, `done`, `problem`",
        "content": {events.MEDIA_TYPE: {"schema": {"type": "string", "example": events.EXAMPLE}}},
    }
}
LATER: dict[int | str, dict[str, Any]] = {
    202: {
        "model": ExplanationRead,
        "description": "A model is asked by a worker: pending, to be read at `Location`",
    }
}


def wants_events(accept: str | None) -> bool:
    asked = weights(accept)
    return asked.get(events.MEDIA_TYPE, 0.0) > 0 and (
        asked[events.MEDIA_TYPE] >= asked.get("application/json", 0.0)
    )


def streaming_s(request: Request) -> float:
    """How long a stream may wait: not at all where nothing of it is sent before its end.

    Mangum sends an answer as a whole, and HEAD asks for the headers alone.
    """
    is_whole = "aws.event" in request.scope or getattr(request.state, "is_head", False)
    return 0.0 if is_whole else events.MOST_S


def stream(told: AsyncIterator[str]) -> StreamingResponse:
    headers = {"Vary": "Accept", "X-Accel-Buffering": "no"}
    return StreamingResponse(told, media_type=events.MEDIA_TYPE, headers=headers)


def said(response: Response, read: ExplanationRead) -> ExplanationRead:
    """Answer in JSON, and say when to look again where more is to come."""
    response.headers["Vary"] = "Accept"
    if read.status is Status.PENDING:
        response.headers["Retry-After"] = str(events.LOOK_AGAIN_S)
    return read


@router.post(
    "",
    status_code=201,
    response_model=ExplanationRead,
    responses=STREAMED
    | LATER
    | refusals(NotFound, Gone, AnalysisUnfinished, NothingMeasured, PersonErased),
)
async def explain(
    request: Request,
    response: Response,
    caller: Asking,
    wanted: ExplanationCreate,
    prefer: Prefer = None,
) -> ExplanationRead | Response:
    """Explain an assessment, or a person's history, in sentences whose every number code fills in.

    Where the operator has a language model, it chooses among reviewed sentences, or writes its own
    for clinicians; each is checked before it is shown, and a template stands in for what fails.
    A model that takes longer than a request may is asked on by a worker, where there is a queue:
    the answer is 202 with the template's sentences.
    """
    later = wants_no_answer(prefer)
    begun = await begin(caller, wanted, later=later)
    if wants_events(request.headers.get("accept")):
        most_s = streaming_s(request)
        if isinstance(begun, Question):
            return stream(events.asked(caller, begun, most_s=most_s))
        return stream(
            events.followed(caller, Permission.CHAT, begun, events.Heard(), most_s=most_s)
        )
    read = await ask(caller, begun) if isinstance(begun, Question) else begun
    if read.status is Status.PENDING:
        response.status_code = HTTPStatus.ACCEPTED
        response.headers["Location"] = public_path(f"/api/assistant{router.prefix}/{read.id}")
        if later:
            response.headers["Preference-Applied"] = "respond-async"
    return said(response, read)


@router.get("/waiting")
async def list_waiting(connection: Queue, limit: Limit = 50) -> ExplanationList:
    """List a model's free words that wait for somebody to release them to the person."""
    return await service.list_waiting(connection, limit)


@router.get(
    "/{explanation_id}",
    response_model=ExplanationRead,
    responses=STREAMED | refusals(NotFound, Gone, NotReleased),
)
async def get_explanation(
    request: Request,
    response: Response,
    caller: CurrentCaller,
    connection: Reading,
    explanation_id: UUID,
    last_event_id: LastEventId = None,
) -> ExplanationRead | Response:
    """Show an explanation as it was given, with its facts.

    While a model's words are awaited it is `pending`, and `Retry-After` says when to look again.
    """
    read = await service.get_explanation(connection, explanation_id)
    if wants_events(request.headers.get("accept")):
        heard, most_s = events.Heard.of(last_event_id), streaming_s(request)
        permission = Permission.VIEW_ASSESSMENTS
        return stream(events.followed(caller, permission, read, heard, most_s=most_s))
    return said(response, read)


@router.post("/{explanation_id}/release", responses=refusals(NotFound, Gone, NothingToRelease))
async def release(connection: Reviewing, explanation_id: UUID) -> ExplanationRead:
    """Let the person read a model's free words; who released them, and when, is kept."""
    return await service.release(connection, explanation_id)
