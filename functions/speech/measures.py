"""What a recording gives in its task: values by name, and why the others are missing."""

import math
import statistics
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from functions.speech import codecs, praat
from functions.speech.avqi import MIN_FS_HZ as AVQI_MIN_FS_HZ
from functions.speech.avqi import acoustic_voice_quality_index
from functions.speech.diadochokinesis import LEVEL_FLOOR_HZ as FINE_LEVEL_FLOOR_HZ
from functions.speech.diadochokinesis import Repetition, repetition
from functions.speech.grading import Context
from functions.speech.norms import TASKS
from functions.speech.praat import Contour
from functions.speech.precision import half_differences, of_speech_halves, of_vowel_halves
from functions.speech.prosody import Spans, Speaking, mean_level_db, speaking, voiced_at
from functions.speech.quality import MIN_VOWEL_VOICED_SHARE, refuse_machine, refuse_tone
from functions.speech.resonance import MAX_F0_HZ as FORMANT_MAX_F0_HZ
from functions.speech.resonance import formants_of
from functions.speech.sound import Floats, Sound
from functions.speech.spectrum import MIN_FS_HZ as BALANCE_MIN_FS_HZ
from functions.speech.spectrum import spectral_balance
from functions.speech.task import Task
from functions.speech.tremor import MIN_DURATION_S, Tremor, amplitude, vocal_tremor
from functions.speech.voice import (
    EDGE_S,
    Course,
    VowelVoice,
    breaks_of_vowel,
    measure_speaking_voice,
    measure_vowel,
    voice_course,
)
from functions.speech.voice_onset import MIN_FS_HZ as VOT_MIN_FS_HZ
from functions.speech.voice_onset import MIN_SYLLABLES as VOT_MIN_SYLLABLES
from functions.speech.voice_onset import voice_onset_times_ms
from functions.speech.vowel_space import Corner, held_vowels, vowel_space
from shared.errors import UnusableRecording
from shared.record import Absence

# Praat's manual: 5000 Hz for men, 5500 Hz for women. Where nobody says the sex, the pitch decides,
# between the habitual pitch of men (about 120 Hz) and women (about 210 Hz).
FORMANT_CEILING_HZ = {"male": 5000.0, "female": 5500.0}
DIVIDING_F0_HZ = 160.0
FORMANT_MIN_AGE_YEARS = 12.0  # a child's vocal tract needs a higher ceiling

# What needs one pitch to be known, in a vowel and in speech.
PITCHED = (
    "f0_mean",
    "f0_sd",
    "f0_range_st",
    "jitter_local",
    "jitter_rap",
    "jitter_ppq5",
    "shimmer_local",
    "shimmer_apq3",
    "shimmer_apq11",
    "shimmer_local_db",
    "hnr",
    "cpps",
    "avqi",
    "h1_h2",
    "formant_1",
    "formant_2",
    "formant_3",
    "voice_breaks",
    "vocal_tremor_frequency",
    "vocal_tremor_intensity",
)

NEEDS = {
    Task.SUSTAINED_VOWEL: "a sustained vowel",
    Task.SPEECH: "running speech",
    Task.CORNER_VOWELS: "/a/, /i/ and /u/ one after the other",
    Task.DIADOCHOKINESIS: "repeated syllables",
}


@dataclass(frozen=True)
class Measures:
    """Values in the units of the catalog; finite, never a default.

    `start_s` and `end_s` enclose the part that the voice measures were taken from, `part` is its
    name; `sounding` and `syllables_s` are what timing found, for the pictures. `precision` has what
    both halves give, `confidences` those of measures that are less sure than the recording is.
    """

    values: dict[str, float]
    absent: tuple[Absence, ...]
    warnings: tuple[str, ...]
    parameters: dict[str, Any]
    start_s: float
    end_s: float
    part: str
    formant_ceiling_hz: float | None = None
    sounding: Spans = ()
    syllables_s: Floats | None = None
    precision: dict[str, dict[str, float]] = field(default_factory=dict)
    confidences: dict[str, float] = field(default_factory=dict)

    @property
    def syllable_count(self) -> int | None:
        return None if self.syllables_s is None else len(self.syllables_s)

    @property
    def pause_count(self) -> int | None:
        return len(self.sounding) - 1 if self.sounding else None


@dataclass
class Collected:
    """Values, and why others are missing, while a recording is measured."""

    values: dict[str, float] = field(default_factory=dict)
    absent: dict[str, Absence] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    confidences: dict[str, float] = field(default_factory=dict)

    def add(self, name: str, value: float | None, code: str, reason: str) -> None:
        """Keep a value, or say why there is none."""
        if value is None or not math.isfinite(value):
            self.leave_out((name,), code, reason)
        else:
            self.values[name] = value

    def leave_out(self, names: tuple[str, ...], code: str, reason: str) -> None:
        sentence = f"{reason[0].upper()}{reason[1:]}."
        for name in names:
            self.values.pop(name, None)
            self.absent[name] = Absence(name, code, sentence)


def measure(context: Context, course: Course, level: Contour, vowel: Sound | None) -> Measures:
    """Measure what the task allows; `level` is the contour of the whole recording."""
    steps: dict[Task, Callable[[], Measures]] = {
        Task.SUSTAINED_VOWEL: lambda: of_vowel(context, course, level),
        Task.SPEECH: lambda: of_speech(context, course, level, vowel),
        Task.CORNER_VOWELS: lambda: of_corners(context, course, level),
        Task.DIADOCHOKINESIS: lambda: of_repetition(context, course, level),
    }
    return steps[context.task]()


def of_vowel(context: Context, course: Course, level: Contour) -> Measures:
    sound = context.sound
    ceiling_hz = formant_ceiling_hz(context, course)
    voice = measure_vowel(sound, course, ceiling_hz)
    if context.quality.pitch_is_one:
        refuse_machine(voice.perturbation.jitter_local, voice.hnr_db)
    kept = other_tasks(Task.SUSTAINED_VOWEL)
    span_s = voice.start_s, voice.end_s
    add_balance(kept, sound, course, span_s)
    add_voice(kept, voice, course, context, ceiling_hz)
    add_phonation_time(kept, course, context)
    kept.values["intensity_mean"] = voiced_level_db(course, level)
    add_tremors(kept, course)
    leave_out_pitch(kept, context)
    return Measures(
        kept.values,
        tuple(kept.absent.values()),
        tuple(kept.warnings),
        {"analyzed_s": [*span_s], "n_periods": voice.n_periods, "formant_ceiling_hz": ceiling_hz},
        *span_s,
        "analyzed part",
        formant_ceiling_hz=ceiling_hz,
        precision=of_vowel_halves(kept.values, sound, course, ceiling_hz, span_s),
        confidences=kept.confidences,
    )


def of_speech(context: Context, course: Course, level: Contour, vowel: Sound | None) -> Measures:
    timing = speaking(level, course.f0)
    voice = measure_speaking_voice(context.sound, course)
    kept = other_tasks(Task.SPEECH)
    add_melody(kept, asdict(voice.melody))
    kept.add("cpps", voice.cpps_db, "too-short", "its peak is not defined")
    add_balance(kept, context.sound, course, (voice.start_s, voice.end_s))
    add_avqi(kept, context.sound, vowel)
    add_timing(kept, timing, noise_hides_pauses=context.quality.noise_hides_pauses)
    kept.values["intensity_mean"] = timing.level_db
    leave_out_pitch(kept, context)
    return Measures(
        kept.values,
        tuple(kept.absent.values()),
        tuple(kept.warnings),
        {"cpps_part_s": [voice.start_s, voice.end_s]},
        voice.start_s,
        voice.end_s,
        "part for CPPS",
        sounding=timing.sounding,
        syllables_s=timing.syllables_s,
        precision=of_speech_halves(kept.values, context.sound, course, level, voice),
    )


def of_repetition(context: Context, course: Course, level: Contour) -> Measures:
    train = repetition(praat.intensity_contour(course.whole, FINE_LEVEL_FLOOR_HZ))
    kept = other_tasks(Task.DIADOCHOKINESIS)
    kept.values.update(rhythm(train))
    add_voice_onset_time(kept, context.sound, train)
    kept.values["intensity_mean"] = voiced_level_db(course, level)
    start_s, end_s = float(train.syllables_s[0]), float(train.syllables_s[-1])
    return Measures(
        kept.values,
        tuple(kept.absent.values()),
        tuple(kept.warnings),
        {"train_s": [start_s, end_s]},
        start_s,
        end_s,
        "train of syllables",
        syllables_s=train.syllables_s,
        precision=half_differences(*(rhythm(half) for half in train.halves)),
    )


def of_corners(context: Context, course: Course, level: Contour) -> Measures:
    """The space of three vowels; their formants are not those of one vowel, so not given."""
    spans = held_vowels(course.f0)
    ceiling_hz = formant_ceiling_hz(context, course)
    kept = other_tasks(Task.CORNER_VOWELS)
    kept.values["intensity_mean"] = voiced_level_db(course, level)
    add_vowel_space(kept, context, course, spans, ceiling_hz)
    return Measures(
        kept.values,
        tuple(kept.absent.values()),
        tuple(kept.warnings),
        {"vowels_s": [list(span) for span in spans], "formant_ceiling_hz": ceiling_hz},
        spans[0][0],
        spans[-1][1],
        "from /a/ to /u/",
        formant_ceiling_hz=None,
        confidences=kept.confidences,
    )


def add_vowel_space(
    kept: Collected, context: Context, course: Course, spans: Spans, ceiling_hz: float
) -> None:
    names = ("vowel_space_area", "formant_centralization_ratio")
    f0_hz = praat.f0_mean_hz(course.pitch)
    if unknown := no_formants(context, f0_hz, ceiling_hz):
        kept.leave_out(names, *unknown)
        return
    formants = [formants_of(praat.part(context.sound, *span), ceiling_hz)[:2] for span in spans]
    if any(found.jumps for pair in formants for found in pair):
        kept.leave_out(names, "unsteady", "the track of a formant jumps")
        return
    space = vowel_space(*(Corner(f1.median_hz, f2.median_hz) for f1, f2 in formants))
    for name, value in zip(names, asdict(space).values(), strict=True):
        kept.values[name] = value
        kept.confidences[name] = min(f.confidence(f0_hz) for pair in formants for f in pair)


def add_voice_onset_time(kept: Collected, sound: Sound, train: Repetition) -> None:
    if sound.fs_hz < VOT_MIN_FS_HZ:
        reason = f"needs a sampling rate of {VOT_MIN_FS_HZ:g} Hz or more"
        kept.leave_out(("voice_onset_time",), "low-sampling-rate", reason)
        return
    found_ms = voice_onset_times_ms(sound.samples, sound.fs_hz, train.syllables_s)
    enough = len(found_ms) >= VOT_MIN_SYLLABLES
    reason = f"fewer than {VOT_MIN_SYLLABLES} syllables have a burst before their voice"
    middle_ms = statistics.median(found_ms.tolist()) if enough else None
    kept.add("voice_onset_time", middle_ms, "no-burst", reason)


def rhythm(train: Repetition) -> dict[str, float]:
    return {"ddk_rate": train.rate_per_s, "ddk_regularity": train.regularity_percent}


def leave_out_pitch(kept: Collected, context: Context) -> None:
    """Take back what needs one pitch, where there is not one."""
    if context.quality.pitch_is_one:
        return
    reason = (
        "two pitches sound at the same time"
        if context.quality.two_pitches
        else "the vowel is not held on one pitch"
    )
    kept.leave_out(tuple(set(PITCHED) & kept.values.keys()), "not-one-pitch", reason)


def other_tasks(task: Task) -> Collected:
    """Start by naming what this task cannot give."""
    kept = Collected()
    absent = {name: tasks for name, tasks in TASKS.items() if task not in tasks}
    for tasks in dict.fromkeys(absent.values()):
        names = tuple(name for name, its_tasks in absent.items() if its_tasks == tasks)
        kept.leave_out(names, "not-this-task", f"needs {' or '.join(NEEDS[t] for t in tasks)}")
    return kept


def add_melody(kept: Collected, melody: dict[str, float]) -> None:
    kept.add("f0_mean", melody["f0_mean_hz"], "too-short", "too few voiced frames")
    kept.add("f0_sd", melody["f0_sd_hz"], "too-short", "too few voiced frames")
    kept.add("f0_range_st", melody["f0_range_st"], "too-short", "too few voiced frames")


def add_perturbation(kept: Collected, voice: VowelVoice) -> None:
    """Jitter and shimmer, unless the voice has no periods to compare (Titze 1995, type 3)."""
    values = asdict(voice.perturbation)
    if min(voice.voiced_share, voice.regular_share) < MIN_VOWEL_VOICED_SHARE:
        kept.leave_out(
            tuple(values), "irregular", "the voice is too irregular to have clear periods"
        )
        return
    for name, value in values.items():
        kept.add(name, value, "too-short", "too few periods")


def add_voice(
    kept: Collected, voice: VowelVoice, course: Course, context: Context, ceiling_hz: float
) -> None:
    """Everything that is measured on the analyzed part of a vowel."""
    add_melody(kept, asdict(voice.melody))
    add_perturbation(kept, voice)
    kept.add("hnr", voice.hnr_db, "irregular", "no frame is periodic enough")
    kept.add("cpps", voice.cpps_db, "too-short", "its peak is not defined")
    add_formants(kept, voice, context, ceiling_hz)
    kept.values["voice_breaks"] = breaks_of_vowel(course)


def add_balance(kept: Collected, sound: Sound, course: Course, span_s: tuple[float, float]) -> None:
    names = ("alpha_ratio", "hammarberg_index", "h1_h2")
    if sound.fs_hz < BALANCE_MIN_FS_HZ:
        reason = f"needs a sampling rate of {BALANCE_MIN_FS_HZ:g} Hz or more"
        kept.leave_out(names, "low-sampling-rate", reason)
        return
    f0 = course.f0.within(*span_s)
    balance = spectral_balance(
        sound.part(*span_s), sound.fs_hz, replace(f0, times_s=f0.times_s - span_s[0])
    )
    if balance is None:
        kept.leave_out(names, "too-short", "too few voiced frames")
        return
    for name, value in zip(names, asdict(balance).values(), strict=True):
        kept.add(name, value, "no-sound", "its bands hold no sound")


def add_phonation_time(kept: Collected, course: Course, context: Context) -> None:
    first_s, last_s = course.extent_s
    if context.sound.missing_end is not None:
        kept.leave_out(("phonation_time",), "cut-off", "the end of the recording is missing")
        return
    kept.values["phonation_time"] = last_s - first_s


def formant_ceiling_hz(context: Context, course: Course) -> float:
    if context.sex is not None:
        return FORMANT_CEILING_HZ[context.sex]
    f0_hz = praat.f0_mean_hz(course.pitch)
    return FORMANT_CEILING_HZ["male" if f0_hz < DIVIDING_F0_HZ else "female"]


def add_formants(kept: Collected, voice: VowelVoice, context: Context, ceiling_hz: float) -> None:
    names = ("formant_1", "formant_2", "formant_3")
    f0_hz = voice.melody.f0_mean_hz
    if unknown := no_formants(context, f0_hz, ceiling_hz):
        kept.leave_out(names, *unknown)
        return
    if context.sex is None:
        kept.warnings.append(
            f"The formants are searched up to {ceiling_hz:g} Hz by the pitch, as no sex is given."
        )
    for name, found in zip(names, voice.formants, strict=True):
        kept.add(name, None if found.jumps else found.median_hz, "unsteady", "its track jumps")
        kept.confidences[name] = found.confidence(f0_hz)


def no_formants(context: Context, f0_hz: float, ceiling_hz: float) -> tuple[str, str] | None:
    """Code and reason why the resonances of a voice cannot be known; None where they can."""
    if context.age_years is not None and context.age_years < FORMANT_MIN_AGE_YEARS:
        return "child", "the settings are those of adults"
    if context.sound.fs_hz < 2 * ceiling_hz:
        return "low-sampling-rate", f"needs a sampling rate of {2 * ceiling_hz:g} Hz or more"
    if f0_hz > FORMANT_MAX_F0_HZ:
        reason = f"the harmonics of a voice above {FORMANT_MAX_F0_HZ:g} Hz are too far apart"
        return "too-high", reason
    return None


def add_tremors(kept: Collected, course: Course) -> None:
    first_s, last_s = course.extent_s
    f0 = course.f0.within(first_s + EDGE_S, last_s - EDGE_S)
    level = praat.intensity_contour(course.whole, FINE_LEVEL_FLOOR_HZ)
    loudness = amplitude(level.within(first_s + EDGE_S, last_s - EDGE_S), course.f0)
    add_tremor(kept, "vocal_tremor", vocal_tremor(f0), "pitch")
    add_tremor(kept, "amplitude_tremor", vocal_tremor(loudness), "amplitude")


def add_tremor(kept: Collected, kind: str, tremor: Tremor | None, contour: str) -> None:
    intensity, frequency = f"{kind}_intensity", f"{kind}_frequency"
    if tremor is None:
        reason = f"the voice must be unbroken for {MIN_DURATION_S:g} s"
        kept.leave_out((intensity, frequency), "too-short", reason)
        return
    kept.values[intensity] = tremor.depth_percent
    irregular = f"no regular modulation of the {contour} was found"
    kept.add(frequency, tremor.frequency_hz, "no-tremor", irregular)


def add_timing(kept: Collected, timing: Speaking, *, noise_hides_pauses: bool) -> None:
    if noise_hides_pauses:
        names = ("speech_rate", "articulation_rate", "pause_ratio", "pause_mean", "phonation_time")
        kept.leave_out(names, "too-noisy", "the noise is louder than what counts as a pause")
        return
    kept.values["speech_rate"] = timing.speech_rate
    kept.values["articulation_rate"] = timing.articulation_rate
    kept.values["pause_ratio"] = timing.pause_ratio
    kept.values["phonation_time"] = timing.phonation_s
    kept.add("pause_mean", timing.pause_mean_s, "no-pause", "there is no pause")


def add_avqi(kept: Collected, sound: Sound, vowel: Sound | None) -> None:
    """AVQI, where a vowel of the same rate came with the speech."""
    if vowel is None:
        kept.leave_out(("avqi",), "no-vowel", "needs a sustained vowel beside the speech")
        return
    if vowel.fs_hz != sound.fs_hz or sound.fs_hz < AVQI_MIN_FS_HZ:
        reason = f"both recordings must have one sampling rate of {AVQI_MIN_FS_HZ:g} Hz or more"
        kept.leave_out(("avqi",), "low-sampling-rate", reason)
        return
    if vowel.stream is not None and not codecs.keeps("avqi", vowel.stream):
        kept.leave_out(
            ("avqi",), "encoding", f"the encoding of the vowel changes it ({vowel.stream})"
        )
        return
    try:
        refuse_tone(vowel, voice_course(vowel))
        index = acoustic_voice_quality_index(sound, vowel)
    except UnusableRecording as unusable:
        kept.leave_out(("avqi",), unusable.code, unusable.detail.removesuffix("."))
    else:
        kept.add("avqi", index, "too-short", "one of its six measures is undefined")


def voiced_level_db(course: Course, level: Contour) -> float:
    """Level of the voiced frames, of the mean power, relative to full scale."""
    return mean_level_db(level.values[voiced_at(course.f0, level.times_s)])
