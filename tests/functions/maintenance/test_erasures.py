"""Whoever was erased stays so: listed elsewhere, and erased again in what a backup brings back."""

import asyncio
import json
import os
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg
import pytest

from functions.maintenance import service
from functions.maintenance.service import Job
from local.binaries import binary
from local.child import CLEAN_ENVIRONMENT
from local.postgres import EmbeddedPostgres, create_database, drop_database
from local.restoration import NotRestored, restore
from migrations.job import MigrationRequest, RestoredDatabase, migrate
from shared import settings
from shared.aws import erasures
from shared.errors import Unavailable
from shared.permissions import RoleName
from tests.conftest import Addresses, Clinic

NAME = "brought_back"
KEY = "ab" * 32
LEFT = (
    "SELECT k.wrapped, k.destroyed_at, u.last_name, u.purged_at FROM users u"
    " JOIN person_keys k ON k.user_id = u.id WHERE u.id = $1"
)


@pytest.fixture
def lists(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder of checkpoints, and of the lists in it."""
    monkeypatch.setenv("MEDILENS_CHECKPOINT_FOLDER", str(tmp_path / "kept"))
    monkeypatch.setenv("MEDILENS_CHECKPOINT_KEY", KEY)
    settings.load.cache_clear()
    return tmp_path / "kept" / erasures.FOLDER


async def added(clinic: Clinic, name: str) -> UUID:
    async with clinic.client(RoleName.ADMIN) as admin:
        answer = await admin.post("/api/accounts/patients", json={"last_name": name})
    assert answer.status_code == 201, answer.text
    return UUID(answer.json()["id"])


async def erased(clinic: Clinic, person: UUID) -> None:
    async with clinic.client(RoleName.ADMIN) as admin:
        answer = await admin.post(f"/api/accounts/people/{person}/erasure", json={})
    assert answer.status_code == 200, answer.text


def run(program: str, folder: Path, *arguments: str) -> None:
    subprocess.run(
        [binary(program, folder), *arguments], check=True, env=CLEAN_ENVIRONMENT, cwd="/"
    )


@dataclass(frozen=True)
class Backup:
    """Where a dump goes, and an empty database for it."""

    dump: Path
    addresses: Addresses


@pytest.fixture
async def backup(
    configured: Addresses, postgres: EmbeddedPostgres, tmp_path: Path
) -> AsyncIterator[Backup]:
    await drop_database(postgres.url(), NAME)
    await create_database(postgres.url(), NAME, "template0")
    addresses = Addresses(
        *(
            urlsplit(url)._replace(path=f"/{NAME}").geturl()
            for url in (configured.superuser, configured.owner, configured.app)
        )
    )
    yield Backup(tmp_path / "medilens.dump", addresses)
    await drop_database(postgres.url(), NAME)


def take(backup: Backup, configured: Addresses, folder: Path) -> None:
    """Dump what the role of backups sees: all but the keys that let the functions in."""
    run(
        "pg_dump", folder, "--format=custom", "--exclude-table-data=medilens.identity_keys",
        f"--file={backup.dump}", configured.superuser,
    )  # fmt: skip


def forge(lists: Path, gone: UUID, person: UUID) -> None:
    """Write a newest list that names a person in another's place, without the key that signs."""
    told = json.loads((place := lists / "newest.json").read_bytes())
    text = json.loads(told["checkpoint"])
    home = next(home for home, listed in text["people"] if listed == str(gone))
    text |= {"number": text["number"] + 1, "people": [[home, str(person)]]}
    forged = json.dumps(told | {"checkpoint": json.dumps(text)}).encode()
    place.write_bytes(forged)
    (lists / f"{text['number']:09}.json").write_bytes(forged)


class TestLists:
    async def test_name_who_was_erased_once_and_are_signed(
        self, clinic: Clinic, lists: Path
    ) -> None:
        person = await added(clinic, "Byron")
        await erased(clinic, person)
        assert any("list" in line for line in (await service.run(Job.SEALING)).changed)
        assert not any("list" in line for line in (await service.run(Job.SEALING)).changed)

        newest = json.loads((lists / "newest.json").read_bytes())
        told = json.loads(newest["checkpoint"])
        assert str(person) in {entry[1] for entry in told["people"]}
        assert "Byron" not in newest["checkpoint"]
        place = lists / f"{told['number']:09}.json"
        assert place.read_bytes() == (lists / "newest.json").read_bytes()

    async def test_that_somebody_else_wrote_erase_nobody(
        self, clinic: Clinic, auditor: asyncpg.Connection, lists: Path
    ) -> None:
        person, gone = await added(clinic, "Byron"), await added(clinic, "Ada")
        await erased(clinic, gone)
        await service.run(Job.SEALING)
        forge(lists, gone, person)
        with pytest.raises(Unavailable, match="not signed"):
            await service.run(Job.SEALING)
        assert (await auditor.fetchrow(LEFT, person))["purged_at"] is None


class TestRestoredBackup:
    async def test_does_not_bring_a_person_back(
        self,
        clinic: Clinic,
        configured: Addresses,
        backup: Backup,
        lists: Path,  # noqa: ARG002  # set
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        gone, other = await added(clinic, "Byron"), await added(clinic, "Ada")
        take(backup, configured, tmp_path)
        await erased(clinic, gone)
        await service.run(Job.SEALING)

        monkeypatch.setenv("MEDILENS_DIRECT_DATABASE_URL", backup.addresses.superuser)
        settings.load.cache_clear()
        again = await asyncio.to_thread(restore, backup.dump, are_lists_kept=True)
        assert again == 1

        there = await asyncpg.connect(backup.addresses.superuser)
        left, there_still = [await there.fetchrow(LEFT, person) for person in (gone, other)]
        keys = await there.fetchval("SELECT count(*) FROM medilens.identity_keys")
        await there.close()
        assert (left["wrapped"], left["last_name"]) == (None, None)
        assert None not in {left["destroyed_at"], left["purged_at"]}
        assert there_still["wrapped"] is not None
        assert keys > 0

    async def test_lets_no_function_in_before_the_lists_were_gone_through(
        self, clinic: Clinic, configured: Addresses, backup: Backup, tmp_path: Path
    ) -> None:
        await added(clinic, "Byron")
        take(backup, configured, tmp_path)
        run(
            "pg_restore", tmp_path, "--exit-on-error",
            f"--dbname={backup.addresses.superuser}", str(backup.dump),
        )  # fmt: skip
        with pytest.raises(RestoredDatabase, match="medilens restore"):
            await migrate(
                backup.addresses.owner,
                MigrationRequest(command="upgrade"),
                identity_keys=[os.environ["MEDILENS_IDENTITY_KEY"]],
            )

    def test_without_lists_is_refused_unless_told(
        self, configured: Addresses, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("MEDILENS_CHECKPOINT_FOLDER", raising=False)
        monkeypatch.setenv("MEDILENS_DIRECT_DATABASE_URL", configured.owner)
        settings.load.cache_clear()
        with pytest.raises(NotRestored, match="--no-lists"):
            restore(None, are_lists_kept=True)
