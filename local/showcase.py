"""What `make run` shows: sample recordings of every pipeline through the real functions."""

from datetime import UTC, datetime, timedelta

from rich.console import Console
from rich.progress import Progress, SpinnerColumn
from rich.table import Table

from local import demo
from local.assessment_table import unit
from local.client import Client, Refused, content_key
from local.engines import missing_engine
from local.result import headline
from local.samples.catalog import SAMPLES, Sample
from local.stack import Running
from shared.permissions import RoleName
from shared.pipelines import PipelineName
from shared.schemas import AssessmentRead

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
        f"{biomarker.name} {biomarker.value:.4g} {unit(biomarker)}"
        for biomarker in assessment.biomarkers
    ]
    rest = [f"and {len(measured) - SHOWN} more"] if len(measured) > SHOWN else []
    finding = [
        headline(assessment),
        "no rule of risk applies" if risk is None else f"risk {level} ({risk:.0f})",
        f"quality {_rounded(assessment.quality_score)}, {assessment.processing_time_ms} ms",
    ]
    return "\n".join(finding), "\n".join(measured[:SHOWN] + rest)


def _rounded(share: float | None) -> str:
    return "unknown" if share is None else f"{share:.2f}"
