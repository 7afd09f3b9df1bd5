"""The course of the pitch through a whole recording.

`voice_course(sound) -> Course` follows it; `with_excursions(course)` widens its search where a pass
over the widest range found the pitch outside of it. All of it is Praat's answer (see `praat.py`).

Deviations from Hirst (2011): the first pass looks from 60 to 600 Hz in steps of 30 ms; another one
judges each frame there by itself, and a pitch that in it leaves the person's range for long widens
the search.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from functions.speech import praat
from functions.speech.contour import OCTAVE_JUMP, Contour, PitchRange
from functions.speech.passes import Passes, compare
from functions.speech.sound import Floats, Sound
from shared.errors import UnusableRecording

# Two passes: the quartiles of the first give the person's range (Hirst 2011, "The analysis by
# synthesis of speech melody", Journal of Speech Sciences 1(1), 55-83).
FLOOR_OF_FIRST_QUARTILE, CEILING_OF_THIRD_QUARTILE = 0.75, 1.5
FIRST_PASS_STEP_S = 0.03  # quartiles need no more frames
MIN_VOICED_S = 0.4  # of a vowel of half a second, whose ends no window of the pitch covers

# The on- and offset of a vowel, left out on both sides: see `voice.MAX_ANALYZED_S`.
EDGE_S = 0.25


class NoVoice(UnusableRecording):
    """Nothing in the recording is voiced long enough."""

    code = "no-voice"

    def __init__(self, found_s: float) -> None:
        super().__init__(
            f"Found {found_s:.1f} s of voice; at least {MIN_VOICED_S:g} s are needed. "
            "Silence, noise and whispering cannot be measured."
        )


@dataclass(frozen=True)
class Course:
    """Pitch through a whole recording.

    Attributes
    ----------
    whole : parselmouth.Sound
    search : PitchRange
        The person's, in which `pitch` was looked for.
    pitch : Praat's Pitch
    f0 : Contour
        The same in Hz, NaN where unvoiced.
    first : Contour
        That of a pass over the widest range, in coarse steps and frame by frame.
    """

    whole: Any
    search: PitchRange
    pitch: Any
    f0: Contour
    first: Contour

    @property
    def voiced_s(self) -> float:
        return float(self.f0.present.sum()) * self.f0.step_s

    @property
    def extent_s(self) -> tuple[float, float]:
        """From the first voiced frame to the last."""
        times_s = self.f0.times_s[self.f0.present]
        return float(times_s[0]), float(times_s[-1])


def voice_course(sound: Sound) -> Course:
    """Follow the pitch within the person's own range, which is found over the widest one.

    Parameters
    ----------
    sound : Sound

    Returns
    -------
    Course
        Of the last of three passes. Its range is that of the quartiles of the first, which has the
        usual cost of an octave; its `first` is the second, without one.

    Raises
    ------
    NoVoice
        If less than `MIN_VOICED_S` is voiced.
    """
    whole = praat.praat_sound(sound.samples, sound.fs_hz)
    first = first_pass(whole, OCTAVE_JUMP)
    refuse_voiceless(first)
    free = first_pass(whole, 0.0)
    return followed(whole, person_range(first.values[first.present]), free)


def first_pass(whole: Any, octave_jump: float) -> Contour:
    """Follow the pitch over the widest range, in steps of `FIRST_PASS_STEP_S`."""
    widest = PitchRange(*praat.WIDEST_RANGE_HZ, octave_jump)
    return praat.pitch_contour(praat.autocorrelation_pitch(whole, widest, FIRST_PASS_STEP_S))


def followed(whole: Any, search: PitchRange, first: Contour) -> Course:
    """Follow the pitch within a range, or raise `NoVoice` where hardly any is found in it."""
    pitch = praat.autocorrelation_pitch(whole, search, praat.AUTOMATIC_STEP)
    f0 = praat.pitch_contour(pitch)
    refuse_voiceless(f0)
    return Course(whole, search, pitch, f0, first)


def refuse_voiceless(f0: Contour) -> None:
    voiced_s = float(f0.present.sum()) * f0.step_s
    if voiced_s < MIN_VOICED_S:
        raise NoVoice(voiced_s)


def passes_of(course: Course) -> Passes:
    """Compare both passes within a vowel, without its edges, where the pitch glides in and out."""
    first_s, last_s = course.extent_s
    inside = (first_s + EDGE_S, last_s - EDGE_S)
    return compare(course.first.within(*inside), course.f0.within(*inside), course.search)


def with_excursions(course: Course, passes: Passes) -> Course:
    """Follow the pitch again, jumps included, where it was seen to leave the range.

    Parameters
    ----------
    course : Course
    passes : Passes

    Returns
    -------
    Course
        The same where the passes agree; else without a cost of jumps, in a range widened towards
        the extremes; it may miss the lower one where they lie far apart, as on both sides.

    Raises
    ------
    NoVoice
        If less than `MIN_VOICED_S` is voiced in that range.
    """
    if passes.extremes_hz is None:
        return course
    outside = person_range(np.array(passes.extremes_hz))
    floor_hz = min(course.search.floor_hz, outside.floor_hz)
    ceiling_hz = max(course.search.ceiling_hz, outside.ceiling_hz)
    return followed(course.whole, PitchRange(floor_hz, ceiling_hz, octave_jump=0.0), course.first)


def person_range(f0_hz: Floats) -> PitchRange:
    """Return a person's pitch range by the quartiles of a first pass (Hirst 2011).

    Parameters
    ----------
    f0_hz : (n,) ndarray of float64
        Voiced frames only.

    Returns
    -------
    PitchRange
        Within `praat.WIDEST_RANGE_HZ`.
    """
    first, third = np.quantile(f0_hz, [0.25, 0.75])
    lowest, highest = praat.WIDEST_RANGE_HZ
    return PitchRange(
        max(lowest, float(FLOOR_OF_FIRST_QUARTILE * first)),
        min(highest, float(CEILING_OF_THIRD_QUARTILE * third)),
    )
