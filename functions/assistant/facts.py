"""What an explanation may speak of: a numbered list of facts, made of the registry's fields alone.

No name, identifier, date, file name or free text becomes a fact; what was left out is said.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from hashlib import sha256

from functions.assistant.language import Language, Voice
from shared.biomarkers import BiomarkerStatus
from shared.examination.change import Change, Verdict
from shared.pipelines import PipelineName
from shared.record import Absence, StoredExamination, Value
from shared.vocabulary import AssessmentStatus
from shared.words import number, reference

# Kind, name, code and slots of a fact that has no number yet.
type Draft = tuple[Kind, str, str, Mapping[str, str]]

# What of a record never becomes a fact, said with every explanation.
LEFT_OUT = (
    "names, identifiers and dates",
    "file names and whatever a file says of itself",
    "notes of reviews, and reasons in free text",
    "the words of warnings",
    "pictures",
)
# A measurement's own confidence, as a band: the number would promise more than it holds.
HIGH_CONFIDENCE, MEDIUM_CONFIDENCE = 0.8, 0.5
# Verdicts that say something of two measurements.
TOLD = {Verdict.NO_RELIABLE_CHANGE, Verdict.RELIABLE_INCREASE, Verdict.RELIABLE_DECREASE}


class Kind(StrEnum):
    """What a fact is about."""

    RECORDING = "recording"
    MEASURE = "measure"
    HISTORY = "history"  # of a person: all series together
    SERIES = "series"  # of one measure
    POINT = "point"  # of a series
    ABSENCE = "absence"
    WARNINGS = "warnings"
    REVIEW = "review"


@dataclass(frozen=True)
class Fact:
    """One fact: its slots hold the words that stand for it, `code` what rules choose by.

    `number` counts from 1; a sentence names the fact as `F1`.
    """

    number: int
    kind: Kind
    name: str
    code: str
    slots: Mapping[str, str]

    @property
    def key(self) -> str:
        return f"F{self.number}"


@dataclass(frozen=True)
class Facts:
    """All facts of one assessment, or of one person's history, in the order of the record."""

    pipelines: tuple[PipelineName, ...]
    listed: tuple[Fact, ...]

    def of(self, *kinds: Kind) -> list[Fact]:
        return [fact for fact in self.listed if fact.kind in kinds]

    @property
    def by_key(self) -> Mapping[str, Fact]:
        return {fact.key: fact for fact in self.listed}

    @property
    def sha256(self) -> str:
        """The hash of the facts as canonical JSON."""
        told = [asdict(fact) for fact in self.listed]
        return sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Known:
    """What is known beside the record: the catalog's descriptions, verdicts on changes."""

    descriptions: Mapping[str, str]
    changes: Mapping[str, Change]


def facts_of(
    examination: StoredExamination, known: Known, language: Language, voice: Voice
) -> Facts:
    """Return the facts of an assessment, in the words of a language and a voice."""
    pipeline = PipelineName(examination.pipeline)
    drafts = [
        (Kind.RECORDING, pipeline.value, examination.status.value, _of_recording(examination)),
        *(
            (Kind.MEASURE, value.name, str(value.status), slots)
            for value, slots in _measures(examination, known, language, voice)
        ),
        *(
            (Kind.ABSENCE, absence.name, absence.code, _of_absence(absence, known, language, voice))
            for absence in examination.absent
        ),
        *_warnings(examination),
        (Kind.REVIEW, "review", _review(examination), {}),
    ]
    return numbered([pipeline], drafts)


def numbered(pipelines: Iterable[PipelineName], drafts: Iterable[Draft]) -> Facts:
    """Number facts in the order in which they are given."""
    listed = (Fact(place, *draft) for place, draft in enumerate(drafts, start=1))
    return Facts(tuple(pipelines), tuple(listed))


def _of_recording(examination: StoredExamination) -> dict[str, str]:
    return {"measured": str(len(examination.biomarkers)), "absent": str(len(examination.absent))}


def _measures(
    examination: StoredExamination, known: Known, language: Language, voice: Voice
) -> Iterator[tuple[Value, dict[str, str]]]:
    for value in examination.biomarkers:
        slots = dict(of_value(value, language, voice))
        registered = known.descriptions[value.name]
        slots["description"] = language.description(value.name, registered, voice)
        change = known.changes.get(value.name)
        if change and change.verdict in TOLD:
            slots["verdict"] = language.verdicts[change.verdict]
        yield value, slots


def of_value(value: Value, language: Language, voice: Voice) -> Iterator[tuple[str, str]]:
    low, high = value.normal_range_min, value.normal_range_max
    yield "name", language.name(value.name, voice)
    yield "value", number(value.value, low, high)
    yield "unit", language.unit(value.unit, voice)
    if low is not None or high is not None:
        yield "range", language.range(reference(low, high))
        yield "population", value.population or language.nobody_named
        yield "position", language.positions[_position(value)]
    if value.confidence is not None:
        yield "confidence", language.bands[_band(value.confidence)]


def _position(value: Value) -> str:
    """Where a value lies; a critical one beyond the limit that it lies beyond."""
    if direction := value.critical_direction:
        return f"critical-{direction}"
    return str(value.status)


def _band(confidence: float) -> str:
    if confidence >= HIGH_CONFIDENCE:
        return "high"
    return "medium" if confidence >= MEDIUM_CONFIDENCE else "low"


def _of_absence(absence: Absence, known: Known, language: Language, voice: Voice) -> dict[str, str]:
    slots = {
        "name": language.name(absence.name, voice),
        "reason": language.reasons.get(absence.code, language.reasons["other"]),
    }
    # A group of measures is absent without a description of its own.
    if registered := known.descriptions.get(absence.name):
        slots["description"] = language.description(absence.name, registered, voice)
    return slots


def _warnings(examination: StoredExamination) -> Iterator[Draft]:
    """Say how many warnings there are; their words can hold what a file says of itself."""
    told = {absence.detail for absence in examination.absent}
    others = [words for words in examination.warnings if words not in told]
    if others:
        yield Kind.WARNINGS, "warnings", "given", {"count": str(len(others))}


def _review(examination: StoredExamination) -> str:
    if examination.sign_offs:
        return "reviewed"
    if examination.requires_review or examination.status is AssessmentStatus.FAILED:
        return "waiting"
    return "unreviewed"


OUTSIDE = frozenset({BiomarkerStatus.LOW, BiomarkerStatus.HIGH, BiomarkerStatus.CRITICAL})
