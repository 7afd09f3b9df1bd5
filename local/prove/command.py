"""The `medilens prove` command: the attacks, tried on a stack of this machine or a deployment."""

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from local import demo
from local.prove import page, stolen
from local.prove.attacks import Outcome, Result, every_attack, tried
from local.prove.coverage import untouched
from local.prove.report import Report, without_secrets
from local.prove.stand import Stand
from local.stack import Running, found_or_started, stack
from local.trouble import Trouble, Unwritable
from shared.permissions import RoleName

app = typer.Typer(help="Attacks that MediLens has to withstand, tried.")
console = Console(stderr=True)

ALWAYS_STAYS = (
    "The audit trail of both organizations tells of every attack, and nobody removes its rows.",
    "Assessments are deleted, which hides them; the retention of the deployment ends them.",
    "A patient is erased; the row without a name stays, as for everybody who was erased.",
)

# A machine that others use, too, cannot send the default of 50 for long.
SLOW_LIMIT_PER_S = "15"

type Tokens = Mapping[RoleName, str]


class UnusableTokens(Trouble):
    """The file does not hold a token of each role for two organizations."""

    def __init__(self, place: Path) -> None:
        roles = ", ".join(RoleName)
        super().__init__(
            f'{place} has to be JSON such as {{"ours": {{…}}, "theirs": {{…}}}} with a token for'
            f" each of {roles} in both; `medilens prove tokens` writes one for the laptop's stack."
        )


@app.callback(invoke_without_command=True)
def prove(
    context: typer.Context,
    url: Annotated[str | None, typer.Option(help="A deployment; else a stack of its own")] = None,
    tokens: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="A token of each role, JSON")
    ] = None,
    html: Annotated[Path | None, typer.Option(dir_okay=False, help="Write the page here")] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", dir_okay=False, help="Write the JSON here")
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option(help="An attack's name, or a subject; repeat it")
    ] = None,
) -> None:
    """Try every attack and say what came back; exit 1 where one finds its way.

    Without --url on a stack of its own in a folder that is removed afterwards. With --url and
    --tokens on any deployment what can be tried from outside, in two organizations that serve for
    nothing else: what the attacks make there is deleted again.
    """
    if context.invoked_subcommand:
        return
    if (url is None) != (tokens is None):
        raise typer.BadParameter("--url and --tokens go together.")
    report = asyncio.run(_outside(url, tokens, only)) if url and tokens else _here(only)
    counts = ", ".join(f"{report.counts[outcome]} {outcome}" for outcome in Outcome)
    console.print(f"{counts}.", highlight=False)
    _write_report(report, html, json_file)
    raise typer.Exit(1 if report.has_failed else 0)


@app.command("tokens")
def write_tokens(file: Annotated[Path, typer.Argument(dir_okay=False)]) -> None:
    """Write a token of each role of the laptop's two demo organizations, good for an hour."""
    with found_or_started() as here:
        told = {"url": here.url, "ours": _demo_tokens(here, demo.ORGANIZATION)}
        told["theirs"] = _demo_tokens(here, demo.OTHER_ORGANIZATION)
    _write(file, json.dumps(told, indent=1))
    file.chmod(0o600)


def _write_report(report: Report, html: Path | None, json_file: Path | None) -> None:
    for place, text in ((html, report.as_html()), (json_file, report.as_json())):
        if place:
            _write(place, text)


def _write(place: Path, text: str) -> None:
    try:
        place.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Unwritable(place, error) from error


async def _outside(url: str, tokens: Path, only: list[str] | None) -> Report:
    ours, theirs = read_tokens(tokens)
    async with Stand(url).let_in(ours, theirs) as stand:
        return await _reported(stand, only)


def read_tokens(place: Path) -> tuple[Tokens, Tokens]:
    """Return the tokens of both organizations, by role.

    Raises
    ------
    UnusableTokens
    """
    try:
        told = json.loads(place.read_text(encoding="utf-8"))
        ours, theirs = (
            {role: str(told[organization][role]) for role in RoleName}
            for organization in ("ours", "theirs")
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnusableTokens(place) from error
    return ours, theirs


def _here(only: list[str] | None) -> Report:
    """Start a stack in a folder of its own, so that nothing is left of what the attacks do."""
    console.print("Starting a stack to attack …")
    with tempfile.TemporaryDirectory(prefix="medilens-prove-") as folder:
        os.environ["MEDILENS_HOME"] = folder
        # What attacks make the functions log is no news.
        os.environ.setdefault("POWERTOOLS_LOG_LEVEL", "CRITICAL")
        os.environ.setdefault("MEDILENS_RATE_LIMIT_PER_S", SLOW_LIMIT_PER_S)
        with stack() as here:
            return asyncio.run(_on_laptop(here, only))


async def _on_laptop(here: Running, only: list[str] | None) -> Report:
    stand = Stand(here.url, issuer=here.issuer, databases=here.databases)
    stand.let_in(_demo_tokens(here, demo.ORGANIZATION), _demo_tokens(here, demo.OTHER_ORGANIZATION))
    async with stand:
        return await _reported(stand, only)


def _demo_tokens(here: Running, organization: str) -> dict[RoleName, str]:
    """A token of each role, with a second factor shown just now."""
    return {
        role: here.issuer.issue(demo.subject(role, organization), organization, is_confirmed=True)
        for role in RoleName
    }


async def _reported(stand: Stand, only: list[str] | None) -> Report:
    chosen = [
        attack
        for attack in every_attack()
        if not only or attack.name in only or attack.subject in only
    ]
    results = []
    async for result in tried(stand, chosen):
        results.append(result)
        _say(result, stand)
    thefts = [] if only else await stolen.measured(stand)
    await stand.clean_up()
    return Report(
        stand.url,
        datetime.now(UTC),
        results,
        {} if only else untouched(stand.exchanges),
        stays=[*stand.stays, *ALWAYS_STAYS],
        thefts=thefts,
        secrets=frozenset(stand.secrets),
    )


def _say(result: Result, stand: Stand) -> None:
    attack = result.attack
    sys.stdout.write(f"{attack.number:>3} {result.outcome:<9} {attack.name}: {attack.title}\n")
    if result.outcome is not Outcome.HELD:
        style = "red" if result.outcome is Outcome.FAILED else None
        told = without_secrets(result.came_back, stand.secrets)
        console.print(f"    {told}", style=style, highlight=False, markup=False)


@app.command("table")
def write_table() -> None:
    """Write the table of attacks in docs/security.md anew."""
    page.rewrite()
