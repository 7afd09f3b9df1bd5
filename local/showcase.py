"""What `make run` shows: sample recordings of every pipeline through the real functions."""

import shlex
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console, Group
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn
from rich.table import Table
from rich.text import Text

from local import demo
from local.client import Client, Refused, content_key
from local.engines import missing_engine
from local.home import home
from local.result import headline
from local.samples.catalog import SAMPLES, Sample
from local.stack import Running
from shared.permissions import RoleName
from shared.pipelines import PipelineName
from shared.schemas import AssessmentRead, BiomarkerRead

SHOWN = 3


def show(here: Running, console: Console) -> None:
    """Analyze the samples over HTTP and print what was measured."""
    for pipeline in PipelineName:
        if reason := missing_engine(pipeline):
            console.print(reason, highlight=False)
    samples = [sample for sample in SAMPLES if not missing_engine(sample.pipeline)]
    table = Table(title="Measured from sample recordings", title_justify="left", show_lines=True)
    for heading in ("Recording", "Finding", "Measured"):
        table.add_column(heading)
    columns = (SpinnerColumn(), *Progress.get_default_columns())
    with Client.of(here) as client, Progress(*columns, console=console) as progress:
        for sample in progress.track(samples, description="Analyzing sample recordings"):
            table.add_row(f"{sample.name}\n{sample.pipeline}", *_cells(client, sample))
    console.print(table)


def _cells(client: Client, sample: Sample) -> tuple[str, str]:
    """What a refusal says takes the place of what was found: the start goes on."""
    try:
        return _finding_and_measures(_analyze(client, sample))
    except Refused as refusal:
        return str(refusal), ""


def _analyze(client: Client, sample: Sample) -> AssessmentRead:
    """Send the sample under a key of its content, so that a second start stores nothing."""
    files = list(sample.make())
    fields = {**sample.fields, "subject_id": str(demo.person_id(RoleName.PATIENT))}
    recorded_at = datetime.now(UTC) - timedelta(days=sample.days_ago)
    return client.analyze(
        sample.pipeline,
        files,
        fields={**fields, "recorded_at": recorded_at.isoformat()},
        idempotency_key=content_key(client.info(sample.pipeline), files, fields),
    )


def _finding_and_measures(assessment: AssessmentRead) -> tuple[str, str]:
    risk, level = assessment.risk_score, assessment.risk_level
    measured = [
        f"{biomarker.name} {biomarker.value:.4g} {_unit(biomarker)}"
        for biomarker in assessment.biomarkers
    ]
    rest = [f"and {len(measured) - SHOWN} more"] if len(measured) > SHOWN else []
    finding = [
        headline(assessment),
        "no rule of risk applies" if risk is None else f"risk {level} ({risk:.0f})",
        f"quality {_rounded(assessment.quality_score)}, {assessment.processing_time_ms} ms",
    ]
    return "\n".join(finding), "\n".join(measured[:SHOWN] + rest)


def report(name: str, assessment: AssessmentRead) -> Group:
    """Lay one assessment out for a person."""
    title = escape(f"{name}: {headline(assessment)}")
    table = Table(title=title, title_justify="left")
    for heading in ("Biomarker", "Value", "Unit", "Reference", "Status"):
        table.add_column(heading)
    for biomarker in assessment.biomarkers:
        table.add_row(
            biomarker.name,
            f"{biomarker.value:.4g}",
            _unit(biomarker),
            _reference(biomarker),
            biomarker.status,
        )
    stored_at = f"{assessment.created_at.astimezone():%Y-%m-%d %H:%M}"
    stored = f"Assessment {assessment.id}, stored {stored_at}"
    return Group(table, *map(Text, assessment.warnings), Text(stored), "")


def _unit(biomarker: BiomarkerRead) -> str:
    """UCUM writes "1" for a pure number and puts words in braces; people do not."""
    return "" if biomarker.unit == "1" else biomarker.unit.strip("{}")


def _reference(biomarker: BiomarkerRead) -> str:
    match biomarker.normal_range_min, biomarker.normal_range_max:
        case None, None:
            return ""
        case None, high:
            return f"up to {high:g}"
        case low, None:
            return f"from {low:g}"
        case low, high:
            return f"{low:g} - {high:g}"


def _rounded(share: float | None) -> str:
    return "unknown" if share is None else f"{share:.2f}"


def invite(here: Running, console: Console) -> None:
    """Say what can be done now, with lines that can be pasted."""
    place = home() / "sample.csv"
    place.write_bytes(SAMPLES[0].make()[0].content)
    console.print(
        f"\nMediLens serves every function on {here.url}; look at {here.url}/docs", soft_wrap=True
    )
    console.print(f"The console is at {here.url}/console; be whom you like.", soft_wrap=True)
    console.print("\nTry it (the token is a demo clinician's and lasts an hour):\n")
    for line in (f"export TOKEN={here.token(RoleName.CLINICIAN)}", *requests(here, place)):
        console.print(line, soft_wrap=True, highlight=False, markup=False)
    console.print("\nCtrl-C stops all of it; the next start finds the data again.")


def requests(here: Running, recording: Path) -> tuple[str, str]:
    """Return two lines for a shell: analyze a recording, and read the history it is part of."""
    curl = 'curl -H "Authorization: Bearer $TOKEN"'
    subject = demo.person_id(RoleName.PATIENT)
    history = f"{here.url}/api/records/biomarkers/heart_rate/history?subject_id={subject}"
    form = f"-F subject_id={subject} -F {form_file(recording)}"
    return f"{curl} {form} {here.url}/api/cardiology/analyze", f"{curl} {shlex.quote(history)}"


def form_file(path: Path) -> str:
    """Return curl's form field for a file, whatever characters its path has."""
    escaped = str(path).replace("\\", "\\\\").replace('"', '\\"')
    return shlex.quote(f'file=@"{escaped}"')
