"""Every row of the trail is sealed once, in order, and soon; what tampers with it is named."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

from functions.maintenance import sealing, service
from functions.maintenance.service import Job
from shared import settings
from shared.database import transaction
from shared.permissions import RoleName
from tests.conftest import Addresses, Clinic
from tests.factories.examinations import stored

SEALS = """
    SELECT s.seq, s.event_id, s.hash FROM medilens.audit_seals s
    WHERE s.organization_id = $1 ORDER BY s.seq
"""


async def organization(auditor: asyncpg.Connection, clinic: Clinic) -> UUID:
    key: UUID = await auditor.fetchval(
        "SELECT id FROM organizations WHERE identity_organization = $1", clinic.identity
    )
    return key


async def seal_all() -> None:
    while (await service.run(Job.SEALING)).changed:
        pass


@pytest.fixture
def checkpoint_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "checkpoints"
    monkeypatch.setenv("MEDILENS_CHECKPOINT_FOLDER", str(folder))
    monkeypatch.setenv("MEDILENS_CHECKPOINT_KEY", "5e" * 32)
    settings.load.cache_clear()
    yield folder
    monkeypatch.undo()
    settings.load.cache_clear()


class TestSealing:
    async def test_every_row_is_sealed_once_and_in_order(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        for _ in range(3):
            await stored(clinic)
        await seal_all()
        ours = await organization(auditor, clinic)
        rows = await auditor.fetchval(
            "SELECT count(*) FROM audit_events WHERE organization_id = $1", ours
        )
        seals = await auditor.fetch(SEALS, ours)
        assert [row["seq"] for row in seals] == list(range(1, rows + 1))
        assert len({row["event_id"] for row in seals}) == rows > 3
        assert (await service.run(Job.SEALING)).changed == []

    async def test_fifty_at_once_make_one_chain_without_a_gap(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        sealing_meanwhile = [service.run(Job.SEALING) for _ in range(6)]
        await asyncio.gather(*(stored(clinic) for _ in range(50)), *sealing_meanwhile)
        await seal_all()
        ours = await organization(auditor, clinic)
        seals = await auditor.fetch(SEALS, ours)
        assert [row["seq"] for row in seals] == list(range(1, len(seals) + 1))
        assert len({row["hash"] for row in seals}) == len(seals)
        created = await auditor.fetchval(
            "SELECT count(*) FROM audit_events e JOIN medilens.audit_seals s ON s.event_id = e.id"
            " WHERE e.organization_id = $1 AND e.resource_type = 'assessments'"
            " AND e.action = 'create'",
            ours,
        )
        assert created == 50
        assert await verified(auditor, ours) is None


async def verified(auditor: asyncpg.Connection, ours: UUID) -> str | None:
    row = await auditor.fetchrow("SELECT * FROM medilens.verify_chain($1, 0, 100000)", ours)
    assert row is not None
    print(dict(row))
    fault: str | None = row["fault"]
    return fault
