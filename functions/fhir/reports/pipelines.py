"""What a report says of each pipeline: its title and codes, its pictures, its first lines.

What a reader must not take for more than it is stands beside its rule.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from functions.fhir.codes import CATEGORY, V2_DIAGNOSTIC_SERVICE, Code, loinc
from shared.pipelines import PipelineName
from shared.record import Json
from shared.words import label

type Result = Mapping[str, Json]

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


@dataclass(frozen=True)
class Reported:
    """What stands in the reports of a pipeline, whatever was measured.

    Attributes
    ----------
    title : str
    code : Code
        What a report is called.
    section : Code
        The section of a diagnostic service, of HL7 v2 table 0074.
    category : Code
        What kind of observation the values are.
    pictures : sequence of str
        What stands on the first page; two stand side by side.
    lines : callable
        Yields names and words from a row of the results table; what has no words is left out.
    """

    title: str
    code: Code
    section: Code
    category: Code
    pictures: Sequence[str]
    lines: Callable[[Result], Iterator[tuple[str, str]]]


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


STUDY = loinc("47045-0", "Study report")
OTHER = Code(V2_DIAGNOSTIC_SERVICE, "OTH", "Other")
IMAGING = Code(CATEGORY, "imaging", "Imaging")

REPORTED: Mapping[PipelineName, Reported] = MappingProxyType(
    {
        PipelineName.CARDIOLOGY: Reported(
            "Electrocardiogram report",
            loinc("11524-6", "EKG study"),
            Code(V2_DIAGNOSTIC_SERVICE, "EC", "Electrocardiac"),
            Code(CATEGORY, "procedure", "Procedure"),
            ("rhythm_strip",),
            _cardiology,
        ),
        PipelineName.SPEECH: Reported(
            "Voice and speech report",
            STUDY,
            OTHER,
            Code(CATEGORY, "exam", "Exam"),
            ("spectrogram",),
            _speech,
        ),
        PipelineName.COGNITIVE: Reported(
            "Cognitive task report",
            STUDY,
            OTHER,
            Code(CATEGORY, "survey", "Survey"),
            ("rt_distribution", "trial_timeline"),
            _cognitive,
        ),
        PipelineName.RETINAL: Reported(
            "Fundus photograph report", STUDY, OTHER, IMAGING, ("vessels",), _retinal
        ),
        PipelineName.RADIOLOGY: Reported(
            "Chest radiograph report",
            loinc("18748-4", "Diagnostic imaging study"),
            Code(V2_DIAGNOSTIC_SERVICE, "RX", "Radiograph"),
            IMAGING,
            ("outlines", "zones"),
            _radiology,
        ),
        PipelineName.DERMATOLOGY: Reported(
            "Skin lesion report",
            STUDY,
            OTHER,
            IMAGING,
            ("lesion_outline", "lesion_colors"),
            _dermatology,
        ),
    }
)


def reported(pipeline: str) -> Reported:
    return REPORTED[PipelineName(pipeline)]
