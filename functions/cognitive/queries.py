"""An organization's own norms: the sessions they are fitted on, and the norms as they are kept.

A norm is numbers of fifty people or more and of nobody in particular, so reading one leaves no
trace; reading the sessions does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Float,
    RowMapping,
    Select,
    Table,
    Text,
    and_,
    bindparam,
    cast,
    insert,
    select,
)
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database.models.base import table_of
from shared.database.models.results import results_table
from shared.database.models.site_norm import SiteNorm
from shared.database.repositories.audit import audited
from shared.database.repositories.tables import ASSESSMENTS, CALLER, ORGANIZATION

NORMS = table_of(SiteNorm)


@dataclass(frozen=True)
class Measure:
    """One biomarker of one task, as it was given."""

    biomarker: str
    task: str
    task_version: str | None
    mode: str


async def get_first_sessions(connection: AsyncConnection, measure: Measure) -> Sequence[RowMapping]:
    """Return each person's first valid session: its value, its method, and what is known of them.

    A second session would carry the practice of the first.
    """
    rows = await connection.execute(_first_sessions(measure))
    sessions: Sequence[RowMapping] = rows.mappings().all()
    return sessions


def _first_sessions(measure: Measure) -> Select[Any]:
    scores = results_table("cognitive")
    task, known = scores.c.task_scores[measure.task], ASSESSMENTS.c.provenance["parameters"]
    value = task["scores"][measure.biomarker]["value"].astext
    first = (
        select(
            ASSESSMENTS.c.id,
            ASSESSMENTS.c.user_id,
            ASSESSMENTS.c.pipeline_version,
            cast(value, Float).label("value"),
            _number(known, "age_years"),
            known["sex"].astext.label("sex"),
            _number(known, "education_years"),
        )
        .join_from(ASSESSMENTS, scores, _of_assessment(scores))
        .where(
            ASSESSMENTS.c.organization_id == ORGANIZATION,
            ASSESSMENTS.c.deleted_at.is_(None),
            scores.c.validity["verdict"].astext == "valid",
            known["mode"].astext == measure.mode,
            task["version"].astext.is_not_distinct_from(measure.task_version),
            value.is_not(None),
        )
        .ext(distinct_on(ASSESSMENTS.c.user_id))
        .order_by(ASSESSMENTS.c.user_id, ASSESSMENTS.c.recorded_at, ASSESSMENTS.c.id)
    )
    return audited(first, "assessments")


def _of_assessment(scores: Table) -> ColumnElement[bool]:
    return and_(
        scores.c.organization_id == ASSESSMENTS.c.organization_id,
        scores.c.user_id == ASSESSMENTS.c.user_id,
        scores.c.assessment_id == ASSESSMENTS.c.id,
    )


def _number(known: Any, name: str) -> ColumnElement[float]:
    return cast(known[name].astext, Float).label(name)


async def add_site_norm(connection: AsyncConnection, norm: Mapping[str, Any]) -> RowMapping:
    """Keep a norm in the caller's name and return it as it is kept."""
    statement = insert(NORMS).values(**norm, organization_id=ORGANIZATION, created_by=CALLER)
    rows = await connection.execute(statement.returning(*NORMS.c))
    return rows.mappings().one()


async def list_site_norms(connection: AsyncConnection) -> Sequence[RowMapping]:
    """Return every norm of the organization, the newest first."""
    norms: Sequence[RowMapping] = (await connection.execute(_listed())).mappings().all()
    return norms


@cache
def _listed() -> Select[Any]:
    return (
        select(*NORMS.c)
        .where(NORMS.c.organization_id == ORGANIZATION)
        .order_by(NORMS.c.created_at.desc(), NORMS.c.id.desc())
    )


async def get_newest_site_norms(
    connection: AsyncConnection, pipeline_version: str
) -> Sequence[RowMapping]:
    """Return the newest norm of each biomarker, task version and mode."""
    rows = await connection.execute(_newest(), {"pipeline_version": pipeline_version})
    norms: Sequence[RowMapping] = rows.mappings().all()
    return norms


@cache
def _newest() -> Select[Any]:
    kind = (NORMS.c.biomarker, NORMS.c.task_version, NORMS.c.mode)
    return (
        select(*NORMS.c)
        .where(
            NORMS.c.organization_id == ORGANIZATION,
            NORMS.c.pipeline_version == bindparam("pipeline_version", type_=Text),
        )
        .ext(distinct_on(*kind))
        .order_by(*kind, NORMS.c.created_at.desc(), NORMS.c.id.desc())
    )
