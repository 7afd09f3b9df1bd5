"""The `medilens` command: a stack of one's own, and analyses from the shell."""

import asyncio
import json
import mimetypes
import signal
import sys
import time
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated
from uuid import UUID

import httpx
import typer
from dotenv import load_dotenv
from rich.console import Console
from rich.progress import track

from local import (
    assessment_table,
    demo,
    explaining,
    invitation,
    keys,
    leaving,
    models,
    organizations,
    people,
    restoration,
    schema_commands,
    showcase,
    trail,
)
from local.client import Client, Refused, content_key
from local.home import ROOT
from local.prove import command as proving
from local.recordings import recordings
from local.samples import catalog
from local.stack import DEFAULT_PORT, found_or_started, stack
from local.trouble import Trouble, Unwritable
from migrations.job import PoolerRefused, RestoredDatabase
from shared.caller import Caller
from shared.errors import Gone, MediLensError
from shared.permissions import RoleName
from shared.pipelines import PipelineName
from shared.recording import RecordingFile
from shared.schemas import AssessmentRead
from shared.settings import SettingsMissing

NAME = "medilens"

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__)
app.add_typer(schema_commands.app, name="db")
app.add_typer(people.app, name="people")
app.add_typer(models.app, name="model")
app.add_typer(organizations.app, name="organization")
app.add_typer(keys.app, name="keys")
app.add_typer(trail.app, name="audit")
app.add_typer(proving.app, name="prove")
app.command("export")(leaving.export)
app.command("explain")(explaining.explain)

# Answers go to stdout, everything meant for a person's eyes to stderr.
console = Console(stderr=True)

# What a person can put right; anything else is our mistake and shows where it happened.
EXPECTED = (Trouble, SettingsMissing, PoolerRefused, RestoredDatabase, MediLensError)

# Ctrl-C reaches the command twice, from the terminal and from what started it.
ONE_CTRL_C_S = 2.0


def _print_version(wanted: bool) -> None:
    if wanted:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
        sys.stdout.write(f"{NAME} {project['version']}\n")
        raise typer.Exit


@app.callback()
def options(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """A stack of one's own, and analyses from the shell."""


@app.command()
def dev(
    port: Annotated[int, typer.Option(envvar="PORT", min=1, max=65535)] = DEFAULT_PORT,
    *,
    samples: Annotated[bool, typer.Option(help="Analyze sample recordings first")] = True,
) -> None:
    """Start everything, show what sample recordings give, and keep serving."""
    _end_once()
    try:
        console.print("Starting Postgres, upgrading its schema, seeding the demo clinic ...")
        with stack(port) as here:
            if samples:
                showcase.show(here, console)
            invitation.invite(here, console)
            while True:
                signal.pause()
    except KeyboardInterrupt:
        console.print("Stopped.")


def _end_once() -> None:
    """Let Ctrl-C and a polite kill end the stack in order, whatever it is doing.

    Another one that comes with the first is no impatience; a later one cuts the ending short.
    """
    first = 0.0

    def end(*_: object) -> None:
        nonlocal first
        now = time.monotonic()
        if first and now - first < ONE_CTRL_C_S:
            return
        first = first or now
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGTERM, end)


@app.command()
def analyze(
    pipeline: PipelineName,
    files: Annotated[list[Path], typer.Argument(exists=True, help="Recordings, or folders")],
    field: Annotated[
        list[str] | None, typer.Option(help="A form field, such as fs_hz=360; repeat it")
    ] = None,
    pictures: Annotated[
        Path | None, typer.Option(file_okay=False, help="Write the pictures to this folder")
    ] = None,
    *,
    as_json: Annotated[
        bool, typer.Option("--json", help="One answer a line, as the server gave it")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Analyze anew what was analyzed before")
    ] = False,
) -> None:
    """Analyze recordings, by the running stack or one started for the occasion.

    The same files with the same fields give the assessment that is already stored, until the
    pipeline has another version.
    """
    fields = _fields(field or [])
    if pictures:
        _make_folder(pictures)
    waiting = list(recordings(files))
    refused = 0
    with found_or_started() as here, Client.of(here) as client:
        info = client.info(pipeline)
        for recording in track(waiting, "Analyzing", console=console, disable=len(waiting) == 1):
            parts = recording.read()
            key = None if again else content_key(info, parts, fields)
            try:
                assessment = client.analyze(pipeline, parts, fields=fields, idempotency_key=key)
            except Refused as refusal:
                refused += 1
                _print_refusal(recording.name, refusal, as_json=as_json)
                continue
            _print_assessment(recording.name, assessment, as_json=as_json)
            if pictures:
                _save_pictures(client, recording.name, assessment, pictures)
    raise typer.Exit(1 if refused else 0)


def _fields(given: Sequence[str]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for pair in given:
        name, _, value = pair.partition("=")
        if not (name and value):
            raise typer.BadParameter(f"'{pair}' is no NAME=VALUE, such as age_years=61.")
        if name in fields:
            raise typer.BadParameter(f"The field '{name}' is given twice.")
        fields[name] = value
    return fields


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unwritable(folder, error) from error


def _print_refusal(name: str, refusal: Refused, *, as_json: bool) -> None:
    if as_json:
        problem = refusal.problem.model_dump(mode="json", exclude_none=True)
        sys.stdout.write(json.dumps({"recording": name, "problem": problem}) + "\n")
    more = " Analyze it anew with --again." if refusal.problem.code == Gone.code else ""
    console.print(f"{name}: {refusal}{more}", style="red", highlight=False, markup=False)


def _print_assessment(name: str, assessment: AssessmentRead, *, as_json: bool) -> None:
    if as_json:
        answer = {"recording": name, **assessment.model_dump(mode="json")}
        sys.stdout.write(json.dumps(answer) + "\n")
        return
    Console().print(assessment_table.report(name, assessment))


def _save_pictures(client: Client, name: str, assessment: AssessmentRead, folder: Path) -> None:
    for picture in assessment.pictures:
        suffix = mimetypes.guess_extension(picture.media_type) or ""
        place = folder / f"{name.replace('/', '-')}-{picture.name}{suffix}"
        try:
            place.write_bytes(client.fetch(picture.href))
        except OSError as error:
            raise Unwritable(place, error) from error
        console.print(f"wrote {place}", highlight=False, markup=False, soft_wrap=True)


@app.command("samples")
def write_samples(
    folder: Annotated[Path, typer.Argument(file_okay=False)] = Path("samples"),
) -> None:
    """Write sample recordings of every pipeline, synthesized with known truth, to a folder."""
    try:
        for place in catalog.write(folder):
            sys.stdout.write(f"{place}\n")
    except OSError as error:
        raise Unwritable(folder, error) from error


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
    for difference in outcome.differences:
        sys.stdout.write(f"{difference.place}: {difference.stored} → {difference.today}\n")
    if not outcome.differences:
        sys.stdout.write(f"same bytes (sha256 {outcome.sha256})\n")
    raise typer.Exit(1 if outcome.differences else 0)


@app.command()
def token(
    role: Annotated[RoleName, typer.Option()] = RoleName.CLINICIAN,
    organization: Annotated[str, typer.Option()] = demo.ORGANIZATION,
    subject: Annotated[str | None, typer.Option(help="Somebody else than of the demo")] = None,
) -> None:
    """Print a token of the demo person who holds a role, or of a subject, and nothing else."""
    named = subject or demo.subject(role, organization)
    with found_or_started() as here:
        sys.stdout.write(here.issuer.issue(named, organization) + "\n")


@app.command()
def restore(
    dump: Annotated[
        Path | None,
        typer.Argument(exists=True, help="Put into the empty database first; else restored before"),
    ] = None,
    *,
    lists: Annotated[bool, typer.Option(help="Erase again whom the lists name")] = True,
) -> None:
    """Make a backup a database to serve from: whoever was erased after it is erased again.

    Connects with MEDILENS_DIRECT_DATABASE_URL, as a role that bypasses row security, and reads the
    lists from where MEDILENS_CHECKPOINT_… says. Only then are the functions let in.
    """
    erased = restoration.restore(dump, are_lists_kept=lists)
    sys.stdout.write(f"{erased} people erased again; the functions are let in.\n")


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


def main() -> None:
    load_dotenv(ROOT / ".env")
    try:
        app(prog_name=NAME)
    except EXPECTED as problem:
        console.print(str(problem), style="red", highlight=False, markup=False, soft_wrap=True)
        sys.exit(1)
    except httpx.TransportError as problem:
        console.print(f"The server does not answer ({problem}).", style="red", highlight=False)
        sys.exit(1)
