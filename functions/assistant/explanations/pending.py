"""Explanations that wait for a model's words, which the worker asks for.

A message may arrive twice, also at once. So a worker leases its explanation: another delivery comes
again, and goes on once the lease is let go of, or has run out with a worker that was killed. What
that one had reserved stays counted, since nobody knows what was used of it.

The facts are those that were stored: a record that changes meanwhile is explained by asking again.
Whatever was finished, erased, deleted or moved to another person meanwhile stays as it is.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from functions.assistant.budget import queries as budget
from functions.assistant.budget.queries import Reservation
from functions.assistant.explanations import queries
from functions.assistant.explanations.drafts import in_words, most_tokens
from functions.assistant.explanations.queries import GIVEN_UP, Leased, Made, Stored
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
    leased_until: datetime

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
    Leased
        Another worker asks for it; the message is to come again, where that one fails.
    """
    with suppress(Denied):
        begun = await _begun(message)
        if begun is None:
            return
        try:
            await _ask(message, *begun)
        except Exception:
            await _let_go(message, begun[0])
            raise


async def _ask(message: ExplanationMessage, waiting: Waiting, reserved: Reservation) -> None:
    settings = secrets.load(AssistantSettings)
    more_time = {"assistant_timeout_s": settings.assistant_worker_timeout_s}
    write = writing.worded if message.is_free else writing.chosen
    written = await write(settings.model_copy(update=more_time), waiting.template, waiting.facts)
    passing = _passing(written)
    async with transaction.begin(message.caller, Permission.CHAT) as connection:
        refusal = await budget.settle(connection, reserved, written.work.tokens)
        if refusal:
            await _leave(connection, waiting, refusal)
        elif passing is None:
            told = in_words(waiting.told, waiting.facts, written, written.work.why)
            await _finish(connection, waiting, told, Made.of(written))
    if passing and not refusal:
        raise ModelFailed(passing)


async def _let_go(message: ExplanationMessage, waiting: Waiting) -> None:
    async with transaction.begin(message.caller, Permission.CHAT) as connection:
        await queries.let_go(connection, message.explanation_id, waiting.leased_until)


async def give_up(message: ExplanationMessage, failure: Exception) -> None:
    """Leave it at the template's words, and say why."""
    is_models = isinstance(failure, ModelFailed)
    await end(message.caller, message.explanation_id, str(failure) if is_models else GIVEN_UP)


async def end(caller: Caller, explanation_id: UUID, why_template: str) -> None:
    """Say for good what a pending explanation says now, unless a worker still asks for it."""
    with suppress(Leased):
        async with transaction.begin(caller, Permission.CHAT) as connection:
            waiting = await _claimed(connection, explanation_id)
            if waiting:
                await _leave(connection, waiting, why_template)


async def _begun(message: ExplanationMessage) -> tuple[Waiting, Reservation] | None:
    """Reserve a request for a pending explanation; None where nobody is to be asked for it.

    Leave, consent and budget are asked for anew.
    """
    async with transaction.begin(message.caller, Permission.CHAT) as connection:
        waiting = await _claimed(connection, message.explanation_id)
        if waiting is None:
            return None
        reserved: Reservation | str = "not-configured"
        if secrets.load(AssistantSettings).assistant_url is not None:
            person_id = waiting.stored.user_id
            reserved = await budget.reserve(connection, person_id, waiting.most_tokens)
        if isinstance(reserved, Reservation):
            return waiting, reserved
        await _leave(connection, waiting, reserved)
        return None


async def _claimed(connection: AsyncConnection, explanation_id: UUID) -> Waiting | None:
    """Lease a pending explanation; None where nothing waits.

    Raises
    ------
    Leased
    """
    leased_until = await queries.claim(connection, explanation_id)
    if leased_until is None:
        return None
    stored = await queries.get(connection, explanation_id)
    if stored is None or stored.document is None:
        return None
    told = stored.document
    listed = (
        Fact(number, fact.kind, fact.name, fact.code, fact.slots)
        for number, fact in enumerate(told.facts, start=1)
    )
    template = [Sentence(said.name, said.form) for said in told.sentences]
    return Waiting(stored, told, Facts((), tuple(listed)), template, leased_until)


def _passing(written: Written) -> Failure | None:
    failure = written.work.failure
    return failure if written.engine == TEMPLATE and failure in PASSING else None


async def _leave(connection: AsyncConnection, waiting: Waiting, why_template: str) -> None:
    stored = waiting.stored
    told = waiting.told.model_copy(update={"why_template": why_template})
    made = Made(stored.model_used, stored.generation_time_ms or 0)
    await _finish(connection, waiting, told, made)


async def _finish(
    connection: AsyncConnection, waiting: Waiting, told: Document, made: Made
) -> None:
    with suppress(PersonErased):
        await queries.finish(connection, waiting.stored, told, made, waiting.leased_until)
