"""A picture of an assessment, as it is stored."""

from dataclasses import dataclass, fields
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Text, Uuid, and_, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database.repositories.audit import audited
from shared.database.repositories.tables import ASSESSMENTS, ORGANIZATION, PICTURES


@dataclass(frozen=True)
class PictureContent:
    """The bytes of a picture as they are stored."""

    media_type: str
    content_encoding: str
    content: bytes


CONTENT = tuple(PICTURES.c[field.name] for field in fields(PictureContent))


async def get_picture(
    connection: AsyncConnection, assessment_id: UUID, name: str
) -> PictureContent | None:
    """Return one picture of an assessment that is not deleted."""
    parameters = {"assessment_id": assessment_id, "name": name}
    row = (await connection.execute(_get_picture(), parameters)).first()
    return PictureContent(row.media_type, row.content_encoding, row.content) if row else None


@cache
def _get_picture() -> Select[Any]:
    picture = (
        select(PICTURES.c.user_id, PICTURES.c.assessment_id, *CONTENT)
        .join_from(
            PICTURES,
            ASSESSMENTS,
            and_(
                ASSESSMENTS.c.organization_id == PICTURES.c.organization_id,
                ASSESSMENTS.c.id == PICTURES.c.assessment_id,
            ),
        )
        .where(
            PICTURES.c.organization_id == ORGANIZATION,
            PICTURES.c.assessment_id == bindparam("assessment_id", type_=Uuid),
            PICTURES.c.name == bindparam("name", type_=Text),
            ASSESSMENTS.c.deleted_at.is_(None),
        )
    )
    return audited(picture, "assessment_pictures", resource="assessment_id")
