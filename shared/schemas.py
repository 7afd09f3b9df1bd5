"""The shapes of requests and answers that functions share."""

from datetime import datetime
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from shared import examples
from shared.record import StoredExamination
from shared.settings import public_path

# What a caller may call a visit.
SESSION_ID = r"^[A-Za-z0-9_-]{1,64}$"


class Answer(BaseModel):
    """Whatever we answer; unknown columns never slip through."""

    # Built when a route or an answer first needs it: no function has all.
    model_config = ConfigDict(extra="forbid", from_attributes=True, defer_build=True)


class Problem(Answer):
    """A refusal (RFC 9457); `code` is stable, `instance` is the request's id."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    instance: str
    # The failed assessment that was kept, and where it failed.
    assessment_id: UUID | None = None
    stage: str | None = None
    # Who is meant by a refusal that is about other people.
    person_ids: list[UUID] | None = None
    # Until when a record has to be kept.
    retained_until: datetime | None = None


class RiskPointRead(Answer):
    rule: str
    score: float
    source: str
    citation: str | None


class BiomarkerRead(Answer):
    """A measured value, and the published range it was held against."""

    name: str
    value: float
    unit: str
    category: str
    normal_range_min: float | None
    normal_range_max: float | None
    status: str
    critical_direction: Literal["low", "high"] | None
    confidence: float | None
    source: str | None
    citation: str | None
    population: str | None


class AbsenceRead(Answer):
    """A biomarker that could not be measured; `code` is stable, `detail` is for people."""

    name: str
    code: str
    detail: str


class StageRead(Answer):
    stage_name: str
    stage_index: int
    status: str
    duration_ms: int
    error_code: str | None
    error_message: str | None


class PictureRead(Answer):
    name: str
    alt: str
    media_type: str
    href: str


class AssessmentSummary(Answer):
    """An assessment as a list shows it."""

    id: UUID
    session_id: str | None  # withheld from researchers
    pipeline: str
    pipeline_version: str
    status: str
    subject_id: UUID = Field(validation_alias=AliasChoices("subject_id", "user_id"))
    created_by: UUID
    risk_score: float | None
    risk_level: str | None
    confidence: float | None
    quality_score: float | None
    requires_review: bool
    review_reason: str | None
    reviewed_by: UUID | None
    reviewed_at: datetime | None
    processing_time_ms: int | None
    recorded_at: datetime
    created_at: datetime
    completed_at: datetime | None


class SignOffRead(Answer):
    """One professional's word on one state of the assessment."""

    signed_by: UUID
    signed_at: datetime
    status: str
    revision: int
    note: str | None


class AssessmentRead(AssessmentSummary):
    """An assessment whole; `revision` counts its changes, and is what its `ETag` names.

    `altered` names the tables whose rows are not as the audit trail has them: somebody changed the
    database behind the API, and no number of theirs is to be relied on.
    """

    model_config = ConfigDict(json_schema_extra={"example": examples.WHOLE})

    revision: int
    risk_points: list[RiskPointRead]
    absent: list[AbsenceRead]
    warnings: list[str]
    review_note: str | None
    sign_offs: list[SignOffRead]
    result: dict[str, Any] | None
    biomarkers: list[BiomarkerRead]
    stages: list[StageRead]
    pictures: list[PictureRead]
    provenance: dict[str, Any]
    predecessor_id: UUID | None
    altered: list[str]

    @classmethod
    def of(cls, examination: StoredExamination) -> Self:
        """Shape an examination, just stored or read again: the answer is the same."""
        path = public_path(f"/api/{examination.pipeline}/assessments/{examination.id}/pictures")
        pictures = [
            PictureRead(**vars(picture), href=f"{path}/{picture.name}")
            for picture in examination.pictures
        ]
        named = {"subject_id": examination.user_id, "pictures": pictures}
        known = {
            name: value for name, value in vars(examination).items() if name in cls.model_fields
        }
        return cls.model_validate(known | named)


class RangeInfo(Answer):
    """A reference range, whom it was taken from, and who says so."""

    low: float | None
    high: float | None
    critical_low: float | None
    critical_high: float | None
    population: str
    source: str


class BiomarkerInfo(Answer):
    name: str
    unit: str
    category: str
    description: str
    ranges: list[RangeInfo]


class PipelineInfo(Answer):
    """What a pipeline reads and measures."""

    model_config = ConfigDict(json_schema_extra={"example": examples.PIPELINE})

    pipeline: str
    version: str
    formats: list[str]
    limits: dict[str, float]
    biomarkers: list[BiomarkerInfo]
    sources: dict[str, str]
