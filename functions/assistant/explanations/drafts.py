"""Explanations before they are kept: their facts, the template's sentences, and the document."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import perf_counter
from uuid import UUID

from functions.assistant.explanations.schemas import (
    Document,
    ExplanationCreate,
    FactRead,
    RefusedRead,
    SentenceRead,
)
from functions.assistant.facts import LEFT_OUT, Facts, Known, facts_of
from functions.assistant.histories.facts import facts_of_history
from functions.assistant.histories.series import History
from functions.assistant.language import Voice, language
from functions.assistant.model.writing import TEMPLATE, Work, Written
from functions.assistant.selection import selection
from functions.assistant.slots import Sentence, render
from shared.aws import secrets
from shared.identifiers import uuid7
from shared.model_settings import AssistantSettings
from shared.record import StoredExamination

MILLISECONDS = 1_000
# Of a prompt in English and JSON a token has more characters than this; two questions at most.
CHARACTERS_PER_TOKEN, QUESTIONS = 2, 2


@dataclass(frozen=True)
class Draft:
    """An explanation before it is written: whose it is, its facts, the template's sentences.

    `rests_on` are the assessments of a history, the latest last; of a single one it is empty. It is
    stored under its `id`, which whoever waits for it is told before it is written.
    """

    person_id: UUID
    assessment_id: UUID
    voice: Voice
    language: str
    is_free: bool
    facts: Facts
    template: list[Sentence]
    biomarkers: list[str] | None = None
    rests_on: tuple[UUID, ...] = ()
    left_out: tuple[str, ...] = ()
    id: UUID = field(default_factory=uuid7)

    @property
    def most_tokens(self) -> int:
        return most_tokens(self.facts, self.template)


def most_tokens(facts: Facts, template: Sequence[Sentence]) -> int:
    """Return what both questions about these facts, and their answers, may cost."""
    told = json.dumps([dict(fact.slots) for fact in facts.listed])
    told += json.dumps([sentence.text for sentence in template])
    answer = secrets.load(AssistantSettings).assistant_max_tokens
    return QUESTIONS * (len(told) // CHARACTERS_PER_TOKEN + 2 * answer)


def draft_of(
    examination: StoredExamination,
    known: Known,
    wanted: ExplanationCreate,
    *,
    voice: Voice,
    is_free: bool = False,
) -> Draft:
    """Choose the template's sentences: the same record gives the same words."""
    words = language(wanted.language)
    facts = facts_of(examination, known, words, voice)
    return Draft(
        person_id=examination.user_id,
        assessment_id=examination.id,
        voice=voice,
        language=words.code,
        is_free=is_free,
        facts=facts,
        template=selection(facts, words, voice),
    )


def draft_of_history(history: History, wanted: ExplanationCreate, *, voice: Voice) -> Draft:
    """Choose the template's sentences on a history; no model ever words it freely."""
    words = language(wanted.language)
    facts = facts_of_history(history, words, voice)
    return Draft(
        person_id=history.person_id,
        assessment_id=history.assessments[-1],
        voice=voice,
        language=words.code,
        is_free=False,
        facts=facts,
        template=selection(facts, words, voice),
        biomarkers=[*(series.name for series in history.series), *history.never_measured],
        rests_on=tuple(history.assessments),
        left_out=tuple(history.left_out),
    )


def document(draft: Draft, written: Written, why_template: str | None) -> Document:
    """Render the sentences, with all that they rest on."""
    silent = Document(
        biomarkers=draft.biomarkers,
        voice=draft.voice,
        language=draft.language,
        engine=TEMPLATE,
        facts=[FactRead.model_validate(fact) for fact in draft.facts.listed],
        facts_sha256=draft.facts.sha256,
        left_out=[*LEFT_OUT, *draft.left_out],
        sentences=[],
    )
    return in_words(silent, draft.facts, written, why_template)


def in_words(told: Document, facts: Facts, written: Written, why_template: str | None) -> Document:
    """Return a document with what was written of its facts in place of its sentences."""
    by_key, work = facts.by_key, written.work
    said = (render(sentence, by_key) for sentence in written.sentences)
    return told.model_copy(
        update={
            "engine": written.engine,
            "model": work.model,
            "prompt_sha256": work.prompt_sha256,
            "why_template": why_template,
            "refused": [RefusedRead.model_validate(refused) for refused in work.refused],
            "sentences": [SentenceRead.model_validate(sentence) for sentence in said],
        }
    )


def write(
    examination: StoredExamination, known: Known, wanted: ExplanationCreate, *, voice: Voice
) -> Document:
    """Write the template's explanation."""
    draft = draft_of(examination, known, wanted, voice=voice)
    return document(draft, template(draft, perf_counter()), None)


def template(draft: Draft, began: float) -> Written:
    took_ms = round((perf_counter() - began) * MILLISECONDS)
    return Written(draft.template, TEMPLATE, Work(None, took_ms=took_ms))
