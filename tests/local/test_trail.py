"""`medilens audit`: the whole trail verified and exported by whoever runs the deployment."""

import asyncio
import json
from pathlib import Path

import asyncpg
import pytest
from typer.testing import CliRunner, Result

from functions.audit import verifier
from local.cli import app
from local.schedule import EVERY_MINUTE, MINUTES_OF_A_DAY, due
from shared import settings
from tests.conftest import ROOT, Addresses, Clinic
from tests.factories.examinations import stored
from tests.factories.trail import AS_OWNER, organization_id, seal_all

ROW_LOST = (
    "DELETE FROM audit_events WHERE id = (SELECT event_id FROM medilens.audit_seals"
    " WHERE organization_id = $1 AND seq = 3)"
)


async def audit(*arguments: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, app, ["audit", *arguments])


@pytest.fixture(autouse=True)
def as_owner(configured: Addresses, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDILENS_DIRECT_DATABASE_URL", configured.owner)
    monkeypatch.setenv("MEDILENS_CHECKPOINT_FOLDER", str(tmp_path))
    monkeypatch.setenv("MEDILENS_CHECKPOINT_KEY", "5e" * 32)
    settings.load.cache_clear()


class TestVerify:
    async def test_names_the_first_bad_row_and_what_is_not_sealed(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        await stored(clinic)
        await seal_all()
        ours = await organization_id(auditor, clinic)
        rows = await auditor.fetchval(
            "SELECT seq FROM medilens.audit_heads WHERE organization_id = $1", ours
        )
        await stored(clinic)

        (intact,) = lines_of(await audit("verify"), ours)
        assert intact.startswith(f"{ours}: {rows} sealed rows intact; ")
        assert " 0 rows not sealed" not in intact
        async with auditor.transaction():
            await auditor.execute(AS_OWNER)
            await auditor.execute(ROW_LOST, ours)
        outcome = await audit("verify")
        assert outcome.exit_code == 1
        assert lines_of(outcome, ours)[0].startswith(f"{ours}: rows-missing at row 3 ")

    async def test_a_checkpoint_knows_what_the_owner_covered_up(
        self, clinic: Clinic, auditor: asyncpg.Connection, tmp_path: Path
    ) -> None:
        await stored(clinic)
        await seal_all()
        ours = await organization_id(auditor, clinic)
        async with auditor.transaction():
            await auditor.execute(AS_OWNER)
            for table in ("audit_heads", "audit_seals"):
                await auditor.execute(
                    f"DELETE FROM medilens.{table} WHERE organization_id = $1", ours
                )
            await auditor.execute("DELETE FROM audit_events WHERE organization_id = $1", ours)
        outcome = await audit("verify", "--checkpoint", str(tmp_path / "latest.json"))
        assert outcome.exit_code == 1
        assert "chain-missing" in lines_of(outcome, ours)[0]


def lines_of(outcome: Result, organization: object) -> list[str]:
    lines = [line for line in outcome.output.splitlines() if line.startswith(str(organization))]
    assert lines, outcome.output
    return lines


class TestExport:
    async def test_is_what_the_offline_verifier_reads(
        self, clinic: Clinic, auditor: asyncpg.Connection, tmp_path: Path
    ) -> None:
        await stored(clinic)
        await seal_all()
        ours = await organization_id(auditor, clinic)
        outcome = await audit("export", str(ours))
        envelope = json.loads(read(tmp_path / "latest.json"))
        chain, findings = verifier.verify(outcome.output.splitlines(), [envelope], None)
        assert findings == []
        assert chain.seq > 3

    async def test_the_verifier_is_printed(self) -> None:
        outcome = await audit("verifier")
        assert outcome.output == read(ROOT / "functions" / "audit" / "verifier.py")


def read(place: Path) -> str:
    return place.read_text(encoding="utf-8")


class TestSchedule:
    def test_a_laptop_runs_each_job_of_the_deployment(self) -> None:
        crons = json.loads(read(ROOT / "vercel.json"))["crons"]
        assert due(0) == [cron["path"] for cron in crons]
        each_minute = [cron["path"] for cron in crons if cron["schedule"] == EVERY_MINUTE]
        assert due(1) == each_minute
        assert "/api/maintenance/jobs/sealing" in each_minute
        assert due(MINUTES_OF_A_DAY) == due(0)
