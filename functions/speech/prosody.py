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

from functions.speech.praat import Contour
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
    syllables_s : ndarray of float64, shape (n,)
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

    Raises
    ------
    NoSpeech
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
    return float(np.quantile(level_db, ALMOST_MAXIMUM)) - SILENCE_BELOW_DB


def sounding_spans(times_s: Floats, loud: Flags) -> Spans:
    """Stretches of sound: short gaps closed first, then what is too short to be speech left out."""
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
    """Indices of peaks that are parted from their neighbors by a dip of `MIN_DIP_DB`.

    Of two peaks without such a dip between them the higher stands for both.
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
    """Whether the pitch frame nearest to each time is voiced."""
    after = np.searchsorted(f0.times_s, times_s).clip(1, len(f0.times_s) - 1)
    nearer_before = times_s - f0.times_s[after - 1] < f0.times_s[after] - times_s
    return f0.present[np.where(nearer_before, after - 1, after)]


def mean_level_db(level_db: Floats) -> float:
    """Level of the mean power."""
    return float(10 * np.log10(np.mean(10 ** (level_db / 10))))
