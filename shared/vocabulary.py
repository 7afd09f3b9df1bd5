"""The words that pipelines, tables and answers share."""

from enum import StrEnum
from typing import Literal

# At birth, as reference ranges are given by it.
Sex = Literal["female", "male"]


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


class ConsentKind(StrEnum):
    """What a person agrees to; each may be withdrawn alone."""

    TREATMENT = "treatment"
    RESEARCH = "research"
    SHARING = "sharing"
    EXPLANATIONS = "explanations"  # written by a machine
