"""Which permission each use of a table asks for: one table says so, and the policies follow it."""

import re

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared.database import transaction
from shared.identifiers import uuid7
from shared.permissions import Permission, RoleName
from tests.conftest import Clinic
from tests.factories.examinations import stored
from tests.migrations.conftest import CATALOGS
from tests.migrations.test_security import APP, POLICIES, privileges
from tests.nonempty import nonempty

NEEDED = """
    SELECT table_name AS "table", use, column_name, permissions FROM medilens.needed_permissions
"""
UPDATABLE = """
    SELECT attname FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0
    AND NOT attisdropped AND has_column_privilege('medilens_app', attrelid, attnum, 'UPDATE')
"""
# Which uses of a table a command is.
USES = {"SELECT": {"view"}, "INSERT": {"add"}, "UPDATE": {"change", "delete", "restore"}}
# What goes along with any change, and what stands for a deletion.
ALONG, DELETION = {"updated_at", "revision"}, {"deleted_at", "deleted_by"}


def named(condition: str) -> set[str]:
    """The permissions that a policy's condition names."""
    listed = re.findall(r"SELECT medilens\.organization_for\(VARIADIC ARRAY\[(.*?)\]\)", condition)
    return set(re.findall(r"'(\w+)'::text", "".join(listed)))


class TestCatalog:
    """No right without a policy, no policy without its line in the one table."""

    async def test_every_right_has_its_policy_and_every_policy_its_right(
        self, catalog: asyncpg.Connection, tenant_tables: set[str]
    ) -> None:
        policies = await catalog.fetch(POLICIES)
        for table in nonempty(tenant_tables):
            rights = await privileges(catalog, table)
            decided = [p["cmd"] for p in policies if p["table"] == table and APP in p["roles"]]
            assert sorted(decided) == sorted(rights), table

    async def test_every_policy_asks_for_the_permissions_of_the_one_table(
        self, catalog: asyncpg.Connection
    ) -> None:
        needed = await catalog.fetch(NEEDED)
        policies = await catalog.fetch(POLICIES)
        for policy in nonempty(policy for policy in policies if APP in policy["roles"]):
            expected = {
                permission
                for row in needed
                if row["table"] == policy["table"] and row["use"] in USES[policy["cmd"]]
                for permission in row["permissions"]
            }
            for condition in nonempty(filter(None, (policy["qual"], policy["with_check"]))):
                assert named(condition) == expected, (policy["table"], policy["cmd"])
            assert policy["cmd"] == "INSERT" or policy["qual"]
            assert policy["cmd"] == "SELECT" or policy["with_check"]

    async def test_no_policy_reads_a_setting(self, catalog: asyncpg.Connection) -> None:
        for policy in nonempty(await catalog.fetch(POLICIES)):
            for condition in nonempty(filter(None, (policy["qual"], policy["with_check"]))):
                assert "current_setting" not in condition, policy["table"]

    async def test_every_line_is_of_a_table_that_is_there_and_of_a_known_permission(
        self, catalog: asyncpg.Connection, tenant_tables: set[str]
    ) -> None:
        for row in nonempty(await catalog.fetch(NEEDED)):
            assert row["table"] in tenant_tables
            assert set(row["permissions"]) <= set(Permission), row
            assert bool(row["column_name"]) == (row["use"] == "change"), row

    async def test_every_column_that_may_be_changed_has_its_line(
        self, catalog: asyncpg.Connection, tenant_tables: set[str]
    ) -> None:
        needed = await catalog.fetch(NEEDED)
        for table in nonempty(tenant_tables):
            rights = {row["attname"] for row in await catalog.fetch(UPDATABLE, table)}
            of_table = [row for row in needed if row["table"] == table]
            decided = {row["column_name"] for row in of_table if row["use"] == "change"}
            if any(row["use"] in {"delete", "restore"} for row in of_table):
                decided |= DELETION & rights
            assert rights - ALONG == decided, table

    async def test_catalogs_are_read_by_everybody_and_changed_by_nobody(
        self, catalog: asyncpg.Connection
    ) -> None:
        for table in nonempty(CATALOGS):
            assert await privileges(catalog, table) == {"SELECT"}


async def outcome(
    clinic: Clinic, role: RoleName, permission: Permission, sql: str, **values: object
) -> int | str:
    """How many rows a statement touched, or the SQLSTATE that refused it."""
    try:
        async with transaction.begin(clinic.caller(role), permission) as connection:
            answer = await connection.execute(text(sql), values)
            return int(answer.rowcount)
    except DBAPIError as failure:
        return str(getattr(failure.driver_exception, "sqlstate", None))


REFUSED = "42501"
DELETE = "UPDATE assessments SET deleted_at = now(), deleted_by = medilens.current_user_id()"
RESTORE = "UPDATE assessments SET deleted_at = NULL, deleted_by = NULL"
REVIEW = (
    "UPDATE assessments SET reviewed_at = now(), reviewed_by = medilens.current_user_id(),"
    " review_note = 'x'"
)
GRANT = (
    "INSERT INTO user_roles (id, organization_id, user_id, role_id) VALUES (gen_random_uuid(),"
    " medilens.current_organization_id(), medilens.current_user_id(), 3)"
)


class TestChanges:
    """What a request was let in for is all that its transaction may do."""

    @pytest.mark.parametrize("permission", list(Permission))
    async def test_nobody_grants_a_role(self, clinic: Clinic, permission: Permission) -> None:
        assert await outcome(clinic, RoleName.ADMIN, permission, GRANT) == REFUSED

    @pytest.mark.parametrize(
        ("statement", "permission"),
        [
            (REVIEW, Permission.REVIEW_ASSESSMENTS),
            (DELETE, Permission.DELETE_ASSESSMENTS),
        ],
    )
    async def test_a_change_is_made_with_its_own_permission_alone(
        self, clinic: Clinic, statement: str, permission: Permission
    ) -> None:
        await stored(clinic)
        for other in sorted(set(Permission) - {permission}):
            assert await outcome(clinic, RoleName.ADMIN, other, statement) in {0, REFUSED}, other
        assert await outcome(clinic, RoleName.ADMIN, permission, statement) == 1

    async def test_who_may_delete_does_not_restore_and_the_other_way_round(
        self, clinic: Clinic
    ) -> None:
        await stored(clinic)
        admin, of = RoleName.ADMIN, Permission
        assert await outcome(clinic, admin, of.RESTORE_ASSESSMENTS, DELETE) == REFUSED
        assert await outcome(clinic, admin, of.DELETE_ASSESSMENTS, DELETE) == 1
        assert await outcome(clinic, admin, of.DELETE_ASSESSMENTS, RESTORE) == REFUSED
        assert await outcome(clinic, admin, of.RESTORE_ASSESSMENTS, RESTORE) == 1

    @pytest.mark.parametrize("column", ["reviewed_by", "deleted_by"])
    async def test_nobody_signs_or_deletes_in_anothers_name(
        self, clinic: Clinic, column: str
    ) -> None:
        await stored(clinic)
        is_review = column == "reviewed_by"
        statement = (REVIEW if is_review else DELETE).replace("medilens.current_user_id()", ":who")
        permission = Permission.REVIEW_ASSESSMENTS if is_review else Permission.DELETE_ASSESSMENTS
        others = clinic.person_id(RoleName.ADMIN)
        who = await outcome(clinic, RoleName.CLINICIAN, permission, statement, who=others)
        assert who == REFUSED

    @pytest.mark.parametrize("table", ["assessments", "uploaded_files"])
    async def test_nobody_adds_in_anothers_name(self, clinic: Clinic, table: str) -> None:
        columns, row = {
            "assessments": (
                "session_id, pipeline, pipeline_version, status",
                "'s', 'cardiology', '1', 'completed'",
            ),
            "uploaded_files": (
                "storage_key, content_type, file_size_bytes, sha256",
                "'k', 'text/csv', 1, repeat('a', 64)",
            ),
        }[table]
        statement = (
            f"INSERT INTO {table} (id, organization_id, user_id, created_by, {columns})"
            f" VALUES (:id, medilens.current_organization_id(), :patient, :author, {row})"
        )
        for author, expected in ((RoleName.ADMIN, REFUSED), (RoleName.CLINICIAN, 1)):
            told = await outcome(
                clinic,
                RoleName.CLINICIAN,
                Permission.CREATE_ASSESSMENT,
                statement,
                id=uuid7(),
                patient=clinic.person_id(RoleName.PATIENT),
                author=clinic.person_id(author),
            )
            assert told == expected, author

    async def test_who_manages_people_reads_no_record(self, clinic: Clinic) -> None:
        await stored(clinic)
        read = "SELECT id FROM assessments"
        assert await outcome(clinic, RoleName.ADMIN, Permission.MANAGE_USERS, read) == 0
        assert await outcome(clinic, RoleName.ADMIN, Permission.VIEW_ASSESSMENTS, read) == 1
