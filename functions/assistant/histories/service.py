"""A person's history, gathered for an explanation or a conversation."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from functions.assistant.histories import queries
from functions.assistant.histories.queries import MOST_MEASUREMENTS, Period
from functions.assistant.histories.series import MOST_MEASURES, History, Series
from shared.database.repositories import biomarkers, people
from shared.errors import Conflict, NotFound
from shared.examination.request import CLOCK_SKEW
from shared.examination.retest import RETESTS


class NothingMeasured(Conflict):
    """Nothing was measured of the person in that time: there is no history to explain."""

    code = "nothing-measured"

    def __init__(self) -> None:
        super().__init__("Nothing was measured in these days. Ask for more days.")


async def get_history(
    connection: AsyncConnection, person_id: UUID, names: Sequence[str] | None, *, days: int
) -> History:
    """Return a person's series of the last `days` days; of `names`, or those measured most often.

    Raises
    ------
    NotFound
        No biomarker has one of the names, or nobody within the caller's reach is this person.
    NothingMeasured
    """
    if names and (unknown := await queries.get_unknown(connection, names)):
        raise NotFound(f"No biomarker is called '{unknown[0]}'.", resource_type="biomarkers")
    standing = await people.get_standing(connection, person_id)
    now = datetime.now(UTC)
    period = Period(standing, now - timedelta(days=days), now + CLOCK_SKEW)
    left_out = [f"measurements before the last {days} days"]
    wanted = names or await queries.get_most_measured(connection, period, MOST_MEASURES + 1)
    if len(wanted) > MOST_MEASURES:
        wanted = wanted[:MOST_MEASURES]
        left_out.append(f"all but the {MOST_MEASURES} measures that were measured most often")
    series = await queries.get_series(connection, period, wanted) if wanted else []
    if not series:
        raise NothingMeasured
    if any(shown.is_continued for shown in series):
        left_out.append(f"of a measure all but the latest {MOST_MEASUREMENTS} measurements")
    series = [await _continued(connection, period, shown) for shown in series]
    measured = {shown.name for shown in series}
    never = [name for name in dict.fromkeys(wanted) if name not in measured]
    return History(standing, series, never, left_out)


async def _continued(connection: AsyncConnection, period: Period, series: Series) -> Series:
    """Say of a series that is judged whether the person was measured before it."""
    if series.is_continued or series.name not in RETESTS:
        return series
    was = await biomarkers.was_measured_before(
        connection, series.name, period.person_id, series.first.measured_at
    )
    return replace(series, is_continued=was)
