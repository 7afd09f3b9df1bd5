"""What `make run` shows: sample recordings of every pipeline through the real functions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from rich.console import Console
from rich.progress import Progress, SpinnerColumn
from rich.table import Table

from local import demo
from local.client import Client
from local.samples import cardiology, cognitive, speech
from local.stack import Running, home
from shared.permissions import RoleName
from shared.pipelines import PipelineName
from shared.recording import RecordingFile

SHOWN = 3


@dataclass(frozen=True)
class Sample:
    """A synthesized recording of the demo patient, so many days old."""

    name: str
    pipeline: PipelineName
    days_ago: int
    make: Callable[[], Sequence[RecordingFile]]
    fields: dict[str, str]


SAMPLES = [
    *(
        Sample(name, PipelineName.CARDIOLOGY, days_ago, make, {"sex": "female"})
        for name, days_ago, make in cardiology.SAMPLES
    ),
    *(
        Sample(name, PipelineName.COGNITIVE, days_ago, make, {"sex": "female", "age_years": "61"})
        for name, days_ago, make in cognitive.SAMPLES
    ),
    *(
        Sample(name, PipelineName.SPEECH, days_ago, make, {"sex": "female", "task": task})
        for name, days_ago, task, make in speech.SAMPLES
    ),
]

VOICE_QUALITY = {
    True: "voice quality outside the cited limits",
    False: "voice quality within the cited limits",
    None: "voice quality not screened",
}


def show(here: Running, console: Console) -> None:
    """Analyze the samples over HTTP and print what was measured."""
    client = Client.of(here)
    table = Table(title="Measured from sample recordings", title_justify="left", show_lines=True)
    for heading in ("Recording", "Finding", "Measured"):
        table.add_column(heading)
    with Progress(SpinnerColumn(), *Progress.get_default_columns(), console=console) as progress:
        for sample in progress.track(SAMPLES, description="Analyzing sample recordings"):
            table.add_row(*_row(sample, _analyze(client, sample)))
    console.print(table)


def _analyze(client: Client, sample: Sample) -> dict[str, Any]:
    """The key makes a second start find what the first one stored."""
    recorded_at = datetime.now(UTC) - timedelta(days=sample.days_ago)
    return client.analyze(
        sample.pipeline,
        list(sample.make()),
        fields={
            **sample.fields,
            "subject_id": str(demo.person_id(RoleName.PATIENT)),
            "recorded_at": recorded_at.isoformat(),
        },
        idempotency_key=f"sample-{sample.name}",
    )


def _row(sample: Sample, assessment: dict[str, Any]) -> list[str]:
    risk, level = assessment["risk_score"], assessment["risk_level"]
    measured = [
        f"{one['name']} {one['value']:.4g} {one['unit']}" for one in assessment["biomarkers"]
    ]
    rest = [f"and {len(measured) - SHOWN} more"] if len(measured) > SHOWN else []
    seen = [
        _finding(assessment),
        "no rule of risk applies" if risk is None else f"risk {level} ({risk:.0f})",
        f"quality {assessment['quality_score']:.2f}, {assessment['processing_time_ms']} ms",
    ]
    heading = f"{sample.name}\n{sample.pipeline}"
    return [heading, "\n".join(seen), "\n".join(measured[:SHOWN] + rest)]


def _finding(assessment: dict[str, Any]) -> str:
    """The one line that a pipeline's result comes down to."""
    result = assessment["result"]
    match assessment["pipeline"]:
        case PipelineName.CARDIOLOGY:
            return str(result["rhythm_classification"] or "")
        case PipelineName.COGNITIVE:
            return f"{result['validity']['verdict']} session"
        case PipelineName.SPEECH:
            return VOICE_QUALITY[result["dysphonia_flag"]]
    return ""


def report(name: str, assessment: dict[str, Any]) -> Table:
    """Lay one assessment out for a person."""
    title = f"{name}: {_finding(assessment['result'])}"
    table = Table(title=title, title_justify="left", caption="\n".join(assessment["warnings"]))
    for heading in ("Biomarker", "Value", "Unit", "Reference", "Status"):
        table.add_column(heading)
    for one in assessment["biomarkers"]:
        low, high = one["normal_range_min"], one["normal_range_max"]
        reference = f"{'' if low is None else low} - {'' if high is None else high}"
        table.add_row(
            one["name"],
            f"{one['value']:.4g}",
            one["unit"],
            "" if low is None and high is None else reference,
            one["status"],
        )
    return table


def invite(here: Running, console: Console) -> None:
    """Say what can be done now, with lines that can be pasted."""
    place = home() / "sample.csv"
    place.write_bytes(cardiology.SAMPLES[0][2]()[0].content)
    console.print(f"\nMediLens serves every function on {here.url}; look at {here.url}/docs")
    console.print("\nTry it (the token is a demo clinician's and lasts an hour):\n")
    console.print(f"export TOKEN={here.token(RoleName.CLINICIAN)}", soft_wrap=True, highlight=False)
    subject = demo.person_id(RoleName.PATIENT)
    curl = 'curl -H "Authorization: Bearer $TOKEN"'
    history = f"{here.url}/api/records/biomarkers/heart_rate/history?subject_id={subject}"
    for line in (
        f"{curl} -F file=@{place} {here.url}/api/cardiology/analyze",
        f'{curl} "{history}"',
    ):
        console.print(line, soft_wrap=True, highlight=False)
    console.print("\nCtrl-C stops all of it; the next start finds the data again.")
