"""Is the wave that recurs a heartbeat on the skin, or a pulse, a click, a step, a valve?

`likeness(ecg, beats, usable) -> Likeness`. The limits lie outside of what LUDB, Challenge 2021,
MIT-BIH and CPSC 2021 show (158 recordings, all leads).
"""

from enum import Enum

import numpy as np

from functions.cardiology.beats import Beats
from functions.cardiology.ecg import Ecg, Floats
from functions.cardiology.filters import TINY
from functions.cardiology.median_beat import GRID_MS, median_beat
from shared.errors import UnusableRecording
from shared.science.signals import Mask

COMPLEX_MS, REST_MS = (-150.0, 200.0), (-70.0, 130.0)

# Steepest slope over height, 1/s: hearts 21-109; a pulse wave 13 at most, sounds 120 and more.
SLOPE_PER_S = (18.0, 115.0)
# Width at half the height: hearts 16-136 ms; clicks 14, arterial pressure 190.
HALF_WIDTH_MS = (15.0, 150.0)
# Slope times width: 1.2 for a triangle, hearts up to 3.7 in lead II (99 of 100); edges 4.2-15.
MOST_ABRUPT = 4.0
LEAST_REST = 0.03  # of the height, outside of the complex: no heart lacks both P and T waves
TURN = 0.20  # of the height: what counts as a turn of the line
MOST_TURNS = 6  # 98 of 100 leads of hearts; what rings turns 7-9 times


class NotAnEcg(UnusableRecording):
    """Something recurs in the signal, but not in the shape of a heartbeat."""

    code = "not-an-ecg"

    def __init__(self) -> None:
        super().__init__(
            "The wave that recurs in the recording has not the shape of a heartbeat in an ECG: "
            "it may be a pulse wave, a sound, a click or a step of a device. Send an ECG lead."
        )


class Likeness(Enum):
    """What the lead that is most like a heartbeat is like."""

    HEARTBEAT = 0
    DOUBTFUL = 1  # with more turns than a heartbeat (flutter, a valve), or a flat top (an edge)
    OTHER = 2


def likeness(ecg: Ecg, beats: Beats, usable: Mask) -> Likeness:
    """Judge whether what recurs in a recording has the shape of a heartbeat.

    The median of all beats is judged, whatever their kind; a single lead with the proportions of a
    heartbeat is enough, for the others may lie across the heart's vector.

    Parameters
    ----------
    ecg : Ecg
    beats : Beats
    usable : (n_segments, n_leads) ndarray of bool
        `Quality.usable`.

    Returns
    -------
    Likeness
        `HEARTBEAT`, too, where the beats are too few for a median: that speaks against nothing.
    """
    beat = median_beat(ecg, beats, np.ones(len(beats.sample), np.bool_), usable)
    if beat is None:
        return Likeness.HEARTBEAT
    time_ms = beat.start_ms + GRID_MS * np.arange(len(beat.signal_mv), dtype=np.float64)
    leads = [lead for lead in beat.signal_mv.T if _has_proportions(lead, time_ms)]
    if not leads:
        return Likeness.OTHER
    doubtful = all(turns(lead) > MOST_TURNS or _is_broad(lead, time_ms) for lead in leads)
    return Likeness.DOUBTFUL if doubtful else Likeness.HEARTBEAT


def _is_broad(lead_mv: Floats, time_ms: Floats) -> bool:
    """A flat top, as an edge has it, and the ST segment of a large infarction."""
    slope_per_s, half_width_ms = _proportions(lead_mv, time_ms)
    is_abrupt = slope_per_s * half_width_ms / 1000 > MOST_ABRUPT
    return is_abrupt or half_width_ms > HALF_WIDTH_MS[1]


def _proportions(lead_mv: Floats, time_ms: Floats) -> tuple[float, float]:
    """Steepest slope over height, 1/s, and width at half the height, ms."""
    complex_mv = lead_mv[(time_ms > COMPLEX_MS[0]) & (time_ms < COMPLEX_MS[1])]
    height = max(float(np.ptp(complex_mv)), TINY)
    slope_per_s = float(np.abs(np.gradient(complex_mv, GRID_MS / 1000)).max()) / height
    deflection = np.abs(complex_mv - np.median(lead_mv))
    return slope_per_s, GRID_MS * float((deflection > deflection.max() / 2).sum())


def _has_proportions(lead_mv: Floats, time_ms: Floats) -> bool:
    """Whether a lead has a QRS complex, and something beside it."""
    complex_mv = lead_mv[(time_ms > COMPLEX_MS[0]) & (time_ms < COMPLEX_MS[1])]
    rest_mv = lead_mv[(time_ms < REST_MS[0]) | (time_ms > REST_MS[1])]
    height = max(float(np.ptp(complex_mv)), TINY)
    slope_per_s, half_width_ms = _proportions(lead_mv, time_ms)
    return bool(
        SLOPE_PER_S[0] <= slope_per_s <= SLOPE_PER_S[1]
        and half_width_ms >= HALF_WIDTH_MS[0]
        and np.ptp(rest_mv) >= LEAST_REST * height
    )


def turns(lead_mv: Floats) -> int:
    """How often the line turns back by more than `TURN` of its height."""
    least = TURN * float(np.ptp(lead_mv))
    count, direction, extreme = 0, 0, float(lead_mv[0])
    for value in lead_mv.tolist():
        if (value - extreme) * direction > 0 or direction == 0 == value - extreme:
            extreme = value
        elif abs(value - extreme) > least:
            count += direction != 0
            direction = 1 if value > extreme else -1
            extreme = value
    return count
