"""A person's values of a biomarker over the days behind."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import repeat
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from functions.records.history.schemas import BiomarkerHistory
from shared.database.repositories import biomarkers, people
from shared.database.repositories.biomarkers import POINT, History
from shared.errors import NotFound
from shared.examination.change import Change, Point, history_changes
from shared.examination.request import CLOCK_SKEW
from shared.examination.retest import RETESTS, UNKNOWN_RETEST_ERROR


async def biomarker_history(
    connection: AsyncConnection, name: str, *, days: int, subject_id: UUID | None
) -> BiomarkerHistory:
    """Return one person's values of the last `days` days with their band and trend.

    Raises
    ------
    NotFound
        No biomarker has this name, or nobody within the caller's reach is this person.
    """
    now = datetime.now(UTC)
    since, until = now - timedelta(days=days), now + CLOCK_SKEW
    history = await biomarkers.get_user_biomarker_history(
        connection, name, since, until, subject_id=subject_id
    )
    if history is None:
        raise NotFound(f"No biomarker is called '{name}'.", resource_type="biomarkers")
    person = history.user_id
    if not history.value:
        standing = await people.get_standing(connection, person)
        if standing != person:
            return await biomarker_history(connection, name, days=days, subject_id=standing)
    retest, before = RETESTS.get(name), False
    if retest:
        before = await biomarkers.was_measured_before(connection, name, person, since)
    return BiomarkerHistory.model_validate(
        {
            "name": history.name,
            "unit": history.unit,
            "category": history.category,
            "subject_id": person,
            "days": days,
            "points": _points(history, measured_before=before),
            "reference": _reference(history),
            "trend": _trend(history),
            "retest": retest,
            "warnings": [] if retest else [UNKNOWN_RETEST_ERROR],
        }
    )


def _reference(history: History) -> Mapping[str, Any] | None:
    low, high = history.normal_range_min, history.normal_range_max
    is_ranged = low is not None or high is not None
    return {"low": low, "high": high, "source": history.source} if is_ranged else None


def _trend(history: History) -> Mapping[str, Any] | None:
    slope = history.slope_per_day
    return None if slope is None else {"slope_per_day": slope, "points": len(history.value)}


def _points(history: History, *, measured_before: bool) -> list[dict[str, Any]]:
    changes = _changes(history, measured_before=measured_before)
    columns = zip(*(getattr(history, name) for name in POINT), changes, strict=True)
    return [dict(zip((*POINT, "change"), values, strict=True)) for values in columns]


def _changes(history: History, *, measured_before: bool) -> Iterable[Change | None]:
    """Judge every value, where it is known how values differ without any change."""
    if history.name not in RETESTS:
        return repeat(None, len(history.value))
    times = map(datetime.fromisoformat, history.measured_at)
    points = map(Point, history.value, times, history.method)
    return history_changes(history.name, list(points), measured_before=measured_before)
