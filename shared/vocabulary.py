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


class EventType(StrEnum):
    """What an organization may be told of by its webhooks."""

    ASSESSMENT_COMPLETED = "assessment.completed"
    ASSESSMENT_FAILED = "assessment.failed"
    ASSESSMENT_REQUIRES_REVIEW = "assessment.requires_review"
    ASSESSMENT_SIGNED = "assessment.signed"
    ASSESSMENT_MOVED = "assessment.moved"
    ASSESSMENT_DELETED = "assessment.deleted"
    ASSESSMENT_RESTORED = "assessment.restored"
    CONSENT_WITHDRAWN = "consent.withdrawn"
    PERSON_MERGED = "person.merged"
    BREAK_GLASS_OPENED = "break_glass.opened"
    BREAK_GLASS_REVIEW_DUE = "break_glass.review_due"
    WEBHOOK_TEST = "webhook.test"  # sent when it is asked for, whatever is subscribed to


class ConsentKind(StrEnum):
    """What a person agrees to; each may be withdrawn alone."""

    TREATMENT = "treatment"
    RESEARCH = "research"
    SHARING = "sharing"
    EXPLANATIONS = "explanations"  # written by a machine
