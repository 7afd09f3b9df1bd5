"""One record, from the analysis of a recording to the database and to the answer.

An analysis returns `Findings`. The examination makes an `Examination` of them; the database adds
who, whose and when, and gives it back as a `StoredExamination`, at once and at every later reading.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.biomarkers import BiomarkerStatus
from shared.norms import ReferenceRange
from shared.vocabulary import AssessmentStatus, RiskLevel, StageStatus

# A part whose shape is its pipeline's own, such as a row of its results table.
type Json = Any


@dataclass(frozen=True)
class Measured:
    """One biomarker as measured: its name in the catalog, its value in the catalog's unit.

    `confidence` (0-1) is None where the method gives none; `range` is None where no
    honest reference exists for this person or this kind of recording. `method` names what
    else than the pipeline's version made the number, such as the task's own version.
    """

    name: str
    value: float
    confidence: float | None = None
    range: ReferenceRange | None = None
    method: str | None = None

    @property
    def status(self) -> BiomarkerStatus:
        return self.range.status(self.value) if self.range else BiomarkerStatus.UNCLASSIFIED


@dataclass(frozen=True)
class Absence:
    """A biomarker of the catalog that could not be measured, with the reason.

    `code` is one of a few stable words, such as "too-short", "too-noisy", "not-in-this-rhythm",
    "not-this-task" or "no-model"; `detail` is a sentence for people.
    """

    name: str
    code: str
    detail: str


@dataclass(frozen=True)
class RiskPoint:
    """One rule that fired: what was seen, the score it asks for, and who says so.

    The examination adds the words behind the citation key `source`.
    """

    rule: str
    score: float
    source: str
    citation: str | None = None


@dataclass(frozen=True)
class Risk:
    """The risk score is the highest of its points, never a sum of unrelated ones."""

    score: float
    level: RiskLevel
    points: tuple[RiskPoint, ...]


@dataclass(frozen=True)
class Picture:
    """Something people look at; `alt` says what it shows to those who cannot see it."""

    name: str
    media_type: str
    content: bytes
    alt: str


@dataclass(frozen=True)
class ModelUsed:
    """A trained model that had a say."""

    name: str
    sha256: str
    version: str | None = None


@dataclass(frozen=True)
class Findings:
    """What the analysis of one recording found; every pipeline returns this.

    Attributes
    ----------
    result : mapping
        Columns of the pipeline's results table, by name.
    biomarkers : tuple of Measured
        What could be measured.
    quality_score, confidence : float or None
        0-1.
    risk : Risk or None
        None where no cited rule applies.
    review_reason : str or None
        Why a professional should look before the numbers are used.
    absent : tuple of Absence
        What could not be measured, and why.
    warnings : tuple of str
        Sentences for people.
    parameters : mapping
        Settings that change the numbers, for the provenance.
    models : tuple of ModelUsed
    pictures : tuple of Picture
    """

    result: Mapping[str, Json]
    biomarkers: tuple[Measured, ...]
    quality_score: float | None
    confidence: float | None
    risk: Risk | None
    review_reason: str | None = None
    absent: tuple[Absence, ...] = ()
    warnings: tuple[str, ...] = ()
    parameters: Mapping[str, Json] = field(default_factory=dict)
    models: tuple[ModelUsed, ...] = ()
    pictures: tuple[Picture, ...] = ()


# An analysis names its steps through this, so that the service can time them
# while the analysis itself never touches a clock: `with stage("beats"): ...`
type StageMarker = Callable[[str], AbstractContextManager[None]]


def unmarked(_: str) -> AbstractContextManager[None]:
    """A stage marker that does nothing."""
    return nullcontext()


@dataclass(frozen=True)
class Stage:
    """One step of an examination: how long it took, and where it failed if it did."""

    stage_name: str
    stage_index: int
    status: StageStatus
    duration_ms: int
    started_at: datetime | None = None
    error_code: str | None = None
    error_message: str | None = None


@dataclass(frozen=True)
class Value:
    """A measured biomarker as it is stored and answered.

    `source` is the citation key of its range and `citation` the words behind it.
    """

    name: str
    value: float
    unit: str
    category: str
    confidence: float | None
    normal_range_min: float | None
    normal_range_max: float | None
    status: BiomarkerStatus
    source: str | None
    population: str | None
    citation: str | None
    method: str | None = None

    @property
    def critical_direction(self) -> str | None:
        """Which limit a critical value lies beyond: "low" or "high"."""
        if self.status != BiomarkerStatus.CRITICAL:
            return None
        is_low = self.normal_range_min is not None and self.value < self.normal_range_min
        return "low" if is_low else "high"


@dataclass(frozen=True)
class StoredPicture:
    """A picture as an assessment names it; its bytes are fetched by themselves."""

    name: str
    media_type: str
    alt: str


@dataclass(frozen=True, kw_only=True)
class Header:
    """What a list shows of an examination, as far as the examination itself knows it."""

    id: UUID
    session_id: str
    pipeline: str
    pipeline_version: str
    status: AssessmentStatus
    risk_score: float | None = None
    risk_level: RiskLevel | None = None
    confidence: float | None = None
    quality_score: float | None = None
    requires_review: bool = False
    review_reason: str | None = None
    processing_time_ms: int | None = None
    recorded_at: datetime
    completed_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Examination(Header):
    """One recording through one pipeline, as it is stored."""

    risk_points: tuple[RiskPoint, ...] = ()
    absent: tuple[Absence, ...] = ()
    warnings: tuple[str, ...] = ()
    provenance: Mapping[str, Json]
    # The assessment of the same recording that this one was made after.
    predecessor_id: UUID | None = None
    result: Mapping[str, Json] | None = None
    biomarkers: tuple[Value, ...] = ()
    stages: tuple[Stage, ...] = ()
    pictures: tuple[StoredPicture, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Ownership:
    """What the database knows of an examination: whose it is, who made it, who signed it off."""

    user_id: UUID  # the person examined
    created_by: UUID
    created_at: datetime
    reviewed_by: UUID | None = None
    reviewed_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ListedExamination(Header, Ownership):
    """A stored examination as a list shows it."""


@dataclass(frozen=True)
class SignOff:
    """One professional's word on one state of an assessment."""

    signed_by: UUID
    signed_at: datetime
    status: AssessmentStatus
    revision: int
    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class StoredExamination(Examination, Ownership):
    """A stored examination whole; `session_id` is withheld from researchers."""

    # A new one; the database counts every change.
    revision: int = 1
    review_note: str | None = None
    sign_offs: tuple[SignOff, ...] = ()
    deleted_at: datetime | None = None
    # The tables whose rows are not as the audit trail has them.
    altered: tuple[str, ...] = ()


@dataclass(frozen=True)
class Created:
    """What the database added to a new assessment."""

    id: UUID
    user_id: UUID
    created_by: UUID
    created_at: datetime

    def examination(self, examination: Examination) -> StoredExamination:
        """Return the examination as it is stored, which is how a later reading gives it."""
        known = {part.name: getattr(examination, part.name) for part in fields(examination)}
        return StoredExamination(
            **known,
            user_id=self.user_id,
            created_by=self.created_by,
            created_at=self.created_at,
        )
