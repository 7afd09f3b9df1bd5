"""The audit trail: nothing happens without its row, and no row holds what was measured."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace

import asyncpg
import pytest
from sqlalchemy import text

from functions.records.decisions import queries as decisions
from local.prove.keeping import REWRITING, TOUCHING
from shared.database import transaction
from shared.database.repositories import stored_assessments
from shared.errors import NotFound, Unavailable
from shared.identifiers import uuid7
from shared.permissions import Permission, RoleName
from tests.conftest import Addresses, Clinic, Rollback
from tests.factories.examinations import stored
from tests.nonempty import nonempty

# Planted in every column that takes words or numbers of somebody's own.
CANARY = "CANARY-7f3a"
CANARY_NUMBER = 88.7654321
PARTS = {"assessments", "pipeline_stages", "biomarker_values", "cardiology_results"}


@pytest.fixture
async def owner(configured: Addresses) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(configured.owner)
    yield connection
    await connection.close()


@pytest.fixture
async def functions_role(configured: Addresses) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(configured.app)
    yield connection
    await connection.close()


async def trail(auditor: asyncpg.Connection, clinic: Clinic) -> list[asyncpg.Record]:
    rows: list[asyncpg.Record] = await auditor.fetch(
        "SELECT e.* FROM audit_events e JOIN organizations o ON o.id = e.organization_id"
        " WHERE o.identity_organization = $1 AND e.actor_type = 'user' ORDER BY e.id",
        clinic.identity,
    )
    return rows


class TestChanges:
    async def test_a_new_assessment_leaves_one_row_a_part(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        key = await stored(clinic)
        rows = await trail(auditor, clinic)

        assert {row["resource_type"] for row in rows} == PARTS
        for row in nonempty(rows):
            assert (row["action"], row["resource_id"]) == ("create", key)
            assert row["subject_id"] == clinic.person_id(RoleName.PATIENT)
            assert row["user_id"] == clinic.person_id(RoleName.CLINICIAN)
            assert row["actor_role"] == "clinician"
            assert row["outcome"] == "success"
            assert row["request_id"] == "request-0"
            assert len(row["content_hash"]) == 32

    async def test_a_change_names_its_columns(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        key = await stored(clinic)
        caller = clinic.caller(RoleName.CLINICIAN)
        async with transaction.begin(caller, Permission.REVIEW_ASSESSMENTS) as connection:
            await decisions.sign_off_assessment(connection, key, note=CANARY, revision=1)

        (row,) = [event for event in await trail(auditor, clinic) if event["action"] == "update"]

        assert row["resource_id"] == key
        review = {"reviewed_at", "reviewed_by", "review_note"}
        assert set(_columns(row)) == {*review, "revision", "updated_at"}

    async def test_a_deletion_and_what_undoes_it_are_called_so(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        key = await stored(clinic)
        async with clinic.client(RoleName.ADMIN) as client:
            await client.delete(f"/api/records/assessments/{key}")
            await client.post(f"/api/records/assessments/{key}/restore")
        actions = [row["action"] for row in await trail(auditor, clinic)]
        assert actions[-3:] == ["delete", "restore", "read"]

    async def test_what_is_rolled_back_leaves_no_row(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        key = await stored(clinic)
        before = await trail(auditor, clinic)
        caller = clinic.caller(RoleName.CLINICIAN)
        with pytest.raises(Rollback):  # noqa: PT012  # a transaction has a body
            async with transaction.begin(caller, Permission.DELETE_ASSESSMENTS) as connection:
                assert await decisions.soft_delete_assessment(connection, key)
                raise Rollback

        assert await trail(auditor, clinic) == before

    async def test_a_change_that_cannot_be_recorded_is_not_made(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        key = await stored(clinic)
        await auditor.execute("REVOKE INSERT ON audit_events FROM medilens_audit")
        caller = clinic.caller(RoleName.CLINICIAN)
        try:
            with pytest.raises(Unavailable, match="audit trail"):
                async with transaction.begin(caller, Permission.DELETE_ASSESSMENTS) as opened:
                    await decisions.soft_delete_assessment(opened, key)
            with pytest.raises(Unavailable, match="audit trail"):
                async with transaction.begin(caller, Permission.VIEW_ASSESSMENTS) as opened:
                    await stored_assessments.get_assessment(opened, key)
        finally:
            await auditor.execute("GRANT INSERT ON audit_events TO medilens_audit")
        assert not await auditor.fetchval("SELECT deleted_at FROM assessments WHERE id = $1", key)

    @pytest.mark.parametrize("method", ["GET", "DELETE"])
    async def test_without_the_trail_nothing_is_read_or_done_and_the_answer_is_503(
        self, clinic: Clinic, auditor: asyncpg.Connection, method: str
    ) -> None:
        key = await stored(clinic)
        await auditor.execute("REVOKE INSERT ON audit_events FROM medilens_audit")
        try:
            async with clinic.client(RoleName.CLINICIAN) as client:
                answer = await client.request(method, f"/api/records/assessments/{key}")
        finally:
            await auditor.execute("GRANT INSERT ON audit_events TO medilens_audit")
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert "audit trail" in answer.json()["detail"]
        assert "Retry-After" in answer.headers
        is_there = "SELECT deleted_at IS NULL FROM assessments WHERE id = $1"
        assert await auditor.fetchval(is_there, key)

    async def test_an_operators_change_is_the_systems(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        person = clinic.person_id(RoleName.PATIENT)
        await auditor.execute("UPDATE users SET first_name = 'New' WHERE id = $1", person)

        row = await auditor.fetchrow(
            "SELECT * FROM audit_events WHERE resource_id = $1 AND action = 'update'", person
        )

        assert row is not None
        assert row["actor_type"] == "system"
        assert row["user_id"] is None

    async def test_a_measured_value_is_never_changed_even_by_an_operator(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        key = await stored(clinic)
        with pytest.raises(asyncpg.RaiseError, match="never changed"):
            await auditor.execute(
                "UPDATE biomarker_values SET value = 1 WHERE assessment_id = $1", key
            )


class TestReads:
    async def test_a_list_leaves_one_row_a_person_with_the_ids_it_showed(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        keys = [await stored(clinic) for _ in range(3)]
        outcome = len(await trail(auditor, clinic))
        async with clinic.client(RoleName.CLINICIAN) as client:
            await client.get("/api/records/assessments")

        (row,) = (await trail(auditor, clinic))[outcome:]

        assert row["action"] == "read"
        assert row["subject_id"] == clinic.person_id(RoleName.PATIENT)
        assert all(str(key) in row["details"] for key in keys)

    @pytest.mark.parametrize(
        "path", ["/api/records/assessments", "/api/records/biomarkers/heart_rate/history"]
    )
    async def test_nothing_read_leaves_nothing(
        self, clinic: Clinic, auditor: asyncpg.Connection, path: str
    ) -> None:
        async with clinic.client(RoleName.CLINICIAN) as client:
            answer = await client.get(path)
        assert answer.status_code == 200
        assert await trail(auditor, clinic) == []

    async def test_a_history_leaves_one_row_with_the_number_of_its_points(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        for days_ago in (3, 2, 1):
            await stored(clinic, days_ago=days_ago)
        outcome = len(await trail(auditor, clinic))
        async with clinic.client(RoleName.CLINICIAN) as client:
            await client.get(
                "/api/records/biomarkers/heart_rate/history",
                params={"subject_id": str(clinic.person_id(RoleName.PATIENT))},
            )

        (row,) = (await trail(auditor, clinic))[outcome:]

        assert row["subject_id"] == clinic.person_id(RoleName.PATIENT)
        assert json.loads(row["details"])["rows"] == 3

    async def test_statistics_of_a_person_leave_a_row_though_nothing_is_counted(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        person = clinic.person_id(RoleName.PATIENT)
        async with clinic.client(RoleName.CLINICIAN) as client:
            path = "/api/records/statistics"
            await client.get(path, params={"subject_id": str(person)})
        (row,) = await trail(auditor, clinic)
        assert (row["action"], row["resource_type"]) == ("read", "statistics")
        assert (row["subject_id"], json.loads(row["details"])) == (person, {"rows": 0})

    async def test_statistics_of_all_are_nobodys_and_a_patients_their_own(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        await stored(clinic)
        before = len(await trail(auditor, clinic))
        for role in (RoleName.CLINICIAN, RoleName.PATIENT):
            async with clinic.client(role) as client:
                assert (await client.get("/api/records/statistics")).json()["total"] == 1
        rows = (await trail(auditor, clinic))[before:]
        assert [row["subject_id"] for row in rows] == [None, clinic.person_id(RoleName.PATIENT)]
        assert [json.loads(row["details"])["rows"] for row in rows] == [1, 1]

    async def test_a_read_is_as_durable_as_a_write(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        """Whatever the role, and so each of its sessions, was told before."""
        caller = clinic.caller(RoleName.CLINICIAN)
        await auditor.execute("ALTER ROLE medilens_app SET synchronous_commit = off")
        try:
            opened = transaction.begin(caller, Permission.VIEW_ASSESSMENTS, read_only=True)
            async with opened as connection:
                assert await connection.scalar(text("SHOW synchronous_commit")) == "on"
        finally:
            await auditor.execute("ALTER ROLE medilens_app SET synchronous_commit = on")

    async def test_what_a_caller_says_of_itself_is_fit_to_be_shown(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        caller = replace(
            clinic.caller(RoleName.CLINICIAN), user_agent="a\x1b[2J\nb" + "c" * 300, session_id="\r"
        )
        with pytest.raises(NotFound):
            async with transaction.begin(caller, Permission.VIEW_ASSESSMENTS):
                raise NotFound("no", resource_type="assessments", resource_id=uuid7())
        (row,) = await trail(auditor, clinic)
        assert row["user_agent"] == ("a?[2J?b" + "c" * 300)[:256]
        assert row["session_id"] == "?"

    async def test_a_repeated_request_reads_what_it_stored_and_says_so(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        key = await stored(clinic, idempotency_key="once")
        caller = clinic.caller(RoleName.CLINICIAN)
        async with transaction.begin(caller, Permission.CREATE_ASSESSMENT) as connection:
            assert await stored_assessments.get_by_idempotency_key(connection, "once")
        row = (await trail(auditor, clinic))[-1]
        assert (row["action"], row["resource_id"]) == ("read", key)


class TestContents:
    async def test_no_value_is_in_any_row(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        key = await stored(
            clinic, heart_rate=CANARY_NUMBER, review_reason=CANARY, warnings=[CANARY]
        )
        async with clinic.client(RoleName.ADMIN) as client:
            path = f"/api/records/assessments/{key}"
            assert CANARY in (await client.get(path)).text
            await client.post(f"{path}/review", json={"note": CANARY})
            await client.delete(path)
            await client.post(f"{path}/restore")
            await client.get("/api/records/assessments")
            await client.get(
                "/api/records/biomarkers/heart_rate/history",
                params={"subject_id": str(clinic.person_id(RoleName.PATIENT))},
            )
        await auditor.execute(
            "UPDATE users SET first_name = $2, email = $2 WHERE id = $1",
            clinic.person_id(RoleName.PATIENT),
            CANARY,
        )

        rows = await auditor.fetch("SELECT audit_events::text AS row FROM audit_events")

        written = "\n".join(row["row"] for row in rows)
        assert str(key) in written
        assert CANARY not in written
        assert str(CANARY_NUMBER) not in written


class TestKept:
    @pytest.mark.parametrize("statement", TOUCHING)
    async def test_the_functions_role_cannot_touch_it(
        self, functions_role: asyncpg.Connection, statement: str
    ) -> None:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await functions_role.execute(statement)

    @pytest.mark.parametrize("statement", REWRITING)
    async def test_its_owner_and_the_superuser_only_add_to_it(
        self, owner: asyncpg.Connection, auditor: asyncpg.Connection, statement: str
    ) -> None:
        partition = await auditor.fetchval(
            "SELECT 'audit_events_' || to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM')"
        )
        for connection in (owner, auditor):
            for table in ("audit_events", partition):
                with pytest.raises(asyncpg.RaiseError, match="never changed"):
                    await connection.execute(statement.format(table))

    async def test_its_owner_does_not_read_it_either(self, owner: asyncpg.Connection) -> None:
        assert await owner.fetchval("SELECT count(*) FROM audit_events") == 0


def _columns(row: asyncpg.Record) -> list[str]:
    columns: list[str] = json.loads(row["details"])["columns"]
    return columns
