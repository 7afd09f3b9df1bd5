from sqlalchemy import LargeBinary, Text, UniqueConstraint
from sqlmodel import Field

from shared.database.models.base import AssessmentPart, TenantRecord, belongs_to_assessment, one_of


class AssessmentPicture(AssessmentPart, TenantRecord, table=True):
    """Something people look at, drawn once when the recording was analyzed."""

    __tablename__ = "assessment_pictures"
    __table_args__ = (
        belongs_to_assessment(),
        UniqueConstraint("organization_id", "assessment_id", "name"),
        one_of("content_encoding", ("gzip", "identity")),
    )

    name: str = Field(sa_type=Text)
    media_type: str = Field(sa_type=Text)
    alt: str = Field(sa_type=Text)
    content_encoding: str = Field(sa_type=Text)
    content: bytes = Field(sa_type=LargeBinary)
