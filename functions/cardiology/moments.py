"""Which stretches of ten seconds of a recording are worth a look."""

from dataclasses import dataclass

import numpy as np

from functions.cardiology.ecg_paper import KINDS, STRIP_S, Marks, clock
from functions.cardiology.overview import Rhythms

MOST_STRIPS = 3
_PAUSE_S = (
    2.0  # a longer interval is worth looking at (Kusumoto 2018, doi:10.1016/j.jacc.2018.10.044)
)


@dataclass(frozen=True)
class Moment:
    """Where a strip begins, and why there."""

    start_s: float
    why: str


def telling_moments(marks: Marks, rhythms: Rhythms, end_s: float) -> list[Moment]:
    """Choose up to three stretches of ten seconds to look at.

    First the longest rhythm that is not sinus, then the most ventricular beats, the longest pause,
    the most early beats, and what is ordinary; none overlaps a chosen one by more than half.

    Parameters
    ----------
    marks : Marks
    rhythms : sequence of (start_s, end_s, name)
    end_s : float
        Duration of the recording.

    Returns
    -------
    list of Moment
        In the order of time, each within the recording; the whole of a recording of ten seconds.
    """
    if end_s <= STRIP_S:
        return [Moment(0.0, "")]
    candidates = [
        *_other_rhythms(rhythms),
        *_most_ectopic(marks, "V"),
        *_longest_pause(marks),
        *_most_ectopic(marks, "E"),
        *_ordinary(marks, end_s),
    ]
    chosen: list[Moment] = []
    for moment in candidates:
        start_s = float(np.clip(moment.start_s, 0, end_s - STRIP_S))
        apart = all(abs(start_s - other.start_s) > STRIP_S / 2 for other in chosen)
        if apart and len(chosen) < MOST_STRIPS:
            chosen.append(Moment(start_s, moment.why))
    return sorted(chosen, key=lambda moment: moment.start_s)


def _other_rhythms(rhythms: Rhythms) -> list[Moment]:
    """The beginning of the longest stretch that is not sinus rhythm."""
    other = [r for r in rhythms if "sinus" not in r[2].casefold()]
    if not other:
        return []
    from_s, to_s, name = max(other, key=lambda r: r[1] - r[0])
    return [Moment(from_s - 3, f"{name} from {clock(from_s)} to {clock(to_s)}")]


def _most_ectopic(marks: Marks, kind: str) -> list[Moment]:
    """The ten seconds with the most beats of one kind."""
    times = np.array([t for t, k in zip(marks.time_s, marks.kinds, strict=True) if k == kind])
    if not len(times):
        return []
    counts = np.searchsorted(times, times + STRIP_S - 1) - np.arange(len(times))
    at = int(counts.argmax())
    beats = "beat" if counts[at] == 1 else "beats"
    return [Moment(float(times[at]) - 1, f"{counts[at]} {KINDS[kind]} {beats}")]


def _longest_pause(marks: Marks) -> list[Moment]:
    rr_s = np.nan_to_num(marks.rr_s)
    if not len(rr_s) or rr_s.max() < _PAUSE_S:
        return []
    at = int(rr_s.argmax())
    return [Moment(float(marks.time_s[at]) - STRIP_S / 3, f"longest pause, {rr_s[at]:.1f} s")]


def _ordinary(marks: Marks, end_s: float) -> list[Moment]:
    """The first ten seconds whose intervals are closest to those of the whole recording."""
    rr_s = np.diff(marks.time_s)
    if not len(rr_s):
        return [Moment(0.0, "beginning")]
    usual = float(np.median(rr_s))
    best, least = 0.0, np.inf
    for start_s in np.arange(0, end_s - STRIP_S, STRIP_S):
        inside = marks.within(start_s, start_s + STRIP_S)
        if len(inside.kinds) < 3 or set(inside.kinds) != {"N"}:
            continue
        distance = abs(float(np.median(np.diff(inside.time_s))) - usual)
        if distance < least:
            best, least = float(start_s), distance
    return [Moment(best, "ordinary stretch" if np.isfinite(least) else "beginning")]
