"""What a conversation is about, read anew for each question: an assessment, or a history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from functions.assistant.explanations.schemas import DAYS
from functions.assistant.explanations.service import known_of
from functions.assistant.facts import LEFT_OUT, facts_of
from functions.assistant.histories.facts import facts_of_history
from functions.assistant.histories.service import get_history
from functions.assistant.language import Language, Voice, language
from functions.assistant.threads.answers import Record
from functions.assistant.threads.schemas import ThreadCreate
from shared.examination.readable import get_ended


@dataclass(frozen=True)
class Reading:
    """What a conversation is about, as it is now: whose it is, and what it rests on."""

    person_id: UUID
    record: Record
    rests_on: Sequence[UUID]
    left_out: Sequence[str]


async def read(connection: AsyncConnection, thread: Mapping[str, Any]) -> Reading:
    """Read the facts that answers are made of, in the words of a conversation.

    Raises
    ------
    NotFound, Gone, AnalysisUnfinished, NothingMeasured
    """
    context = thread["context"]
    words, voice = language(context["language"]), Voice(context["voice"])
    if thread["assessment_id"]:
        return await _assessment(connection, thread["assessment_id"], words, voice)
    history = await get_history(connection, thread["user_id"], context["biomarkers"], days=DAYS)
    facts = facts_of_history(history, words, voice)
    left_out = (*LEFT_OUT, *history.left_out)
    return Reading(
        history.person_id, Record(facts, words, voice), tuple(history.assessments), left_out
    )


async def _assessment(
    connection: AsyncConnection, assessment_id: UUID, words: Language, voice: Voice
) -> Reading:
    examination = await get_ended(connection, assessment_id)
    known = await known_of(connection, examination)
    facts = facts_of(examination, known, words, voice)
    return Reading(examination.user_id, Record(facts, words, voice), (assessment_id,), LEFT_OUT)


async def person_of(connection: AsyncConnection, wanted: ThreadCreate) -> UUID:
    """Return whom a conversation would be about, where there is something to say.

    Raises
    ------
    NotFound, Gone, AnalysisUnfinished, NothingMeasured
    """
    if wanted.assessment_id:
        return (await get_ended(connection, wanted.assessment_id)).user_id
    assert wanted.subject_id is not None
    history = await get_history(connection, wanted.subject_id, wanted.biomarkers, days=DAYS)
    return history.person_id
