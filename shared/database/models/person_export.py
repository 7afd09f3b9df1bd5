from uuid import UUID

from sqlalchemy import Index, text

from shared.database.models.base import belongs_to_person
from shared.database.models.export import Export, export_constraints


class PersonExport(Export, table=True):
    """An export of one person's record: how far it is, and the archives that it has made."""

    __tablename__ = "person_exports"
    __table_args__ = (
        belongs_to_person(),
        belongs_to_person("created_by"),
        *export_constraints(),
        Index("ix_person_exports_maker", "organization_id", "created_by", "user_id"),
        Index("ix_person_exports_person", "organization_id", "user_id"),
        Index("ix_person_exports_expired", "expires_at", postgresql_where=text("freed_at IS NULL")),
    )

    user_id: UUID
