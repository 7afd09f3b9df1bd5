"""The tables, one a file; importing this package registers them all."""

from shared.models.assessment import Assessment
from shared.models.audit_event import AuditEvent
from shared.models.base import Record, TenantRecord
from shared.models.biomarker import Biomarker, BiomarkerValue
from shared.models.chat import ChatMessage, ChatThread
from shared.models.explanation import AiExplanation
from shared.models.organization import Organization
from shared.models.picture import AssessmentPicture
from shared.models.results.cardiology import CardiologyResult
from shared.models.results.cognitive import CognitiveResult
from shared.models.results.dermatology import DermatologyResult
from shared.models.results.radiology import RadiologyResult
from shared.models.results.retinal import RetinalResult
from shared.models.results.speech import SpeechResult
from shared.models.role import Role, UserRole
from shared.models.site_norm import SiteNorm
from shared.models.stage import PipelineStage
from shared.models.uploaded_file import UploadedFile
from shared.models.user import User, UserProfile

__all__ = [
    "AiExplanation",
    "Assessment",
    "AssessmentPicture",
    "AuditEvent",
    "Biomarker",
    "BiomarkerValue",
    "CardiologyResult",
    "ChatMessage",
    "ChatThread",
    "CognitiveResult",
    "DermatologyResult",
    "Organization",
    "PipelineStage",
    "RadiologyResult",
    "Record",
    "RetinalResult",
    "Role",
    "SiteNorm",
    "SpeechResult",
    "TenantRecord",
    "UploadedFile",
    "User",
    "UserProfile",
    "UserRole",
]
