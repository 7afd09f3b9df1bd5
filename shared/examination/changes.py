"""Verdicts on a stored examination: each value against the person's first that is comparable."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.database.repositories import biomarkers
from shared.database.repositories.biomarkers import History
from shared.examination.change import Change, Point, history_changes
from shared.examination.retest import RETESTS
from shared.record import StoredExamination

# How far back an earlier measurement is looked for.
LOOKED_BACK = timedelta(days=5 * 365)


async def changes_of(
    connection: AsyncConnection, examination: StoredExamination
) -> Mapping[str, Change]:
    """Judge each value against the person's first that is comparable, where its noise is known."""
    verdicts = {}
    for name in [value.name for value in examination.biomarkers if value.name in RETESTS]:
        history = await biomarkers.get_user_biomarker_history(
            connection,
            name,
            examination.recorded_at - LOOKED_BACK,
            examination.recorded_at + timedelta(microseconds=1),
            subject_id=examination.user_id,
        )
        if history and (change := _own_change(history, examination.id)):
            verdicts[name] = change
    return verdicts


def _own_change(history: History, assessment_id: UUID) -> Change | None:
    """Return the verdict on the assessment's own point."""
    times = map(datetime.fromisoformat, history.measured_at)
    points = list(map(Point, history.value, times, history.method))
    changes = dict(zip(history.assessment_id, history_changes(history.name, points), strict=True))
    return changes.get(str(assessment_id))
