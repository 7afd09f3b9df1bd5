from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from functions.assistant.facts import Kind
from functions.assistant.histories.series import MOST_MEASURES
from functions.assistant.language import Voice
from shared import examples
from shared.schemas import Answer

EXPLANATION: dict[str, Any] = {
    "id": "0199b0f4-9a6e-7c35-9d1e-2f6a40c8b712",
    "assessment_id": examples.ASSESSMENT,
    "subject_id": examples.PATIENT,
    "created_at": "2026-11-27T09:45:00Z",
    "status": "complete",
    "generation_time_ms": 2,
    "tokens_used": None,
    "is_free": False,
    "released_at": None,
    "biomarkers": None,
    "voice": "patient",
    "language": "en",
    "engine": "template",
    "model": None,
    "prompt_sha256": None,
    "why_template": "not-allowed",
    "refused": [],
    "facts": [
        {
            "key": "F1",
            "kind": "measure",
            "name": "heart_rate",
            "code": "normal",
            "slots": {
                "name": "heart rate",
                "value": "74.1",
                "unit": "per minute",
                "range": "60 to 100",
                "population": "adults at rest",
                "position": "within",
                "description": "Mean heart rate",
            },
        }
    ],
    "facts_sha256": "0f343b0931126a20f133d67c2b018a3b5f0f343b0931126a20f133d67c2b018a",
    "left_out": ["names, identifiers and dates"],
    "sentences": [
        {
            "name": "measure",
            "form": "Your {F1.name} was {F1.value} {F1.unit}.",
            "text": "Your heart rate was 74.1 per minute.",
            "facts": ["F1"],
        }
    ],
}


DAYS = 5 * 365  # as far back as a verdict on an assessment looks
type BiomarkerName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]


class ExplanationCreate(BaseModel):
    """Which assessment or whose history is explained, and to whom; by default to whoever asks."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"assessment_id": examples.ASSESSMENT}}
    )

    assessment_id: UUID | None = Field(default=None, description="Either this or `subject_id`")
    subject_id: UUID | None = Field(
        default=None, description="The person whose history is explained"
    )
    biomarkers: list[BiomarkerName] | None = Field(
        default=None,
        min_length=1,
        max_length=MOST_MEASURES,
        description="The measures of a history; by default those that were measured most often",
    )
    days: int | None = Field(
        default=None,
        ge=1,
        le=36_525,
        description=f"How many days a history goes back; {DAYS} by default",
    )
    voice: Voice | None = Field(
        default=None,
        description="By default `patient` for people who reach their own record, else `clinician`",
    )
    language: Literal["en"] = Field(default="en", description="A language that was reviewed")
    engine: Literal["template", "model"] = Field(
        default="model",
        description="`template` asks no model; a model is asked only where the deployment has one,"
        " the organization allows it, the person consented and the month's budget lasts",
    )
    wording: Literal["catalog", "free"] | None = Field(
        default=None,
        description="Whether a model chooses sentences of the catalog or writes its own, with"
        " slots; by default `free` but for the patient's voice; of one's own record and of a"
        " history `catalog`",
    )

    @model_validator(mode="after")
    def _of_one_thing(self) -> Self:
        if (self.assessment_id is None) == (self.subject_id is None):
            raise ValueError("Name an assessment_id or a subject_id, and not both.")
        if self.subject_id is None and (self.biomarkers is not None or self.days is not None):
            raise ValueError("biomarkers and days are of a history: name a subject_id.")
        if self.subject_id and self.wording == "free":
            raise ValueError("A history is told in sentences of the catalog: leave wording out.")
        return self


class FactRead(Answer):
    """What a sentence may speak of: each slot holds the words that stand for it."""

    key: str
    kind: Kind
    name: str
    code: str
    slots: dict[str, str]


class SentenceRead(Answer):
    """A sentence as it is read, with the form whose slots were filled, and its facts."""

    name: str | None
    form: str
    text: str
    facts: list[str]


class RefusedRead(Answer):
    """What a model wrote that is not shown, and why."""

    text: str
    reason: str


class Document(Answer):
    """What an explanation says and what it rests on, as it is stored."""

    # Of a history its measures, and None of an assessment.
    biomarkers: list[str] | None = None
    voice: Voice
    language: str
    engine: Literal["template", "model"]
    # As the model named itself, the hash of what it was asked, and what it wrote in vain.
    model: str | None = None
    prompt_sha256: str | None = None
    why_template: str | None = None
    refused: list[RefusedRead] = Field(default=[])
    facts: list[FactRead]
    facts_sha256: str
    left_out: list[str]
    sentences: list[SentenceRead]


class Status(StrEnum):
    """Whether a model's words may still come in place of the template's."""

    PENDING = "pending"
    COMPLETE = "complete"


class ExplanationRead(Document):
    """An assessment or a history in words. Every number in a sentence is a slot that code filled.

    Of a history `assessment_id` is the latest assessment that it rests on.
    """

    model_config = ConfigDict(json_schema_extra={"example": EXPLANATION})

    id: UUID
    assessment_id: UUID
    subject_id: UUID
    created_at: datetime
    status: Status = Field(
        description="`pending`: the template's sentences, which a model's may replace"
    )
    generation_time_ms: int | None
    tokens_used: int | None
    is_free: bool
    released_at: datetime | None


class ExplanationList(Answer):
    """Free words that wait for their release, the oldest first."""

    model_config = ConfigDict(json_schema_extra={"example": {"items": [EXPLANATION]}})

    items: list[ExplanationRead]
