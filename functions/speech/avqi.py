"""The Acoustic Voice Quality Index, version 03.01: one number from speech and a vowel together.

`acoustic_voice_quality_index(speech, vowel) -> float`; 0 is a perfect voice, 10 the worst.

The procedure is the published one of Maryn & Weenink (2015), doi:10.1016/j.jvoice.2014.06.015, with
the weights of version 03.01 (Barsties & Maryn 2016, doi:10.1177/0003489416636131): the voiced
windows of the speech and the last three seconds of the vowel are joined, and six measures of the
joint sound are weighted. As that version asks, speech and vowel get equal parts: of the speech, the
first three voiced seconds are taken.

Deviations from the published script: it is given no more than the first `MAX_SPEECH_S` of the
speech; where fewer than `MIN_VOICED_S` of them are voiced, the index is refused instead of being
that of the vowel alone; sounds above 50 kHz are resampled (see `praat.py`).
"""

import re
from typing import Any

import numpy as np
from parselmouth.praat import call

from functions.speech import praat
from functions.speech.sound import Floats, Sound
from shared.errors import UnusableRecording

MAX_SPEECH_S = 15.0  # enough for three voiced seconds; bounds the cost
MIN_VOICED_S = 1.0  # own choice: with less, the index would be that of the vowel
MIN_FS_HZ = 20_000.0  # the slope reaches to 10 kHz

# The settings of the published script, in the order of Praat's commands.
PART_S = 3.0  # of the vowel, its last; of the speech, its first that are voiced
LEAD_S = 0.001  # of silence before
HIGH_PASS = (0, 34, 0.1)
SILENCES = (50, 0.003, -25, 0.1, 0.1, "silence", "sounding")
WINDOW_S = 0.03
ZERO_CROSSING_EDGE_S = 0.0025
MIN_POWER = 0.3  # of the mean power of all that is loud
MAX_ZERO_CROSSINGS_HZ = 3000.0
SLOPE = (0, 1000, 1000, 10000, "energy")
SHIMMER_PITCH_HZ = (50, 400)
HNR_PITCH = (0, 75, 15, "no", 0.03, 0.45, 0.01, 0.35, 0.14, 600)
HNR_REPORT = (0, 0, 75, 600, 1.3, 1.6, 0.03, 0.45)


class TooLittleVoicedSpeech(UnusableRecording):
    """The speech holds too few voiced windows for the index."""

    code = "too-little-voiced-speech"

    def __init__(self, found_s: float) -> None:
        super().__init__(
            f"Found {found_s:.1f} s of voiced speech; the voice quality index needs "
            f"{MIN_VOICED_S:g} s."
        )


def acoustic_voice_quality_index(speech: Sound, vowel: Sound) -> float:
    """Return the AVQI 03.01 of running speech and a sustained vowel.

    Parameters
    ----------
    speech, vowel : Sound
        Of one person and one sampling rate, `MIN_FS_HZ` or more; the rates are not compared here.

    Returns
    -------
    float
        NaN where one of its six measures is undefined.

    Raises
    ------
    TooLittleVoicedSpeech
        If less than `MIN_VOICED_S` of the speech is voiced.
    """
    spoken = filtered(speech, min(MAX_SPEECH_S, speech.duration_s))
    fs_hz = spoken.sampling_frequency
    voiced = voiced_windows(samples_of(loud_part(spoken)), fs_hz)[: round(PART_S * fs_hz)]
    if len(voiced) < MIN_VOICED_S * fs_hz:
        raise TooLittleVoicedSpeech(len(voiced) / fs_hz)
    last = samples_of(filtered(vowel, vowel.duration_s))[-round(PART_S * fs_hz) :]
    lead = np.zeros(round(LEAD_S * fs_hz))
    return index_of(praat.praat_sound(np.concatenate([lead, voiced, last]), fs_hz))


def filtered(sound: Sound, end_s: float) -> Any:
    return call(praat.part(sound, 0, end_s), "Filter (stop Hann band)", *HIGH_PASS)


def samples_of(sound: Any) -> Floats:
    return np.asarray(sound.values[0], np.float64)


def loud_part(sound: Any) -> Any:
    """Join what Praat finds to be sounding; without a pause it is the sound itself."""
    grid = call(sound, "To TextGrid (silences)", *SILENCES)
    parts = call([sound, grid], "Extract intervals where", 1, "no", "does not contain", "silence")
    return call(parts, "Concatenate") if isinstance(parts, list) else parts


def voiced_windows(loud: Floats, fs_hz: float) -> Floats:
    """Join the windows with enough power and few enough zero crossings to be voiced.

    Parameters
    ----------
    loud : (n,) ndarray of float64
    fs_hz : float

    Returns
    -------
    (m,) ndarray of float64
        Whole windows of `WINDOW_S`, without the last one.
    """
    length = round(WINDOW_S * fs_hz)
    windows = loud[: (len(loud) // length - 1) * length].reshape(-1, length)
    powerful = np.mean(windows**2, axis=1) > MIN_POWER * np.mean(loud**2)
    slow = np.array([zero_crossings_hz(w, fs_hz) < MAX_ZERO_CROSSINGS_HZ for w in windows], bool)
    return np.asarray(windows[powerful & slow].ravel())


def zero_crossings_hz(window: Floats, fs_hz: float) -> float:
    """Zero crossings a second between the edges of a window; infinite where that is open.

    As in the published script, the count runs to the first crossing within the last edge, and a
    window without one there does not count as voiced.
    """
    before = np.flatnonzero(np.diff(np.signbit(window)))
    fraction = window[before] / (window[before] - window[before + 1])
    crossings_s = (before + 0.5 + fraction) / fs_hz
    if not len(crossings_s) or crossings_s[-1] < WINDOW_S - ZERO_CROSSING_EDGE_S:
        return np.inf
    first = int(np.abs(crossings_s - ZERO_CROSSING_EDGE_S).argmin())
    last = int(np.searchsorted(crossings_s, WINDOW_S - ZERO_CROSSING_EDGE_S))
    if last <= first:
        return np.inf
    return float((last - first) / (crossings_s[last] - crossings_s[first]))


def index_of(joined: Any) -> float:
    """The weighted sum of six measures of the joint sound (weights of version 03.01)."""
    spectrum = call(joined, "To Ltas", 1)
    trend = call(spectrum, "Compute trend line", 1, 10000)
    points = call(joined, "To PointProcess (periodic, cc)", *SHIMMER_PITCH_HZ)
    return 2.8902 * (
        4.152
        - 0.177 * praat.cpps_db(joined)
        - 0.006 * reported_hnr_db(joined)
        - 0.037 * 100 * praat.shimmer(joined, points, "local")
        + 0.941 * praat.shimmer(joined, points, "local_dB")
        + 0.01 * float(call(spectrum, "Get slope", *SLOPE))
        + 0.093 * float(call(trend, "Get slope", *SLOPE))
    )


def reported_hnr_db(joined: Any) -> float:
    """The mean HNR of Praat's voice report, which the index was fitted to."""
    pitch = call(joined, "To Pitch (cc)", *HNR_PITCH)
    report = call([joined, pitch, praat.pulses(joined, pitch)], "Voice report", *HNR_REPORT)
    match = re.search(r"harmonics-to-noise ratio: (-?[\d.]+)", report)
    return float(match.group(1)) if match else float("nan")
