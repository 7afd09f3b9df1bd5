"""Kept while it must be, gone when due, and handed over whole."""

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from httpx import AsyncClient

from functions.maintenance import service
from functions.maintenance.service import Job
from shared.database.encryption.texts import ERASED
from shared.identifiers import uuid7
from shared.permissions import RoleName
from tests.conftest import Addresses, Clinic
from tests.factories.examinations import stored
from tests.functions.accounts.test_break_glass import BREAK_GLASS, confirmed, opened
from tests.functions.accounts.test_care_teams import ask_for_care_teams
from tests.functions.accounts.test_merges import somebody_waits
from tests.functions.maintenance.test_erasures import run
from tests.functions.uploads.sending import (
    WAV,
    rows,
    uploaded,
)
from tests.functions.uploads.sending import stored as in_storage
from tests.nonempty import nonempty

PATIENTS, PEOPLE = "/api/accounts/patients", "/api/accounts/people"
MRN = {"system": "https://clinic.example.org/mrn", "value": "M-1001"}
USED_BY = "UPDATE uploaded_files SET assessment_id = $1 WHERE id = $2"
A_YEAR = {"retention_years": {"assessments": 1, "recordings": 1, "conversations": 1}}


async def add(client: AsyncClient, last_name: str, **told: Any) -> str:
    answer = await client.post(PATIENTS, json={"last_name": last_name} | told)
    assert answer.status_code == 201, answer.text
    key: str = answer.json()["id"]
    return key


async def examine(clinic: Clinic, client: AsyncClient, person: str) -> UUID:
    """Store an examination with a signed note under a person."""
    key = await stored(clinic)
    to = {"assessment_id": str(key), "to_person_id": person, "reason": "theirs"}
    assert (await client.post("/api/accounts/moves", json=to)).is_success
    review = f"/api/records/assessments/{key}/review"
    assert (await client.post(review, json={"note": "seen by Dr. Notarius"})).is_success
    return key


async def recorded_earlier(auditor: asyncpg.Connection, key: UUID, years: int) -> None:
    """Have an assessment stored so many years after it was recorded."""
    await auditor.execute("ALTER TABLE assessments DISABLE TRIGGER USER")
    await auditor.execute(
        "UPDATE assessments SET recorded_at = created_at - make_interval(years => $2)"
        " WHERE id = $1",
        key,
        years,
    )
    await auditor.execute("ALTER TABLE assessments ENABLE TRIGGER USER")


async def years_pass(auditor: asyncpg.Connection, person: str, years: int) -> None:
    await auditor.execute("ALTER TABLE assessments DISABLE TRIGGER USER")
    await auditor.execute(
        "UPDATE assessments SET created_at = created_at - make_interval(years => $2)"
        " WHERE user_id = $1",
        UUID(person),
        years,
    )
    await auditor.execute("ALTER TABLE assessments ENABLE TRIGGER USER")
    await auditor.execute(
        "UPDATE uploaded_files SET created_at = created_at - make_interval(years => $2)"
        " WHERE user_id = $1",
        UUID(person),
        years,
    )


async def erase(client: AsyncClient, person: str, **told: Any) -> Any:
    return await client.post(f"{PEOPLE}/{person}/erasure", json=told)


async def tables_with(auditor: asyncpg.Connection, words: Sequence[str]) -> set[str]:
    """The tables that have any of these words in any column."""
    names = await auditor.fetch(
        "SELECT oid::regclass::text AS name FROM pg_class WHERE relkind IN ('r', 'p')"
        " AND NOT relispartition AND relnamespace::regnamespace::text IN ('public', 'medilens')"
    )
    patterns = [f"%{word}%" for word in words]
    return {
        table["name"]
        for table in nonempty(names)
        if await auditor.fetchval(
            f"SELECT EXISTS (SELECT FROM {table['name']} t WHERE t::text LIKE ANY ($1))", patterns
        )
    }


async def remains(auditor: asyncpg.Connection, person: str) -> dict[str, Any]:
    row = await auditor.fetchrow(
        "SELECT u.*, k.wrapped, k.destroyed_at FROM users u JOIN person_keys k"
        " ON k.user_id = u.id WHERE u.id = $1",
        UUID(person),
    )
    return dict(row)


def is_about(moment: str, *, years: int) -> bool:
    """Whether a moment lies so many years ahead, give or take three days."""
    ahead = datetime.fromisoformat(moment) - datetime.now(UTC)
    return abs(ahead - timedelta(days=years * 365.25)) < timedelta(days=3)


class TestErasure:
    async def test_destroys_the_key_and_leaves_a_tombstone_and_a_certificate(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        async with clinic.client(RoleName.ADMIN) as admin:
            person = await add(admin, "Byron", identifiers=[MRN], date_of_birth="1975-12-10")
            erased = await erase(admin, person)
            assert (erased.status_code, erased.json()["assessments"]) == (200, 0), erased.text
            assert (await admin.get(f"{PATIENTS}/{person}")).status_code == 404
            again = await erase(admin, person)
            assert again.status_code == 404
            # The identifier may be somebody else's now.
            await add(admin, "Maurer", identifiers=[MRN])
        left = await remains(auditor, person)
        assert left["wrapped"] is None
        assert left["destroyed_at"] is not None
        told = ("last_name", "first_name", "email", "phone", "address", "date_of_birth")
        assert {left[name] for name in told} == {None}
        certificate = await auditor.fetchrow(
            "SELECT user_id, details FROM audit_events WHERE subject_id = $1"
            " AND action = 'execute' AND resource_type = 'users'",
            UUID(person),
        )
        assert certificate["user_id"] == clinic.person_id(RoleName.ADMIN)
        assert json.loads(certificate["details"])["assessments"] == 0

    async def test_takes_along_what_the_organizations_own_key_encrypts(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        async with clinic.client(RoleName.ADMIN) as admin:
            person = await add(admin, "Byron")
            invited = {"role": "patient", "email": "byron@example.org", "person_id": person}
            assert (await admin.post("/api/accounts/invitations", json=invited)).is_success
            await ask_for_care_teams(clinic)
            async with confirmed(clinic) as client:
                grant = await opened(client, clinic, person_id=person)
                assert (await client.post(f"{BREAK_GLASS}/{grant['id']}/end")).is_success
            await ask_for_care_teams(clinic, "organization")
            assert (await erase(admin, person)).status_code == 200
            due = (await admin.get(f"{BREAK_GLASS}/reviews")).json()["items"]
        assert [entry["reason"] for entry in due] == [""]
        emptied = "SELECT reason FROM break_glass_grants WHERE user_id = $1"
        assert await auditor.fetchval(emptied, UUID(person)) == ERASED
        invitation = await auditor.fetchrow(
            "SELECT email, email_token FROM invitations WHERE person_id = $1", UUID(person)
        )
        assert tuple(invitation) == (ERASED, None)

    async def test_waits_for_retention_and_says_until_when(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        async with clinic.client(RoleName.ADMIN) as admin:
            person = await add(admin, "Byron")
            key = await examine(clinic, admin, person)
            refused = await erase(admin, person)
            assert (refused.status_code, refused.json()["code"]) == (409, "retention-stands")
            assert is_about(refused.json()["retained_until"], years=7)
            await years_pass(auditor, person, 8)
            erased = await erase(admin, person)
            assert (erased.status_code, erased.json()["assessments"]) == (200, 1), erased.text
        for table in ("biomarker_values", "pipeline_stages", "sign_offs", "cardiology_results"):
            number = await auditor.fetchval(
                f"SELECT count(*) FROM {table} WHERE assessment_id = $1", key
            )
            assert number == 0, table
        tombstone = await auditor.fetchrow("SELECT * FROM assessments WHERE id = $1", key)
        assert tombstone["purged_at"] is not None
        assert (tombstone["review_note"], tombstone["provenance"]) == (None, "{}")
        trail = await auditor.fetchval(
            "SELECT count(*) FROM audit_events WHERE resource_id = $1", key
        )
        assert trail > 0

    async def test_of_a_minor_waits_until_they_are_25(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        born = datetime.now(UTC).date().replace(day=1) - timedelta(days=365 * 16)
        async with clinic.client(RoleName.ADMIN) as admin:
            person = await add(admin, "Byron", date_of_birth=str(born))
            await examine(clinic, admin, person)
            await years_pass(auditor, person, 8)
            refused = (await erase(admin, person)).json()
        assert refused["code"] == "retention-stands"
        assert refused["retained_until"][:4] == str(born.year + 25)

    async def test_of_a_minor_waits_however_late_the_visit_was_stored(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        born = datetime.now(UTC).date().replace(day=1) - timedelta(days=365 * 20)
        async with clinic.client(RoleName.ADMIN) as admin:
            changed = await admin.patch("/api/accounts/organization", json=A_YEAR)
            assert changed.status_code == 200, changed.text
            person = await add(admin, "Byron", date_of_birth=str(born))
            key = await examine(clinic, admin, person)
            refused = (await erase(admin, person)).json()
            await recorded_earlier(auditor, key, 3)
            of_a_minor = (await erase(admin, person)).json()
        assert is_about(refused["retained_until"], years=1)
        assert of_a_minor["retained_until"][:4] == str(born.year + 25)

    async def test_waits_for_a_legal_hold_whatever_the_clocks_say(self, clinic: Clinic) -> None:
        async with clinic.client(RoleName.ADMIN) as admin:
            person = await add(admin, "Byron")
            holds = f"{PEOPLE}/{person}/holds"
            placed = await admin.post(holds, json={"reason": "a claim"})
            (hold,) = placed.json()["items"]
            assert (placed.status_code, hold["reason"]) == (201, "a claim")
            refused = await erase(admin, person)
            assert (refused.status_code, refused.json()["code"]) == (409, "legal-hold")
            released = await admin.post(f"{holds}/{hold['id']}/release")
            assert released.json()["items"][0]["released_at"] is not None
            assert (await admin.post(f"{holds}/{hold['id']}/release")).status_code == 404
            assert (await erase(admin, person)).status_code == 200

    async def test_no_admin_erases_themselves_nor_anybody_elsewhere(
        self, clinic: Clinic, elsewhere: Clinic
    ) -> None:
        async with elsewhere.client(RoleName.ADMIN) as admin:
            stranger = await add(admin, "Byron")
        async with clinic.client(RoleName.ADMIN) as admin:
            for person in (stranger, str(clinic.person_id(RoleName.ADMIN)), str(uuid4())):
                assert (await erase(admin, person)).status_code == 404
        async with elsewhere.client(RoleName.ADMIN) as admin:
            assert (await admin.get(f"{PATIENTS}/{stranger}")).json()["last_name"] == "Byron"


class TestPurge:
    async def test_erases_whom_nothing_keeps_any_more(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        async with clinic.client(RoleName.ADMIN) as admin:
            person = await add(admin, "Byron")
            await examine(clinic, admin, person)
            assert (await erase(admin, person, when_due=True)).json()["due_at"] is not None
            assert (await admin.get(f"{PATIENTS}/{person}")).status_code == 404
        assert f"person {person}" not in (await service.run(Job.PURGE)).changed
        assert (await remains(auditor, person))["wrapped"] is not None
        await years_pass(auditor, person, 8)
        assert f"person {person}" in (await service.run(Job.PURGE)).changed
        assert (await remains(auditor, person))["wrapped"] is None
        assert f"person {person}" not in (await service.run(Job.PURGE)).changed

    @pytest.mark.usefixtures("aws")
    async def test_keeps_whom_somebody_holds_while_it_runs(
        self, clinic: Clinic, auditor: asyncpg.Connection, configured: Addresses
    ) -> None:
        """The purge looks for who is due once, fetches ten, and then as many as there are."""
        people = [uuid7() for _ in range(12)]
        await auditor.executemany(
            "INSERT INTO users (id, organization_id, deleted_at)"
            " SELECT $1, organization_id, $2::timestamptz FROM users WHERE id = $3",
            [
                (person, datetime(1990, 1, day, tzinfo=UTC), clinic.person_id(RoleName.ADMIN))
                for day, person in enumerate(people, start=1)
            ],
        )
        await auditor.execute(
            "INSERT INTO person_keys (id, organization_id, user_id, wrapped) SELECT"
            " gen_random_uuid(), organization_id, id, '\\x00' FROM users WHERE id = $1",
            people[0],
        )
        other = await asyncpg.connect(configured.superuser)
        async with other.transaction():
            await other.execute("SELECT FROM person_keys WHERE user_id = $1 FOR UPDATE", people[0])
            purging = asyncio.create_task(service.run(Job.PURGE))
            await somebody_waits(auditor)
            async with clinic.client(RoleName.ADMIN) as admin:
                placed = await admin.post(
                    f"{PEOPLE}/{people[-1]}/holds", json={"reason": "a claim before the court"}
                )
            assert placed.status_code == 201, placed.text
        await other.close()
        await purging
        purged = await auditor.fetch(
            "SELECT purged_at IS NOT NULL AS is_purged FROM users WHERE id = ANY ($1)"
            " ORDER BY deleted_at",
            people,
        )
        assert [row["is_purged"] for row in purged] == [True] * 11 + [False]

    @pytest.mark.usefixtures("aws")
    async def test_leaves_no_word_about_the_person_in_any_table_nor_in_a_dump(
        self, clinic: Clinic, auditor: asyncpg.Connection, configured: Addresses, tmp_path: Path
    ) -> None:
        told = {"last_name": "Zyxwania", "first_name": "Qolbert", "date_of_birth": "1931-02-17"}
        async with clinic.client(RoleName.ADMIN) as admin:
            person = await add(admin, identifiers=[MRN | {"value": "Z-77301"}], **told)
            await examine(clinic, admin, person)
            words = ["1931-02-17", "Zyxwania", "Qolbert", "Z-77301", "Notarius"]
            assert await tables_with(auditor, words) == {"users"}  # the birth date is plain
            upload = await uploaded(clinic, WAV + person.encode(), subject_id=person)
            words.append((await rows(auditor, upload))["sha256"])
            assert await tables_with(auditor, words[-1:]) == {"uploaded_files"}
            await erase(admin, person, when_due=True)
        await years_pass(auditor, person, 8)
        assert f"person {person}" in (await service.run(Job.PURGE)).changed
        assert await tables_with(auditor, words) == set()
        dump = tmp_path / "dump.sql"
        await asyncio.to_thread(
            run, "pg_dump", tmp_path, f"--file={dump}", "--data-only", configured.superuser
        )
        dumped = await asyncio.to_thread(dump.read_text)
        assert person in dumped
        assert [word for word in words if word in dumped] == []

    async def test_clears_assessments_that_were_deleted_once_they_are_due(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        async with clinic.client(RoleName.ADMIN) as admin:
            person = await add(admin, "Byron")
            key = await examine(clinic, admin, person)
            assert (await admin.delete(f"/api/records/assessments/{key}")).status_code == 204
            assert f"assessment {key}" not in (await service.run(Job.PURGE)).changed
            await years_pass(auditor, person, 8)
            assert f"assessment {key}" in (await service.run(Job.PURGE)).changed
            assert (await admin.get(f"{PATIENTS}/{person}")).json()["last_name"] == "Byron"
            restored = await admin.post(f"/api/records/assessments/{key}/restore")
        assert restored.status_code == 410

    @pytest.mark.usefixtures("aws")
    async def test_a_purged_assessment_forgets_the_hash_of_its_recording(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        async with clinic.client(RoleName.ADMIN) as admin:
            person = await add(admin, "Byron")
            key = await examine(clinic, admin, person)
            upload = await uploaded(clinic, WAV + person.encode(), subject_id=person)
            await auditor.execute(USED_BY, key, UUID(upload))
            await admin.delete(f"/api/records/assessments/{key}")
        await years_pass(auditor, person, 8)
        assert f"assessment {key}" in (await service.run(Job.PURGE)).changed
        assert (await rows(auditor, upload))["sha256"] is None

    async def test_keeps_what_was_deleted_as_long_as_the_last_visit_has_it_kept(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        async with clinic.client(RoleName.ADMIN) as admin:
            person = await add(admin, "Byron")
            key = await examine(clinic, admin, person)
            assert (await admin.delete(f"/api/records/assessments/{key}")).status_code == 204
            await years_pass(auditor, person, 8)
            await examine(clinic, admin, person)
            assert f"assessment {key}" not in (await service.run(Job.PURGE)).changed
            await years_pass(auditor, person, 8)
            assert f"assessment {key}" in (await service.run(Job.PURGE)).changed

    @pytest.mark.usefixtures("aws")
    async def test_takes_the_bytes_of_recordings_out_of_the_storage(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        async with clinic.client(RoleName.ADMIN) as admin:
            person = await add(admin, "Byron")
            upload = await uploaded(clinic, WAV, subject_id=person)
            place = (await rows(auditor, upload))["storage_key"]
            await erase(admin, person, when_due=True)
            await service.run(Job.PURGE)
            await service.run(Job.UPLOADS)
            assert in_storage(place)
            await years_pass(auditor, person, 8)
            assert f"person {person}" in (await service.run(Job.PURGE)).changed
        await auditor.execute(
            "UPDATE uploaded_files SET deleted_at = deleted_at - interval '25 hours' WHERE id = $1",
            UUID(upload),
        )
        assert upload in (await service.run(Job.UPLOADS)).changed
        assert not in_storage(place)
        certificates = await auditor.fetch(
            "SELECT details FROM audit_events WHERE subject_id = $1"
            " AND action = 'execute' AND resource_type = 'users'",
            UUID(person),
        )
        assert ["erased_at" in json.loads(row["details"]) for row in certificates] == [True]
