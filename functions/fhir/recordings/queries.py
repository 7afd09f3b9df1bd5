"""The files that assessments were made of, as far as they are still stored."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Select, Uuid, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database.repositories.tables import ORGANIZATION
from shared.database.repositories.uploads import UPLOADS
from shared.record import StoredExamination
from shared.vocabulary import UploadStatus

# What the part of an assessment is called that is one of its files: no picture has a dot.
PREFIX = "recording."


@dataclass(frozen=True)
class Recording:
    """A stored file, by its number among those of its assessment."""

    number: int
    upload_id: UUID
    content_type: str
    size_bytes: int

    @property
    def name(self) -> str:
        return f"{PREFIX}{self.number}"


def upload_named(examination: StoredExamination, name: str) -> UUID | None:
    """Return the upload that a part of an examination is, or None where it is none."""
    listed = _upload_ids(examination)
    number = name.removeprefix(PREFIX)
    is_numbered = name.startswith(PREFIX) and number.isascii() and number.isdigit()
    place = int(number) if is_numbered else 0
    return listed[place - 1] if 1 <= place <= len(listed) else None


def _upload_ids(examination: StoredExamination) -> list[UUID]:
    return [UUID(key) for key in examination.provenance.get("upload_ids", ())]


async def get_recordings(
    connection: AsyncConnection, examinations: Iterable[StoredExamination]
) -> Mapping[UUID, Sequence[Recording]]:
    """Return the stored files of assessments, by the assessments' ids; researchers see none."""
    listed = {examination.id: _upload_ids(examination) for examination in examinations}
    ids = [key for keys in listed.values() for key in keys]
    if not ids:
        return {}
    rows = (await connection.execute(_stored(), {"ids": ids})).mappings().all()
    stored = {row["id"]: row for row in rows}
    return {
        assessment_id: [
            Recording(number, key, stored[key]["content_type"], stored[key]["file_size_bytes"])
            for number, key in enumerate(keys, start=1)
            if key in stored
        ]
        for assessment_id, keys in listed.items()
    }


@cache
def _stored() -> Select[Any]:
    columns = (UPLOADS.c[name] for name in ("id", "content_type", "file_size_bytes"))
    return select(*columns).where(
        UPLOADS.c.organization_id == ORGANIZATION,
        UPLOADS.c.id == func.any(bindparam("ids", type_=ARRAY(Uuid))),
        UPLOADS.c.status == UploadStatus.COMPLETE,
        UPLOADS.c.deleted_at.is_(None),
    )
