"""Every row of the trail is sealed once, in order and soon; whatever tampers with it is named."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from functions.maintenance import service
from functions.maintenance.service import Job
from local.prove.chain import RECHAIN
from shared import settings
from shared.database import sign_of_life, transaction
from shared.database.repositories.schedule import work
from shared.errors import Unavailable
from tests.conftest import Clinic
from tests.factories.examinations import stored
from tests.factories.trail import organization_id, remove_tail, seal_all, tampered

SEALS = """
    SELECT s.seq, s.event_id, s.hash FROM medilens.audit_seals s
    WHERE s.organization_id = $1 ORDER BY s.seq
"""
# The third row, and what is done to it.
THIRD = "(SELECT event_id FROM medilens.audit_seals WHERE organization_id = $1 AND seq = 3)"
EDIT = f"UPDATE audit_events SET user_agent = coalesce(user_agent, '') || 'x' WHERE id = {THIRD}"
CREATED = (
    "SELECT count(*) FROM audit_events e JOIN medilens.audit_seals s ON s.event_id = e.id"
    " WHERE e.organization_id = $1 AND e.resource_type = 'assessments'"
    " AND e.action = 'create'"
)
ERA = (
    "SELECT e.details ->> 'era' FROM audit_events e JOIN medilens.audit_seals s"
    " ON s.event_id = e.id WHERE e.organization_id = $1"
    " AND e.resource_type = 'audit_chain'"
)
TAMPERINGS = (
    "ALTER TABLE assessments DISABLE TRIGGER audit_update",
    "ALTER TABLE assessments NO FORCE ROW LEVEL SECURITY",
    "GRANT DELETE ON audit_events TO medilens_app",
    "ALTER ROLE medilens_app BYPASSRLS",
    "DROP POLICY seen ON assessments",
)


async def edited_and_rewritten(auditor: asyncpg.Connection, ours: UUID) -> None:
    """What only a superuser does: no trigger keeps the row, and the chain fits it again."""
    async with auditor.transaction():
        await auditor.execute("SET LOCAL session_replication_role = replica")
        await auditor.execute(EDIT, ours)
        await rewrite(auditor, ours)


@pytest.fixture
async def ours(clinic: Clinic, auditor: asyncpg.Connection) -> UUID:
    """The organization of a clinic whose trail is sealed."""
    for _ in range(3):
        await stored(clinic)
    await seal_all()
    return await organization_id(auditor, clinic)


async def verified(auditor: asyncpg.Connection, ours: UUID, most: int = 100_000) -> dict[str, Any]:
    row = await auditor.fetchrow("SELECT * FROM medilens.verify_chain($1, 0, $2)", ours, most)
    assert row is not None
    return dict(row)


class TestSealing:
    async def test_every_row_is_sealed_once_and_in_order(
        self, ours: UUID, auditor: asyncpg.Connection
    ) -> None:
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
        meanwhile = [service.run(Job.SEALING) for _ in range(6)]
        await asyncio.gather(*(stored(clinic) for _ in range(50)), *meanwhile)
        await seal_all()
        ours = await organization_id(auditor, clinic)
        seals = await auditor.fetch(SEALS, ours)
        assert [row["seq"] for row in seals] == list(range(1, len(seals) + 1))
        assert len({row["hash"] for row in seals}) == len(seals)
        assert await auditor.fetchval(CREATED, ours) == 50
        assert (await verified(auditor, ours))["fault"] is None

    async def test_a_row_waits_for_every_transaction_that_is_older(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        ours = await organization_id(auditor, clinic)
        older = auditor.transaction()
        await older.start()
        await auditor.fetchval("SELECT pg_current_xact_id()")
        await stored(clinic)
        await seal_all()
        missing = "SELECT unsealed FROM medilens.unsealed_of($1)"
        waiting = await auditor.fetchval(missing, ours)
        state = (await sign_of_life.ping()).sealing
        await older.rollback()
        await seal_all()

        assert waiting > 0
        assert state is not None
        assert state.unsealed >= waiting
        assert state.unsealed_since is not None
        assert await auditor.fetchval(missing, ours) == 0

    async def test_a_bounded_run_goes_on_where_it_stopped(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        await seal_all()
        await stored(clinic)
        await stored(clinic)
        runs: list[int] = []
        while not runs or runs[-1]:
            async with transaction.unattended() as connection:
                runs += await work(connection, "seal_audit", most=2)
        assert max(runs) == 2
        assert len(runs) > 3
        ours = await organization_id(auditor, clinic)
        assert (await verified(auditor, ours))["fault"] is None

    async def test_after_a_logical_restore_a_new_era_begins_and_nothing_stays_unsealed(
        self, clinic: Clinic, ours: UUID, auditor: asyncpg.Connection
    ) -> None:
        """The place where sealing stopped is far ahead of a new server's transactions."""
        await auditor.execute("UPDATE medilens.audit_sealing SET before_xact = '999999999999'")
        await stored(clinic)
        era = (await sealing_state())["era"]
        await seal_all()

        state = await sealing_state()
        assert (state["era"], state["unsealed"]) == (era + 1, 0)
        entry = await auditor.fetchval(ERA, ours)
        assert int(entry) == era + 1
        assert (await verified(auditor, ours))["fault"] is None


async def sealing_state() -> dict[str, Any]:
    async with transaction.unattended() as connection:
        (state,) = await work(connection, "sealing_state")
    told: dict[str, Any] = state
    return told


class TestTampering:
    """What the database itself finds; whatever its owner covers up, a checkpoint does."""

    async def test_an_edited_byte(self, ours: UUID, auditor: asyncpg.Connection) -> None:
        async with tampered(auditor, EDIT, ours):
            told = await verified(auditor, ours)
        assert (told["fault"], told["seq"], told["faults"]) == ("row-changed", 3, 1)

    @pytest.mark.parametrize(
        ("column", "value"),
        [
            ("actor_ip", "'192.0.2.7'"),
            ("details", "details || '{\"rows\": 7}'"),
            ("phi_accessed", "NOT phi_accessed"),
            ("subject_id", "gen_random_uuid()"),
            ("content_hash", "'\\x00'"),
            ("user_agent", "coalesce(user_agent, '')"),  # nothing is not an empty text
            ("outcome", "'denied'"),
        ],
    )
    async def test_any_column(
        self, ours: UUID, auditor: asyncpg.Connection, column: str, value: str
    ) -> None:
        edit = f"UPDATE audit_events SET {column} = {value} WHERE id = {THIRD}"
        async with tampered(auditor, edit, ours):
            assert (await verified(auditor, ours))["fault"] == "row-changed"

    async def test_a_removed_row(self, ours: UUID, auditor: asyncpg.Connection) -> None:
        async with tampered(auditor, f"DELETE FROM audit_events WHERE id = {THIRD}", ours):
            told = await verified(auditor, ours)
        assert (told["fault"], told["seq"], told["faults"]) == ("rows-missing", 3, 1)

    async def test_a_removed_row_with_its_seal(
        self, ours: UUID, auditor: asyncpg.Connection
    ) -> None:
        drop = "DELETE FROM medilens.audit_seals WHERE organization_id = $1 AND seq = 3"
        async with tampered(auditor, drop, ours):
            told = await verified(auditor, ours)
        assert (told["fault"], told["seq"]) == ("seals-missing", 3)

    async def test_a_removed_day(self, ours: UUID, auditor: asyncpg.Connection) -> None:
        day = (
            "DELETE FROM audit_events WHERE organization_id = $1"
            " AND created_at >= date_trunc('day', now())"
        )
        seals = len(await auditor.fetch(SEALS, ours))
        async with tampered(auditor, day, ours):
            told = await verified(auditor, ours)
        assert told["fault"] == "rows-missing"
        assert told["faults"] >= seals - 1

    async def test_a_swapped_pair(self, ours: UUID, auditor: asyncpg.Connection) -> None:
        swap = (
            "UPDATE medilens.audit_seals s SET event_id = -o.event_id, event_at = o.event_at"
            " FROM medilens.audit_seals o WHERE s.organization_id = $1 AND o.organization_id = $1"
            " AND s.seq IN (3, 4) AND o.seq = 7 - s.seq"
        )
        async with tampered(auditor, swap, ours):
            await auditor.execute(
                "UPDATE medilens.audit_seals SET event_id = -event_id WHERE event_id < 0"
            )
            told = await verified(auditor, ours)
        assert (told["fault"], told["seq"]) == ("rows-swapped", 3)

    async def test_a_truncated_partition(self, ours: UUID, auditor: asyncpg.Connection) -> None:
        month = await auditor.fetchval("SELECT to_char(now(), '\"audit_events_\"YYYY_MM')")
        async with tampered(auditor, f"TRUNCATE {month}"):
            told = await verified(auditor, ours)
        assert (told["fault"], told["seq"]) == ("rows-missing", 1)

    async def test_a_removed_tail_whose_head_was_left(
        self, ours: UUID, auditor: asyncpg.Connection
    ) -> None:
        seals = len(await auditor.fetch(SEALS, ours))
        drop = "DELETE FROM medilens.audit_seals WHERE organization_id = $1 AND seq > 4"
        async with tampered(auditor, drop, ours):
            told = await verified(auditor, ours)
        assert (told["fault"], told["seq"], told["faults"]) == ("tail-missing", 5, seals - 4)

    async def test_a_row_that_was_slipped_in_below_the_seals(
        self, ours: UUID, auditor: asyncpg.Connection
    ) -> None:
        add = (
            "INSERT INTO audit_events (organization_id, actor_type, action, resource_type, outcome,"
            " phi_accessed, xact) VALUES ($1, 'system', 'read', 'x', 'success', false, '3')"
        )
        async with tampered(auditor, add, ours):
            told = await verified(auditor, ours)
        assert (told["fault"], told["faults"]) == ("rows-added", 1)

    async def test_page_by_page_finds_the_same(
        self, ours: UUID, auditor: asyncpg.Connection
    ) -> None:
        async with tampered(auditor, EDIT, ours):
            first = await verified(auditor, ours, most=2)
            row = await auditor.fetchrow("SELECT * FROM medilens.verify_chain($1, 2, 2)", ours)
        assert (first["fault"], first["verified_to"], first["is_complete"]) == (None, 2, False)
        assert row is not None
        assert (row["fault"], row["seq"]) == ("row-changed", 3)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where checkpoints are kept, out of the database's reach."""
    place = tmp_path / "checkpoints"
    monkeypatch.setenv("MEDILENS_CHECKPOINT_FOLDER", str(place))
    monkeypatch.setenv("MEDILENS_CHECKPOINT_KEY", "5e" * 32)
    settings.load.cache_clear()
    return place


def latest(folder: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(
        json.loads((folder / "latest.json").read_text())["checkpoint"]
    )
    return told


def names_in(folder: Path) -> set[str]:
    return {place.name for place in folder.iterdir()}


def signed(changed: Sequence[str]) -> list[str]:
    """The checkpoints that a run tells of; it may list people whom other tests have erased, too."""
    return [line for line in changed if line.startswith("checkpoint ")]


def make_a_file(folder: Path) -> None:
    folder.write_text("no folder")


def remove(folder: Path) -> None:
    folder.unlink()


async def contradictions(
    auditor: asyncpg.Connection, checkpoint: dict[str, Any], ours: UUID
) -> list[tuple[str, int]]:
    heads = [head for head in checkpoint["heads"] if head[0] == str(ours)]
    assert len(heads) == 1
    rows = await auditor.fetch(
        "SELECT * FROM medilens.audit_contradictions($1, $2::text::jsonb)",
        checkpoint["number"],
        json.dumps(heads),
    )
    return [(row["fault"], row["seq"]) for row in rows]


class TestCheckpoints:
    async def test_each_run_that_sealed_something_leaves_one(
        self, clinic: Clinic, folder: Path, ours: UUID
    ) -> None:
        await stored(clinic)
        changed = (await service.run(Job.SEALING)).changed
        first = latest(folder)
        names = names_in(folder)
        assert changed[1] == f"checkpoint {first['number']}"
        assert (await service.run(Job.SEALING)).changed == []
        await stored(clinic)
        await service.run(Job.SEALING)
        assert latest(folder)["number"] == first["number"] + 1
        assert len(names_in(folder) - names) == 1  # beside the latest, which is it again
        assert str(ours) in {head[0] for head in latest(folder)["heads"]}

    async def test_without_a_place_nothing_is_signed_and_the_next_run_with_it_does(
        self, clinic: Clinic, tmp_path: Path, ours: UUID, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await stored(clinic)
        before = (await service.run(Job.SEALING)).changed
        monkeypatch.setenv("MEDILENS_CHECKPOINT_FOLDER", str(tmp_path))
        monkeypatch.setenv("MEDILENS_CHECKPOINT_KEY", "5e" * 32)
        settings.load.cache_clear()
        after = (await service.run(Job.SEALING)).changed
        assert [len(signed(changed)) for changed in (before, after)] == [0, 1]
        assert str(ours) in {head[0] for head in latest(tmp_path)["heads"]}

    async def test_a_folder_that_cannot_be_written_leaves_the_seals_and_fails_the_job(
        self, clinic: Clinic, folder: Path
    ) -> None:
        make_a_file(folder)
        await stored(clinic)
        with pytest.raises((Unavailable, NotADirectoryError)):
            await service.run(Job.SEALING)
        remove(folder)
        assert len(signed((await service.run(Job.SEALING)).changed)) == 1

    async def test_a_removed_tail(
        self, clinic: Clinic, folder: Path, ours: UUID, auditor: asyncpg.Connection
    ) -> None:
        await stored(clinic)
        await seal_all()
        async with tampered(auditor, "SELECT 1"):
            await remove_tail(auditor, ours, 3)
            assert (await verified(auditor, ours))["fault"] is None
            ((fault, _),) = await contradictions(auditor, latest(folder), ours)
        assert fault == "tail-missing"

    async def test_a_chain_rewritten_by_the_owner(
        self, clinic: Clinic, folder: Path, ours: UUID, auditor: asyncpg.Connection
    ) -> None:
        await stored(clinic)
        await seal_all()
        async with tampered(auditor, EDIT, ours):
            await rewrite(auditor, ours)
            assert (await verified(auditor, ours))["fault"] is None
            ((fault, _),) = await contradictions(auditor, latest(folder), ours)
        assert fault == "chain-rewritten"

    async def test_a_chain_that_is_gone(
        self, clinic: Clinic, folder: Path, ours: UUID, auditor: asyncpg.Connection
    ) -> None:
        await stored(clinic)
        await seal_all()
        gone = "DELETE FROM medilens.{} WHERE organization_id = $1"
        async with tampered(auditor, gone.format("audit_seals"), ours):
            await auditor.execute(gone.format("audit_heads"), ours)
            await auditor.execute("DELETE FROM audit_events WHERE organization_id = $1", ours)
            assert (await verified(auditor, ours))["fault"] is None
            ((fault, _),) = await contradictions(auditor, latest(folder), ours)
        assert fault == "chain-missing"

    async def test_an_old_backup_restored(
        self, clinic: Clinic, folder: Path, ours: UUID, auditor: asyncpg.Connection
    ) -> None:
        """The database of before has not heard of the checkpoint, nor of the rows."""
        await stored(clinic)
        await seal_all()
        number = latest(folder)["number"]
        older = "UPDATE medilens.audit_sealing SET checkpoint = $1"
        async with tampered(auditor, older, number - 1):
            await remove_tail(auditor, ours, 3)
            ((fault, _),) = await contradictions(auditor, latest(folder), ours)
        assert fault == "backup-restored"

    async def test_a_break_is_told_by_every_checkpoint_that_follows(
        self, clinic: Clinic, folder: Path, ours: UUID, auditor: asyncpg.Connection
    ) -> None:
        await stored(clinic)
        await seal_all()
        number = latest(folder)["number"]
        await edited_and_rewritten(auditor, ours)
        for _ in range(2):
            await stored(clinic)
            await seal_all()
            (told,) = latest(folder)["breaks"]
            assert (told["fault"], told["checkpoint"]) == ("chain-rewritten", number)
            assert told["organization_id"] == str(ours)

    @pytest.mark.usefixtures("configured")
    async def test_a_trigger_that_is_switched_off_changes_the_fingerprint(
        self, auditor: asyncpg.Connection
    ) -> None:
        fingerprint = "SELECT medilens.audit_fingerprint()"
        before = await auditor.fetchval(fingerprint)
        month = await auditor.fetchval("SELECT to_char(now(), '\"audit_events_\"YYYY_MM')")
        for change in (*TAMPERINGS, f"ALTER TABLE {month} DISABLE TRIGGER keep"):
            async with tampered(auditor, change):
                assert await auditor.fetchval(fingerprint) != before, change
        async with tampered(auditor, "SELECT medilens.add_partitions('audit_events', 20)"):
            assert await auditor.fetchval(fingerprint) == before
        assert await auditor.fetchval(fingerprint) == before


async def rewrite(auditor: asyncpg.Connection, ours: UUID) -> None:
    """Chain the rows anew as they are now, and let the head say so."""
    await auditor.execute(RECHAIN, ours)
    await auditor.execute(
        "UPDATE medilens.audit_heads h SET hash = s.hash FROM medilens.audit_seals s"
        " WHERE h.organization_id = $1 AND s.organization_id = $1 AND s.seq = h.seq",
        ours,
    )
