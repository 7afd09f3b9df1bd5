"""How steady the values of a recording are: each measured on its first and on its second half.

`precision(exam, values) -> Halves`; shared/science/halves.py says what half of the difference is.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from functions.cardiology.beat_patterns import NamedBeats, measured_beats
from functions.cardiology.evidence import Everything, measured_values
from functions.cardiology.hrv import variability
from functions.cardiology.intervals import measure_intervals
from functions.cardiology.ventricular import BeatKind
from shared.science.halves import Halves, half_differences, only

MIN_HALF_BEATS = 4  # as of a whole recording: fewer give no rate
# Of a recording as a whole: the longest pause lies in one half, fibrillation comes and goes.
WHOLE_ONLY = ("pause_max", "af_burden")


def precision(exam: Everything, values: Mapping[str, float]) -> Halves:
    """Measure what each half gives of the values that the whole recording gave.

    Parameters
    ----------
    exam : Everything
    values : dict
        What the whole gave, by biomarker name.

    Returns
    -------
    dict
        By biomarker name; empty where a half has fewer than `MIN_HALF_BEATS`. An axis is turned so
        that both halves lie within half a turn: 179 and -179 degrees are 2 apart.
    """
    time_s = exam.beats.time_s
    middle = int(np.searchsorted(time_s, (time_s[0] + time_s[-1]) / 2))
    parts = slice(0, middle), slice(middle, len(time_s))
    if min(part.stop - part.start for part in parts) < MIN_HALF_BEATS:
        return {}
    first, second = (measured_values(_half(exam, part)) for part in parts)
    if "qrs_axis" in first and "qrs_axis" in second:
        second["qrs_axis"] = _nearest_turn_deg(second["qrs_axis"], first["qrs_axis"])
    steady = {name: value for name, value in values.items() if name not in WHOLE_ONLY}
    return only(steady, half_differences(first, second))


def _half(exam: Everything, part: slice) -> Everything:
    """The same examination with the beats of a part; the rhythm stays that of the whole."""
    beats = exam.beats
    named = NamedBeats(
        beats.time_s[part], beats.kinds[part], beats.is_connected[part.start : part.stop - 1]
    )
    inside = np.zeros(len(beats.time_s), np.bool_)
    inside[part] = True
    plain = named.are(BeatKind.NORMAL) & ~exam.fibrillation.beats[part]
    measured = measured_beats(beats) & inside
    return replace(
        exam,
        beats=named,
        variability=variability(named.time_s, plain, named.is_connected),
        intervals=measure_intervals(exam.ecg, exam.quality.beats, ~measured, exam.quality.usable),
    )


def _nearest_turn_deg(angle_deg: float, to_deg: float) -> float:
    """Add whole turns to an angle, so that it lies within half of one of another."""
    return to_deg + (angle_deg - to_deg + 180) % 360 - 180
