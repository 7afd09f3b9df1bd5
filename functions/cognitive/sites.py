"""An organization's own norms: fitted on its sessions, kept, and given to the analysis."""

from typing import Any

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.cognitive import queries
from functions.cognitive.domains import Examinee
from functions.cognitive.norms import BIOMARKERS
from functions.cognitive.queries import Measure
from functions.cognitive.schemas import SiteNormCreate, SiteNormRead, SiteNorms, Terms
from functions.cognitive.sitenorms import Person, SiteNorm, fit_site_norm
from functions.cognitive.trials import Mode
from shared.errors import InvalidRequest


async def create_site_norm(
    connection: AsyncConnection, wanted: SiteNormCreate, pipeline_version: str
) -> SiteNormRead:
    """Fit a norm on everybody's first valid session, and keep it.

    Raises
    ------
    InvalidRequest
        The biomarker is not one by which a task counts in its domain.
    TooFewSessions, NoVariety
    """
    measure = Measure(wanted.biomarker, _task(wanted.biomarker), wanted.task_version, wanted.mode)
    sessions = await queries.get_first_sessions(connection, measure)
    known = [
        (row["value"], person)
        for row in sessions
        # What an older version scored is no session of this one, but it was the first.
        if row["pipeline_version"] == pipeline_version and (person := _person(row)) is not None
    ]
    values, people = [value for value, _ in known], [person for _, person in known]
    mode, version = Mode(wanted.mode), wanted.task_version
    norm = fit_site_norm(wanted.biomarker, values, people, mode, version)
    return _read(await queries.add_site_norm(connection, _row(norm, pipeline_version)))


def _task(biomarker: str) -> str:
    kind = BIOMARKERS.get(biomarker)
    if kind is None or kind.task is None or not kind.primary:
        known = ", ".join(name for name, entry in BIOMARKERS.items() if entry.primary)
        raise InvalidRequest(f"biomarker: expected one of {known}")
    return kind.task


def _person(row: RowMapping) -> Person | None:
    return Examinee(Mode.UNKNOWN, row["age_years"], row["sex"], row["education_years"]).person


def _row(norm: SiteNorm, pipeline_version: str) -> dict[str, Any]:
    return {
        "biomarker": norm.biomarker,
        "task_version": norm.version,
        "mode": norm.mode.value,
        "pipeline_version": pipeline_version,
        "sample_size": norm.n,
        "coefficients": list(norm.coefficients),
        "inverse": [list(row) for row in norm.inverse],
        "residual_sd": norm.residual_sd,
        "age_min_years": norm.ages[0],
        "age_max_years": norm.ages[1],
        "age_center_years": norm.age_center,
        "education_center_years": norm.education_center,
    }


async def list_site_norms(connection: AsyncConnection) -> SiteNorms:
    rows = await queries.list_site_norms(connection)
    return SiteNorms(items=[_read(row) for row in rows])


def _read(row: RowMapping) -> SiteNormRead:
    shown = {name: row[name] for name in SiteNormRead.model_fields}
    terms = dict(zip(Terms.model_fields, row["coefficients"], strict=True))
    return SiteNormRead.model_validate({**shown, "coefficients": terms})


async def newest_norms(connection: AsyncConnection, pipeline_version: str) -> tuple[SiteNorm, ...]:
    """The newest norm of each biomarker, task version and mode."""
    rows = await queries.get_newest_site_norms(connection, pipeline_version)
    return tuple(_norm(row) for row in rows)


def _norm(row: RowMapping) -> SiteNorm:
    return SiteNorm(
        biomarker=row["biomarker"],
        mode=Mode(row["mode"]),
        version=row["task_version"],
        n=row["sample_size"],
        coefficients=tuple(row["coefficients"]),
        inverse=tuple(map(tuple, row["inverse"])),
        residual_sd=row["residual_sd"],
        ages=(row["age_min_years"], row["age_max_years"]),
        age_center=row["age_center_years"],
        education_center=row["education_center_years"],
        key=str(row["id"]),
    )
