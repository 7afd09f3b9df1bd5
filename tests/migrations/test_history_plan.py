"""How Postgres reads a history: from the primary key alone, in the months that are asked for."""

from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from local.prove.plans import nodes, statements
from shared.database import transaction
from shared.database.repositories import biomarkers
from shared.permissions import Permission, RoleName
from tests.conftest import Clinic

pytestmark = pytest.mark.clock


class TestBiomarkerHistory:
    async def test_the_primary_key_carries_what_a_history_shows(
        self, catalog: asyncpg.Connection
    ) -> None:
        definition = await catalog.fetchval(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conrelid = 'biomarker_values'::regclass AND contype = 'p'"
        )
        assert definition.startswith(
            "PRIMARY KEY (user_id, biomarker_id, measured_at, assessment_id)"
            " INCLUDE (value, organization_id"
        )

    async def test_it_is_read_from_that_key_alone_in_the_months_asked_for(
        self, clinic: Clinic, catalog: asyncpg.Connection
    ) -> None:
        """The policy too is answered from the index: no row of the table is looked at."""
        await fill_histories(catalog, clinic)
        now = datetime.now(UTC)
        since = now - timedelta(days=90)
        patient = clinic.person_id(RoleName.PATIENT)

        with statements() as sent:
            async with transaction.begin(
                clinic.caller(RoleName.CLINICIAN), Permission.VIEW_ASSESSMENTS
            ) as connection:
                await biomarkers.get_user_biomarker_history(
                    connection, "rmssd", since, now, subject_id=patient
                )
                ((sql, parameters),) = sent
                raw = await connection.get_raw_connection()
                driver: asyncpg.Connection = raw.driver_connection
                plan = await driver.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", *parameters)

        (explained,) = plan
        scans = [
            node
            for node in nodes(explained["Plan"])
            if node.get("Relation Name", "").startswith("biomarker_values")
        ]
        points = [node for node in scans if node["Node Type"] == "Index Only Scan"]
        assert {node["Node Type"] for node in scans} == {"Index Only Scan", "Index Scan"}
        assert sum(node["Actual Rows"] for node in points) == 90 // DAYS_APART
        assert sum(node["Heap Fetches"] for node in points) == 0
        for node in points:
            assert "biomarker_id" in node["Index Cond"]
            assert "organization_id" in node["Filter"]
            assert "InitPlan" in node["Filter"]  # once a statement, not once a row
        months = {node["Relation Name"] for node in scans}
        assert min(months) >= f"biomarker_values_{since:%Y_%m}"


DAYS_APART = 3
DAYS = 360
FILL = f"""
    WITH people AS (
        SELECT id AS user_id, organization_id FROM users WHERE organization_id IN (
            SELECT organization_id FROM users WHERE id = $1)
    ), added AS (
        INSERT INTO assessments (id, organization_id, user_id, created_by, session_id, pipeline,
            pipeline_version, status, recorded_at)
        SELECT gen_random_uuid(), organization_id, user_id, user_id, 'filled', 'cardiology', '1',
            'completed', now() - make_interval(days => day)
        FROM people, generate_series(1, {DAYS}, {DAYS_APART}) day
        RETURNING id, organization_id, user_id, recorded_at
    )
    INSERT INTO biomarker_values
        (organization_id, user_id, biomarker_id, measured_at, assessment_id, value, status)
    SELECT a.organization_id, a.user_id, b.id, a.recorded_at, a.id, random() * 100, 'normal'
    FROM added a, (SELECT id FROM biomarkers ORDER BY id LIMIT 20) b
    ORDER BY a.recorded_at
"""


async def fill_histories(catalog: asyncpg.Connection, clinic: Clinic) -> None:
    """A year of twenty biomarkers of each person of the clinic."""
    await catalog.execute("SET session_replication_role = replica")  # keys and triggers rest
    # Vacuum calls a page visible only once the commit of its rows has been written out.
    await catalog.execute("SET synchronous_commit = on")
    await catalog.execute(FILL.replace("$1", f"'{clinic.person_id(RoleName.PATIENT)}'"))
    await catalog.execute("SET session_replication_role = DEFAULT")
    await catalog.execute("VACUUM (ANALYZE) biomarker_values")
    await catalog.execute("VACUUM (ANALYZE) assessments")
