"""What is no voice at all: a tone, a machine, noise, a whisper.

`refuse_tone(sound, course)` and `refuse_machine(jitter, hnr)` stop it before anything is measured;
`quality.refuse_noise` stops noise and whispers.
"""

import numpy as np

from functions.speech.course import Course
from functions.speech.periodicity import CHANCE_CPPS_DB
from functions.speech.sound import Floats, Sound
from shared.errors import UnusableRecording

TONE_WINDOW_S = 0.1  # lines 10 Hz apart, which part the harmonics of the lowest voice
MAX_TONE_S = 10.0  # bounds the memory
TONE_BINS = 2  # on both sides: a Hann window's main lobe
TONE_SHARE = 0.995  # of the power in one spectral line; a sung /u/ stays below
MACHINE_JITTER_PERCENT = 0.02  # a tenth of what the steadiest voices have
MACHINE_HNR_DB = 45.0  # the clearest labelled vowel has 30 dB


class ToneNotVoice(UnusableRecording):
    """The recording holds a machine's tone: it is periodic, but no voice."""

    code = "tone-not-voice"

    def __init__(self) -> None:
        super().__init__(
            "The sound is a single frequency or steadier than any voice; expected a human voice."
        )


class NoiseNotVoice(UnusableRecording):
    """The recording has voiced moments, but most of its sound is something else."""

    code = "noise-only"

    def __init__(self, share: float, least_share: float) -> None:
        super().__init__(
            f"Only {100 * share:.0f} % of what sounds is voiced; expected "
            f"{100 * least_share:.0f} % or more. Noise and whispering cannot be measured."
        )


class WhisperNotVoice(UnusableRecording):
    """The recording has resonances of a voice, but no period: it is whispered."""

    code = "whisper-not-voice"

    def __init__(self, cpps_db: float) -> None:
        super().__init__(
            f"The cepstral peak is {cpps_db:.1f} dB, which noise without a period reaches as well; "
            f"expected more than {CHANCE_CPPS_DB:g} dB. Whispering and noise have no voice to "
            "measure."
        )


def refuse_tone(sound: Sound, course: Course) -> None:
    """Refuse a recording whose power lies in one spectral line.

    Raises
    ------
    ToneNotVoice
        If `TONE_SHARE` of it does: a voice has harmonics.
    """
    first_s, last_s = course.extent_s
    part = sound.part(first_s, min(last_s, first_s + MAX_TONE_S))
    if tone_share(part, sound.fs_hz) > TONE_SHARE:
        raise ToneNotVoice


def refuse_machine(jitter_local_percent: float, hnr_db: float) -> None:
    """Refuse a vowel that is steadier or cleaner than a human voice can be.

    Raises
    ------
    ToneNotVoice
        If its jitter is below `MACHINE_JITTER_PERCENT`, or its HNR above `MACHINE_HNR_DB`.
    """
    if jitter_local_percent < MACHINE_JITTER_PERCENT or hnr_db > MACHINE_HNR_DB:
        raise ToneNotVoice


def tone_share(samples: Floats, fs_hz: float) -> float:
    """Measure the share of the power within the strongest spectral line, DC left out.

    Parameters
    ----------
    samples : (n,) ndarray of float64
    fs_hz : float

    Returns
    -------
    float
        0-1; 0 of silence.
    """
    length = round(TONE_WINDOW_S * fs_hz)
    pieces = samples[: len(samples) // length * length].reshape(-1, length)
    pieces = pieces - pieces.mean(axis=1, keepdims=True)
    power = np.mean(np.abs(np.fft.rfft(pieces * np.hanning(length), axis=1)) ** 2, axis=0)
    strongest = int(power.argmax())
    line = power[max(0, strongest - TONE_BINS) : strongest + TONE_BINS + 1]
    return float(line.sum() / power.sum()) if power.sum() > 0 else 0.0
