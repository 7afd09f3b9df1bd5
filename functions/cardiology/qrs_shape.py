"""What the QRS complex of twelve leads tells: the frontal axis and the pattern of its delay.

    qrs_axis_deg(beat, onset_ms, offset_ms) -> float or None
    delay_pattern(beat, onset_ms, offset_ms) -> Delay or None

Criteria of Surawicz et al. (2009), doi:10.1161/CIRCULATIONAHA.108.191095, as far as a median beat
shows them; how often they agree with cardiologists stands in the method card.

Deviations: the axis is that of the areas under the complex, not of its heights; of right bundle
branch block the late R in V1 and the broad S in I or V6 are asked, of left the upright complex
without q in I and V6 and none late in V1; notches, the R peak time and the T wave are not.
"""

from enum import StrEnum

import numpy as np

from functions.cardiology.median_beat import GRID_MS, MedianBeat
from shared.science.signals import Floats

FRONTAL = ("I", "aVF")
# aVF is measured against two joined electrodes: 2/sqrt(3) of it lies on the scale of lead I.
GOLDBERGER = 2 / np.sqrt(3)
LEAST_AREA = 0.15  # of the area of all limb deflections: below, the axis is indeterminate

COMPLETE_MS, INCOMPLETE_MS = 120.0, 110.0
WAVE_MV = 0.05  # a smaller deflection is no wave
RIGHT_S_MS = 40.0  # an S wave in I or V6 lasts so long in right bundle branch block
NEEDED = ("I", "V1", "V6")


class Delay(StrEnum):
    """How conduction within the ventricles is delayed."""

    RIGHT = "right bundle branch block pattern"
    LEFT = "left bundle branch block pattern"
    INCOMPLETE_RIGHT = "incomplete right bundle branch block pattern"
    INCOMPLETE_LEFT = "incomplete left bundle branch block pattern"
    UNSPECIFIED = "nonspecific intraventricular conduction delay"


class AxisClass(StrEnum):
    """Frontal QRS axis of adults."""

    NORMAL = "normal axis"
    LEFT = "left axis deviation"
    RIGHT = "right axis deviation"
    EXTREME = "extreme axis deviation"


def axis_class(axis_deg: float) -> AxisClass:
    """From -30 to 90 degrees is normal, -90 to -30 left, 90 to 180 right, beyond it extreme."""
    if -30 <= axis_deg <= 90:
        return AxisClass.NORMAL
    if -90 <= axis_deg < -30:
        return AxisClass.LEFT
    return AxisClass.RIGHT if axis_deg > 0 else AxisClass.EXTREME


def qrs_axis_deg(beat: MedianBeat, onset_ms: float, offset_ms: float) -> float | None:
    """Measure the frontal axis of the QRS area.

    Parameters
    ----------
    beat : MedianBeat
    onset_ms, offset_ms : float
        Borders of the complex, from the alignment point.

    Returns
    -------
    float or None
        -180 to 180 degrees, clockwise from lead I; None without I and aVF, or where the areas
        cancel out.
    """
    if not set(FRONTAL) <= set(beat.leads):
        return None
    lead_i, foot = (_complex(beat, lead, onset_ms, offset_ms) for lead in FRONTAL)
    x, y = float(lead_i.sum()), GOLDBERGER * float(foot.sum())
    whole = float(np.abs(lead_i).sum() + np.abs(foot).sum())
    if np.hypot(x, y) < LEAST_AREA * whole:
        return None
    return float(np.degrees(np.arctan2(y, x)))


def delay_pattern(beat: MedianBeat, onset_ms: float, offset_ms: float) -> Delay | None:
    """Name the pattern of a QRS complex of 110 ms or more.

    Parameters
    ----------
    beat : MedianBeat
    onset_ms, offset_ms : float
        Borders of the complex, from the alignment point.

    Returns
    -------
    Delay or None
        None where there is no delay, or without the leads I, V1 and V6.
    """
    duration_ms = offset_ms - onset_ms
    if duration_ms < INCOMPLETE_MS or not set(NEEDED) <= set(beat.leads):
        return None
    lead_i, right, left = (_complex(beat, lead, onset_ms, offset_ms) for lead in NEEDED)
    complete = duration_ms >= COMPLETE_MS
    if _is_right(lead_i, right, left):
        return Delay.RIGHT if complete else Delay.INCOMPLETE_RIGHT
    if _is_left(lead_i, right, left):
        return Delay.LEFT if complete else Delay.INCOMPLETE_LEFT
    return Delay.UNSPECIFIED


def _complex(beat: MedianBeat, lead: str, onset_ms: float, offset_ms: float) -> Floats:
    """The QRS complex of a lead, mV from the line between its borders."""
    start, stop = beat.index(onset_ms), beat.index(offset_ms) + 1
    values = beat.signal_mv[start:stop, beat.leads.index(lead)]
    return np.asarray(values - np.linspace(values[0], values[-1], len(values)), np.float64)


def _is_right(lead_i: Floats, right: Floats, left: Floats) -> bool:
    """The end of the complex points to the right: R' (or R) in V1, a broad S in I and V6."""
    last = len(right) // 2
    terminal = float(right[last:].max(initial=0.0))
    ends_up = terminal > max(WAVE_MV, float(right[:last].max(initial=0.0)))
    s_ms = [GRID_MS * int((lead[last:] < -WAVE_MV / 2).sum()) for lead in (lead_i, left)]
    return ends_up and max(s_ms) >= RIGHT_S_MS


def _is_left(lead_i: Floats, right: Floats, left: Floats) -> bool:
    """All of the complex points to the left: no q in I and V6, no late R in V1, mostly S there."""
    first = max(1, len(lead_i) // 3)
    no_q = all(float(lead[:first].min()) > -WAVE_MV for lead in (lead_i, left))
    upright = lead_i.sum() > 0 and left.sum() > 0
    downward = right.sum() < 0 and float(right[len(right) // 2 :].max()) < WAVE_MV
    return bool(no_q and upright and downward)
