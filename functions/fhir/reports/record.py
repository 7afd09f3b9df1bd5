"""A stored examination as a report: what people read, in their words and their time zone."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from itertools import groupby
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from functions.fhir.intervals import intervals
from functions.fhir.people.queries import Person
from functions.fhir.reports.content import (
    Entry,
    Figure,
    Group,
    Head,
    Proof,
    Reason,
    Report,
    Row,
    Signature,
)
from functions.fhir.reports.findings import findings
from functions.fhir.reports.pipelines import reported, sentence
from shared.biomarkers import BiomarkerStatus
from shared.examination.change import Change, Verdict
from shared.record import StoredExamination, Value
from shared.schemas import AssessmentRead
from shared.words import label, number, reference, unit

# What a status is called where a value lies outside its range; words, for ink has no color.
FLAGS = {BiomarkerStatus.LOW: "LOW", BiomarkerStatus.HIGH: "HIGH"}
# Verdicts that say something of two measurements.
TOLD = {Verdict.NO_RELIABLE_CHANGE, Verdict.RELIABLE_INCREASE, Verdict.RELIABLE_DECREASE}
ALTERED = (
    "Do not rely on this report: what is stored is not what the audit trail has ({}). Somebody"
    " changed the database behind MediLens; tell whoever operates it."
)
SHORT_POPULATION = 20  # characters that fit beside a range
HASH_SHOWN = 12  # characters of a model's hash: enough to tell models apart


@dataclass(frozen=True)
class Setting:
    """Around an examination: whose it is, who issues the report, when and where it is read."""

    person: Person
    head: Head
    zone: ZoneInfo
    record_url: str
    signers: Mapping[UUID, str] = field(default_factory=dict)
    changes: Mapping[str, Change] = field(default_factory=dict)
    figures: tuple[Figure, ...] = ()
    # Pictures that would make the report larger than an answer may be.
    left_out: tuple[Figure, ...] = ()


@dataclass
class Citations:
    """The citations of a page, each once, numbered in the order in which they are named."""

    listed: list[str] = field(default_factory=list)

    def number(self, words: str | None) -> int | None:
        if words is None:
            return None
        if words not in self.listed:
            self.listed.append(words)
        return self.listed.index(words) + 1


def report(examination: StoredExamination, setting: Setting) -> Report:
    """Put a report together; the same record in the same setting gives the same report."""
    citations = Citations()
    groups = tuple(_groups(examination, setting, citations))
    lines = (*findings(examination), *_judged(examination, citations))
    return Report(
        language="en",
        title=reported(examination.pipeline).title,
        status=_status(examination),
        head=setting.head,
        name=setting.person.name or f"Person {setting.person.id}",
        person=tuple(person_lines(setting.person)),
        about=tuple(_about(examination, setting)),
        findings=lines,
        groups=groups,
        absent=tuple(_reasons(examination)),
        remarks=(*_remarks(examination), *_missing(setting)),
        figures=setting.figures,
        signatures=tuple(_signatures(examination, setting)),
        method=tuple(_method(examination)),
        citations=tuple(citations.listed),
        verification=_proof(examination, setting.record_url).statements,
        as_of=_as_of(examination),
    )


def _status(examination: StoredExamination) -> str:
    if not examination.sign_offs:
        return "Preliminary: not reviewed"
    return "Final" if len(examination.sign_offs) == 1 else "Amended"


def person_lines(person: Person) -> Iterator[Entry]:
    """Yield what a report's head says of a person beside the name."""
    if person.date_of_birth:
        yield Entry("Born", person.date_of_birth.isoformat())
    if person.sex_at_birth:
        yield Entry("Sex at birth", person.sex_at_birth)
    for identifier in person.identifiers:
        yield Entry("Identifier", f"{identifier.value} ({identifier.system})")


def _about(examination: StoredExamination, setting: Setting) -> Iterator[Entry]:
    yield Entry("Recorded", _time(examination.recorded_at, setting.zone))
    yield Entry("Analyzed", _time(examination.completed_at or examination.created_at, setting.zone))
    if order := examination.provenance.get("order_reference"):
        yield Entry("Order", order)
    yield Entry("Report", f"{examination.id}, revision {examination.revision}")


def _time(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M %Z}"


def _judged(examination: StoredExamination, citations: Citations) -> Iterator[Entry]:
    """Yield what the record says of itself: risk by its rules, quality, what asks for a look."""
    for point in examination.risk_points:
        source = citations.number(point.citation)
        cited = f" [{source}]" if source else ""
        yield Entry("Rule that fired", f"{sentence(point.rule)}{cited}")
    if examination.risk_score is not None:
        level = examination.risk_level or "not leveled"
        yield Entry("Risk by cited rules", f"{sentence(level)} ({examination.risk_score:g} of 100)")
    if examination.quality_score is not None:
        yield Entry("Quality of the recording", f"{examination.quality_score:.0%}")
    if examination.review_reason:
        yield Entry("Needs review", sentence(examination.review_reason))


def _groups(
    examination: StoredExamination, setting: Setting, citations: Citations
) -> Iterator[Group]:
    spread = intervals(examination)
    by_category = sorted(examination.biomarkers, key=_first_of_category(examination.biomarkers))
    for category, values in groupby(by_category, lambda value: value.category):
        rows = [
            _row(value, spread.get(value.name), setting.changes.get(value.name), citations)
            for value in values
        ]
        yield Group(str(category), tuple(rows))


def _first_of_category(values: Sequence[Value]) -> Any:
    """Keep the catalog's order, with each category in one piece."""
    order: dict[str, int] = {}
    for value in values:
        order.setdefault(value.category, len(order))
    return lambda value: order[value.category]


def _row(
    value: Value,
    interval: tuple[float, float] | None,
    change: Change | None,
    citations: Citations,
) -> Row:
    low, high = value.normal_range_min, value.normal_range_max
    band = reference(low, high)
    population = (value.population or "") if band else ""
    is_short = len(population) <= SHORT_POPULATION
    return Row(
        label=label(value.name),
        value=number(value.value, low, high),
        unit=unit(value.unit),
        reference=band,
        population=population if is_short else "",
        flag=_flag(value),
        source=citations.number(_note("" if is_short else population, value.citation, band)),
        interval=" to ".join(map(number, interval)) if interval else "",
        change=change.statement if change and change.verdict in TOLD else "",
    )


def _note(population: str, citation: str | None, band: str) -> str | None:
    """What stands at the foot beside a range: who says so, and of whom, where that is long."""
    if not band:
        return None
    return ". ".join(filter(None, (sentence(population), citation))) or None


def _flag(value: Value) -> str:
    if direction := value.critical_direction:
        return f"CRITICAL {direction.upper()}"
    return FLAGS.get(value.status, "")


def _reasons(examination: StoredExamination) -> Iterator[Reason]:
    """Yield each reason once, with everything that it explains."""
    details: dict[str, list[str]] = {}
    for absence in examination.absent:
        details.setdefault(absence.detail, []).append(label(absence.name))
    for detail, measures in details.items():
        yield Reason(tuple(measures), detail)


def _remarks(examination: StoredExamination) -> Iterator[str]:
    """Yield the warnings that no absence says already, the gravest first."""
    if examination.altered:
        yield ALTERED.format(", ".join(examination.altered))
    told = {absence.detail for absence in examination.absent}
    yield from (words for words in examination.warnings if words not in told)


def _missing(setting: Setting) -> Iterator[str]:
    """Say which pictures the record has and the report has not."""
    for figure in setting.left_out:
        yield (
            "A picture is not shown, because the report would be larger than an answer may be; the"
            f" record has it: {figure.caption}"
        )


def _signatures(examination: StoredExamination, setting: Setting) -> Iterator[Signature]:
    for sign_off in examination.sign_offs:
        # Whoever sees no other people of the organization is told that it was one of them.
        name = setting.signers.get(sign_off.signed_by) or "a professional of the organization"
        yield Signature(name, _time(sign_off.signed_at, setting.zone), sign_off.note)


def _method(examination: StoredExamination) -> Iterator[Entry]:
    yield Entry("MediLens", f"{examination.pipeline} {examination.pipeline_version}")
    provenance = examination.provenance
    if code := provenance.get("code_version"):
        yield Entry("code", code)
    for model in provenance.get("models", ()):
        version = f" {model['version']}" if model.get("version") else ""
        yield Entry("model", f"{model['name']}{version} ({model['sha256'][:HASH_SHOWN]}…)")


def _proof(examination: StoredExamination, url: str) -> Proof:
    answer = AssessmentRead.of(examination).model_dump_json().encode()
    return Proof(url, sha256(answer).hexdigest(), examination.provenance.get("input_sha256"))


def _as_of(examination: StoredExamination) -> datetime:
    signed = [sign_off.signed_at for sign_off in examination.sign_offs]
    return max([examination.completed_at or examination.created_at, *signed])
