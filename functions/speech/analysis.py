"""One recording of a voice: the steps in order.

`analyze(sound, task=...) -> Findings`. Praat keeps global state: call it from one thread at a time.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import isfinite
from typing import Any

from functions.speech import praat
from functions.speech.collected import Measures
from functions.speech.course import Course, passes_of, voice_course, with_excursions
from functions.speech.grading import Context, biomarkers_of, ungraded_warnings
from functions.speech.measures import measure
from functions.speech.model_slot import TARGETS, VoiceModel
from functions.speech.no_voice import refuse_tone
from functions.speech.passes import Pass, Passes
from functions.speech.pictures import draw
from functions.speech.prosody import LEVEL_FLOOR_HZ
from functions.speech.quality import Quality, judge, refuse_noise
from functions.speech.screening import Screening, screen
from functions.speech.sound import Sound
from functions.speech.task import Task
from shared.record import Findings, ModelUsed, StageMarker, unmarked
from shared.vocabulary import Sex

NO_MODEL = (
    "No probability of Parkinson's disease or cognitive decline is given: no validated model is "
    "installed, and published data do not carry one across sites."
)


@dataclass(frozen=True)
class Estimate:
    """Probabilities of the operator's model, None where it abstains or is absent, and why."""

    probabilities: Mapping[str, float | None]
    abstentions: tuple[str, ...] = ()
    models: tuple[ModelUsed, ...] = ()


def analyze(
    sound: Sound,
    *,
    task: Task,
    sex: Sex | None = None,
    age_years: float | None = None,
    vowel: Sound | None = None,
    model: VoiceModel | None = None,
    stage: StageMarker = unmarked,
) -> Findings:
    """Measure one recording.

    Parameters
    ----------
    sound : Sound
    task : Task
        What the person was asked to do.
    sex, age_years : optional
        They choose the formant settings and whether limits for adults apply.
    vowel : Sound, optional
        A sustained vowel of the same person, which the voice quality index of speech needs.
    model : VoiceModel, optional
        The operator's, if one is installed.
    stage : StageMarker
        Named once for each of voice, quality, measures, screening and pictures.

    Raises
    ------
    UnusableRecording
        One of its subclasses, where nothing honest can be measured.
    """
    with stage("voice"):
        course, passes = followed_pitch(sound, task)
    with stage("quality"):
        level = praat.intensity_contour(course.whole, LEVEL_FLOOR_HZ)
        quality = judge(sound, course, level, task, passes)
        refuse_noise(quality, task)
    context = Context(sound, task, quality, sex, age_years)
    with stage("measures"):
        measures = measure(context, course, level, vowel)
    with stage("screening"):
        biomarkers = biomarkers_of(measures.values, context, measures.confidences)
        screening = screen(biomarkers, task)
        estimate = estimated(measures.values, task, model)
    with stage("pictures"):
        pictures = draw(sound, course, measures)
    return Findings(
        result=result_columns(context, measures, screening, estimate),
        biomarkers=biomarkers,
        quality_score=quality.score,
        confidence=min((m.confidence or 0.0 for m in biomarkers), default=0.0),
        risk=None,  # no cited rule turns voice measures into a risk
        review_reason=review_reason(quality, screening),
        absent=measures.absent,
        warnings=warnings_of(context, measures, estimate),
        parameters=parameters(context, course, measures, passes),
        models=estimate.models,
        pictures=pictures,
    )


def followed_pitch(sound: Sound, task: Task) -> tuple[Course, Passes | None]:
    """The course of the pitch; of a vowel with its excursions, and how its passes compare."""
    course = voice_course(sound)
    passes = passes_of(course) if task is Task.SUSTAINED_VOWEL else None
    if passes is not None:
        course = with_excursions(course, passes)
    refuse_tone(sound, course)
    return course, passes


def estimated(values: Mapping[str, float], task: Task, model: VoiceModel | None) -> Estimate:
    """Ask the operator's model, if one is installed; it abstains outside of what it has seen.

    Parameters
    ----------
    values : mapping of str to float
    task : Task
    model : VoiceModel or None

    Returns
    -------
    Estimate
        None for every target that the model does not give, with a sentence that says why.
    """
    nothing: dict[str, float | None] = dict.fromkeys(TARGETS)
    if model is None:
        return Estimate(nothing, (NO_MODEL,))
    abstention = model.abstention(values, task)
    if abstention:
        return Estimate(nothing, (f"No {model.target} is given: {abstention}.",))
    probabilities = {**nothing, model.target: model.probability(values)}
    return Estimate(probabilities, models=(model.provenance,))


def warnings_of(context: Context, measures: Measures, estimate: Estimate) -> tuple[str, ...]:
    return (
        *context.sound.warnings,
        *measures.warnings,
        *ungraded_warnings(measures.values, context),
        *estimate.abstentions,
    )


def result_columns(
    context: Context,
    measures: Measures,
    screening: Screening,
    estimate: Estimate,
) -> dict[str, Any]:
    """Columns of `speech_results`; jitter, shimmer and tremor in percent, as everywhere."""
    values, quality, sound = measures.values, context.quality, context.sound
    return {
        "task": str(context.task),
        "duration_s": sound.duration_s,
        "fs_hz": round(sound.fs_hz),
        "audio_quality_score": quality.score,
        "signal_to_noise_db": quality.snr_db,
        "clipped_percent": quality.clipped_percent,
        "voiced_share": quality.voiced_share,
        "f0_mean_hz": values.get("f0_mean"),
        "jitter_local_percent": values.get("jitter_local"),
        "shimmer_local_percent": values.get("shimmer_local"),
        "hnr_db": values.get("hnr"),
        "cpps_db": values.get("cpps"),
        "avqi": values.get("avqi"),
        "speech_rate_per_s": values.get("speech_rate"),
        "articulation_rate_per_s": values.get("articulation_rate"),
        "pause_ratio": values.get("pause_ratio"),
        "vocal_tremor_percent": values.get("vocal_tremor_intensity"),
        "f0_range_st": values.get("f0_range_st") if context.task is Task.SPEECH else None,
        "ddk_rate_per_s": values.get("ddk_rate"),
        "syllable_count": measures.syllable_count,
        "pause_count": measures.pause_count,
        "measure_precision": measures.precision,
        "dysphonia_flag": screening.flag,
        "dysphonia_rule": screening.rule,
        "dysphonia_measures": list(screening.beyond),
        **estimate.probabilities,
    }


def review_reason(quality: Quality, screening: Screening) -> str | None:
    """Join the concerns of quality and screening into one text; None without any."""
    reasons = list(quality.concerns)
    if screening.flag:
        reasons.append(f"Voice quality outside the cited limits ({', '.join(screening.beyond)})")
    return "; ".join(reasons) or None


def parameters(
    context: Context, course: Course, measures: Measures, passes: Passes | None
) -> dict[str, Any]:
    """What changes the numbers, for the provenance."""
    sound = context.sound
    return {
        "engine": praat.ENGINE,
        "task": str(context.task),
        "sex": context.sex,
        "age_years": context.age_years,
        "codec": sound.codec,
        "stream": None if sound.stream is None else asdict(sound.stream),
        "channels_mixed": sound.channels,
        "pitch_range_hz": [course.search.floor_hz, course.search.ceiling_hz],
        "pitch_passes": None if passes is None else [written(passes.first), written(passes.second)],
        "cpps_settings": list(praat.CPPS),
        **measures.parameters,
    }


def written(one_pass: Pass) -> Mapping[str, Any]:
    """One pass of the pitch, for the provenance; JSON has no NaN."""
    numbers = {"f0_mean_hz": one_pass.f0_mean_hz, "f0_sd_hz": one_pass.f0_sd_hz}
    return {
        "pitch_range_hz": [one_pass.search.floor_hz, one_pass.search.ceiling_hz],
        **{name: value if isfinite(value) else None for name, value in numbers.items()},
    }
