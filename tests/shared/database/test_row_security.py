"""What the functions' own role can reach in SQL, whatever a function might forget to filter."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from local.prove.catalog import TENANT_TABLES
from shared.database import transaction
from shared.errors import Forbidden
from shared.identifiers import uuid7
from shared.permissions import ROLES, Permission, RoleName
from tests.conftest import Addresses, Clinic
from tests.factories.examinations import stored
from tests.nonempty import nonempty

ADMIN_TOO = (
    "INSERT INTO user_roles (id, organization_id, user_id, role_id)"
    " SELECT gen_random_uuid(), organization_id, id, 1 FROM users WHERE id = $1"
)


@pytest.fixture
async def nobody(configured: Addresses) -> AsyncIterator[asyncpg.Connection]:
    """The functions' role before anybody has entered."""
    connection = await asyncpg.connect(configured.app)
    yield connection
    await connection.close()


@asynccontextmanager
async def entered(
    clinic: Clinic, role: RoleName, permission: Permission = Permission.VIEW_ASSESSMENTS
) -> AsyncIterator[AsyncConnection]:
    async with transaction.begin(clinic.caller(role), permission) as opened:
        yield opened


async def count(connection: AsyncConnection, table: str, **where: Any) -> int:
    clauses = " AND ".join(f"{name} = :{name}" for name in where) or "true"
    rows = await connection.execute(text(f"SELECT count(*) FROM {table} WHERE {clauses}"), where)
    return int(rows.scalar_one())


async def organization_of(auditor: asyncpg.Connection, clinic: Clinic) -> UUID:
    key: UUID = await auditor.fetchval(
        "SELECT id FROM organizations WHERE identity_organization = $1", clinic.identity
    )
    return key


async def refused(clinic: Clinic, role: RoleName, sql: str, **values: Any) -> str:
    """Return the SQLSTATE with which Postgres refuses a statement of who may add assessments."""
    may_add = Permission.CREATE_ASSESSMENT in ROLES[role][1]
    permission = Permission.CREATE_ASSESSMENT if may_add else Permission.VIEW_ASSESSMENTS
    with pytest.raises(DBAPIError) as failure:
        async with entered(clinic, role, permission) as connection:
            await connection.execute(text(sql), values)
    return str(getattr(failure.value.driver_exception, "sqlstate", None))


POLICY, FOREIGN_KEY = "42501", "23503"

ADD_ASSESSMENT = """
    INSERT INTO assessments (id, organization_id, user_id, created_by, session_id, pipeline,
        pipeline_version, status)
    VALUES (:id, :organization, :person, medilens.current_user_id(), 's', 'cardiology', '1',
        'completed')
"""
ADD_STAGE = """
    INSERT INTO pipeline_stages (id, organization_id, user_id, assessment_id, stage_name,
        stage_index, status, duration_ms)
    VALUES (:id, :organization, :person, :assessment, 'decode', 9, 'completed', 1)
"""
ADD_VALUE = """
    INSERT INTO biomarker_values (organization_id, user_id, biomarker_id, measured_at,
        assessment_id, value, status)
    VALUES (:organization, :person, 1, now(), :assessment, 1, 'normal')
"""


class TestNobody:
    async def test_sees_no_row_of_any_tenants_table(
        self, clinic: Clinic, auditor: asyncpg.Connection, nobody: asyncpg.Connection
    ) -> None:
        await stored(clinic)
        tables = [row["relname"] for row in await auditor.fetch(TENANT_TABLES)]
        assert len(tables) >= 18
        for table in tables:
            assert await nobody.fetchval(f"SELECT count(*) FROM {table}") == 0, table
        assert await auditor.fetchval("SELECT count(*) FROM assessments") > 0

    async def test_adds_and_changes_nothing(
        self, clinic: Clinic, auditor: asyncpg.Connection, nobody: asyncpg.Connection
    ) -> None:
        organization = await organization_of(auditor, clinic)
        person = clinic.person_id(RoleName.PATIENT)
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            await nobody.execute(
                "INSERT INTO chat_threads (id, organization_id, user_id) VALUES ($1, $2, $3)",
                uuid4(),
                organization,
                person,
            )
        assert await nobody.execute("UPDATE users SET first_name = 'X'") == "UPDATE 0"

    async def test_settings_of_ones_own_are_no_identity(
        self, clinic: Clinic, auditor: asyncpg.Connection, nobody: asyncpg.Connection
    ) -> None:
        await stored(clinic)
        organization = await organization_of(auditor, clinic)
        async with nobody.transaction():
            await nobody.execute(
                "SELECT set_config('medilens.organization_id', $1, true)", str(organization)
            )
            await nobody.execute("SELECT set_config('medilens.scope', 'organization', true)")
            assert await nobody.fetchval("SELECT count(*) FROM assessments") == 0

    async def test_row_security_cannot_be_switched_off(self, nobody: asyncpg.Connection) -> None:
        for statement in (
            "ALTER TABLE assessments DISABLE ROW LEVEL SECURITY",
            "SET session_replication_role = replica",
            "SET ROLE medilens_owner",
            "SET ROLE medilens_identity",
            "CREATE POLICY mine ON assessments USING (true)",
            "CREATE TABLE mine ()",
        ):
            with pytest.raises(asyncpg.PostgresError):
                await nobody.execute(statement)
        await nobody.execute("SET row_security = off")
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            await nobody.execute("SELECT * FROM assessments")


class TestOtherTenants:
    async def test_no_row_is_seen(
        self, clinic: Clinic, elsewhere: Clinic, auditor: asyncpg.Connection
    ) -> None:
        await stored(clinic)
        ours = await organization_of(auditor, clinic)
        for role in (RoleName.ADMIN, RoleName.CLINICIAN, RoleName.RESEARCHER, RoleName.PATIENT):
            async with entered(elsewhere, role) as connection:
                for row in nonempty(await auditor.fetch(TENANT_TABLES)):
                    table = row["relname"]
                    column = "id" if table == "organizations" else "organization_id"
                    assert await count(connection, table, **{column: ours}) == 0, (role, table)

    async def test_a_row_of_theirs_is_not_added(
        self, clinic: Clinic, elsewhere: Clinic, auditor: asyncpg.Connection
    ) -> None:
        theirs = await organization_of(auditor, elsewhere)
        state = await refused(
            clinic,
            RoleName.ADMIN,
            ADD_ASSESSMENT,
            id=uuid7(),
            organization=theirs,
            person=elsewhere.person_id(RoleName.PATIENT),
        )
        assert state == POLICY

    @pytest.mark.parametrize("table", ["assessments", "users", "user_profiles", "user_roles"])
    async def test_a_row_of_ours_is_not_handed_over(
        self, clinic: Clinic, elsewhere: Clinic, auditor: asyncpg.Connection, table: str
    ) -> None:
        await stored(clinic)
        theirs = await organization_of(auditor, elsewhere)
        state = await refused(
            clinic,
            RoleName.ADMIN,
            f"UPDATE {table} SET organization_id = :theirs",
            theirs=theirs,
        )
        assert state == POLICY

    async def test_an_update_without_a_condition_stays_at_home(
        self, clinic: Clinic, elsewhere: Clinic
    ) -> None:
        await stored(elsewhere)
        async with entered(clinic, RoleName.ADMIN, Permission.REVIEW_ASSESSMENTS) as connection:
            changed = await connection.execute(text("UPDATE assessments SET review_note = 'x'"))
            assert changed.rowcount == 0

    @pytest.mark.parametrize("statement", [ADD_STAGE, ADD_VALUE])
    async def test_a_child_of_ours_does_not_hang_under_their_parent(
        self, clinic: Clinic, elsewhere: Clinic, auditor: asyncpg.Connection, statement: str
    ) -> None:
        theirs = await stored(elsewhere)
        state = await refused(
            clinic,
            RoleName.CLINICIAN,
            statement,
            **({"id": uuid7()} if ":id" in statement else {}),
            organization=await organization_of(auditor, clinic),
            person=clinic.person_id(RoleName.PATIENT),
            assessment=theirs,
        )
        assert state == FOREIGN_KEY

    async def test_a_child_does_not_hang_under_another_persons_parent(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        patients = await stored(clinic)
        state = await refused(
            clinic,
            RoleName.CLINICIAN,
            ADD_VALUE,
            organization=await organization_of(auditor, clinic),
            person=clinic.person_id(RoleName.ADMIN),
            assessment=patients,
        )
        assert state == FOREIGN_KEY

    async def test_two_tenants_at_once_never_meet(
        self, clinic: Clinic, elsewhere: Clinic, auditor: asyncpg.Connection
    ) -> None:
        """Sixty interleaved transactions, half of which are given up."""
        homes = {
            item.identity: await organization_of(auditor, item) for item in (clinic, elsewhere)
        }
        for item in (clinic, elsewhere):
            await stored(item)
        gate = asyncio.Semaphore(8)

        async def seen(tenant: Clinic, *, fails: bool) -> set[UUID]:
            async with gate, entered(tenant, RoleName.CLINICIAN) as connection:
                rows = await connection.execute(
                    text("SELECT organization_id FROM assessments, pg_sleep(0.002)")
                )
                names = set(rows.scalars())
                if fails:
                    raise Forbidden("given up on purpose")
                return names

        runs = [
            seen(item, fails=number % 2 == 0)
            for number in range(30)
            for item in (clinic, elsewhere)
        ]
        results = await asyncio.gather(*runs, return_exceptions=True)
        expected = [{homes[item.identity]} for _ in range(30) for item in (clinic, elsewhere)]
        for result, home in nonempty(zip(results, expected, strict=True)):
            assert isinstance(result, Forbidden) or result == home


class TestOwnRecords:
    async def test_a_patient_sees_themselves_and_nobody_else(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        await stored(clinic)
        patient = clinic.person_id(RoleName.PATIENT)
        organization = await organization_of(auditor, clinic)
        other = clinic.person_id(RoleName.ADMIN)
        create = Permission.CREATE_ASSESSMENT
        async with entered(clinic, RoleName.CLINICIAN, create) as connection:
            values = {"id": uuid7(), "organization": organization, "person": other}
            await connection.execute(text(ADD_ASSESSMENT), values)
        async with entered(clinic, RoleName.PATIENT) as connection:
            for table in ("assessments", "user_profiles", "biomarker_values", "user_roles"):
                assert await count(connection, table, user_id=patient) > 0, table
                assert await count(connection, table, user_id=other) == 0, table
            assert await count(connection, "users") == 1

    async def test_a_patient_adds_nothing_to_another(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        state = await refused(
            clinic,
            RoleName.PATIENT,
            ADD_ASSESSMENT,
            id=uuid7(),
            organization=await organization_of(auditor, clinic),
            person=clinic.person_id(RoleName.ADMIN),
        )
        assert state == POLICY

    async def test_a_patient_grants_themselves_no_role(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        state = await refused(
            clinic,
            RoleName.PATIENT,
            "INSERT INTO user_roles (id, organization_id, user_id, role_id)"
            " VALUES (:id, :organization, :person, 3)",
            id=uuid7(),
            organization=await organization_of(auditor, clinic),
            person=clinic.person_id(RoleName.PATIENT),
        )
        assert state == POLICY
        assert (
            await refused(clinic, RoleName.PATIENT, "UPDATE user_roles SET role_id = 3") == POLICY
        )

    async def test_a_patient_changes_no_assessment(self, clinic: Clinic) -> None:
        await stored(clinic)
        create = Permission.CREATE_ASSESSMENT
        async with entered(clinic, RoleName.PATIENT, create) as connection:
            changed = await connection.execute(text("UPDATE assessments SET risk_score = 0"))
            assert changed.rowcount == 0


class TestResearch:
    async def test_only_people_who_consented_and_never_who_they_are(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        await stored(clinic)
        patient = clinic.person_id(RoleName.PATIENT)
        measured = ("assessments", "biomarker_values", "cardiology_results", "pipeline_stages")
        async with entered(clinic, RoleName.RESEARCHER) as connection:
            for table in measured:
                assert await count(connection, table, user_id=patient) > 0, table
            for table in (
                "users",
                "user_profiles",
                "assessment_pictures",
                "chat_messages",
                "uploaded_files",
            ):
                assert await count(connection, table) == 0, table

        await auditor.execute(
            "UPDATE consents SET withdrawn_at = now() WHERE user_id = $1", patient
        )

        async with entered(clinic, RoleName.RESEARCHER) as connection:
            for table in measured:
                assert await count(connection, table) == 0, table

    async def test_a_researcher_adds_and_changes_nothing(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        await stored(clinic)
        state = await refused(
            clinic,
            RoleName.RESEARCHER,
            ADD_ASSESSMENT,
            id=uuid7(),
            organization=await organization_of(auditor, clinic),
            person=clinic.person_id(RoleName.RESEARCHER),
        )
        assert state == POLICY
        async with entered(clinic, RoleName.RESEARCHER) as connection:
            changed = await connection.execute(text("UPDATE assessments SET risk_score = 0"))
            assert changed.rowcount == 0


class TestMembership:
    @pytest.mark.parametrize(
        "change",
        [
            "UPDATE users SET is_active = false WHERE id = $1",
            "UPDATE users SET deleted_at = now() WHERE id = $1",
            "UPDATE user_roles SET revoked_at = now() WHERE user_id = $1",
            (
                "UPDATE organizations SET is_active = false"
                " WHERE id = (SELECT organization_id FROM users WHERE id = $1)"
            ),
        ],
    )
    async def test_what_was_taken_away_is_gone_at_the_next_transaction(
        self, clinic: Clinic, auditor: asyncpg.Connection, change: str
    ) -> None:
        async with entered(clinic, RoleName.CLINICIAN):
            pass
        await auditor.execute(change, clinic.person_id(RoleName.CLINICIAN))
        with pytest.raises(Forbidden):
            async with entered(clinic, RoleName.CLINICIAN):
                pass

    async def test_of_two_roles_the_one_that_grants_it_and_reaches_furthest_counts(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        await stored(clinic)
        researcher = clinic.person_id(RoleName.RESEARCHER)
        await auditor.execute(ADMIN_TOO, researcher)
        caller = clinic.caller(RoleName.RESEARCHER)
        for permission, scope in (
            (Permission.VIEW_ASSESSMENTS, "research"),
            (Permission.CREATE_ASSESSMENT, "own"),
        ):
            async with transaction.begin(caller, permission) as connection:
                setting = text("SELECT medilens.current_scope()")
                assert (await connection.execute(setting)).scalar_one() == scope
