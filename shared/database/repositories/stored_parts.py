"""The parts of a stored assessment, each read beside it as one JSON value."""

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Text,
    and_,
    case,
    func,
    literal_column,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from shared.database.repositories.keys import wrapped_key
from shared.database.repositories.tables import (
    ASSESSMENTS,
    CATALOG,
    PICTURES,
    RESULTS,
    SCOPE,
    SIGN_OFFS,
    STAGES,
    VALUES,
)
from shared.permissions import Scope
from shared.record import Stage, StoredPicture, Value

# The columns of an examination, one a field; what lies in tables of its own is read with them.
PARTS = {"result", "biomarkers", "stages", "pictures", "sign_offs", "altered"}
MESSAGE = "error_message"
# What a part shares with its assessment, and the answer says only once.
SHARED_COLUMNS = ("id", "created_at", "organization_id", "user_id", "assessment_id")


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
