"""A question is stored, answered from the record's facts, and its answer stored beside it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from uuid import UUID, uuid5

from sqlalchemy.ext.asyncio import AsyncConnection

from functions.assistant.budget.queries import Reservation, reserve, settle
from functions.assistant.explanations.drafts import MILLISECONDS, most_tokens
from functions.assistant.explanations.queries import get_caller
from functions.assistant.explanations.schemas import FactRead, RefusedRead, SentenceRead
from functions.assistant.facts import Facts, Kind
from functions.assistant.language import Voice
from functions.assistant.model import writing
from functions.assistant.model.writing import TEMPLATE, Work, Written
from functions.assistant.slots import Rendered, render
from functions.assistant.threads import queries
from functions.assistant.threads.answers import Answer, Record, answer
from functions.assistant.threads.queries import IN_THREAD, NewMessage, Row
from functions.assistant.threads.schemas import Exchange, MessageCreate, Source
from functions.assistant.threads.service import as_message, keyed, opened, require_own
from functions.assistant.threads.subjects import Reading, read
from shared import rates
from shared.aws import secrets
from shared.caller import Caller
from shared.database import transaction
from shared.errors import Gone
from shared.examination.idempotency import IdempotencyKeyReused
from shared.model_settings import AssistantSettings
from shared.permissions import Permission

# Fewer sentences leave nothing to choose between the first and the last.
FEWEST_TO_CHOOSE = 3
USER, ASSISTANT = "user", "assistant"


@dataclass(frozen=True)
class Turn:
    """A question on its way to its answer."""

    thread: Row
    question_id: UUID
    reading: Reading
    answer: Answer
    emergency_text: str
    is_free: bool

    @property
    def record(self) -> Record:
        return self.reading.record

    @property
    def answer_id(self) -> UUID:
        """A question has one answer, whoever asks for it twice."""
        return uuid5(self.question_id, ASSISTANT)

    @property
    def told(self) -> Facts:
        """The facts that the answer speaks of, the recording's and the review's beside them."""
        spoken = {key for sentence in self.answer.sentences for key in sentence.facts}
        kinds = {Kind.RECORDING, Kind.HISTORY, Kind.REVIEW}
        facts = self.record.facts
        listed = (fact for fact in facts.listed if fact.key in spoken or fact.kind in kinds)
        return replace(facts, listed=tuple(listed))

    @property
    def most_tokens(self) -> int:
        return most_tokens(self.told, self.answer.sentences)

    @property
    def nothing_to_ask(self) -> str | None:
        """Why no model has a say in this answer, or None."""
        if not self.answer.is_of_facts:
            return "fixed-words"
        few = len(self.answer.sentences) < FEWEST_TO_CHOOSE
        return "nothing-to-choose" if few and not self.is_free else None


async def ask(
    caller: Caller, thread_id: UUID, wanted: MessageCreate, idempotency_key: str | None
) -> Exchange:
    """Answer a question and keep both; the same question under the same key is answered once.

    No transaction is open while a model is asked, which is told facts and never the question.

    Raises
    ------
    NotFound, Gone, Forbidden, AnalysisUnfinished, NothingMeasured, IdempotencyKeyReused,
    PersonErased
    """
    settings, began = secrets.load(AssistantSettings), perf_counter()
    async with transaction.begin(caller, Permission.CHAT) as connection:
        turn = await _begun(connection, thread_id, wanted, idempotency_key)
        if turn.answer_id in await queries.get_said(connection, turn.answer_id):
            return await _exchange(connection, turn)
        reserved = await _reserved(connection, settings, turn, wanted)
        if not isinstance(reserved, Reservation):
            took_ms = round((perf_counter() - began) * MILLISECONDS)
            written = Written(turn.answer.sentences, TEMPLATE, Work(None, took_ms=took_ms))
            return await _keep(connection, turn, written, reserved)
    write = writing.worded if turn.is_free else writing.chosen
    written = await write(settings, turn.answer.sentences, turn.told)
    with rates.counted_already():
        return await _stored(caller, turn, reserved, written)


async def _stored(caller: Caller, turn: Turn, reserved: Reservation, written: Written) -> Exchange:
    async with transaction.begin(caller, Permission.CHAT) as connection:
        refusal = await settle(connection, reserved, written.work.tokens)
        if refusal:
            work = Work(None, took_ms=written.work.took_ms)
            written = Written(turn.answer.sentences, TEMPLATE, work)
        return await _keep(connection, turn, written, refusal or written.work.why)


async def _begun(
    connection: AsyncConnection, thread_id: UUID, wanted: MessageCreate, key: str | None
) -> Turn:
    """Store the question, and find its answer among the facts."""
    thread = await opened(connection, thread_id)
    await require_own(connection, thread)
    reading = await _reading(connection, thread)
    caller = await get_caller(connection)
    question_id = keyed(thread_id, f"question of {caller}", key)
    await _keep_question(
        connection, NewMessage(question_id, thread["user_id"], thread_id, USER, wanted.text)
    )
    told, record = await queries.get_emergency_text(connection), reading.record
    is_free = record.voice is not Voice.PATIENT and caller != thread["user_id"]
    return Turn(
        thread=thread,
        question_id=question_id,
        reading=reading,
        answer=answer(wanted.text, record),
        emergency_text=told or record.fixed("emergency").text,
        # A history is told in sentences of the catalog.
        is_free=is_free and thread["assessment_id"] is not None,
    )


async def _keep_question(connection: AsyncConnection, question: NewMessage) -> None:
    """Store a question, unless it is stored; another one of the same key is refused."""
    await queries.add_message(connection, question)
    stored = (await queries.get_said(connection, question.id)).get(question.id)
    if stored is None or stored["content"] != question.content:
        raise IdempotencyKeyReused


async def _reading(connection: AsyncConnection, thread: Row) -> Reading:
    """Read what the conversation is about; what is another person's now stays closed here."""
    reading = await read(connection, thread)
    if reading.person_id != thread["user_id"]:
        raise Gone(
            "The record belongs to another person now. Begin a new conversation about it.",
            resource_type=IN_THREAD,
            resource_id=thread["id"],
        )
    return reading


async def _reserved(
    connection: AsyncConnection, settings: AssistantSettings, turn: Turn, wanted: MessageCreate
) -> Reservation | str:
    """Reserve a request of the month's budget, or return why no model is asked."""
    if turn.nothing_to_ask:
        return turn.nothing_to_ask
    if settings.assistant_url is None:
        return "not-configured"
    if wanted.engine == TEMPLATE:
        return "not-wanted"
    return await reserve(connection, turn.thread["user_id"], turn.most_tokens)


async def _keep(
    connection: AsyncConnection, turn: Turn, written: Written, why_template: str | None
) -> Exchange:
    source = _source(turn, written, why_template)
    message = NewMessage(
        id=turn.answer_id,
        person_id=turn.thread["user_id"],
        thread_id=turn.thread["id"],
        role=ASSISTANT,
        content=" ".join(sentence.text for sentence in source.sentences),
        sources=[source.model_dump(mode="json")],
        rests_on=turn.reading.rests_on,
        model_used=written.work.model or written.engine,
        tokens_used=written.work.tokens,
    )
    await queries.add_message(connection, message)
    return await _exchange(connection, turn)


def _source(turn: Turn, written: Written, why_template: str | None) -> Source:
    said, work = _said(turn, written), written.work
    return Source(
        question_id=turn.question_id,
        intent=turn.answer.intent,
        engine=written.engine,
        model=work.model,
        prompt_sha256=work.prompt_sha256,
        why_template=why_template,
        refused=[RefusedRead.model_validate(refused) for refused in work.refused],
        took_ms=work.took_ms,
        tokens=work.tokens,
        facts=[FactRead.model_validate(fact) for fact in turn.told.listed],
        facts_sha256=turn.record.facts.sha256,
        left_out=list(turn.reading.left_out),
        sentences=[SentenceRead.model_validate(sentence) for sentence in said],
    )


def _said(turn: Turn, written: Written) -> Sequence[Rendered]:
    """Render an answer, behind the organization's emergency text where it is none of facts.

    Patterns miss many words for an emergency: whatever is declined or not understood may be one,
    and whatever is asked by somebody who speaks of how they are.
    """
    by_key = turn.record.facts.by_key
    said = [render(sentence, by_key) for sentence in written.sentences]
    if turn.answer.is_of_facts and not turn.answer.is_distressed:
        return said
    words = turn.emergency_text
    return [Rendered("emergency-text", words, words, ()), *said]


async def _exchange(connection: AsyncConnection, turn: Turn) -> Exchange:
    said = await queries.get_said(connection, turn.question_id, turn.answer_id)
    return Exchange(
        question=as_message(said[turn.question_id], turn.thread),
        answer=as_message(said[turn.answer_id], turn.thread),
    )
