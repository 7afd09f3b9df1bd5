from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from functions.assistant.explanations.schemas import (
    BiomarkerName,
    FactRead,
    RefusedRead,
    SentenceRead,
)
from functions.assistant.histories.series import MOST_MEASURES
from functions.assistant.language import Voice
from functions.assistant.threads.intents import Intent
from shared import examples
from shared.schemas import Answer
from shared.text import Line, Prose

MOST_CHARACTERS = 1_000
THREAD: dict[str, Any] = {
    "id": "0199b0f4-9a6e-7c35-9d1e-2f6a40c8b713",
    "subject_id": examples.PATIENT,
    "assessment_id": examples.ASSESSMENT,
    "created_by": examples.PATIENT,
    "created_at": "2026-11-27T09:45:00Z",
    "last_message_at": None,
    "title": None,
    "voice": "patient",
    "language": "en",
    "biomarkers": None,
}
QUESTIONS: list[dict[str, str]] = [{"intent": "measured", "text": "What was measured?"}]
EMERGENCY = "If you are in danger, call the emergency number where you live."
OPENED: dict[str, Any] = {**THREAD, "questions": QUESTIONS, "emergency_text": EMERGENCY}
MESSAGE: dict[str, Any] = {
    "id": "0199b0f4-9a6e-7c35-9d1e-2f6a40c8b714",
    "thread_id": THREAD["id"],
    "role": "user",
    "created_by": examples.PATIENT,
    "created_at": "2026-11-27T09:46:00Z",
    "text": "Is my heart rate normal?",
    "source": None,
}
SAID = "Your heart rate was 74.1 per minute."
ANSWERED: dict[str, Any] = {
    **MESSAGE,
    "id": "0199b0f4-9a6e-7c35-9d1e-2f6a40c8b715",
    "role": "assistant",
    "text": SAID,
    "source": {
        "question_id": MESSAGE["id"],
        "intent": "ranges",
        "engine": "template",
        "model": None,
        "prompt_sha256": None,
        "why_template": "not-configured",
        "refused": [],
        "took_ms": 1,
        "tokens": None,
        "facts": [
            {
                "key": "F2",
                "kind": "measure",
                "name": "heart_rate",
                "code": "normal",
                "slots": {"name": "heart rate", "value": "74.1", "unit": "per minute"},
            }
        ],
        "facts_sha256": "0f343b0931126a20f133d67c2b018a3b5f0f343b0931126a20f133d67c2b018a",
        "left_out": ["names, identifiers and dates"],
        "sentences": [
            {
                "name": "measure",
                "form": "Your {F2.name} was {F2.value} {F2.unit}.",
                "text": SAID,
                "facts": ["F2"],
            }
        ],
    },
}


class ThreadCreate(BaseModel):
    """What a conversation is about, and whom it speaks to; by default to whoever begins it."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"assessment_id": examples.ASSESSMENT}}
    )

    assessment_id: UUID | None = Field(default=None, description="Either this or `subject_id`")
    subject_id: UUID | None = Field(
        default=None, description="The person whose history is asked about"
    )
    biomarkers: list[BiomarkerName] | None = Field(
        default=None,
        min_length=1,
        max_length=MOST_MEASURES,
        description="The measures of a history; by default those that were measured most often",
    )
    voice: Voice | None = Field(
        default=None,
        description="By default `patient` for people who reach their own record, else `clinician`",
    )
    language: Literal["en"] = Field(default="en", description="A language that was reviewed")
    title: Annotated[Line, Field(min_length=1, max_length=120)] | None = None

    @model_validator(mode="after")
    def _about_one_thing(self) -> Self:
        if (self.assessment_id is None) == (self.subject_id is None):
            raise ValueError("Name an assessment_id or a subject_id, and not both.")
        if self.assessment_id and self.biomarkers is not None:
            raise ValueError("biomarkers are of a history: name a subject_id.")
        return self


class ThreadQuery(BaseModel):
    """Which conversations are listed: those that the caller began, or all about somebody."""

    model_config = ConfigDict(extra="forbid")

    subject_id: UUID | None = None
    assessment_id: UUID | None = None
    limit: int = Field(default=20, ge=1, le=100)
    cursor: str | None = Field(default=None, max_length=512)


class ThreadSummary(Answer):
    """A conversation, as lists show it."""

    model_config = ConfigDict(json_schema_extra={"example": THREAD})

    id: UUID
    subject_id: UUID
    assessment_id: UUID | None
    created_by: UUID
    created_at: datetime
    last_message_at: datetime | None
    title: str | None
    voice: Voice
    language: str
    biomarkers: list[str] | None


class QuestionRead(Answer):
    """A question that is answered from facts, in the words of the language's file."""

    intent: Intent
    text: str


class ThreadRead(ThreadSummary):
    """A conversation, what can be asked in it, and what is said where somebody is in danger."""

    model_config = ConfigDict(json_schema_extra={"example": OPENED})

    questions: list[QuestionRead]
    emergency_text: str


class ThreadPage(Answer):
    """One page, the newest first; without `next_cursor` it is the last."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"items": [THREAD], "next_cursor": None}}
    )

    items: list[ThreadSummary]
    next_cursor: str | None


class MessageCreate(BaseModel):
    """A question. It is read by fixed patterns, and sent to no language model."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"text": MESSAGE["text"]}}
    )

    text: Prose = Field(min_length=1, max_length=MOST_CHARACTERS)
    engine: Literal["template", "model"] = Field(
        default="model",
        description="`template` asks no model; a model is asked only where the deployment has one,"
        " the organization allows it, the person consented and the month's budget lasts",
    )


class MessageQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    limit: int = Field(default=50, ge=1, le=100)
    cursor: str | None = Field(default=None, max_length=512)


class Source(Answer):
    """What an answer rests on, as it is stored: its question's class, its facts, who chose it."""

    question_id: UUID
    intent: Intent
    engine: Literal["template", "model"]
    # As the model named itself, the hash of what it was asked, and what it wrote in vain.
    model: str | None
    prompt_sha256: str | None
    why_template: str | None
    refused: list[RefusedRead]
    took_ms: int
    tokens: int | None
    # Those that the answer speaks of; the hash is of all that the record gave.
    facts: list[FactRead]
    facts_sha256: str
    left_out: list[str]
    sentences: list[SentenceRead]


class MessageRead(Answer):
    """A question, or an answer with what it rests on.

    `text` and `source` are null where an assessment that an answer rests on was deleted, or is
    another person's now.
    """

    model_config = ConfigDict(json_schema_extra={"example": ANSWERED})

    id: UUID
    thread_id: UUID
    role: Literal["user", "assistant", "system"]
    created_by: UUID
    created_at: datetime
    text: str | None
    source: Source | None


class Exchange(Answer):
    """A question and its answer."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"question": MESSAGE, "answer": ANSWERED}}
    )

    question: MessageRead
    answer: MessageRead


class MessagePage(Answer):
    """One page, in the order in which it was said; without `next_cursor` it is the last."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"items": [MESSAGE, ANSWERED], "next_cursor": None}}
    )

    items: list[MessageRead]
    next_cursor: str | None
