"""What the vocal tract does: the formants of a vowel, and the space that three vowels span."""

from dataclasses import asdict
from itertools import chain

from functions.speech import praat
from functions.speech.collected import Collected
from functions.speech.course import Course
from functions.speech.grading import Context
from functions.speech.prosody import Spans
from functions.speech.resonance import MAX_F0_HZ, formants_of
from functions.speech.voice import VowelVoice
from functions.speech.vowel_space import Corner, vowel_space

# Praat's manual: 5000 Hz for men, 5500 Hz for women. Where nobody says the sex, the pitch decides,
# between the habitual pitch of men (about 120 Hz) and women (about 210 Hz).
FORMANT_CEILING_HZ = {"male": 5000.0, "female": 5500.0}
DIVIDING_F0_HZ = 160.0  # own choice: half of the way in semitones
FORMANT_MIN_AGE_YEARS = 12.0  # a child's vocal tract needs a higher ceiling


def add_vowel_space(
    collected: Collected, context: Context, course: Course, spans: Spans, ceiling_hz: float
) -> None:
    """Area and centralization of the corner vowels, unless the track of a formant jumps.

    Their confidence is that of the least sure of the six formants.
    """
    names = ("vowel_space_area", "formant_centralization_ratio")
    f0_hz = praat.f0_mean_hz(course.pitch)
    if unknown := no_formants(context, f0_hz, ceiling_hz):
        collected.leave_out(names, *unknown)
        return
    formants = [formants_of(praat.part(context.sound, *span), ceiling_hz)[:2] for span in spans]
    tracks = list(chain.from_iterable(formants))
    if any(formant.jumps for formant in tracks):
        collected.leave_out(names, "unsteady", "the track of a formant jumps")
        return
    space = vowel_space(*(Corner(f1.median_hz, f2.median_hz) for f1, f2 in formants))
    for name, value in zip(names, asdict(space).values(), strict=True):
        collected.values[name] = value
        collected.confidences[name] = min(formant.confidence(f0_hz) for formant in tracks)


def formant_ceiling_hz(context: Context, course: Course) -> float:
    """Return up to where formants are looked for: by the stated sex, else by the pitch."""
    if context.sex is not None:
        return FORMANT_CEILING_HZ[context.sex]
    f0_hz = praat.f0_mean_hz(course.pitch)
    return FORMANT_CEILING_HZ["male" if f0_hz < DIVIDING_F0_HZ else "female"]


def add_formants(
    collected: Collected, voice: VowelVoice, context: Context, ceiling_hz: float
) -> None:
    """The first three formants of a vowel, each unless its own track jumps.

    Where no sex is given, a warning says up to where they were searched.
    """
    names = ("formant_1", "formant_2", "formant_3")
    f0_hz = voice.melody.f0_mean_hz
    if unknown := no_formants(context, f0_hz, ceiling_hz):
        collected.leave_out(names, *unknown)
        return
    if context.sex is None:
        collected.warnings.append(
            f"The formants are searched up to {ceiling_hz:g} Hz by the pitch, as no sex is given."
        )
    for name, formant in zip(names, voice.formants, strict=True):
        median_hz = None if formant.jumps else formant.median_hz
        collected.add(name, median_hz, "unsteady", "its track jumps")
        collected.confidences[name] = formant.confidence(f0_hz)


def no_formants(context: Context, f0_hz: float, ceiling_hz: float) -> tuple[str, str] | None:
    """Say why the resonances of a voice cannot be known.

    Parameters
    ----------
    context : Context
    f0_hz, ceiling_hz : float

    Returns
    -------
    (code, reason) or None
        None where they can.
    """
    if context.age_years is not None and context.age_years < FORMANT_MIN_AGE_YEARS:
        return "child", "the settings are those of adults"
    if context.sound.fs_hz < 2 * ceiling_hz:
        return "low-sampling-rate", f"needs a sampling rate of {2 * ceiling_hz:g} Hz or more"
    if f0_hz > MAX_F0_HZ:
        reason = f"the harmonics of a voice above {MAX_F0_HZ:g} Hz are too far apart"
        return "too-high", reason
    return None
