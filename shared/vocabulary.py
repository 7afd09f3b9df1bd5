"""The words that pipelines, tables and answers share."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class RiskLevel(StrEnum):
    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"
    CRITICAL = "critical"


class AssessmentStatus(StrEnum):
    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"


class UploadStatus(StrEnum):
    PENDING = "pending"  # announced; its bytes may come
    COMPLETE = "complete"  # arrived and checked
    REJECTED = "rejected"  # arrived, and not what was announced
    EXPIRED = "expired"


class StageStatus(StrEnum):
    COMPLETED = "completed"
    FAILED = "failed"


class BiomarkerStatus(StrEnum):
    """Where a value lies against its reference range."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    CRITICAL = "critical"
    UNCLASSIFIED = "unclassified"  # no honest range exists for this person or recording


@dataclass(frozen=True)
class ReferenceRange:
    """A published range of one biomarker; a missing limit is open.

    `source` is a key of `Method.sources`, `population` says whom it was taken from.
    """

    low: float | None
    high: float | None
    source: str
    population: str
    critical_low: float | None = None
    critical_high: float | None = None

    def status(self, value: float) -> BiomarkerStatus:
        if self.critical_low is not None and value < self.critical_low:
            return BiomarkerStatus.CRITICAL
        if self.critical_high is not None and value > self.critical_high:
            return BiomarkerStatus.CRITICAL
        if self.low is not None and value < self.low:
            return BiomarkerStatus.LOW
        if self.high is not None and value > self.high:
            return BiomarkerStatus.HIGH
        return BiomarkerStatus.NORMAL


@dataclass(frozen=True)
class BiomarkerKind:
    """What a biomarker is: its unit (UCUM), the group it is shown in, and one line about it."""

    unit: str
    category: str
    description: str


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
class RiskPoint:
    """One rule that fired: what was seen, the score it asks for, and who says so."""

    rule: str
    score: float
    source: str


@dataclass(frozen=True)
class Risk:
    """The risk score is the highest of its points, never a sum of unrelated ones."""

    score: float
    level: RiskLevel
    points: tuple[RiskPoint, ...]


@dataclass(frozen=True)
class Picture:
    """Something people look at."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True)
class Findings:
    """What the analysis of one recording found; every pipeline returns this.

    Attributes
    ----------
    result : dict
        Columns of the pipeline's results table, by name; JSON types only.
    biomarkers : tuple of Measured
        What could be measured. What could not is absent, its reason in `warnings`.
    quality_score, confidence : float or None
        0-1.
    risk : Risk or None
        None where no cited rule applies.
    review_reason : str or None
        Why a professional should look before the numbers are used.
    warnings : tuple of str
        Sentences for people: what was not measured, and why.
    parameters : dict
        Settings that change the numbers, for the provenance.
    models : tuple of dict
        Name and sha256 of each trained model that had a say.
    pictures : tuple of Picture
    """

    result: dict[str, Any]
    biomarkers: tuple[Measured, ...]
    quality_score: float | None
    confidence: float | None
    risk: Risk | None
    review_reason: str | None = None
    warnings: tuple[str, ...] = ()
    parameters: dict[str, Any] = field(default_factory=dict)
    models: tuple[dict[str, str], ...] = ()
    pictures: tuple[Picture, ...] = ()


# An analysis names its steps through this, so that the service can time them
# while the analysis itself never touches a clock: `with stage("beats"): ...`
type StageMarker = Callable[[str], AbstractContextManager[None]]


def unmarked(_: str) -> AbstractContextManager[None]:
    """A stage marker that does nothing."""
    return nullcontext()
