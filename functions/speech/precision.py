"""How sure a value is: the same measure from both halves of a recording.

`of_vowel_halves` and `of_speech_halves` measure both halves; shared/science/halves.py compares
them.
"""

from collections.abc import Mapping
from dataclasses import asdict

from functions.speech.contour import Contour
from functions.speech.course import Course
from functions.speech.prosody import speaking
from functions.speech.sound import Sound
from functions.speech.voice import (
    SpeakingVoice,
    VowelVoice,
    measure_part,
    measure_speaking_part,
    melody_of,
)
from shared.errors import UnusableRecording
from shared.science.halves import Halves, half_differences, only

MIN_HALVED_S = 1.0  # of what is analyzed; halves of less than half a second say little


def of_vowel_halves(
    values: Mapping[str, float],
    sound: Sound,
    course: Course,
    ceiling_hz: float,
    span_s: tuple[float, float],
) -> Halves:
    """Measure both halves of the analyzed part of a vowel.

    Parameters
    ----------
    values : mapping of str to float
        What the whole of it gave, by biomarker name.
    sound : Sound
    course : Course
    ceiling_hz : float
        Of the formants.
    span_s : (float, float)
        The analyzed part.

    Returns
    -------
    mapping
        Of the values above alone; empty where the part is shorter than `MIN_HALVED_S`, or a half of
        it has no voice.
    """
    if span_s[1] - span_s[0] < MIN_HALVED_S:
        return {}
    middle_s = (span_s[0] + span_s[1]) / 2
    try:
        halves = [
            named(measure_part(sound, course, ceiling_hz, half))
            for half in ((span_s[0], middle_s), (middle_s, span_s[1]))
        ]
    except UnusableRecording:  # one half has no voice
        return {}
    return only(values, half_differences(*halves))


def of_speech_halves(
    values: Mapping[str, float],
    sound: Sound,
    course: Course,
    level: Contour,
    voice: SpeakingVoice,
) -> Halves:
    """Measure both halves of speech: its melody and tempo, and CPPS of the part for that.

    Parameters
    ----------
    values : mapping of str to float
        What the whole of it gave, by biomarker name.
    sound : Sound
    course : Course
    level : Contour
    voice : SpeakingVoice

    Returns
    -------
    mapping
        Of the values above alone; empty where a half has no speech.
    """
    middle_s = (course.extent_s[0] + course.extent_s[1]) / 2
    cepstrum_middle_s = (voice.start_s + voice.end_s) / 2
    spans = ((course.extent_s[0], middle_s), (middle_s, course.extent_s[1]))
    parts = ((voice.start_s, cepstrum_middle_s), (cepstrum_middle_s, voice.end_s))
    try:
        halves = [
            {
                **spoken(level.within(*span_s), course.f0, course.f0.within(*span_s)),
                "cpps": measure_speaking_part(sound, course, part_s),
            }
            for span_s, part_s in zip(spans, parts, strict=True)
        ]
    except UnusableRecording:  # one half has no speech
        return {}
    return only(values, half_differences(*halves))


def spoken(level: Contour, f0: Contour, f0_within: Contour) -> Mapping[str, float]:
    """Tempo and melody of a part of speech by the names of the catalog."""
    timing, tune = speaking(level, f0), melody_of(f0_within)
    return {
        "f0_mean": tune.f0_mean_hz,
        "f0_sd": tune.f0_sd_hz,
        "f0_range_st": tune.f0_range_st,
        "speech_rate": timing.speech_rate,
        "articulation_rate": timing.articulation_rate,
        "pause_ratio": timing.pause_ratio,
    }


def named(voice: VowelVoice) -> Mapping[str, float]:
    """The measures of a part of a vowel by the names of the catalog."""
    names = ("formant_1", "formant_2", "formant_3")
    return {
        "f0_mean": voice.melody.f0_mean_hz,
        "f0_sd": voice.melody.f0_sd_hz,
        "f0_range_st": voice.melody.f0_range_st,
        **asdict(voice.perturbation),
        "hnr": voice.hnr_db,
        "cpps": voice.cpps_db,
        **{name: formant.median_hz for name, formant in zip(names, voice.formants, strict=True)},
    }
