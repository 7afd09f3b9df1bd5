"""Tremor of the voice: a regular modulation of its pitch, or of its amplitude, at 3 to 12 Hz.

`vocal_tremor(contour) -> Tremor | None` from the pitch or the amplitude of a sustained vowel;
`amplitude(level, f0) -> Contour` makes the latter.

The measures are those of Brückl (2012), "Vocal tremor measurement based on autocorrelation of
contours" (Interspeech 2012, 715-718): the frequency of the strongest modulation and its depth in
percent of the mean. They are found here by least squares rather than by autocorrelation, which
gives the depth of a sinusoid without bias in a short vowel.

Deviations: a parabola and everything up to 2.5 Hz are fitted and left out first, and one sinusoid
stands for the whole vowel, where Brückl takes the extremes of each cycle; so a tremor whose
frequency wanders comes out shallower.
"""

from dataclasses import dataclass

import numpy as np

from functions.speech.contour import Contour
from functions.speech.prosody import voiced_at
from functions.speech.sound import Floats
from shared.science.signals import spans

SEARCH_HZ = (3.0, 12.0)  # own choice: below is melody, above is flutter
GRID_HZ = 0.05  # half of the error that synthetic tremors are found with
SLOW_HZ = 2.5  # slower changes are melody, not tremor: fitted and left out
TREND_DEGREE = 2  # a vowel sinks or swells along a line or an arc
MAX_DURATION_S = 10.0  # from the middle of a longer vowel; bounds the cost
MIN_DURATION_S = 2.0  # six cycles of the slowest tremor
MIN_REGULARITY = 0.5  # of the variance in one sinusoid; smoothed noise of 2 s stays below 0.46


@dataclass(frozen=True)
class Tremor:
    """The strongest modulation of a contour.

    Attributes
    ----------
    frequency_hz : float or None
        None where the modulation is too irregular to have one.
    depth_percent : float
        Amplitude of the sinusoid, half of peak to peak, relative to the mean.
    regularity : float
        0-1, the share of the variance faster than `SLOW_HZ` that the sinusoid explains.
    """

    frequency_hz: float | None
    depth_percent: float
    regularity: float


def amplitude(level: Contour, f0: Contour) -> Contour:
    """Amplitude (full scale 1) from the level in dB, NaN where the voice is unvoiced."""
    voiced = voiced_at(f0, level.times_s)
    return Contour(level.times_s, np.where(voiced, 10 ** (level.values / 20), np.nan))


def vocal_tremor(contour: Contour) -> Tremor | None:
    """Measure the tremor in the longest voiced stretch.

    Parameters
    ----------
    contour : Contour
        Pitch or amplitude of a sustained vowel, in any unit but decibels; NaN where unvoiced.

    Returns
    -------
    Tremor or None
        None where the stretch is shorter than `MIN_DURATION_S`.
    """
    times_s, values = longest_stretch(contour)
    if len(times_s) * contour.step_s < MIN_DURATION_S:
        return None
    fast = without_slow_part(times_s - times_s[0], values / values.mean() - 1)
    variance = float(fast @ fast)
    if variance == 0:
        return Tremor(None, 0.0, 0.0)
    frequency_hz, depth, explained = _strongest(times_s, fast)
    regularity = explained / variance
    is_regular = regularity >= MIN_REGULARITY
    return Tremor(frequency_hz if is_regular else None, 100 * depth, regularity)


def _strongest(times_s: Floats, contour: Floats) -> tuple[float, float, float]:
    """Frequency, amplitude and explained squares of the sinusoid that explains most."""
    grid_hz = np.arange(SEARCH_HZ[0], SEARCH_HZ[1] + GRID_HZ / 2, GRID_HZ)
    fits = np.array([sinusoid(times_s, contour, hz) for hz in grid_hz])
    best = int(fits[:, 1].argmax())
    return float(grid_hz[best]), float(fits[best, 0]), float(fits[best, 1])


def longest_stretch(contour: Contour) -> tuple[Floats, Floats]:
    """Times and values of the longest run of voiced frames, or of its middle."""
    voiced = spans(contour.present)
    if not voiced:
        return np.empty(0), np.empty(0)
    start, stop = max(voiced, key=lambda span: span[1] - span[0])
    spare = max(0, stop - start - round(MAX_DURATION_S / contour.step_s)) // 2
    middle = slice(start + spare, stop - spare)
    return contour.times_s[middle], contour.values[middle]


def without_slow_part(times_s: Floats, contour: Floats) -> Floats:
    """Take a parabola and all sinusoids up to `SLOW_HZ` out of a contour, fitted together.

    Parameters
    ----------
    times_s : (n,) ndarray of float64
        From 0 on.
    contour : (n,) ndarray of float64

    Returns
    -------
    (n,) ndarray of float64
    """
    phase = 2 * np.pi * times_s / times_s[-1]
    cycles = range(1, int(SLOW_HZ * times_s[-1]) + 1)
    columns = [(times_s / times_s[-1]) ** power for power in range(TREND_DEGREE + 1)]
    columns += [wave(k * phase) for k in cycles for wave in (np.cos, np.sin)]
    slow = np.stack(columns, axis=1)
    return np.asarray(contour - slow @ np.linalg.lstsq(slow, contour, rcond=None)[0])


def sinusoid(times_s: Floats, contour: Floats, frequency_hz: float) -> tuple[float, float]:
    """Fit the sinusoid of one frequency.

    Parameters
    ----------
    times_s, contour : (n,) ndarray of float64
    frequency_hz : float

    Returns
    -------
    amplitude : float
        In the unit of the contour.
    explained : float
        The sum of squares that it takes away.
    """
    angle = 2 * np.pi * frequency_hz * times_s
    waves = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    weights = np.linalg.lstsq(waves, contour, rcond=None)[0]
    fitted = waves @ weights
    return float(np.hypot(*weights)), float(2 * fitted @ contour - fitted @ fitted)
