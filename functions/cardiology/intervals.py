"""PR, QRS and QT on the median beat of all leads, and QT corrected for rate.

    measure_intervals(ecg, beats, leave_out=None, usable=None) -> Intervals
    qtc_bazett_ms, qtc_fridericia_ms, qtc_framingham_ms (qt_ms, rr_ms) -> float

An interval that cannot be told has no value but a reason. Each was found in more than one way
where that is possible; the confidence falls with their disagreement. The constants were chosen
on half of the odd-numbered LUDB records and tested on the other half, see the method card.
"""

from dataclasses import dataclass, replace

import numpy as np

from functions.cardiology.beats import Beats
from functions.cardiology.ecg import Ecg
from functions.cardiology.median_beat import MIN_BEATS, MedianBeat, median_beat
from functions.cardiology.waves import P_FAR_REACH_MS, Wave, p_wave, qrs_complex, t_wave
from shared.science.signals import Mask

MIN_FS_HZ = 200.0  # samples 5 ms apart

# Half the confidence where two ways differ by this much, and none beyond it.
QRS_DISAGREEMENT_MS, QT_DISAGREEMENT_MS, PR_DISAGREEMENT_MS = 30.0, 40.0, 20.0
MIN_T_RISE_MS = 30.0  # a peak at the very start of the zone is the slope of something else
MIN_CONTRAST = 3.0  # P and T waves of LUDB stand out more, fibrillation and flat lines less
MIN_P_REPEATABILITY = 0.75  # fibrillation waves differ from beat to beat, a P wave does not
QRS_LIMITS_MS, P_LIMITS_MS = (50.0, 320.0), (50.0, 170.0)

MANY_LEADS = 3
FEW_LEADS_CONFIDENCE = 0.7  # a wave can lie flat in one lead or two, hardly in a dozen


@dataclass(frozen=True)
class Interval:
    """A duration and how sure it is (0-1), or why there is none."""

    value_ms: float | None
    confidence: float
    reason: str | None = None


@dataclass(frozen=True)
class Borders:
    """Where waves begin and end, ms from the center of the QRS; None where it cannot be told.

    Attributes
    ----------
    p_onset, p_offset : float or None
        Of the P wave, negative.
    qrs_onset, qrs_offset : float or None
        Of the QRS complex, on both sides of zero.
    t_peak, t_end : float or None
        Of the T wave.
    """

    p_onset: float | None = None
    p_offset: float | None = None
    qrs_onset: float | None = None
    qrs_offset: float | None = None
    t_peak: float | None = None
    t_end: float | None = None


@dataclass(frozen=True)
class Intervals:
    """What was measured on the median beat.

    Attributes
    ----------
    pr, p_duration, qrs, qt : Interval
        ms, each with its confidence or the reason why it is missing.
    borders : Borders
        The points between which they lie.
    median_beat : MedianBeat or None
        None where there were too few beats for it.
    """

    pr: Interval
    p_duration: Interval
    qrs: Interval
    qt: Interval
    borders: Borders
    median_beat: MedianBeat | None


def measure_intervals(
    ecg: Ecg, beats: Beats, leave_out: Mask | None = None, usable: Mask | None = None
) -> Intervals:
    """Measure PR, P, QRS and QT on the median of the beats of the clearest two minutes.

    Parameters
    ----------
    ecg : Ecg
    beats : Beats
    leave_out : (n_beats,) ndarray of bool, optional
        Ectopic beats, which must not shape the median.
    usable : (n_segments, n_leads) ndarray of bool, optional
        `Quality.usable`. A lead takes part that is usable and whole at `MOST_BEATS` of the beats,
        a beat that all of these leads show.

    Returns
    -------
    Intervals
        With a reason in place of every value that cannot be told.

    Notes
    -----
    Atrial fibrillation is not looked for here: a flutter wave can pass for a P wave.
    """
    if ecg.fs_hz < MIN_FS_HZ:
        return _nothing(f"{ecg.fs_hz:g} samples a second are too few to see where waves end.")
    normal = np.ones(len(beats.sample), np.bool_) if leave_out is None else ~leave_out
    beat = median_beat(ecg, beats, normal, usable)
    if beat is None:
        return _nothing(f"Fewer than {MIN_BEATS} normal beats in a row lie within usable leads.")
    qrs = qrs_complex(beat)
    if qrs is None:
        return replace(_nothing("The QRS complex has no clear borders."), median_beat=beat)
    return _checked(beat, qrs)


def _nothing(reason: str) -> Intervals:
    absent = Interval(None, 0.0, reason)
    return Intervals(absent, absent, absent, absent, Borders(), None)


def _checked(beat: MedianBeat, qrs: Wave) -> Intervals:
    trust = 1.0 if len(beat.leads) >= MANY_LEADS else FEW_LEADS_CONFIDENCE
    t = t_wave(beat, qrs)
    no_t = _doubt_about_t(t)
    p = p_wave(beat, qrs, t.offset if t else None)
    no_p = _doubt_about_p(p)
    if no_p and t and not no_t:
        far = p_wave(beat, qrs, t.offset, P_FAR_REACH_MS)
        p, no_p = (far, None) if _doubt_about_p(far) is None else (p, no_p)
    borders = Borders(qrs_onset=qrs.onset, qrs_offset=qrs.offset)
    pr = p_duration = Interval(None, 0.0, no_p)
    if p and not no_p:
        sure = trust * p.repeatability * _agreement(p.disagreement_ms, PR_DISAGREEMENT_MS)
        pr = Interval(qrs.onset - p.onset, sure)
        p_duration = Interval(p.offset - p.onset, sure)
        borders = replace(borders, p_onset=p.onset, p_offset=p.offset)
    qt = Interval(None, 0.0, no_t)
    if t and not no_t:
        sure = trust * _agreement(t.disagreement_ms, QT_DISAGREEMENT_MS)
        qt = Interval(t.offset - qrs.onset, sure)
        borders = replace(borders, t_peak=t.peak, t_end=t.offset)
    return Intervals(pr, p_duration, _checked_qrs(qrs, trust), qt, borders, beat)


def _agreement(disagreement_ms: float, half_ms: float) -> float:
    return 1 / (1 + (disagreement_ms / half_ms) ** 2)


def _checked_qrs(qrs: Wave, trust: float) -> Interval:
    duration_ms = qrs.offset - qrs.onset
    if not QRS_LIMITS_MS[0] <= duration_ms <= QRS_LIMITS_MS[1]:
        return Interval(None, 0.0, f"A QRS complex of {duration_ms:.0f} ms is not believable.")
    return Interval(duration_ms, trust * _agreement(qrs.disagreement_ms, QRS_DISAGREEMENT_MS))


def _doubt_about_t(t: Wave | None) -> str | None:
    """Why the QT interval is not given."""
    if t is None or t.contrast < MIN_CONTRAST:
        return "No T wave stands out."
    if t.peak - t.onset < MIN_T_RISE_MS:
        return "The T wave cannot be told from the ST segment."
    if t.disagreement_ms > QT_DISAGREEMENT_MS:
        return f"Ways to find the end of the T wave differ by {t.disagreement_ms:.0f} ms."
    return None


def _doubt_about_p(p: Wave | None) -> str | None:
    """Why the PR interval is not given."""
    if p is None or p.contrast < MIN_CONTRAST:
        return "No P wave stands out before the QRS complex."
    if p.repeatability < MIN_P_REPEATABILITY:
        return "No P wave repeats from beat to beat."
    if not P_LIMITS_MS[0] <= p.offset - p.onset <= P_LIMITS_MS[1]:
        return "What precedes the QRS complex has not the width of a P wave."
    if p.disagreement_ms > PR_DISAGREEMENT_MS:
        return f"Ways to find the start of the P wave differ by {p.disagreement_ms:.0f} ms."
    return None


def qtc_bazett_ms(qt_ms: float, rr_ms: float) -> float:
    """Correct QT by Bazett (1920), Heart 7:353-370; too long at high rates, too short at low ones.

    >>> round(qtc_bazett_ms(400.0, rr_ms=640.0))
    500
    """
    return float(qt_ms / np.sqrt(rr_ms / 1000))


def qtc_fridericia_ms(qt_ms: float, rr_ms: float) -> float:
    """Correct QT by Fridericia (1920), Acta Med Scand 53:469-486, the correction that is shown.

    doi:10.1111/j.0954-6820.1920.tb18266.x

    >>> round(qtc_fridericia_ms(400.0, rr_ms=512.0))
    500
    """
    return float(qt_ms / np.cbrt(rr_ms / 1000))


def qtc_framingham_ms(qt_ms: float, rr_ms: float) -> float:
    """Correct QT by Sagie et al. (1992), Am J Cardiol 70:797-801, doi:10.1016/0002-9149(92)90562-D.

    >>> round(qtc_framingham_ms(400.0, rr_ms=500.0))
    477
    """
    return qt_ms + 154 * (1 - rr_ms / 1000)
