"""The parts of an assessment: its result, biomarkers and stages, saved and read back."""

import gzip
from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Table,
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    column,
    func,
    literal_column,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningInsert

from shared.database.models.results import results_table
from shared.database.repositories.keys import wrapped_key
from shared.database.repositories.tables import (
    ASSESSMENTS,
    CATALOG,
    ORGANIZATION,
    PICTURES,
    RESULTS,
    SCOPE,
    SIGN_OFFS,
    STAGES,
    VALUES,
)
from shared.identifiers import uuid7
from shared.permissions import Scope
from shared.record import Created, Examination, Json, Picture, Stage, StoredPicture, Value

PARTS = {table.name: table for table in (STAGES, VALUES, PICTURES)}
MESSAGE = "error_message"
# Formats that are compressed already.
PACKED_TYPES = ("image/png",)
# What a part shares with its assessment, and the answer says only once.
SHARED_COLUMNS = ("id", "created_at", "organization_id", "user_id", "assessment_id")


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
    return PARTS[name] if name in PARTS else results_table(name.removesuffix("_results"))


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


def whole(columns: Iterable[ColumnElement[Any]]) -> Select[Any]:
    """Select these columns of an assessment, and all its parts, each as one JSON value.

    With them come whose they are, what opens the notes, and which of them are not as the trail of
    changes has them.
    """
    return select(
        *columns,
        ASSESSMENTS.c.organization_id,
        wrapped_key(ASSESSMENTS),
        _result().label("result"),
        _parts(_biomarkers(), "biomarkers"),
        _parts(_stages(), "stages"),
        _parts(_pictures(), "pictures"),
        _parts(_sign_offs(), "sign_offs"),
        func.medilens.altered(ASSESSMENTS.c.id, type_=ARRAY(Text)).label("altered"),
    )


def _of_assessment(table: FromClause) -> ColumnElement[bool]:
    """The whole composite key, so that the table's own index answers it."""
    return and_(
        table.c.organization_id == ASSESSMENTS.c.organization_id,
        table.c.user_id == ASSESSMENTS.c.user_id,
        table.c.assessment_id == ASSESSMENTS.c.id,
    )


def _result() -> ColumnElement[Any]:
    """The row of the pipeline's own results table, without what the assessment says already."""
    shared_columns: ColumnElement[Any] = literal_column(f"'{{{','.join(SHARED_COLUMNS)}}}'::text[]")
    # Words of a log that are not understood, and the clinic's own name of a lesion.
    withheld: ColumnElement[Any] = case(
        (SCOPE == Scope.RESEARCH, literal_column("'{import_report,lesion_key}'::text[]")),
        else_=literal_column("'{}'::text[]"),
    )
    return case(
        {
            pipeline: select(
                func.to_jsonb(literal_column(table.name)).op("-")(shared_columns).op("-")(withheld)
            )
            .where(_of_assessment(table))
            .correlate(ASSESSMENTS)
            .scalar_subquery()
            for pipeline, table in RESULTS.items()
        },
        value=ASSESSMENTS.c.pipeline,
    )


def _parts(rows: Select[Any], name: str) -> ColumnElement[Any]:
    """The rows as one JSON array, in their order."""
    part = rows.correlate(ASSESSMENTS).subquery(name)
    as_json = func.coalesce(
        func.jsonb_agg(literal_column(f"to_jsonb({name})")), text("'[]'::jsonb")
    )
    return select(as_json).select_from(part).scalar_subquery().label(name)


def _names(part: type[Stage | Value | StoredPicture]) -> list[str]:
    return [field.name for field in fields(part)]


def _biomarkers() -> Select[Any]:
    shown = [name for name in _names(Value) if name in VALUES.c]
    return (
        select(
            CATALOG.c.name, CATALOG.c.unit, CATALOG.c.category, *(VALUES.c[name] for name in shown)
        )
        .join_from(VALUES, CATALOG, VALUES.c.biomarker_id == CATALOG.c.id)
        .where(_of_assessment(VALUES), VALUES.c.measured_at == ASSESSMENTS.c.recorded_at)
        .order_by(VALUES.c.biomarker_id)
    )


def _stages() -> Select[Any]:
    return (
        select(
            *(STAGES.c[name] for name in _names(Stage) if name not in {"started_at", MESSAGE}),
            # What a refusal says of a log may quote it.
            case((SCOPE != Scope.RESEARCH, STAGES.c[MESSAGE])).label(MESSAGE),
        )
        .where(_of_assessment(STAGES))
        .order_by(STAGES.c.stage_index)
    )


def _pictures() -> Select[Any]:
    return (
        select(*(PICTURES.c[name] for name in _names(StoredPicture)))
        .where(_of_assessment(PICTURES))
        .order_by(PICTURES.c.id)
    )


def _sign_offs() -> Select[Any]:
    return (
        select(
            *(SIGN_OFFS.c[name] for name in ("id", "signed_by")),
            SIGN_OFFS.c.created_at.label("signed_at"),
            *(SIGN_OFFS.c[name] for name in ("status", "revision", "note")),
        )
        .where(_of_assessment(SIGN_OFFS))
        .order_by(SIGN_OFFS.c.revision)
    )
