"""Explanations that wait for a model's words, which the worker asks for.

The facts are those that were stored: a record that changes meanwhile is explained by asking again.
Whatever was finished, erased, deleted or moved to another person meanwhile stays as it is.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from functions.assistant.explanations import queries
from functions.assistant.explanations.drafts import in_words, most_tokens
from functions.assistant.explanations.queries import GIVEN_UP, Made, Stored
from functions.assistant.explanations.schemas import Document
from functions.assistant.facts import Fact, Facts
from functions.assistant.model import writing
from functions.assistant.model.endpoint import Failure, ModelFailed
from functions.assistant.model.writing import TEMPLATE, Written
from functions.assistant.slots import Sentence
from shared.aws import secrets
from shared.aws.queue import Message
from shared.caller import Caller
from shared.database import transaction
from shared.errors import Denied
from shared.model_settings import AssistantSettings
from shared.permissions import Permission
from shared.person_conflicts import PersonErased

# What another try may mend; whatever else a model does it does again.
PASSING = {Failure.TIMED_OUT, Failure.UNREACHABLE, Failure.REFUSED}


class ExplanationMessage(Message):
    """A pending explanation that a model is to be asked for."""

    function: str = "assistant"
    explanation_id: UUID
    # Whether it may be told in a model's own words.
    is_free: bool


@dataclass(frozen=True)
class Waiting:
    """A pending explanation: what is stored of it, and what a model is told."""

    stored: Stored
    told: Document
    facts: Facts
    template: Sequence[Sentence]

    @property
    def most_tokens(self) -> int:
        return most_tokens(self.facts, self.template)


async def work(message: ExplanationMessage) -> None:
    """Ask a model in the caller's name, and put what it says in place of the template's words.

    A caller who may not ask any more asks nobody: the template's words stay, as they lapse.

    Raises
    ------
    ModelFailed
        The endpoint does not answer now; the message is to come again.
    """
    with suppress(Denied):
        await _work(message)


async def _work(message: ExplanationMessage) -> None:
    settings = secrets.load(AssistantSettings)
    waiting = await _begun(message, is_configured=settings.assistant_url is not None)
    if waiting is None:
        return
    more_time = {"assistant_timeout_s": settings.assistant_worker_timeout_s}
    write = writing.worded if message.is_free else writing.chosen
    written = await write(settings.model_copy(update=more_time), waiting.template, waiting.facts)
    passing = _passing(written)
    async with transaction.begin(message.caller, Permission.CHAT) as connection:
        refusal = await queries.settle(
            connection, waiting.stored.user_id, waiting.most_tokens, written.work.tokens
        )
        if refusal:
            await _leave(connection, waiting, refusal)
        elif passing is None:
            told = in_words(waiting.told, waiting.facts, written, written.work.why)
            await _finish(connection, waiting.stored, told, Made.of(written))
    if passing and not refusal:
        raise ModelFailed(passing)


async def give_up(message: ExplanationMessage, failure: Exception) -> None:
    """Leave it at the template's words, and say why."""
    is_models = isinstance(failure, ModelFailed)
    await end(message.caller, message.explanation_id, str(failure) if is_models else GIVEN_UP)


async def end(caller: Caller, explanation_id: UUID, why_template: str) -> None:
    """Say for good what a pending explanation says now."""
    async with transaction.begin(caller, Permission.CHAT) as connection:
        waiting = await _claimed(connection, explanation_id)
        if waiting:
            await _leave(connection, waiting, why_template)


async def _begun(message: ExplanationMessage, *, is_configured: bool) -> Waiting | None:
    """Reserve a request for a pending explanation; None where nobody is to be asked for it.

    Leave, consent and budget are asked for anew.
    """
    async with transaction.begin(message.caller, Permission.CHAT) as connection:
        waiting = await _claimed(connection, message.explanation_id)
        if waiting is None:
            return None
        person_id = waiting.stored.user_id
        reason: str | None = "not-configured"
        if is_configured:
            reason = await queries.reserve(connection, person_id, waiting.most_tokens)
        if reason is None:
            return waiting
        await _leave(connection, waiting, reason)
        return None


async def _claimed(connection: AsyncConnection, explanation_id: UUID) -> Waiting | None:
    """Give back what was reserved for whoever works on it first; None where nothing waits."""
    reserved = await queries.claim(connection, explanation_id)
    if reserved is None:
        return None
    if reserved:
        await queries.unreserve(connection, reserved)
    stored = await queries.get(connection, explanation_id)
    if stored is None or stored.document is None:
        return None
    told = stored.document
    listed = (
        Fact(number, fact.kind, fact.name, fact.code, fact.slots)
        for number, fact in enumerate(told.facts, start=1)
    )
    template = [Sentence(said.name, said.form) for said in told.sentences]
    return Waiting(stored, told, Facts((), tuple(listed)), template)


def _passing(written: Written) -> Failure | None:
    failure = written.work.failure
    return failure if written.engine == TEMPLATE and failure in PASSING else None


async def _leave(connection: AsyncConnection, waiting: Waiting, why_template: str) -> None:
    stored = waiting.stored
    told = waiting.told.model_copy(update={"why_template": why_template})
    made = Made(stored.model_used, stored.generation_time_ms or 0)
    await _finish(connection, stored, told, made)


async def _finish(connection: AsyncConnection, stored: Stored, told: Document, made: Made) -> None:
    with suppress(PersonErased):
        await queries.finish(connection, stored, told, made)
