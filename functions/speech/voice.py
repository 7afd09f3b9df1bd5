"""The voice itself: pitch, perturbation, noise and resonances.

`voice_course(sound) -> Course` follows the pitch through a whole recording;
`stable_part(course) -> (start_s, end_s)` picks what of a sustained vowel is analyzed;
`measure_vowel(sound, course, formant_ceiling_hz) -> VowelVoice`;
`measure_speaking_voice(sound, course) -> SpeakingVoice` for running speech.

Nothing is filtered, trimmed or normalized before a perturbation is measured: each of these changes
it. All of it is Praat's answer (see `praat.py`).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from functions.speech import praat
from functions.speech.praat import Contour, PitchRange
from functions.speech.sound import Floats, Sound
from shared.errors import UnusableRecording

# Two passes: the quartiles of the first give the person's range (Hirst 2011, "The analysis by
# synthesis of speech melody", Journal of Speech Sciences 1(1), 55-83).
FLOOR_OF_FIRST_QUARTILE, CEILING_OF_THIRD_QUARTILE = 0.75, 1.5
FIRST_PASS_STEP_S = 0.03  # quartiles need no more frames
MIN_VOICED_S = 0.5

EDGE_S = 0.25  # on- and offset of a vowel are unsteady in every voice
MAX_ANALYZED_S = 3.0
MIN_ANALYZED_S = 0.5  # about fifty periods of a low voice
WINDOW_STEP_S = 0.1
MAX_BREAKS_S = 15.0  # of a long vowel; bounds the cost at half a second of CPU
MAX_CEPSTRUM_S = 10.0  # of running speech; bounds the cost at a second of CPU

RANGE_PERCENTILES = (5, 95)  # octave errors live beyond
SEMITONES = 12.0
BREAK_PERIODS = 1.25  # of the longest period: Praat's definition of a voice break
NEAR_CEPSTRUM_CEILING = 0.9  # closer to it, part of the peaks lies outside the search range


class NoVoice(UnusableRecording):
    """Nothing in the recording is voiced long enough."""

    code = "no-voice"

    def __init__(self, found_s: float) -> None:
        super().__init__(
            f"Found {found_s:.1f} s of voice; at least {MIN_VOICED_S:g} s are needed. "
            "Silence, noise and whispering cannot be measured."
        )


class VowelTooShort(UnusableRecording):
    """Too little of the vowel is left without its beginning and end."""

    code = "vowel-too-short"

    def __init__(self, found_s: float) -> None:
        super().__init__(
            f"The vowel lasts {found_s:.1f} s; at least "
            f"{MIN_ANALYZED_S + 2 * EDGE_S:g} s are needed, three or more recommended."
        )


@dataclass(frozen=True)
class Course:
    """Pitch through a whole recording.

    `whole` and `pitch` are Praat's objects, `f0` the pitch as a contour with NaN where unvoiced.
    """

    whole: Any
    search: PitchRange
    pitch: Any
    f0: Contour

    @property
    def voiced_s(self) -> float:
        return float(self.f0.present.sum()) * self.f0.step_s

    @property
    def extent_s(self) -> tuple[float, float]:
        """From the first voiced frame to the last."""
        times_s = self.f0.times_s[self.f0.present]
        return float(times_s[0]), float(times_s[-1])


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
    """What a sustained vowel gives; measured between `start_s` and `end_s` of the recording.

    `regular_share` is the part of the neighboring periods that Praat could compare (1 in a
    periodic voice), `voiced_share` that of the voiced frames, both within the analyzed part;
    `voice_breaks_percent` is taken from the first voiced frame of the vowel to the last, or to
    `MAX_BREAKS_S` after the first.
    """

    start_s: float
    end_s: float
    melody: Melody
    perturbation: Perturbation
    hnr_db: float
    cpps_db: float | None
    formants_hz: tuple[float, ...]
    voice_breaks_percent: float
    voiced_share: float
    regular_share: float


@dataclass(frozen=True)
class SpeakingVoice:
    """What running speech gives; CPPS from the part between `start_s` and `end_s`."""

    start_s: float
    end_s: float
    melody: Melody
    cpps_db: float | None


def voice_course(sound: Sound) -> Course:
    """Follow the pitch in two passes, the second within the person's own range.

    Raises
    ------
    NoVoice
        If less than `MIN_VOICED_S` is voiced.
    """
    whole = praat.praat_sound(sound.samples, sound.fs_hz)
    first = followed(whole, PitchRange(*praat.WIDEST_RANGE_HZ), FIRST_PASS_STEP_S)
    search = person_range(first.f0.values[first.f0.present])
    return followed(whole, search, praat.AUTOMATIC_STEP)


def followed(whole: Any, search: PitchRange, step_s: float) -> Course:
    pitch = praat.autocorrelation_pitch(whole, search, step_s)
    course = Course(whole, search, pitch, praat.pitch_contour(pitch))
    if course.voiced_s < MIN_VOICED_S:
        raise NoVoice(course.voiced_s)
    return course


def person_range(f0_hz: Floats) -> PitchRange:
    """A person's pitch range from the quartiles of a first pass."""
    first, third = np.quantile(f0_hz, [0.25, 0.75])
    lowest, highest = praat.WIDEST_RANGE_HZ
    return PitchRange(
        max(lowest, float(FLOOR_OF_FIRST_QUARTILE * first)),
        min(highest, float(CEILING_OF_THIRD_QUARTILE * third)),
    )


def stable_part(course: Course) -> tuple[float, float]:
    """Start and end (s) of the steadiest `MAX_ANALYZED_S` of a vowel, without its edges.

    Steadiest: the fewest unvoiced frames, then the least spread of log F0.

    Raises
    ------
    VowelTooShort
    """
    first_s, last_s = course.extent_s
    start_s, end_s = first_s + EDGE_S, last_s - EDGE_S
    if end_s - start_s < MIN_ANALYZED_S:
        raise VowelTooShort(last_s - first_s)
    if end_s - start_s <= MAX_ANALYZED_S:
        return start_s, end_s
    starts_s = np.arange(start_s, end_s - MAX_ANALYZED_S, WINDOW_STEP_S)
    best_s = min(
        (float(s) for s in starts_s),
        key=lambda s: unsteadiness(course.f0.within(s, s + MAX_ANALYZED_S)),
    )
    return best_s, best_s + MAX_ANALYZED_S


def unsteadiness(f0: Contour) -> tuple[int, float]:
    voiced = f0.values[f0.present]
    spread = float(np.std(np.log(voiced))) if len(voiced) else np.inf
    return int((~f0.present).sum()), spread


def melody(pitch: Any) -> Melody:
    """Mean, spread and range of the fundamental frequency of one Praat pitch object."""
    contour = praat.pitch_contour(pitch)
    low, high = np.percentile(contour.values[contour.present], RANGE_PERCENTILES)
    return Melody(
        f0_mean_hz=praat.f0_mean_hz(pitch),
        f0_sd_hz=praat.f0_sd_hz(pitch),
        f0_range_st=float(SEMITONES * np.log2(high / low)),
    )


def perturbation(part: Any, points: Any) -> Perturbation:
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


def cpps_within_range(part: Any, f0_mean_hz: float) -> float | None:
    """CPPS, or None where the voice is too high for its search range."""
    if f0_mean_hz > NEAR_CEPSTRUM_CEILING * praat.CPPS_RANGE_HZ[1]:
        return None
    return praat.cpps_db(part)


def measure_vowel(sound: Sound, course: Course, formant_ceiling_hz: float) -> VowelVoice:
    """Measure the steadiest part of a sustained vowel.

    Raises
    ------
    VowelTooShort, NoVoice
    """
    start_s, end_s = stable_part(course)
    part = praat.part(sound, start_s, end_s)
    pitch = praat.cross_correlation_pitch(part, course.search)
    f0 = praat.pitch_contour(pitch)
    if not f0.present.any():
        raise NoVoice(0.0)
    points = praat.pulses(part, pitch)
    tune = melody(pitch)
    tracks = praat.formants(part, formant_ceiling_hz)
    return VowelVoice(
        start_s=start_s,
        end_s=end_s,
        melody=tune,
        perturbation=perturbation(part, points),
        hnr_db=praat.hnr_db(part, course.search.floor_hz),
        cpps_db=cpps_within_range(part, tune.f0_mean_hz),
        formants_hz=tuple(praat.formant_median_hz(tracks, number) for number in (1, 2, 3)),
        voice_breaks_percent=breaks_of_vowel(course),
        voiced_share=float(f0.present.mean()),
        regular_share=regular_share(praat.pulse_times_s(points)),
    )


def breaks_of_vowel(course: Course) -> float:
    """Voice breaks from the first voiced frame of the vowel to the last that is looked at."""
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
    tune = melody(course.pitch)
    part = praat.part(sound, first_s, end_s)
    return SpeakingVoice(first_s, end_s, tune, cpps_within_range(part, tune.f0_mean_hz))
