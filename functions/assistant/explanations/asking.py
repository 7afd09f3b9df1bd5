"""Explanations that are asked for: told by the template, by a model at once, or by one later.

No transaction is open while a model is asked. What takes longer than a request has is handed to the
worker, where there is a queue; the template's sentences are read meanwhile.
"""

from dataclasses import dataclass
from time import perf_counter

from anyio.to_thread import run_sync
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.assistant.budget import queries as budget
from functions.assistant.budget.queries import Reservation
from functions.assistant.explanations import pending
from functions.assistant.explanations.drafts import Draft, template
from functions.assistant.explanations.pending import ExplanationMessage
from functions.assistant.explanations.schemas import ExplanationCreate, ExplanationRead
from functions.assistant.explanations.service import get_draft, get_explanation, keep
from functions.assistant.model import writing
from functions.assistant.model.endpoint import Failure
from functions.assistant.model.writing import TEMPLATE, Written
from shared import rates
from shared.aws import queue, secrets
from shared.caller import Caller
from shared.database import transaction
from shared.errors import Unavailable
from shared.model_settings import AssistantSettings
from shared.permissions import Permission
from shared.runtime.observability import log_failure

# Why the template's sentences are read: a model's are awaited, or nobody could be told to get them.
AWAITED, NOT_QUEUED = "awaited", "not-queued"


@dataclass(frozen=True)
class Question:
    """A draft that a model is to be asked about, and what of the budget is reserved for that."""

    draft: Draft
    reserved: Reservation


async def explain(
    caller: Caller, wanted: ExplanationCreate, *, later: bool = False
) -> ExplanationRead:
    """Explain an assessment or a history and keep what was said, with the facts behind it.

    `later` asks a model when the caller has left, where there is a queue.

    Raises
    ------
    NotFound, Gone, AnalysisUnfinished, NothingMeasured, PersonErased
    """
    begun = await begin(caller, wanted, later=later)
    return await ask(caller, begun) if isinstance(begun, Question) else begun


async def begin(
    caller: Caller, wanted: ExplanationCreate, *, later: bool
) -> ExplanationRead | Question:
    """Return the explanation, or the question to a model, which has a budget.

    Raises
    ------
    NotFound, Gone, AnalysisUnfinished, NothingMeasured, PersonErased
    """
    async with transaction.begin(caller, Permission.CHAT) as connection:
        draft = await get_draft(connection, wanted)
        reserved = await _reserved(connection, draft, wanted)
        if not isinstance(reserved, Reservation):
            return await keep(connection, draft, template(draft, perf_counter()), reserved)
        if not (later and queue.offered()):
            return Question(draft, reserved)
        read = await _keep_pending(connection, draft, reserved)
    return await _handed_over(caller, draft, read)


async def ask(caller: Caller, question: Question) -> ExplanationRead:
    """Ask a model within the time of a request, and keep what it or the template says.

    Raises
    ------
    PersonErased
    """
    settings, draft = secrets.load(AssistantSettings), question.draft
    write = writing.worded if draft.is_free else writing.chosen
    written = await write(settings, draft.template, draft.facts)
    with rates.counted_already():
        return await _stored(caller, question, written)


async def _stored(caller: Caller, question: Question, written: Written) -> ExplanationRead:
    draft = question.draft
    async with transaction.begin(caller, Permission.CHAT) as connection:
        refusal = await budget.settle(connection, question.reserved, written.work.tokens)
        if refusal:
            return await keep(connection, draft, template(draft, perf_counter()), refusal)
        reserved = await _reserved_for_later(connection, draft, written)
        if reserved is None:
            return await keep(connection, draft, written, written.work.why)
        read = await _keep_pending(connection, draft, reserved)
    return await _handed_over(caller, draft, read)


async def _reserved(
    connection: AsyncConnection, draft: Draft, wanted: ExplanationCreate
) -> Reservation | str:
    """Reserve a request of the month's budget, or return why no model is asked."""
    if wanted.engine == TEMPLATE:
        return "not-wanted"
    if secrets.load(AssistantSettings).assistant_url is None:
        return "not-configured"
    return await budget.reserve(connection, draft.person_id, draft.most_tokens)


async def _reserved_for_later(
    connection: AsyncConnection, draft: Draft, written: Written
) -> Reservation | None:
    """Reserve another request where a model was too slow for this one, and there is a queue."""
    is_late = written.engine == TEMPLATE and written.work.failure is Failure.TIMED_OUT
    if not (is_late and queue.offered()):
        return None
    reserved = await budget.reserve(connection, draft.person_id, draft.most_tokens)
    return reserved if isinstance(reserved, Reservation) else None


async def _keep_pending(
    connection: AsyncConnection, draft: Draft, reserved: Reservation
) -> ExplanationRead:
    """Keep it in the transaction that has reserved: the month is that of both."""
    written = template(draft, perf_counter())
    return await keep(connection, draft, written, AWAITED, reserved_tokens=reserved.tokens)


async def _handed_over(caller: Caller, draft: Draft, read: ExplanationRead) -> ExplanationRead:
    """Tell the worker; where the queue cannot be told, the template's words are the last."""
    message = ExplanationMessage(explanation_id=draft.id, is_free=draft.is_free, caller=caller)
    try:
        await run_sync(queue.send, message)
    except Unavailable as failure:
        log_failure(failure, explanation_id=str(draft.id))
        with rates.counted_already():
            await pending.end(caller, draft.id, NOT_QUEUED)
            async with transaction.begin(caller, Permission.CHAT, read_only=True) as connection:
                return await get_explanation(connection, draft.id)
    return read
