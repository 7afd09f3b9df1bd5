from sqlalchemy import (
    CheckConstraint,
    Integer,
    LargeBinary,
    Text,
    UniqueConstraint,
)
from sqlmodel import Field

from shared.database.models.base import (
    TenantRecord,
    belongs_to_organization,
)


class OrganizationKey(TenantRecord, table=True):
    """The keys of an organization, wrapped by the master key; the highest number wraps anew."""

    __tablename__ = "organization_keys"
    __table_args__ = (
        belongs_to_organization(),
        UniqueConstraint("organization_id", "number"),
        CheckConstraint("number >= 1", name="number_range"),
    )

    number: int = Field(sa_type=Integer)
    # Which master key opens it: `local:` and what follows from the key, or `kms:` and its name.
    master: str = Field(sa_type=Text)
    wrapped: bytes = Field(sa_type=LargeBinary)
