from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.assistant.explanations.endpoints import Asking
from functions.assistant.histories.service import NothingMeasured
from functions.assistant.threads import messages, service
from functions.assistant.threads.schemas import (
    Exchange,
    MessageCreate,
    MessagePage,
    MessageQuery,
    ThreadCreate,
    ThreadPage,
    ThreadQuery,
    ThreadRead,
)
from shared.errors import AnalysisUnfinished, Forbidden, Gone, NotFound
from shared.examination.idempotency import IdempotencyKeyReused
from shared.examination.request import IdempotencyKey
from shared.http.cursor import InvalidCursor
from shared.http.dependencies import CurrentCaller, allowed
from shared.http.documents import refusals
from shared.permissions import Permission
from shared.person_conflicts import PersonErased

router = APIRouter(tags=["threads"], prefix="/threads")

Reading = Annotated[AsyncConnection, allowed(Permission.CHAT, read_only=True)]
Changing = Annotated[AsyncConnection, allowed(Permission.CHAT)]


@router.post(
    "",
    status_code=201,
    responses=refusals(
        *(NotFound, Gone, AnalysisUnfinished, NothingMeasured),
        *(IdempotencyKeyReused, PersonErased),
    ),
)
async def begin(
    connection: Changing, wanted: ThreadCreate, idempotency_key: IdempotencyKey = None
) -> ThreadRead:
    """Begin a conversation about an assessment or a history, with the questions to ask in it."""
    return await service.begin(connection, wanted, idempotency_key)


@router.get("", responses=refusals(NotFound, InvalidCursor))
async def list_threads(
    connection: Reading, caller: CurrentCaller, wanted: Annotated[ThreadQuery, Query()]
) -> ThreadPage:
    """List conversations, the newest first: the caller's own, or all about a person or a record.

    Patients see those that they began, and no others.
    """
    return await service.list_threads(connection, caller, wanted)


@router.get("/{thread_id}", responses=refusals(NotFound, Gone))
async def get_thread(connection: Reading, thread_id: UUID) -> ThreadRead:
    """Show a conversation, with the questions that are answered from facts."""
    return await service.get_thread(connection, thread_id)


@router.delete("/{thread_id}", status_code=204, responses=refusals(NotFound, Gone, Forbidden))
async def delete(connection: Changing, thread_id: UUID) -> None:
    """Put a conversation away, which its own author does; nothing is destroyed."""
    await service.delete(connection, thread_id)


@router.get("/{thread_id}/messages", responses=refusals(NotFound, Gone, InvalidCursor))
async def list_messages(
    connection: Reading,
    caller: CurrentCaller,
    thread_id: UUID,
    wanted: Annotated[MessageQuery, Query()],
) -> MessagePage:
    """List what was said, in the order in which it was said."""
    return await service.list_messages(connection, caller, thread_id, wanted)


@router.post(
    "/{thread_id}/messages",
    status_code=201,
    responses=refusals(
        *(NotFound, Gone, Forbidden, AnalysisUnfinished, NothingMeasured),
        *(IdempotencyKeyReused, PersonErased),
    ),
)
async def ask(
    caller: Asking, thread_id: UUID, wanted: MessageCreate, idempotency_key: IdempotencyKey = None
) -> Exchange:
    """Ask a question; fixed patterns read it, and facts answer it.

    Emergencies are answered with the organization's emergency text before anything else. Diagnoses,
    treatment, prognoses and other people are declined. No question is sent to a language model.
    """
    return await messages.ask(caller, thread_id, wanted, idempotency_key)
