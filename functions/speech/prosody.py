"""How speech is timed: where it sounds, where it pauses, and where its syllables lie.

`speaking(level, f0) -> Speaking` from the contours of level and pitch of a whole recording.

Syllables are peaks of the level that are voiced and stand apart from their neighbors by a dip, the
method of de Jong & Wempe (2009), doi:10.3758/BRM.41.2.385, with its threshold taken below the
almost-maximum as in their revised description: single bangs then do not move it. No word
is recognized, so the language does not matter; unstressed syllables are sometimes missed.

Deviations: of peaks without a dip between them the highest stands for all, where the published
script takes peaks from left to right; the pitch is that of `course.py`; sound shorter than
`MIN_SOUND_S` is no speech, and gaps under `MIN_PAUSE_S` are no pauses.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from functions.speech.contour import Contour
from functions.speech.sound import Flags, Floats
from shared.errors import UnusableRecording
from shared.science.signals import spans

LEVEL_FLOOR_HZ = 50.0  # window of 64 ms: smooths the periods of the voice, keeps its syllables
ALMOST_MAXIMUM = 0.99  # de Jong & Wempe: the quantile of the level that stands for its maximum
SILENCE_BELOW_DB = 25.0  # de Jong & Wempe: below the almost-maximum
MIN_DIP_DB = 2.0  # de Jong & Wempe: between neighboring syllables
MIN_PAUSE_S = 0.25  # Goldman-Eisler (1968): shorter gaps belong to articulation
MIN_SOUND_S = 0.1  # de Jong & Wempe: shorter sounds are clicks and breath
MIN_SPEAKING_S = 0.5  # own choice: two or three syllables, below which no rate means anything

type Spans = tuple[tuple[float, float], ...]


class NoSpeech(UnusableRecording):
    """Nothing sounds long enough to be speech."""

    code = "no-speech"

    def __init__(self, found_s: float) -> None:
        super().__init__(
            f"Found {found_s:.1f} s of sound; at least {MIN_SPEAKING_S:g} s of speech are needed."
        )


@dataclass(frozen=True)
class Speaking:
    """Timing of speech; pauses are those inside it, not the silence around it.

    Attributes
    ----------
    sounding, pauses : tuple of (start_s, end_s)
    syllables_s : (n,) ndarray of float64
        Where the level of each syllable peaks.
    level_db : float
        Mean level (of power) while it sounds, relative to full scale.
    """

    sounding: Spans
    pauses: Spans
    syllables_s: Floats
    level_db: float

    @property
    def phonation_s(self) -> float:
        return total_s(self.sounding)

    @property
    def speaking_s(self) -> float:
        """From the first sound to the last, pauses included."""
        return self.sounding[-1][1] - self.sounding[0][0]

    @property
    def speech_rate(self) -> float:
        """Syllables a second, pauses included."""
        return len(self.syllables_s) / self.speaking_s

    @property
    def articulation_rate(self) -> float:
        """Syllables a second, pauses left out."""
        return len(self.syllables_s) / self.phonation_s

    @property
    def pause_ratio(self) -> float:
        return total_s(self.pauses) / self.speaking_s

    @property
    def pause_mean_s(self) -> float | None:
        return total_s(self.pauses) / len(self.pauses) if self.pauses else None


def total_s(spans: Spans) -> float:
    return float(sum(end_s - start_s for start_s, end_s in spans))


def speaking(level: Contour, f0: Contour) -> Speaking:
    """Measure the timing of speech.

    Parameters
    ----------
    level : Contour
        In dB, as `praat.intensity_contour` gives it with `LEVEL_FLOOR_HZ`.
    f0 : Contour
        Pitch; NaN where unvoiced.

    Returns
    -------
    Speaking
        It may have no syllable: sound that is never voiced is not refused here.

    Raises
    ------
    NoSpeech
        If less than `MIN_SPEAKING_S` sounds.
    """
    loud = level.values > silence_threshold_db(level.values)
    sounding = sounding_spans(level.times_s, loud)
    if total_s(sounding) < MIN_SPEAKING_S:
        raise NoSpeech(total_s(sounding))
    peaks = syllable_peaks(level.values)
    inside = loud[peaks] & voiced_at(f0, level.times_s[peaks])
    return Speaking(
        sounding=sounding,
        pauses=tuple(zip([s[1] for s in sounding], [s[0] for s in sounding[1:]], strict=False)),
        syllables_s=level.times_s[peaks[inside]],
        level_db=mean_level_db(level.values[loud]),
    )


def silence_threshold_db(level_db: Floats) -> float:
    """Return the level below which speech counts as silent.

    It lies below the almost-maximum of the recording itself: what is silent does not depend on how
    far the microphone was.

    Parameters
    ----------
    level_db : (n_frames,) ndarray of float64

    Returns
    -------
    float
        In the same dB.
    """
    return float(np.quantile(level_db, ALMOST_MAXIMUM)) - SILENCE_BELOW_DB


def sounding_spans(times_s: Floats, loud: Flags) -> Spans:
    """Find stretches of sound: short gaps are closed, then what is too short for speech left out.

    Parameters
    ----------
    times_s : (n_frames,) ndarray of float64
        Evenly spaced, at least two.
    loud : (n_frames,) ndarray of bool

    Returns
    -------
    tuple of (start_s, end_s)
        Each end is that of its last frame.
    """
    if not loud.any():
        return ()
    step_s = float(times_s[1] - times_s[0])
    sounding = [(times_s[a], times_s[b - 1] + step_s) for a, b in spans(loud)]
    joined = [sounding[0]]
    for start_s, end_s in sounding[1:]:
        if start_s - joined[-1][1] < MIN_PAUSE_S:
            joined[-1] = (joined[-1][0], end_s)
        else:
            joined.append((start_s, end_s))
    return tuple((float(a), float(b)) for a, b in joined if b - a >= MIN_SOUND_S)


def syllable_peaks(level_db: Floats) -> npt.NDArray[np.int64]:
    """Find the peaks that are parted from their neighbors by a dip of `MIN_DIP_DB`.

    Parameters
    ----------
    level_db : (n_frames,) ndarray of float64

    Returns
    -------
    (n_peaks,) ndarray of int64
        Increasing frames. Of peaks without such a dip between them the highest stands for all.

    Examples
    --------
    >>> syllable_peaks(np.array([40.0, 60, 59, 62, 50, 61, 40])).tolist()
    [3, 5]
    """
    higher_than_left = level_db[1:-1] > level_db[:-2]
    peaks = 1 + np.flatnonzero(higher_than_left & (level_db[1:-1] >= level_db[2:]))
    parted: list[int] = []
    for peak in peaks.tolist():
        if parted and dip_db(level_db, parted[-1], peak) < MIN_DIP_DB:
            parted[-1] = max(parted[-1], peak, key=lambda index: float(level_db[index]))
        else:
            parted.append(peak)
    return np.array(parted, np.int64)


def dip_db(level_db: Floats, left: int, right: int) -> float:
    """How deep the level falls between two peaks, below the lower of them."""
    lower = min(level_db[left], level_db[right])
    return float(lower - level_db[left : right + 1].min())


def voiced_at(f0: Contour, times_s: Floats) -> Flags:
    """Tell whether the pitch frame nearest to each time is voiced.

    Parameters
    ----------
    f0 : Contour
        At least two frames.
    times_s : (n,) ndarray of float64
        The frames of another contour; outside of `f0` its first or last frame counts.

    Returns
    -------
    (n,) ndarray of bool
    """
    after = np.searchsorted(f0.times_s, times_s).clip(1, len(f0.times_s) - 1)
    nearer_before = times_s - f0.times_s[after - 1] < f0.times_s[after] - times_s
    return f0.present[np.where(nearer_before, after - 1, after)]


def mean_level_db(level_db: Floats) -> float:
    """Return the level of the mean power, which the loudest frames rule.

    Parameters
    ----------
    level_db : (n,) ndarray of float64
        At least one value.

    Returns
    -------
    float
        In the same dB; no less than the mean of the levels.

    Examples
    --------
    >>> round(mean_level_db(np.array([-20.0, -40.0])), 1)
    -23.0
    """
    return float(10 * np.log10(np.mean(10 ** (level_db / 10))))
