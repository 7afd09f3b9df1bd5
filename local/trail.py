"""The `medilens audit` commands: the trail of every organization, by the owner's own connection."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from local.home import ROOT
from local.owner import as_owner
from local.people import owner_address
from local.unusable_database import explained
from shared.aws import checkpoints

app = typer.Typer(no_args_is_help=True, help="The audit trail, whole: verified, and exported.")

ROWS_AT_ONCE = 100_000

ORGANIZATIONS = text("SELECT organization_id FROM medilens.audit_heads ORDER BY 1")
VERIFY = text("SELECT * FROM medilens.verify_chain(:organization, :after, :most)")
UNSEALED = text("SELECT * FROM medilens.unsealed_of(:organization)")
EXPORT = text("SELECT * FROM medilens.export_chain(:organization, :after, :most)")
CONTRADICTIONS = text(
    "SELECT organization_id, seq, fault FROM medilens.audit_contradictions("
    ":number, CAST(:heads AS jsonb))"
)


@dataclass(frozen=True)
class Verdict:
    """How one organization's trail stands; without a fault it is as it was sealed."""

    organization: UUID
    rows: int
    fault: str | None
    unsealed: int
    unsealed_s: float

    def __str__(self) -> str:
        waiting = f"{self.unsealed} rows not sealed yet, the oldest {self.unsealed_s:.0f} s old"
        intact = f"{self.rows} sealed rows intact"
        return f"{self.organization}: {self.fault or intact}; {waiting}"


@app.command()
def verify(
    checkpoint: Annotated[
        list[Path] | None,
        typer.Option(exists=True, help="A checkpoint to hold it against; else the latest"),
    ] = None,
) -> None:
    """Name the first row of each organization's trail that is not as it was sealed; exit 1 then.

    Connects with MEDILENS_DIRECT_DATABASE_URL, without it to the laptop's stack, and reads the
    latest checkpoint from where MEDILENS_CHECKPOINT_… says.
    """
    with owner_address() as direct_url, explained(direct_url):
        verdicts, broken = asyncio.run(_verify(direct_url, _given(checkpoint or [])))
    for line in [*verdicts, *broken]:
        sys.stdout.write(f"{line}\n")
    raise typer.Exit(1 if broken or any(verdict.fault for verdict in verdicts) else 0)


def _given(places: list[Path]) -> list[dict[str, Any]]:
    """Return the checkpoints that were named, or else the latest where there is one."""
    latest = checkpoints.latest() if not places else None
    contents = [place.read_bytes() for place in places] + ([latest] if latest else [])
    return [json.loads(json.loads(content)["checkpoint"]) for content in contents]


async def _verify(direct_url: str, told: list[dict[str, Any]]) -> tuple[list[Verdict], list[str]]:
    async with as_owner(direct_url) as connection:
        organizations = list((await connection.execute(ORGANIZATIONS)).scalars())
        verdicts = [await verdict(connection, organization) for organization in organizations]
        broken = [line for checkpoint in told for line in await _against(connection, checkpoint)]
    return verdicts, broken


async def verdict(connection: AsyncConnection, organization: UUID) -> Verdict:
    """Follow one organization's chain to its end, or to the first fault."""
    after, fault = 0, None
    while True:
        values = {"organization": organization, "after": after, "most": ROWS_AT_ONCE}
        page = (await connection.execute(VERIFY, values)).mappings().one()
        after = page["verified_to"]
        if page["fault"]:
            fault = f"{page['fault']} at row {page['seq']} (event {page['event_id']} of"
            fault += f" {page['event_at']}), {page['faults']} such rows"
        if fault or page["is_complete"]:
            break
    waiting = (await connection.execute(UNSEALED, {"organization": organization})).mappings().one()
    since = waiting["unsealed_since"]
    age_s = (datetime.now(UTC) - since).total_seconds() if since else 0.0
    return Verdict(organization, after, fault, waiting["unsealed"], age_s)


async def _against(connection: AsyncConnection, checkpoint: dict[str, Any]) -> list[str]:
    values = {"number": checkpoint["number"], "heads": json.dumps(checkpoint["heads"])}
    rows = [
        *(await connection.execute(CONTRADICTIONS, values)).mappings(),
        *checkpoint["breaks"],
    ]
    number = checkpoint["number"]
    return [
        f"{row['organization_id']}: {row['fault']} at row {row['seq']}, by checkpoint {number}"
        for row in rows
    ]


@app.command()
def export(
    organization: Annotated[UUID, typer.Argument(help="An organization, as `verify` names it")],
) -> None:
    """Write an organization's sealed rows, as they are hashed, a line of JSON each."""
    with owner_address() as direct_url, explained(direct_url):
        asyncio.run(_export(direct_url, organization))


async def _export(direct_url: str, organization: UUID) -> None:
    async with as_owner(direct_url) as connection:
        async for row in exported(connection, organization):
            sys.stdout.write(f"{json.dumps(row)}\n")


async def exported(
    connection: AsyncConnection, organization: UUID
) -> AsyncIterator[dict[str, Any]]:
    """Yield an organization's sealed rows in their order, a page at a time: none is held longer."""
    after = 0
    while True:
        values = {"organization": organization, "after": after, "most": ROWS_AT_ONCE}
        rows = (await connection.execute(EXPORT, values)).mappings().all()
        for row in rows:
            yield dict(row)
        if len(rows) < ROWS_AT_ONCE:
            return
        after = rows[-1]["seq"]


@app.command()
def verifier() -> None:
    """Print the offline verifier: one file for an auditor, who needs nothing else of MediLens."""
    sys.stdout.write((ROOT / "functions" / "audit" / "verifier.py").read_text(encoding="utf-8"))
