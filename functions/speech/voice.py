"""The voice itself: pitch, perturbation, noise and resonances.

`medial_part(course) -> (start_s, end_s)` is what of a sustained vowel is analyzed;
`measure_vowel(sound, course, formant_ceiling_hz) -> VowelVoice`;
`measure_speaking_voice(sound, course) -> SpeakingVoice` for running speech.

Nothing is filtered, trimmed or normalized before a perturbation is measured: each of these changes
it. All of it is Praat's answer (see `praat.py`).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from functions.speech import praat
from functions.speech.contour import Contour, PitchRange
from functions.speech.course import EDGE_S, Course, NoVoice
from functions.speech.resonance import Formant, formants_of
from functions.speech.sound import Floats, Sound
from shared.errors import UnusableRecording

# The middle of a vowel, without its on- and offset, at most three seconds: as the vowels of the
# voice quality index are cut (Maryn et al. 2010, doi:10.1016/j.jvoice.2008.12.014). Its steadiest
# part is not taken: that lowers perturbation, so limits no longer hold (Olszewski, Shen & Jiang
# 2011, PMC3244564), and hides what is wrong with a voice.
MAX_ANALYZED_S = 3.0
MIN_ANALYZED_S = 0.4  # of half a second; two dozen periods of the lowest voice
MAX_BREAKS_S = 15.0  # of a long vowel; bounds the cost at half a second of CPU
MAX_CEPSTRUM_S = 10.0  # of running speech; bounds the cost at a second of CPU

RANGE_PERCENTILES = (5, 95)  # octave errors live beyond
SEMITONES = 12.0  # in an octave
BREAK_PERIODS = 1.25  # of the longest period: Praat's definition of a voice break
NEAR_CEPSTRUM_CEILING = 0.9  # closer to it, part of the peaks lies outside the search range


class VowelTooShort(UnusableRecording):
    """The vowel is too short to measure even its pitch."""

    code = "recording-too-short"

    def __init__(self, found_s: float) -> None:
        super().__init__(
            f"The vowel lasts {found_s:.2f} s; at least {MIN_ANALYZED_S:g} s are needed, "
            "three or more recommended."
        )


@dataclass(frozen=True)
class Melody:
    """Fundamental frequency in numbers; the range is that of the middle 90 % of frames."""

    f0_mean_hz: float
    f0_sd_hz: float
    f0_range_st: float


@dataclass(frozen=True)
class Perturbation:
    """How unequal neighboring periods are, in percent except `shimmer_local_db`.

    NaN where Praat finds too few periods.

    Attributes
    ----------
    jitter_local, shimmer_local : float
        Mean difference of a period's length, amplitude from the next, over the mean.
    jitter_rap, shimmer_apq3 : float
        Of a period from the mean of itself and its two neighbors.
    jitter_ppq5 : float
        Of a period's length from the mean of itself and its four neighbors.
    shimmer_apq11 : float
        Of a period's amplitude from the mean of itself and its ten neighbors.
    shimmer_local_db : float
        Mean absolute level difference of neighboring periods, dB.
    """

    jitter_local: float
    jitter_rap: float
    jitter_ppq5: float
    shimmer_local: float
    shimmer_apq3: float
    shimmer_apq11: float
    shimmer_local_db: float


@dataclass(frozen=True)
class VowelVoice:
    """What a sustained vowel gives.

    Attributes
    ----------
    start_s, end_s : float
        The part of the recording that was measured.
    melody : Melody
        Fundamental frequency.
    perturbation : Perturbation
        Jitter and shimmer.
    hnr_db, cpps_db : float
        Harmonics-to-noise ratio and smoothed cepstral peak prominence.
    formants : tuple of Formant
        From the lowest.
    voiced_share : float
        Part of the frames (0-1) that are voiced.
    regular_share : float
        Part of the neighboring periods that Praat could compare; 1 in a periodic voice.
    n_periods : int
        Number of periods.
    """

    start_s: float
    end_s: float
    melody: Melody
    perturbation: Perturbation
    hnr_db: float
    cpps_db: float
    formants: tuple[Formant, ...]
    voiced_share: float
    regular_share: float
    n_periods: int


@dataclass(frozen=True)
class SpeakingVoice:
    """What running speech gives; CPPS from the part between `start_s` and `end_s`."""

    start_s: float
    end_s: float
    melody: Melody
    cpps_db: float


def medial_part(course: Course) -> tuple[float, float]:
    """Choose the middle of a vowel, at most `MAX_ANALYZED_S` of it.

    Where it is shorter, `EDGE_S` are left out on both sides as far as `MIN_ANALYZED_S` remain.

    Parameters
    ----------
    course : Course

    Returns
    -------
    start_s, end_s : float

    Raises
    ------
    VowelTooShort
        If the vowel lasts less than `MIN_ANALYZED_S`.
    """
    first_s, last_s = course.extent_s
    duration_s = last_s - first_s
    if duration_s < MIN_ANALYZED_S:
        raise VowelTooShort(duration_s)
    length_s = float(np.clip(duration_s - 2 * EDGE_S, MIN_ANALYZED_S, MAX_ANALYZED_S))
    start_s = (first_s + last_s - length_s) / 2
    return start_s, start_s + length_s


def melody(pitch: Any) -> Melody:
    """Mean, spread and range of the fundamental frequency of one Praat pitch object."""
    tune = melody_of(praat.pitch_contour(pitch))
    return Melody(praat.f0_mean_hz(pitch), praat.f0_sd_hz(pitch), tune.f0_range_st)


def melody_of(f0: Contour) -> Melody:
    """Measure a contour's mean, spread and range, or raise `NoVoice` with fewer than two frames."""
    voiced_hz = f0.values[f0.present]
    if len(voiced_hz) < 2:
        raise NoVoice(0.0)
    low_hz, high_hz = np.percentile(voiced_hz, RANGE_PERCENTILES)
    return Melody(
        f0_mean_hz=float(voiced_hz.mean()),
        f0_sd_hz=float(voiced_hz.std(ddof=1)),
        f0_range_st=float(SEMITONES * np.log2(high_hz / low_hz)),
    )


def perturbation(part: Any, points: Any) -> Perturbation:
    """Jitter and shimmer as Praat gives them, shares in percent."""
    return Perturbation(
        jitter_local=praat.jitter_percent(points, "local"),
        jitter_rap=praat.jitter_percent(points, "rap"),
        jitter_ppq5=praat.jitter_percent(points, "ppq5"),
        shimmer_local=100 * praat.shimmer(part, points, "local"),
        shimmer_apq3=100 * praat.shimmer(part, points, "apq3"),
        shimmer_apq11=100 * praat.shimmer(part, points, "apq11"),
        shimmer_local_db=praat.shimmer(part, points, "local_dB"),
    )


def voice_breaks_percent(times_s: Floats, floor_hz: float, duration_s: float) -> float:
    """Share of a duration lost in breaks between glottal pulses, as in Praat's voice report."""
    gaps_s = np.diff(times_s)
    return float(100 * gaps_s[gaps_s > BREAK_PERIODS / floor_hz].sum() / duration_s)


def regular_share(times_s: Floats) -> float:
    """Part of the neighboring periods whose ratio Praat accepts as one voice's."""
    periods_s = np.diff(times_s)
    if len(periods_s) < 2:
        return 0.0
    ratio = np.maximum(periods_s[1:], periods_s[:-1]) / np.minimum(periods_s[1:], periods_s[:-1])
    return float(np.mean(ratio <= praat.PERIODS[-1]))


def is_above_cepstrum(f0_mean_hz: float) -> bool:
    """Whether a voice is too high for the range in which published limits look for its peak."""
    return f0_mean_hz > NEAR_CEPSTRUM_CEILING * praat.CPPS_RANGE_HZ[1]


def cpps_of(part: Any, f0_mean_hz: float, search: PitchRange) -> float:
    """CPPS; the peak of a high voice is looked for in the range of its own pitch."""
    return praat.cpps_db(part, search) if is_above_cepstrum(f0_mean_hz) else praat.cpps_db(part)


def measure_vowel(sound: Sound, course: Course, formant_ceiling_hz: float) -> VowelVoice:
    """Measure the middle of a sustained vowel.

    Raises
    ------
    VowelTooShort
        If it lasts less than `MIN_ANALYZED_S`.
    NoVoice
        If its middle has no pitch, or of a single frame.
    """
    start_s, end_s = medial_part(course)
    return measure_part(sound, course, formant_ceiling_hz, (start_s, end_s))


def measure_part(
    sound: Sound, course: Course, formant_ceiling_hz: float, span_s: tuple[float, float]
) -> VowelVoice:
    """Measure one part of a sustained vowel.

    Parameters
    ----------
    sound : Sound
    course : Course
        Of the whole recording: the part is searched in the range of the person.
    formant_ceiling_hz : float
    span_s : (float, float)

    Returns
    -------
    VowelVoice

    Raises
    ------
    NoVoice
        If the part has no pitch, or of a single frame.
    """
    part = praat.part(sound, *span_s)
    pitch = praat.cross_correlation_pitch(part, course.search)
    f0 = praat.pitch_contour(pitch)
    if not f0.present.any():
        raise NoVoice(0.0)
    points = praat.pulses(part, pitch)
    tune = melody(pitch)
    return VowelVoice(
        start_s=span_s[0],
        end_s=span_s[1],
        melody=tune,
        perturbation=perturbation(part, points),
        hnr_db=praat.hnr_db(part, course.search.floor_hz),
        cpps_db=cpps_of(part, tune.f0_mean_hz, course.search),
        formants=formants_of(part, formant_ceiling_hz),
        voiced_share=float(f0.present.mean()),
        regular_share=regular_share(praat.pulse_times_s(points)),
        n_periods=max(0, len(praat.pulse_times_s(points)) - 1),
    )


def breaks_of_vowel(course: Course) -> float:
    """Measure the voice breaks from the first voiced frame of the vowel on, in percent of the time.

    Up to the last voiced frame or `MAX_BREAKS_S`; silence before and after is no break.
    """
    first_s, last_s = course.extent_s
    horizon_s = first_s + MAX_BREAKS_S
    points = praat.pulses(*praat.opening(course.whole, course.pitch, horizon_s))
    duration_s = min(last_s, horizon_s) - first_s
    return voice_breaks_percent(praat.pulse_times_s(points), course.search.floor_hz, duration_s)


def measure_speaking_voice(sound: Sound, course: Course) -> SpeakingVoice:
    """Melody of the whole recording, and CPPS of its first `MAX_CEPSTRUM_S` of speech.

    CPPS is taken with its pauses and voiceless sounds, as the published limits for reading were.
    """
    first_s, last_s = course.extent_s
    end_s = min(last_s, first_s + MAX_CEPSTRUM_S)
    cpps_db = measure_speaking_part(sound, course, (first_s, end_s))
    return SpeakingVoice(first_s, end_s, melody(course.pitch), cpps_db)


def measure_speaking_part(sound: Sound, course: Course, span_s: tuple[float, float]) -> float:
    """CPPS (dB) of a part of running speech."""
    return cpps_of(praat.part(sound, *span_s), praat.f0_mean_hz(course.pitch), course.search)
