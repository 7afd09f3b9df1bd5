"""Notes go along with an assessment: they are encrypted with the key of whose it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database.repositories import keys
from shared.database.repositories.tables import ASSESSMENTS, ORGANIZATION, SIGN_OFFS

COLUMNS = {"assessments": ASSESSMENTS.c.review_note, "sign_offs": SIGN_OFFS.c.note}
ASSESSMENT = {"assessments": ASSESSMENTS.c.id, "sign_offs": SIGN_OFFS.c.assessment_id}


@dataclass(frozen=True)
class Notes:
    """What was written of assessments, by table and row."""

    texts: Mapping[tuple[str, UUID], str]


async def read(connection: AsyncConnection, ids: Sequence[UUID]) -> Notes:
    """Open the notes of assessments while they are still under the person before."""
    texts = {}
    for table, column in COLUMNS.items():
        rows = await connection.execute(
            select(
                *(column.table.c[name] for name in ("id", "organization_id", "user_id")),
                column.label("note"),
                keys.wrapped_key(column.table),
            ).where(
                column.table.c.organization_id == ORGANIZATION,
                ASSESSMENT[table].in_(ids),
                column.is_not(None),
            )
        )
        stored = rows.mappings().all()
        reader = await keys.reader(connection, stored)
        for row in stored:
            opened = reader.texts(row).opened(table, column.name, row["id"], row["note"])
            texts[table, row["id"]] = opened
    return Notes(texts)


async def write(connection: AsyncConnection, notes: Notes, person_id: UUID) -> None:
    """Encrypt notes with the key of the person under whom their assessments are now."""
    if not notes.texts:
        return
    texts = (await keys.keys_of(connection, person_id)).texts
    for (table, row), note in notes.texts.items():
        column = COLUMNS[table]
        await connection.execute(
            update(column.table)
            .where(column.table.c.organization_id == ORGANIZATION, column.table.c.id == row)
            .values({column.name: texts.sealed(table, column.name, row, note)})
        )
