"""What a pipeline found, in the lines that a report begins with, read from its results table.

What a reader must not take for more than it is stands beside its rule.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType

from functions.fhir.reports.content import Entry
from shared.pipelines import PipelineName
from shared.record import Json, StoredExamination
from shared.words import label

type Result = Mapping[str, Json]

TITLES = MappingProxyType(
    {
        PipelineName.CARDIOLOGY: "Electrocardiogram report",
        PipelineName.SPEECH: "Voice and speech report",
        PipelineName.COGNITIVE: "Cognitive task report",
        PipelineName.RETINAL: "Fundus photograph report",
        PipelineName.RADIOLOGY: "Chest radiograph report",
        PipelineName.DERMATOLOGY: "Skin lesion report",
    }
)
TASKS = MappingProxyType(
    {
        "sustained_vowel": "Sustained vowel",
        "speech": "Running speech",
        "diadochokinesis": "Syllable repetition (diadochokinesis)",
        "corner_vowels": "Corner vowels",
    }
)
DOMAINS = ("attention", "memory", "executive_function", "processing_speed", "language")
A_MINUTE_S = 120.0  # below which a length is told in seconds
A_KILOHERTZ = 10_000  # from which a rate is told in kHz


def findings(examination: StoredExamination) -> Iterator[Entry]:
    """Yield the lines of an examination; one that failed says where and why."""
    if examination.result is None:
        yield from _failure(examination)
        return
    for name, words in LINES[PipelineName(examination.pipeline)](examination.result):
        if words:
            yield Entry(name, words)


def _failure(examination: StoredExamination) -> Iterator[Entry]:
    stage = examination.stages[-1] if examination.stages else None
    if stage is None or not stage.error_code:
        yield Entry("Result", f"No measurement: the analysis is {examination.status}.")
        return
    reason = stage.error_message or stage.error_code
    yield Entry("Result", f"No measurement: the analysis ended at '{stage.stage_name}'. {reason}")


def _cardiology(result: Result) -> Iterator[tuple[str, str]]:
    yield "Rhythm", sentence(result.get("rhythm_classification") or "not classified")
    yield "Regularity", sentence(result.get("regularity"))
    yield "Arrhythmias", sentence(_listed(result.get("arrhythmia_types"))) or "None found"
    leads = result.get("leads") or []
    named = f"{len(leads)} leads" if len(leads) > 1 else _listed(leads, "Lead ")
    yield "Recording", ", ".join(filter(None, (named, _length(result), _rate(result))))


def _speech(result: Result) -> Iterator[tuple[str, str]]:
    quality = {
        True: "Outside the cited limits",
        False: "Within the cited limits",
        None: "Not screened",
    }
    rule = result.get("dysphonia_rule")
    measures = _listed([label(name) for name in result.get("dysphonia_measures") or ()], ": ")
    flag = result.get("dysphonia_flag")
    yield (
        "Voice quality",
        f"{quality[flag]}{measures}",
    )
    yield "Screened by", (rule or "") if flag is not None else ""
    yield "Task", TASKS.get(result.get("task") or "", result.get("task") or "")
    yield "Recording", ", ".join(filter(None, (_length(result), _rate(result))))


def _cognitive(result: Result) -> Iterator[tuple[str, str]]:
    validity = result.get("validity") or {}
    reasons = " ".join(reason["text"] for reason in validity.get("reasons", ()))
    yield "Session", ". ".join(filter(None, (sentence(validity.get("verdict")), reasons)))
    tasks = result.get("task_scores") or {}
    yield (
        "Tasks",
        ", ".join(
            f"{label(name)} ({task['test_trials']} trials, {task['verdict']})"
            for name, task in tasks.items()
        ),
    )
    for domain in DOMAINS:
        score = result.get(f"{domain}_z")
        if score is not None:
            yield f"{label(domain)} (z)", f"{score:+.2f}"


def _retinal(result: Result) -> Iterator[tuple[str, str]]:
    flags = {
        True: "Raised: have an ophthalmologist look",
        False: "Not raised",
        None: "Not screened",
    }
    yield "Flag: referable retinopathy", flags[result.get("referable_dr_flag")]
    yield "Eye", sentence(result.get("eye_laterality"))
    yield "Photograph", sentence(result.get("image_quality"))


def _radiology(result: Result) -> Iterator[tuple[str, str]]:
    interval = result.get("ratio_interval")
    band = f" (ratio between {interval[0]:.2f} and {interval[1]:.2f})" if interval else ""
    yield "Heart size", f"{sentence(result.get('heart_size') or 'not judged')}{band}"
    yield "View", result.get("view_position") or "Not stated"
    yield "Film", sentence(result.get("image_quality"))


def _dermatology(result: Result) -> Iterator[tuple[str, str]]:
    yield "Dermoscopy score class", sentence(result.get("dermoscopy_grade"))
    yield "Body site", sentence(result.get("body_location"))
    yield "Lesion", result.get("lesion_key") or ""
    yield "Photograph", sentence(result.get("image_source"))
    raised = [name for name, flag in (result.get("abcde_flags") or {}).items() if flag]
    yield "ABCDE flags raised", _listed([label(name) for name in raised]) or "None"
    yield "Scale", sentence(result.get("scale_origin"))


LINES: Mapping[PipelineName, Callable[[Result], Iterator[tuple[str, str]]]] = MappingProxyType(
    {
        PipelineName.CARDIOLOGY: _cardiology,
        PipelineName.SPEECH: _speech,
        PipelineName.COGNITIVE: _cognitive,
        PipelineName.RETINAL: _retinal,
        PipelineName.RADIOLOGY: _radiology,
        PipelineName.DERMATOLOGY: _dermatology,
    }
)


def sentence(words: str | None) -> str:
    return words[0].upper() + words[1:].replace("_", " ") if words else ""


def _listed(words: Sequence[str] | None, before: str = "") -> str:
    return before + ", ".join(map(str, words)) if words else ""


def _length(result: Result) -> str:
    seconds = result.get("duration_s")
    if seconds is None:
        return ""
    return f"{seconds:.3g} s" if seconds < A_MINUTE_S else f"{seconds / 60:.3g} min"


def _rate(result: Result) -> str:
    rate = result.get("fs_hz")
    if not rate:
        return ""
    return f"{rate:g} Hz" if rate < A_KILOHERTZ else f"{rate / 1000:g} kHz"
