"""What a recording gives in its task: values by name, and why the others are missing."""

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from functions.speech import praat
from functions.speech.avqi import MIN_FS_HZ as AVQI_MIN_FS_HZ
from functions.speech.avqi import acoustic_voice_quality_index
from functions.speech.diadochokinesis import LEVEL_FLOOR_HZ as FINE_LEVEL_FLOOR_HZ
from functions.speech.diadochokinesis import repetition
from functions.speech.grading import Context
from functions.speech.norms import TASKS
from functions.speech.praat import Contour
from functions.speech.prosody import Spans, Speaking, mean_level_db, speaking, voiced_at
from functions.speech.quality import (
    MIN_BIT_RATE,
    MIN_VOWEL_VOICED_SHARE,
    refuse_machine,
    refuse_tone,
)
from functions.speech.sound import Floats, Sound
from functions.speech.task import Task
from functions.speech.tremor import MIN_DURATION_S, vocal_tremor
from functions.speech.voice import (
    EDGE_S,
    Course,
    VowelVoice,
    measure_speaking_voice,
    measure_vowel,
    voice_course,
)
from shared.errors import UnusableRecording

# Praat's manual: 5000 Hz for men, 5500 Hz for women. Where nobody says the sex, the pitch decides,
# between the habitual pitch of men (about 120 Hz) and women (about 210 Hz).
FORMANT_CEILING_HZ = {"male": 5000.0, "female": 5500.0}
DIVIDING_F0_HZ = 160.0
FORMANT_MIN_AGE_YEARS = 12.0  # a child's vocal tract needs a higher ceiling

NEEDS = {
    Task.SUSTAINED_VOWEL: "a sustained vowel",
    Task.SPEECH: "running speech",
    Task.DIADOCHOKINESIS: "repeated syllables",
}


@dataclass(frozen=True)
class Measures:
    """Values in the units of the catalog; finite, never a default.

    `start_s` and `end_s` enclose the part that the voice measures were taken from, `part` is its
    name; `sounding` and `syllables_s` are what timing found, for the pictures.
    """

    values: dict[str, float]
    warnings: tuple[str, ...]
    parameters: dict[str, Any]
    start_s: float
    end_s: float
    part: str
    formant_ceiling_hz: float | None = None
    sounding: Spans = ()
    syllables_s: Floats | None = None

    @property
    def syllable_count(self) -> int | None:
        return None if self.syllables_s is None else len(self.syllables_s)

    @property
    def pause_count(self) -> int | None:
        return len(self.sounding) - 1 if self.sounding else None


@dataclass
class Collected:
    """Values and reasons while a recording is measured."""

    values: dict[str, float] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def add(self, name: str, value: float | None, reason: str) -> None:
        """Keep a value, or say why there is none."""
        if value is None or not math.isfinite(value):
            self.warnings.append(f"{name} was not measured: {reason}.")
        else:
            self.values[name] = value

    def leave_out(self, names: tuple[str, ...], reason: str) -> None:
        self.warnings.append(f"{', '.join(names)} were not measured: {reason}.")


def measure(context: Context, course: Course, level: Contour, vowel: Sound | None) -> Measures:
    """Measure what the task allows; `level` is the contour of the whole recording."""
    steps: dict[Task, Callable[[], Measures]] = {
        Task.SUSTAINED_VOWEL: lambda: of_vowel(context, course, level),
        Task.SPEECH: lambda: of_speech(context, course, level, vowel),
        Task.DIADOCHOKINESIS: lambda: of_repetition(context, course, level),
    }
    return steps[context.task]()


def of_vowel(context: Context, course: Course, level: Contour) -> Measures:
    sound = context.sound
    ceiling_hz = formant_ceiling_hz(context, course)
    voice = measure_vowel(sound, course, ceiling_hz)
    refuse_machine(voice.perturbation.jitter_local)
    kept = other_tasks(Task.SUSTAINED_VOWEL)
    add_melody(kept, asdict(voice.melody))
    add_perturbation(kept, voice)
    kept.add("hnr", voice.hnr_db, "no frame is periodic enough")
    add_cpps(kept, voice.cpps_db)
    add_formants(kept, voice, context, ceiling_hz)
    first_s, last_s = course.extent_s
    kept.values["voice_breaks"] = voice.voice_breaks_percent
    kept.values["phonation_time"] = last_s - first_s
    kept.values["intensity_mean"] = voiced_level_db(course, level)
    add_tremor(kept, course)
    return Measures(
        kept.values,
        tuple(kept.warnings),
        {"analyzed_s": [voice.start_s, voice.end_s], "formant_ceiling_hz": ceiling_hz},
        voice.start_s,
        voice.end_s,
        "analyzed part",
        formant_ceiling_hz=ceiling_hz,
    )


def of_speech(context: Context, course: Course, level: Contour, vowel: Sound | None) -> Measures:
    timing = speaking(level, course.f0)
    voice = measure_speaking_voice(context.sound, course)
    kept = other_tasks(Task.SPEECH)
    add_melody(kept, asdict(voice.melody))
    add_cpps(kept, voice.cpps_db)
    add_avqi(kept, context.sound, vowel)
    add_timing(kept, timing, noise_hides_pauses=context.quality.noise_hides_pauses)
    kept.values["intensity_mean"] = timing.level_db
    return Measures(
        kept.values,
        tuple(kept.warnings),
        {"cpps_part_s": [voice.start_s, voice.end_s]},
        voice.start_s,
        voice.end_s,
        "part for CPPS",
        sounding=timing.sounding,
        syllables_s=timing.syllables_s,
    )


def of_repetition(context: Context, course: Course, level: Contour) -> Measures:
    train = repetition(praat.intensity_contour(course.whole, FINE_LEVEL_FLOOR_HZ))
    kept = other_tasks(Task.DIADOCHOKINESIS)
    kept.values["ddk_rate"] = train.rate_per_s
    kept.values["ddk_regularity"] = train.regularity_percent
    kept.values["intensity_mean"] = voiced_level_db(course, level)
    start_s, end_s = float(train.syllables_s[0]), float(train.syllables_s[-1])
    return Measures(
        kept.values,
        tuple(kept.warnings),
        {"train_s": [start_s, end_s]},
        start_s,
        end_s,
        "train of syllables",
        syllables_s=train.syllables_s,
    )


def other_tasks(task: Task) -> Collected:
    """Start by naming what this task cannot give."""
    kept = Collected()
    absent = {name: tasks for name, tasks in TASKS.items() if task not in tasks}
    for tasks in dict.fromkeys(absent.values()):
        names = tuple(name for name, its_tasks in absent.items() if its_tasks == tasks)
        kept.leave_out(names, f"they need {' or '.join(NEEDS[t] for t in tasks)}")
    return kept


def add_melody(kept: Collected, melody: dict[str, float]) -> None:
    kept.add("f0_mean", melody["f0_mean_hz"], "too few voiced frames")
    kept.add("f0_sd", melody["f0_sd_hz"], "too few voiced frames")
    kept.add("f0_range_st", melody["f0_range_st"], "too few voiced frames")


def add_perturbation(kept: Collected, voice: VowelVoice) -> None:
    """Jitter and shimmer, unless the voice has no periods to compare (Titze 1995, type 3)."""
    values = asdict(voice.perturbation)
    if min(voice.voiced_share, voice.regular_share) < MIN_VOWEL_VOICED_SHARE:
        kept.leave_out(tuple(values), "the voice is too irregular to have clear periods")
        return
    for name, value in values.items():
        kept.add(name, value, "too few periods")


def add_cpps(kept: Collected, cpps_db: float | None) -> None:
    highest_hz = praat.CPPS_RANGE_HZ[1]
    kept.add("cpps", cpps_db, f"the voice is too high for its search range, {highest_hz:g} Hz")


def formant_ceiling_hz(context: Context, course: Course) -> float:
    if context.sex is not None:
        return FORMANT_CEILING_HZ[context.sex]
    f0_hz = praat.f0_mean_hz(course.pitch)
    return FORMANT_CEILING_HZ["male" if f0_hz < DIVIDING_F0_HZ else "female"]


def add_formants(kept: Collected, voice: VowelVoice, context: Context, ceiling_hz: float) -> None:
    names = ("formant_1", "formant_2", "formant_3")
    if context.age_years is not None and context.age_years < FORMANT_MIN_AGE_YEARS:
        kept.leave_out(names, "the settings are those of adults")
        return
    if context.sound.fs_hz < 2 * ceiling_hz:
        kept.leave_out(names, f"they need a sampling rate of {2 * ceiling_hz:g} Hz or more")
        return
    if context.sex is None:
        kept.warnings.append(
            f"The formants are searched up to {ceiling_hz:g} Hz by the pitch, as no sex is given."
        )
    for name, value in zip(names, voice.formants_hz, strict=True):
        kept.add(name, value, "no such resonance was found")


def add_tremor(kept: Collected, course: Course) -> None:
    first_s, last_s = course.extent_s
    tremor = vocal_tremor(course.f0.within(first_s + EDGE_S, last_s - EDGE_S))
    if tremor is None:
        names = ("vocal_tremor_intensity", "vocal_tremor_frequency")
        kept.leave_out(names, f"the voice must be unbroken for {MIN_DURATION_S:g} s")
        return
    kept.values["vocal_tremor_intensity"] = tremor.depth_percent
    irregular = "no regular modulation of the pitch was found"
    kept.add("vocal_tremor_frequency", tremor.frequency_hz, irregular)


def add_timing(kept: Collected, timing: Speaking, *, noise_hides_pauses: bool) -> None:
    if noise_hides_pauses:
        names = ("speech_rate", "articulation_rate", "pause_ratio", "pause_mean", "phonation_time")
        kept.leave_out(names, "the noise is louder than what counts as a pause")
        return
    kept.values["speech_rate"] = timing.speech_rate
    kept.values["articulation_rate"] = timing.articulation_rate
    kept.values["pause_ratio"] = timing.pause_ratio
    kept.values["phonation_time"] = timing.phonation_s
    kept.add("pause_mean", timing.pause_mean_s, "there is no pause")


def add_avqi(kept: Collected, sound: Sound, vowel: Sound | None) -> None:
    """AVQI, where a vowel of the same rate came with the speech."""
    if vowel is None:
        kept.warnings.append("avqi was not measured: it needs a sustained vowel beside the speech.")
        return
    if vowel.fs_hz != sound.fs_hz or sound.fs_hz < AVQI_MIN_FS_HZ:
        reason = f"both recordings must have one sampling rate of {AVQI_MIN_FS_HZ:g} Hz or more"
        kept.warnings.append(f"avqi was not measured: {reason}.")
        return
    if vowel.bit_rate is not None and vowel.bit_rate < MIN_BIT_RATE:
        reason = f"the vowel has less than {MIN_BIT_RATE / 1000:g} kbit/s"
        kept.warnings.append(f"avqi was not measured: {reason}.")
        return
    try:
        refuse_tone(vowel, voice_course(vowel))
        index = acoustic_voice_quality_index(sound, vowel)
    except UnusableRecording as unusable:
        kept.warnings.append(f"avqi was not measured. {unusable.detail}")
    else:
        kept.add("avqi", index, "one of its six measures is undefined")


def voiced_level_db(course: Course, level: Contour) -> float:
    """Level of the voiced frames, of the mean power, relative to full scale."""
    return mean_level_db(level.values[voiced_at(course.f0, level.times_s)])
