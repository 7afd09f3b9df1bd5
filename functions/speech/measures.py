"""What a recording gives in each task."""

from collections.abc import Callable
from dataclasses import asdict, replace

from functions.speech import codecs, praat
from functions.speech.avqi import MIN_FS_HZ as AVQI_MIN_FS_HZ
from functions.speech.avqi import acoustic_voice_quality_index
from functions.speech.collected import Collected, Measures, leave_out_pitch, other_tasks
from functions.speech.contour import Contour
from functions.speech.course import EDGE_S, Course, voice_course
from functions.speech.diadochokinesis import LEVEL_FLOOR_HZ as FINE_LEVEL_FLOOR_HZ
from functions.speech.diadochokinesis import repetition
from functions.speech.grading import Context
from functions.speech.no_voice import refuse_machine, refuse_tone
from functions.speech.precision import of_speech_halves, of_vowel_halves
from functions.speech.prosody import mean_level_db, speaking, voiced_at
from functions.speech.quality import MIN_VOWEL_VOICED_SHARE
from functions.speech.sound import Sound
from functions.speech.spectrum import MIN_FS_HZ as BALANCE_MIN_FS_HZ
from functions.speech.spectrum import spectral_balance
from functions.speech.task import Task
from functions.speech.timing import add_timing, add_voice_onset_time, rhythm
from functions.speech.tremor import MIN_DURATION_S, Tremor, amplitude, vocal_tremor
from functions.speech.vocal_tract import add_formants, add_vowel_space, formant_ceiling_hz
from functions.speech.voice import (
    VowelVoice,
    breaks_of_vowel,
    measure_speaking_voice,
    measure_vowel,
)
from functions.speech.vowel_space import held_vowels
from shared.errors import UnusableRecording
from shared.science.halves import half_differences


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
    """A sustained vowel: its middle part, how long it lasts, and its tremor."""
    sound = context.sound
    ceiling_hz = formant_ceiling_hz(context, course)
    voice = measure_vowel(sound, course, ceiling_hz)
    if context.quality.pitch_is_one:
        refuse_machine(voice.perturbation.jitter_local, voice.hnr_db)
    collected = other_tasks(Task.SUSTAINED_VOWEL)
    span_s = voice.start_s, voice.end_s
    add_balance(collected, sound, course, span_s)
    add_voice(collected, voice, course, context, ceiling_hz)
    add_phonation_time(collected, course, context)
    collected.values["intensity_mean"] = voiced_level_db(course, level)
    add_tremors(collected, course)
    leave_out_pitch(collected, context)
    return Measures(
        collected.values,
        tuple(collected.absent.values()),
        tuple(collected.warnings),
        {"analyzed_s": [*span_s], "n_periods": voice.n_periods, "formant_ceiling_hz": ceiling_hz},
        *span_s,
        "analyzed part",
        formant_ceiling_hz=ceiling_hz,
        precision=of_vowel_halves(collected.values, sound, course, ceiling_hz, span_s),
        confidences=collected.confidences,
    )


def of_speech(context: Context, course: Course, level: Contour, vowel: Sound | None) -> Measures:
    """Running speech: its timing and melody, and the voice quality index beside a vowel."""
    timing = speaking(level, course.f0)
    voice = measure_speaking_voice(context.sound, course)
    collected = other_tasks(Task.SPEECH)
    add_melody(collected, asdict(voice.melody))
    collected.add("cpps", voice.cpps_db, "irregular", "its peak is not defined")
    add_balance(collected, context.sound, course, (voice.start_s, voice.end_s))
    add_avqi(collected, context.sound, vowel)
    add_timing(collected, timing, noise_hides_pauses=context.quality.noise_hides_pauses)
    collected.values["intensity_mean"] = timing.level_db
    leave_out_pitch(collected, context)
    return Measures(
        collected.values,
        tuple(collected.absent.values()),
        tuple(collected.warnings),
        {"cpps_part_s": [voice.start_s, voice.end_s]},
        voice.start_s,
        voice.end_s,
        "part for CPPS",
        sounding=timing.sounding,
        syllables_s=timing.syllables_s,
        precision=of_speech_halves(collected.values, context.sound, course, level, voice),
    )


def of_repetition(context: Context, course: Course, level: Contour) -> Measures:
    """Repeated syllables: the rhythm of their longest train, and their voice onset."""
    train = repetition(praat.intensity_contour(course.whole, FINE_LEVEL_FLOOR_HZ))
    collected = other_tasks(Task.DIADOCHOKINESIS)
    collected.values.update(rhythm(train))
    add_voice_onset_time(collected, context.sound, train)
    collected.values["intensity_mean"] = voiced_level_db(course, level)
    start_s, end_s = float(train.syllables_s[0]), float(train.syllables_s[-1])
    return Measures(
        collected.values,
        tuple(collected.absent.values()),
        tuple(collected.warnings),
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
    collected = other_tasks(Task.CORNER_VOWELS)
    collected.values["intensity_mean"] = voiced_level_db(course, level)
    add_vowel_space(collected, context, course, spans, ceiling_hz)
    return Measures(
        collected.values,
        tuple(collected.absent.values()),
        tuple(collected.warnings),
        {"vowels_s": [list(span) for span in spans], "formant_ceiling_hz": ceiling_hz},
        spans[0][0],
        spans[-1][1],
        "from /a/ to /u/",
        formant_ceiling_hz=None,
        confidences=collected.confidences,
    )


def add_melody(collected: Collected, melody: dict[str, float]) -> None:
    collected.add("f0_mean", melody["f0_mean_hz"], "too-short", "too few voiced frames")
    collected.add("f0_sd", melody["f0_sd_hz"], "too-short", "too few voiced frames")
    collected.add("f0_range_st", melody["f0_range_st"], "too-short", "too few voiced frames")


def add_perturbation(collected: Collected, voice: VowelVoice) -> None:
    """Jitter and shimmer, unless the voice has no periods to compare (Titze 1995, type 3)."""
    values = asdict(voice.perturbation)
    if min(voice.voiced_share, voice.regular_share) < MIN_VOWEL_VOICED_SHARE:
        collected.leave_out(
            tuple(values), "irregular", "the voice is too irregular to have clear periods"
        )
        return
    for name, value in values.items():
        collected.add(name, value, "too-short", "too few periods")


def add_voice(
    collected: Collected, voice: VowelVoice, course: Course, context: Context, ceiling_hz: float
) -> None:
    """Everything that is measured on the analyzed part of a vowel."""
    add_melody(collected, asdict(voice.melody))
    add_perturbation(collected, voice)
    collected.add("hnr", voice.hnr_db, "irregular", "no frame is periodic enough")
    collected.add("cpps", voice.cpps_db, "irregular", "its peak is not defined")
    add_formants(collected, voice, context, ceiling_hz)
    collected.values["voice_breaks"] = breaks_of_vowel(course)


def add_balance(
    collected: Collected, sound: Sound, course: Course, span_s: tuple[float, float]
) -> None:
    """Tilt of the spectrum, where the rate reaches to the end of its upper band."""
    names = ("alpha_ratio", "hammarberg_index", "h1_h2")
    if sound.fs_hz < BALANCE_MIN_FS_HZ:
        reason = f"needs a sampling rate of {BALANCE_MIN_FS_HZ:g} Hz or more"
        collected.leave_out(names, "low-sampling-rate", reason)
        return
    f0 = course.f0.within(*span_s)
    balance = spectral_balance(
        sound.part(*span_s), sound.fs_hz, replace(f0, times_s=f0.times_s - span_s[0])
    )
    if balance is None:
        collected.leave_out(names, "too-short", "too few voiced frames")
        return
    for name, value in zip(names, asdict(balance).values(), strict=True):
        collected.add(name, value, "no-sound", "its bands hold no sound")


def add_phonation_time(collected: Collected, course: Course, context: Context) -> None:
    first_s, last_s = course.extent_s
    if context.sound.missing_end is not None:
        collected.leave_out(("phonation_time",), "cut-off", "the end of the recording is missing")
        return
    collected.values["phonation_time"] = last_s - first_s


def add_tremors(collected: Collected, course: Course) -> None:
    first_s, last_s = course.extent_s
    f0 = course.f0.within(first_s + EDGE_S, last_s - EDGE_S)
    level = praat.intensity_contour(course.whole, FINE_LEVEL_FLOOR_HZ)
    loudness = amplitude(level.within(first_s + EDGE_S, last_s - EDGE_S), course.f0)
    add_tremor(collected, "vocal_tremor", vocal_tremor(f0), "pitch")
    add_tremor(collected, "amplitude_tremor", vocal_tremor(loudness), "amplitude")


def add_tremor(collected: Collected, kind: str, tremor: Tremor | None, contour: str) -> None:
    """Depth of a modulation, and its frequency where it is regular enough to have one.

    `kind` names the measures, `contour` says in the reason what was looked at.
    """
    intensity, frequency = f"{kind}_intensity", f"{kind}_frequency"
    if tremor is None:
        reason = f"the voice must be unbroken for {MIN_DURATION_S:g} s"
        collected.leave_out((intensity, frequency), "too-short", reason)
        return
    collected.values[intensity] = tremor.depth_percent
    irregular = f"no regular modulation of the {contour} was found"
    collected.add(frequency, tremor.frequency_hz, "no-tremor", irregular)


def add_avqi(collected: Collected, sound: Sound, vowel: Sound | None) -> None:
    """AVQI, where a vowel of the same rate came with the speech."""
    if vowel is None:
        collected.leave_out(("avqi",), "no-vowel", "needs a sustained vowel beside the speech")
        return
    if vowel.fs_hz != sound.fs_hz or sound.fs_hz < AVQI_MIN_FS_HZ:
        reason = f"both recordings must have one sampling rate of {AVQI_MIN_FS_HZ:g} Hz or more"
        collected.leave_out(("avqi",), "low-sampling-rate", reason)
        return
    if vowel.stream is not None and not codecs.keeps("avqi", vowel.stream):
        collected.leave_out(
            ("avqi",), "encoding", f"the encoding of the vowel changes it ({vowel.stream})"
        )
        return
    try:
        refuse_tone(vowel, voice_course(vowel))
        index = acoustic_voice_quality_index(sound, vowel)
    except UnusableRecording as unusable:
        collected.leave_out(("avqi",), unusable.code, unusable.detail.removesuffix("."))
    else:
        collected.add("avqi", index, "irregular", "one of its six measures is undefined")


def voiced_level_db(course: Course, level: Contour) -> float:
    """Level of the voiced frames, of the mean power, relative to full scale."""
    return mean_level_db(level.values[voiced_at(course.f0, level.times_s)])
