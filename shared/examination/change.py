"""Reliable change: whether two measurements of one person differ by more than noise.

A difference between two sessions holds practice, measurement error and everyday ups and
downs. The reliable-change index sets it against the standard deviation of the differences
that people show who have not changed [1]_, [2]_. That figure has to be known for the very
biomarker (`shared/examination/retest.py`); where it is not, there is no verdict. What practice
is worth was measured from a first to a second session at one interval; it is subtracted there,
and nowhere else expected.

References
----------
.. [1] Jacobson & Truax (1991). Clinical significance: a statistical approach to defining
   meaningful change in psychotherapy research. J Consult Clin Psychol 59(1), 12-19.
   doi:10.1037/0022-006X.59.1.12
.. [2] Temkin, Heaton, Grant & Dikmen (1999). Detecting significant change in
   neuropsychological test performance: a comparison of four models. J Int Neuropsychol
   Soc 5(4), 357-369. doi:10.1017/S1355617799544068
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from math import sqrt
from statistics import fmean

from shared.examination.retest import (
    BAND,
    DETECTABLE,
    RETESTS,
    UNKNOWN_RETEST_ERROR,
    Retest,
    tolerance_factor,
)

SHORTEST_INTERVAL = timedelta(hours=24)  # sooner, memory of the items carries over


class Verdict(StrEnum):
    """What can be said of a change; "no reliable change" is an answer like the others."""

    FIRST = "first measurement"
    NO_RELIABLE_CHANGE = "no reliable change"
    RELIABLE_INCREASE = "reliable increase"
    RELIABLE_DECREASE = "reliable decrease"
    NOT_COMPARABLE = "not comparable"
    UNKNOWN = "retest error unknown"


@dataclass(frozen=True)
class Point:
    """One measurement.

    `method` names what made the number (the pipeline's version, the task's version) and
    `device` what recorded it, where that is not part of the method; None where not known.
    """

    value: float
    measured_at: datetime | None = None
    method: str | None = None
    device: str | None = None


@dataclass(frozen=True)
class Change:
    """The verdict beside a point of a history, with what it rests on.

    Attributes
    ----------
    difference : float or None
        Later minus earlier, as measured.
    expected : float or None
        The part that practice alone explains; 0 where none was measured for such sessions.
    index : float or None
        (difference - expected) / SD: the reliable-change index.
    band : float or None
        Half-width of the 90 % tolerance band around `expected`: changes inside it are noise.
    minimal_detectable : float or None
        The smallest difference beyond the 95 % tolerance band.
    statement : str
        One sentence for people.
    """

    verdict: Verdict
    statement: str
    difference: float | None = None
    expected: float | None = None
    index: float | None = None
    band: float | None = None
    minimal_detectable: float | None = None
    source: str | None = None


def reliable_change(
    biomarker: str,
    before: Sequence[Point],
    after: Sequence[Point],
    retest: Retest | None = None,
    *,
    sessions_before: int | None = None,
) -> Change:
    """Compare earlier with later measurements of one biomarker.

    Parameters
    ----------
    before, after : sequence of Point
        One point each, or several to be averaged: means of k sessions on either side
        differ by chance with SD / sqrt(k).
    retest : Retest or None
        A laboratory's own figure; the table's (`RETESTS`) where None.
    sessions_before : int or None
        How often the person was measured before `after`, where that was more often than
        `before` shows.

    Notes
    -----
    The error is the SD of test-retest differences itself. The form built from one
    session's SD and a reliability calls far more than 10 % of unchanged people changed
    when it promises 10 %. Practice is subtracted only from a second session that lies as
    long after the first as where it was measured: a Stroop effect that grew by 40 ms is
    noise between any two sessions, but too much where people improve by 17 ms.

    Examples
    --------
    >>> first, later = datetime(2026, 1, 1), datetime(2026, 1, 22)
    >>> before, after = Point(70.0, first), Point(115.0, later)
    >>> reliable_change("stroop_effect", [before], [after]).verdict.value
    'reliable increase'
    >>> reliable_change("stroop_effect", [Point(70.0)], [Point(115.0)]).verdict.value
    'no reliable change'
    """
    difference = fmean([p.value for p in after]) - fmean([p.value for p in before])
    obstacle = _obstacle([*before, *after])
    if obstacle is not None:
        return Change(Verdict.NOT_COMPARABLE, obstacle, difference)
    known = retest or RETESTS.get(biomarker)
    if known is None:
        return Change(Verdict.UNKNOWN, UNKNOWN_RETEST_ERROR, difference)
    error = known.difference_sd * sqrt((1 / len(before) + 1 / len(after)) / 2)
    obstacle = _no_practice(before, after, known, sessions_before or len(before))
    expected = 0.0 if obstacle else known.practice
    caution = f"{obstacle}{_caution([*before, *after])}"
    return _verdict(difference, expected, error, known, caution)


def _no_practice(
    before: Sequence[Point], after: Sequence[Point], known: Retest, sessions_before: int
) -> str:
    """Why practice is not to be expected as it was measured; empty where it is."""
    if known.practice == 0:
        return ""
    if sessions_before > 1 or len(after) > 1:
        return " No practice is expected: it was measured from a first to a second session only."
    times = [before[0].measured_at, after[0].measured_at]
    if times[0] is None or times[1] is None:
        return " No practice is expected: the time between the sessions is not known."
    days = (times[1] - times[0]) / timedelta(days=1)
    shortest, longest = known.practice_days
    if shortest <= days <= longest:
        return ""
    return (
        f" No practice is expected: it was measured at {known.interval}, and these sessions lie"
        f" {days:.3g} days apart."
    )


def _verdict(
    difference: float, expected: float, error: float, known: Retest, caution: str
) -> Change:
    index = (difference - expected) / error
    band = tolerance_factor(BAND, known.n) * error
    verdict = Verdict.NO_RELIABLE_CHANGE
    if abs(difference - expected) > band:
        verdict = Verdict.RELIABLE_INCREASE if index > 0 else Verdict.RELIABLE_DECREASE
    statement = (
        f"{verdict.value.capitalize()}: {difference:+.4g} against {expected:+.3g} ± {band:.3g} "
        f"expected of unchanged people (90 % of them with 95 % confidence, n = {known.n}).{caution}"
    )
    return Change(
        verdict=verdict,
        statement=statement,
        difference=difference,
        expected=expected,
        index=index,
        band=band,
        minimal_detectable=tolerance_factor(DETECTABLE, known.n) * error,
        source=known.source,
    )


def history_changes(
    biomarker: str,
    points: Sequence[Point],
    retest: Retest | None = None,
    *,
    measured_before: bool = False,
) -> tuple[Change, ...]:
    """Give every point of a history, oldest first, its verdict.

    Each point is set against the first that was made in the same way. A point made in a
    new way is not comparable with what came before and begins a baseline of its own.
    `measured_before` says that the history begins later than the person did: then no point
    is a second session, and no practice is expected.
    """
    first = "First of the measurements shown" if measured_before else "First measurement"
    changes = [Change(Verdict.FIRST, f"{first}: nothing to compare it with.")]
    baselines: dict[tuple[str | None, str | None], Point] = {}
    for number, (before, point) in enumerate(pairwise(points), start=1):
        baselines.setdefault((before.method, before.device), before)
        alike = (known for known in baselines.values() if _obstacle([known, point]) is None)
        baseline = next(alike, points[0])
        sessions = number + measured_before
        changes.append(
            reliable_change(biomarker, [baseline], [point], retest, sessions_before=sessions)
        )
    return tuple(changes[: len(points)])


def _obstacle(points: Sequence[Point]) -> str | None:
    """Why points may not be compared; None where nothing known speaks against it."""
    if len({point.method for point in points} - {None}) > 1:
        return "Not comparable: the method changed between the measurements."
    if len({point.device for point in points} - {None}) > 1:
        return "Not comparable: the device changed between the measurements."
    return None


def _caution(points: Sequence[Point]) -> str:
    """What weakens a comparison without forbidding it."""
    sentences = []
    if any(point.method is None for point in points):
        sentences.append(" The method of a measurement is not known.")
    if len({point.device is None for point in points}) > 1:
        sentences.append(" The device of a measurement is not known.")
    times = sorted(point.measured_at for point in points if point.measured_at is not None)
    if any(later - sooner < SHORTEST_INTERVAL for sooner, later in pairwise(times)):
        sentences.append(" Two measurements lie less than 24 hours apart.")
    return "".join(sentences)
