"""Diadochokinesis: how fast and how evenly a syllable is repeated.

`repetition(level) -> Repetition` from the contour of the level of a whole recording. Syllables are
peaks of the level parted by dips, as in `prosody.py`, but need not be voiced: in fast /pa-ta-ka/
the vowels are often devoiced. They are timed by their onsets, where the level has risen half of the
way, at most 6 dB, to the peak: the peak itself wanders over a flat vowel. The longest train without
a breath is measured. No paper is followed: the limits below are this project's own, checked on
synthetic trains of 2 to 7 syllables a second (see the method card).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from functions.speech.contour import Contour
from functions.speech.prosody import silence_threshold_db, syllable_peaks
from functions.speech.sound import Floats
from shared.errors import UnusableRecording
from shared.science.signals import split_at_gaps

LEVEL_FLOOR_HZ = 100.0  # window of 32 ms: the fastest syllables last about 120 ms
MIN_SYLLABLES = 5  # four intervals: fewer say little of their spread
# A breath rather than an interval: longer than half a second and than twice the median interval.
BREATH_S, BREATH_RATIO = 0.5, 2.0
# Half of the amplitude; half of the rise where a syllable stands out by less than 12 dB.
ONSET_BELOW_PEAK_DB, ONSET_SHARE = 6.0, 0.5
# A burst is no syllable: it is weaker than its vowel and begins shortly before it.
BURST_S, BURST_BELOW_DB = 0.1, 6.0


class TooFewSyllables(UnusableRecording):
    """The train of syllables is too short for a rate."""

    code = "too-few-syllables"

    def __init__(self, syllables: int) -> None:
        super().__init__(
            f"Found {syllables} repeated syllables in a row; at least {MIN_SYLLABLES} are needed."
        )


@dataclass(frozen=True)
class Repetition:
    """The longest train of syllables; `syllables_s` are their onsets."""

    syllables_s: Floats

    @property
    def rate_per_s(self) -> float:
        """Syllables a second, by the intervals from the first onset to the last."""
        return (len(self.syllables_s) - 1) / float(self.syllables_s[-1] - self.syllables_s[0])

    @property
    def regularity_percent(self) -> float:
        """Coefficient of variation of the intervals: 0 is a clock, more is less regular."""
        intervals_s = np.diff(self.syllables_s)
        return float(100 * intervals_s.std(ddof=1) / intervals_s.mean())

    @property
    def halves(self) -> tuple["Repetition", "Repetition"]:
        """The first half of the intervals and the second."""
        middle = len(self.syllables_s) // 2
        return Repetition(self.syllables_s[: middle + 1]), Repetition(self.syllables_s[middle:])


def repetition(level: Contour) -> Repetition:
    """Measure the longest train of syllables.

    Parameters
    ----------
    level : Contour
        In dB, as `praat.intensity_contour` gives it with `LEVEL_FLOOR_HZ`.

    Returns
    -------
    Repetition

    Raises
    ------
    TooFewSyllables
        If no train has `MIN_SYLLABLES`.
    """
    peaks = syllable_peaks(level.values)
    loud = level.values[peaks] > silence_threshold_db(level.values)
    train_s = longest_train(onsets_s(level, without_bursts(level, peaks[loud])))
    if len(train_s) < MIN_SYLLABLES:
        raise TooFewSyllables(len(train_s))
    return Repetition(train_s)


def without_bursts(level: Contour, peaks: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Peaks without those that are the burst of the next one."""
    starts_s = onsets_s(level, peaks)
    is_burst = np.zeros(len(peaks), bool)
    near = np.diff(starts_s) < BURST_S
    is_burst[:-1] = near & (np.diff(level.values[peaks]) >= BURST_BELOW_DB)
    return peaks[~is_burst]


def onsets_s(level: Contour, peaks: npt.NDArray[np.int64]) -> Floats:
    """When the level of each syllable rises through its threshold, between two frames.

    A syllable within which the recording begins has the time of the first frame.
    """
    starts = np.r_[0, peaks[:-1]]
    return np.array([onset_s(level, a, b) for a, b in zip(starts, peaks, strict=True)])


def onset_s(level: Contour, start: int, peak: int) -> float:
    """When the level rises through its threshold, on the way from the deepest valley to a peak.

    The threshold lies `ONSET_BELOW_PEAK_DB` below the peak, or half of the way
    where that is nearer.
    """
    rise = level.values[start : peak + 1]
    valley = int(rise.argmin())
    threshold_db = rise[-1] - min(ONSET_BELOW_PEAK_DB, ONSET_SHARE * (rise[-1] - rise[valley]))
    above = valley + int(np.argmax(rise[valley:] >= threshold_db))
    if above == 0:
        return float(level.times_s[start])
    share = (threshold_db - rise[above - 1]) / (rise[above] - rise[above - 1])
    return float(level.times_s[start + above - 1] + share * level.step_s)


def longest_train(times_s: Floats) -> Floats:
    """Return the most syllables in a row without a breath.

    Parameters
    ----------
    times_s : (n,) ndarray of float64
        Increasing.

    Returns
    -------
    (m,) ndarray of float64
        The first of several trains that are as long.

    Examples
    --------
    >>> longest_train(np.array([0.0, 0.2, 1.4, 1.6, 1.8])).tolist()
    [1.4, 1.6, 1.8]
    """
    if len(times_s) < 2:
        return times_s
    breath_s = max(BREATH_S, BREATH_RATIO * float(np.median(np.diff(times_s))))
    return max(split_at_gaps(times_s, breath_s), key=len)
