"""Explanations: written of what the caller may read, and stored as they were given."""

from time import perf_counter
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from functions.assistant.explanations import queries
from functions.assistant.explanations.schemas import (
    Document,
    ExplanationCreate,
    ExplanationRead,
    FactRead,
    SentenceRead,
)
from functions.assistant.facts import LEFT_OUT, Facts, Known, facts_of
from functions.assistant.language import Voice, language
from functions.assistant.selection import selection
from functions.assistant.slots import render
from shared.database.repositories import assessments
from shared.errors import Conflict, Gone, NotFound
from shared.examination.changes import changes_of
from shared.record import StoredExamination
from shared.vocabulary import AssessmentStatus

TEMPLATE = "template"
UNFINISHED = {AssessmentStatus.PENDING, AssessmentStatus.PROCESSING}
MILLISECONDS = 1_000


class NothingToExplain(Conflict):
    """The assessment is pending or processing: there is nothing to explain yet."""

    code = "assessment-unfinished"

    def __init__(self) -> None:
        super().__init__("The analysis has not ended. Ask for the explanation when it has.")


async def explain(connection: AsyncConnection, wanted: ExplanationCreate) -> ExplanationRead:
    """Explain an assessment and keep what was said, with the facts that it rests on.

    Raises
    ------
    NotFound, Gone, NothingToExplain, PersonErased
    """
    examination = await _examination(connection, wanted.assessment_id)
    known = Known(
        descriptions=await queries.get_descriptions(connection),
        changes=await changes_of(connection, examination),
    )
    own = await queries.get_caller(connection) == examination.user_id
    voice = wanted.voice or (Voice.PATIENT if own else Voice.CLINICIAN)
    began = perf_counter()
    document = write(examination, known, wanted, voice=voice)
    took_ms = round((perf_counter() - began) * MILLISECONDS)
    explanation_id = await queries.add(
        connection,
        examination.user_id,
        examination.id,
        document,
        model_used=TEMPLATE,
        generation_time_ms=took_ms,
    )
    return await _read(connection, explanation_id)


async def get_explanation(connection: AsyncConnection, explanation_id: UUID) -> ExplanationRead:
    """Return an explanation as it was given.

    Raises
    ------
    NotFound, Gone
    """
    return await _read(connection, explanation_id)


def write(
    examination: StoredExamination, known: Known, wanted: ExplanationCreate, *, voice: Voice
) -> Document:
    """Write the template's explanation: the same record gives the same words."""
    words = language(wanted.language)
    facts = facts_of(examination, known, words, voice)
    sentences = [render(sentence, facts.by_key) for sentence in selection(facts, words, voice)]
    return Document(
        voice=voice,
        language=words.code,
        engine=TEMPLATE,
        facts=_facts(facts),
        facts_sha256=facts.sha256,
        left_out=list(LEFT_OUT),
        sentences=[SentenceRead.model_validate(sentence) for sentence in sentences],
    )


def _facts(facts: Facts) -> list[FactRead]:
    return [FactRead.model_validate(fact) for fact in facts.listed]


async def _examination(connection: AsyncConnection, assessment_id: UUID) -> StoredExamination:
    examination = await assessments.get_assessment(connection, assessment_id)
    if examination is None:
        raise NotFound(
            "There is no such assessment.", resource_type="assessments", resource_id=assessment_id
        )
    if examination.deleted_at is not None:
        raise Gone(
            "The assessment was deleted.", resource_type="assessments", resource_id=assessment_id
        )
    if examination.status in UNFINISHED:
        raise NothingToExplain
    return examination


async def _read(connection: AsyncConnection, explanation_id: UUID) -> ExplanationRead:
    stored = await queries.get(connection, explanation_id)
    if stored is None:
        raise NotFound(
            "There is no such explanation.",
            resource_type=queries.TABLE,
            resource_id=explanation_id,
        )
    if stored.document is None:
        raise Gone(
            "It was written for another person, or the person was erased. Ask for it anew.",
            resource_type=queries.TABLE,
            resource_id=explanation_id,
        )
    return ExplanationRead(
        **stored.document.model_dump(),
        id=stored.id,
        assessment_id=stored.assessment_id,
        subject_id=stored.user_id,
        created_at=stored.created_at,
        generation_time_ms=stored.generation_time_ms,
    )
