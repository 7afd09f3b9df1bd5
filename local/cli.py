"""The `medilens` command: a stack of one's own, and analyses from the shell."""

import asyncio
import json
import signal
import sys
import threading
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
from dotenv import load_dotenv
from rich.console import Console
from rich.progress import track

from local import demo, showcase
from local.child import PortTaken
from local.client import Client, Refused
from local.postgres import FolderInUse, PostgresFailed
from local.recordings import recordings
from local.stack import (
    DEFAULT_PORT,
    ROOT,
    databases,
    found_or_started,
    migrate_to,
    stack,
)
from migrations.job import MigrationRequest, PoolerRefused
from shared.caller import Caller
from shared.errors import MediLensError
from shared.permissions import RoleName
from shared.pipelines import PipelineName
from shared.recording import RecordingFile
from shared.settings import SettingsMissing

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__)
db = typer.Typer(no_args_is_help=True, help="The schema, by the migration function's own code.")
app.add_typer(db, name="db")

# Answers go to stdout, everything meant for a person's eyes to stderr.
console = Console(stderr=True)

# What a person can put right; anything else is our mistake and shows where it happened.
EXPECTED = (MediLensError, SettingsMissing, PortTaken, FolderInUse, PostgresFailed, PoolerRefused)


@app.command()
def dev(
    port: Annotated[int, typer.Option(envvar="PORT")] = DEFAULT_PORT,
    *,
    samples: Annotated[bool, typer.Option(help="Analyze sample recordings first")] = True,
) -> None:
    """Start everything, show what sample recordings give, and keep serving."""
    stopped = _stop_signal()
    console.print("Starting Postgres, bringing its schema up to date, seeding the demo clinic ...")
    with stack(port) as here:
        if samples:
            showcase.show(here, console)
        showcase.invite(here, console)
        stopped.wait()
        console.print("Stopping.")


def _stop_signal() -> threading.Event:
    """Ctrl-C and a polite kill end the stack the same way, whatever it is doing."""
    stopped = threading.Event()

    def stop(*_: object) -> None:
        if stopped.is_set():
            raise KeyboardInterrupt
        stopped.set()

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    return stopped


@app.command()
def analyze(
    pipeline: PipelineName,
    files: Annotated[list[Path], typer.Argument(exists=True, help="Recordings, or folders")],
    field: Annotated[
        list[str] | None, typer.Option(help="A form field, such as fs_hz=360; repeat it")
    ] = None,
    pictures: Annotated[Path | None, typer.Option(help="Write the pictures here")] = None,
    *,
    as_json: Annotated[
        bool, typer.Option("--json", help="One answer a line, as the server gave it")
    ] = False,
) -> None:
    """Analyze recordings, by the running stack or one started for the occasion."""
    fields = dict(one.split("=", 1) for one in field or [])
    found = list(recordings(files))
    refused = 0
    with found_or_started() as here:
        client = Client.of(here)
        for name, parts in track(found, "Analyzing", console=console, disable=len(found) == 1):
            try:
                assessment = client.analyze(pipeline, parts, fields=fields)
            except Refused as refusal:
                refused += 1
                _print_refusal(name, refusal, as_json=as_json)
                continue
            _print_assessment(name, assessment, as_json=as_json)
            if pictures:
                _save_pictures(client, name, assessment, pictures)
    raise typer.Exit(1 if refused else 0)


def _print_refusal(name: str, refusal: Refused, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps({"recording": name, "problem": refusal.problem}) + "\n")
    console.print(f"{name}: {refusal}", style="red", highlight=False)


def _print_assessment(name: str, assessment: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps({"recording": name, **assessment}) + "\n")
        return
    Console().print(showcase.report(name, assessment))


def _save_pictures(client: Client, name: str, assessment: dict[str, Any], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for picture in assessment["pictures"]:
        place = folder / f"{name}-{picture['name']}.svg"
        place.write_bytes(client.picture(picture["href"]))
        console.print(f"wrote {place}", highlight=False)


@app.command()
def replay(
    assessment_id: Annotated[UUID, typer.Argument(help="An assessment of the running stack")],
    files: Annotated[
        list[Path] | None,
        typer.Argument(exists=True, help="Its recording; from storage if left out"),
    ] = None,
    role: Annotated[RoleName, typer.Option()] = RoleName.CLINICIAN,
    organization: Annotated[str, typer.Option()] = demo.ORGANIZATION,
) -> None:
    """Compute an assessment anew and say whether it gives the same bytes; stores nothing."""
    from local.replay import replay as computed  # noqa: PLC0415  # with a pipeline's libraries

    given = [RecordingFile(path.name, path.read_bytes()) for path in files or []]
    caller = Caller(demo.subject(role, organization), organization, f"replay-{assessment_id}")
    with found_or_started():
        outcome = asyncio.run(computed(caller, assessment_id, given))
    for one in outcome.differences:
        Console().print(f"{one.place}: {one.stored} → {one.today}", highlight=False)
    if not outcome.differences:
        Console().print(f"same bytes (sha256 {outcome.sha256})", highlight=False)
    raise typer.Exit(1 if outcome.differences else 0)


@app.command()
def token(
    role: Annotated[RoleName, typer.Option()] = RoleName.CLINICIAN,
    organization: Annotated[str, typer.Option()] = demo.ORGANIZATION,
) -> None:
    """Print a token of the demo person who holds a role, and nothing else."""
    with found_or_started() as here:
        sys.stdout.write(here.token(role, organization) + "\n")


@app.command()
def seed() -> None:
    """Add the demo clinic and a person of each role; twice does no harm."""
    with found_or_started() as here:
        console.print(f"The demo clinic is there: {here.url}")


@app.command()
def bench(
    up_to: Annotated[int, typer.Option(help="Values at the last step of growth")] = 50_000_000,
    url: Annotated[
        str | None, typer.Option(help="A superuser's address, in place of an embedded Postgres")
    ] = None,
    *,
    quick: Annotated[bool, typer.Option(help="Small, for every change")] = False,
) -> None:
    """Measure the data layer beside its alternatives; the full run writes docs/performance.md.

    Fails on a count above its limit, a ratio far off its target, a load that meets an error or
    another organization's row, and a refusal without Retry-After.
    """
    from bench.run import run  # noqa: PLC0415  # nothing else needs it

    raise typer.Exit(0 if run(Console(), quick=quick, up_to=up_to, url=url) else 1)


class Change(StrEnum):
    UPGRADE = "upgrade"
    DOWNGRADE = "downgrade"
    CURRENT = "current"
    CHECK = "check"


def _add_db_command(change: Change, summary: str) -> None:
    def run(revision: Annotated[str | None, typer.Argument()] = None) -> None:
        with databases() as here:
            report = migrate_to(here, MigrationRequest(command=change.value, revision=revision))
        sys.stdout.write(report.model_dump_json() + "\n")
        raise typer.Exit(1 if report.drift else 0)

    db.command(change, help=summary)(run)


_add_db_command(Change.UPGRADE, "Bring the schema to a revision (default: head).")
_add_db_command(Change.DOWNGRADE, "Take the schema back to a revision.")
_add_db_command(Change.CURRENT, "Say which revision the schema has.")
_add_db_command(Change.CHECK, "Say how the schema differs from the models; exit 1 if it does.")


def main() -> None:
    load_dotenv(ROOT / ".env")
    try:
        app()
    except EXPECTED as problem:
        console.print(str(problem), style="red", highlight=False)
        sys.exit(1)
