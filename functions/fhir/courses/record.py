"""What was measured of one person over time, as people read it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from functions.fhir.courses.charts import figures
from functions.fhir.courses.queries import Sample
from functions.fhir.people.queries import Person
from functions.fhir.reports.content import Entry, Group, Head, Report, Row
from functions.fhir.reports.pipelines import reported, sentence
from functions.fhir.reports.record import FLAGS, TOLD, person_lines
from shared.biomarkers import BiomarkerStatus
from shared.examination.change import history_changes
from shared.examination.retest import RETESTS, UNKNOWN_RETEST_ERROR
from shared.words import label, number, reference, unit

# As many as are read without a glass.
CHARTS_ABREAST = 3

type Histories = Mapping[str, Sequence[Sample]]


def course(
    samples: Sequence[Sample],
    person: Person,
    head: Head,
    *,
    since: datetime,
    zone: ZoneInfo,
    history_url: str,
) -> Report:
    """Put a report of a person's values together; the same values give the same report."""
    histories = {name: list(own) for name, own in groupby(samples, lambda sample: sample.name)}
    latest = max((sample.measured_at for sample in samples), default=since)
    return Report(
        language="en",
        title="Measurements over time",
        status="Values and ranges as they were measured",
        head=head,
        name=person.name or f"Person {person.id}",
        person=tuple(person_lines(person)),
        about=(
            Entry("From", f"{since.astimezone(zone):%Y-%m-%d}"),
            Entry("Latest", f"{latest.astimezone(zone):%Y-%m-%d}" if samples else "none"),
        ),
        findings=tuple(_findings(samples, zone)),
        groups=tuple(_groups(histories, zone)),
        absent=(),
        remarks=tuple(_remarks(histories)),
        figures=tuple(figures(histories.values())),
        figures_abreast=CHARTS_ABREAST,
        signatures=None,
        method=tuple(_method(samples)),
        citations=(),
        verification=_verification(samples, history_url),
        as_of=latest,
    )


def _findings(samples: Sequence[Sample], zone: ZoneInfo) -> Iterator[Entry]:
    """Yield how often each pipeline measured, and when."""
    if not samples:
        yield Entry("Result", "No measured values in this time.")
    for pipeline, own in _by_pipeline(samples).items():
        times = [sample.measured_at.astimezone(zone) for sample in own]
        count = len({sample.assessment_id for sample in own})
        yield Entry(
            reported(pipeline).title.removesuffix(" report"),
            f"{count} assessment{'s' * (count > 1)}, {min(times):%Y-%m-%d} to"
            f" {max(times):%Y-%m-%d}",
        )


def _by_pipeline(samples: Sequence[Sample]) -> Mapping[str, Sequence[Sample]]:
    told: dict[str, list[Sample]] = {}
    for sample in samples:
        told.setdefault(sample.pipeline, []).append(sample)
    return told


def _groups(histories: Histories, zone: ZoneInfo) -> Iterator[Group]:
    rows: dict[tuple[str, str], list[Row]] = {}
    for own in histories.values():
        key = own[-1].pipeline, own[-1].category
        rows.setdefault(key, []).append(_row(own, zone))
    for (pipeline, category), listed in rows.items():
        yield Group(f"{pipeline}: {category}", tuple(listed))


def _row(samples: Sequence[Sample], zone: ZoneInfo) -> Row:
    """Show the latest value, its range, and what has become of the first."""
    latest = samples[-1]
    low, high = latest.normal_range_min, latest.normal_range_max
    return Row(
        label=label(latest.name),
        value=number(latest.value, low, high),
        unit=unit(latest.unit),
        reference=reference(low, high),
        population="",
        flag=_flag(latest),
        source=None,
        change=_change(samples, zone),
    )


def _flag(sample: Sample) -> str:
    return "CRITICAL" if sample.status == BiomarkerStatus.CRITICAL else FLAGS.get(sample.status, "")


def _change(samples: Sequence[Sample], zone: ZoneInfo) -> str:
    first, latest = samples[0], samples[-1]
    if len(samples) == 1:
        return f"Measured once, on {latest.measured_at.astimezone(zone):%Y-%m-%d}."
    said = (
        f"{number(first.value)} on {first.measured_at.astimezone(zone):%Y-%m-%d};"
        f" {len(samples)} values."
    )
    if latest.name not in RETESTS:
        return said
    change = history_changes(latest.name, [sample.point for sample in samples])[-1]
    return f"{said} {change.statement}" if change.verdict in TOLD else said


def _remarks(histories: Histories) -> Iterator[str]:
    unknown = [
        label(name) for name, own in histories.items() if len(own) > 1 and name not in RETESTS
    ]
    if unknown:
        yield f"{sentence(', '.join(unknown))}: {UNKNOWN_RETEST_ERROR}"


def _method(samples: Sequence[Sample]) -> Iterator[Entry]:
    for pipeline, own in _by_pipeline(samples).items():
        versions = sorted({sample.pipeline_version for sample in own})
        yield Entry("MediLens", f"{pipeline} {', '.join(versions)}")


def _verification(samples: Sequence[Sample], history_url: str) -> tuple[str, ...]:
    assessments = {sample.assessment_id for sample in samples}
    source = (
        f"This page is made from {len(samples)} values of {len(assessments)} assessments, as"
        f" {history_url} answers them."
    )
    return source, "The report of each assessment says how to verify it."
