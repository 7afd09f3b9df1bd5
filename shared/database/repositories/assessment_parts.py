"""The parts of an assessment as they are saved: its result, biomarkers, stages and pictures."""

import gzip
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    Select,
    Table,
    Text,
    Uuid,
    bindparam,
    column,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningInsert

from shared.database.models.results import results_table
from shared.database.repositories.tables import (
    CATALOG,
    ORGANIZATION,
    PICTURES,
    STAGES,
    VALUES,
)
from shared.identifiers import uuid7
from shared.record import Created, Examination, Json, Picture, Stage, Value

TABLES = {table.name: table for table in (STAGES, VALUES, PICTURES)}
# Formats that are compressed already.
PACKED_TYPES = ("image/png",)


async def save_parts(
    connection: AsyncConnection,
    created: Created,
    examination: Examination,
    pictures: Sequence[Picture] = (),
) -> None:
    """Add the examination's stages, biomarkers, result and pictures in one statement.

    A biomarker that the catalog lacks is refused by the database.
    """
    await _insert(connection, created, part_rows(examination, pictures))


def part_rows(
    examination: Examination, pictures: Sequence[Picture] = ()
) -> dict[str, list[dict[str, Json]]]:
    """Return the rows of every part by its table, as JSON holds them."""
    result = examination.result
    return {
        "pipeline_stages": [_stage_row(stage) for stage in examination.stages],
        "biomarker_values": [
            _value_row(value, examination.recorded_at) for value in examination.biomarkers
        ],
        "assessment_pictures": [_picture_row(picture) for picture in pictures],
        f"{examination.pipeline}_results": [{"id": str(uuid7()), **result}] if result else [],
    }


async def save_stages(
    connection: AsyncConnection, created: Created, stages: Sequence[Stage]
) -> None:
    """Add steps to an assessment that has nothing else."""
    rows = {"pipeline_stages": [_stage_row(stage) for stage in stages]}
    await _insert(connection, created, rows)


async def _insert(
    connection: AsyncConnection, created: Created, rows: dict[str, list[dict[str, Json]]]
) -> None:
    filled = {table: listed for table, listed in rows.items() if listed}
    keys = {"assessment_id": created.id, "user_id": created.user_id}
    await connection.execute(_insert_parts(tuple(filled)), filled | keys)


def _stage_row(stage: Stage) -> dict[str, Json]:
    started_at = stage.started_at.isoformat() if stage.started_at else None
    return {**asdict(stage), "id": str(uuid7()), "started_at": started_at}


def _value_row(value: Value, measured_at: datetime) -> dict[str, Json]:
    """The unit and the group are the catalog's, the citation is kept with the assessment."""
    return {**asdict(value), "measured_at": measured_at.isoformat()}


def _picture_row(picture: Picture) -> dict[str, Json]:
    is_packed = picture.media_type in PACKED_TYPES
    content = picture.content if is_packed else gzip.compress(picture.content, mtime=0)
    return {
        "id": str(uuid7()),
        "name": picture.name,
        "media_type": picture.media_type,
        "alt": picture.alt,
        "content_encoding": "identity" if is_packed else "gzip",
        "content": "\\x" + content.hex(),
    }


@cache
def _insert_parts(tables: tuple[str, ...]) -> Select[Any]:
    inserts = [_insert_rows(_table(name)).cte(f"added_{name}") for name in tables]
    return select(literal_column("true").label("saved")).add_cte(*inserts)


def _table(name: str) -> Table:
    return TABLES[name] if name in TABLES else results_table(name.removesuffix("_results"))


def _insert_rows(table: Table) -> ReturningInsert[Any]:
    """Insert what a JSON array holds, typed as the table's own columns are."""
    keys = {
        "organization_id": ORGANIZATION,
        "user_id": bindparam("user_id", type_=Uuid),
        "assessment_id": bindparam("assessment_id", type_=Uuid),
    }
    own = [c for c in table.c if c.name not in {*keys, "created_at", "biomarker_id"}]
    given = [column(c.name, c.type) for c in own]
    if "biomarker_id" in table.c:
        given.append(column("name", Text()))
    rows = (
        func.jsonb_to_recordset(bindparam(table.name, type_=JSONB))
        .table_valued(*given)
        .render_derived(name="given", with_types=True)
    )
    if "biomarker_id" in table.c:
        named = select(CATALOG.c.id).where(CATALOG.c.name == rows.c.name).scalar_subquery()
        keys["biomarker_id"] = named
    values = select(*keys.values(), *(rows.c[c.name] for c in own))
    return (
        insert(table)
        .from_select([*keys, *(c.name for c in own)], values)
        .returning(literal_column("1"))
    )
