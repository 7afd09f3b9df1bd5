"""The results of every pipeline are seen, audited, compared and erased as those of any other."""

from uuid import UUID

import asyncpg
import pytest

from shared.database import transaction
from shared.database.models.results import results_table
from shared.database.repositories import assessment_parts, assessments
from shared.permissions import Permission, RoleName
from shared.pipelines import PipelineName
from tests.conftest import Clinic
from tests.factories.examinations import examination

MADE_BY = "migrations/results.py: the version that creates {table} runs `secure_results`"
FORM = "SELECT fields FROM medilens.content_forms WHERE table_name = $1 ORDER BY form DESC LIMIT 1"
COLUMNS = """
    SELECT attname::text FROM pg_attribute
    WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped
"""
# Of tables that are named so, `clear_assessments` takes each along.
NAMED_SO = (
    "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' AND tablename ~ '_results$'"
)
POLICIES = "SELECT policyname::text FROM pg_policies WHERE tablename = $1"
# Whose they are follows the assessment, when it is moved to another person.
WHOSE = {"organization_id", "user_id"}

of_each = pytest.mark.parametrize("pipeline", list(PipelineName))


async def stored(clinic: Clinic, pipeline: PipelineName) -> UUID:
    """Store an assessment of the pipeline, whose results say nothing."""
    blank = next(column.name for column in results_table(pipeline).columns if column.nullable)
    made = examination(pipeline=pipeline, result={blank: None})
    patient = clinic.person_id(RoleName.PATIENT)
    caller = clinic.caller(RoleName.CLINICIAN)
    async with transaction.begin(caller, Permission.CREATE_ASSESSMENT) as connection:
        created = await assessments.create_assessment(connection, made, subject_id=patient)
        assert created is not None
        await assessment_parts.save_parts(connection, created, made)
    return made.id


async def test_only_pipelines_have_tables_named_so(auditor: asyncpg.Connection) -> None:
    tables = {name for (name,) in await auditor.fetch(NAMED_SO)}
    assert tables == {f"{pipeline}_results" for pipeline in PipelineName}


@of_each
async def test_policies_are_those_of_all(
    auditor: asyncpg.Connection, pipeline: PipelineName
) -> None:
    table = f"{pipeline}_results"
    policies = {name for (name,) in await auditor.fetch(POLICIES, table)}
    needed = {"seen", "added", "kept_select", "kept_delete", "compared", "examined"}
    assert policies == needed, MADE_BY.format(table=table)


@of_each
async def test_every_column_is_compared_with_the_trail(
    auditor: asyncpg.Connection, pipeline: PipelineName
) -> None:
    table = f"{pipeline}_results"
    columns = {name for (name,) in await auditor.fetch(COLUMNS, table)}
    compared = set(await auditor.fetchval(FORM, table) or ())
    assert columns - compared == WHOSE, f"{MADE_BY.format(table=table)}, a column a form of its own"


@of_each
async def test_what_was_altered_is_named(
    clinic: Clinic, auditor: asyncpg.Connection, pipeline: PipelineName
) -> None:
    table, key = f"{pipeline}_results", await stored(clinic, pipeline)
    await auditor.execute("SET session_replication_role = replica")
    later = f"UPDATE {table} SET created_at = created_at + interval '1 s' WHERE assessment_id = $1"
    await auditor.execute(later, key)
    await auditor.execute("SET session_replication_role = DEFAULT")
    async with clinic.client(RoleName.CLINICIAN) as client:
        read = (await client.get(f"/api/records/assessments/{key}")).json()
    assert read["altered"] == [table], MADE_BY.format(table=table)


@of_each
async def test_erased_with_its_assessment(
    clinic: Clinic, auditor: asyncpg.Connection, pipeline: PipelineName
) -> None:
    table, key = f"{pipeline}_results", await stored(clinic, pipeline)
    rows = f"SELECT organization_id FROM {table} WHERE assessment_id = $1"
    home = await auditor.fetchval(rows, key)
    assert home is not None
    await auditor.execute("SELECT medilens.clear_assessments($1, ARRAY[$2::uuid])", home, key)
    assert await auditor.fetch(rows, key) == [], MADE_BY.format(table=table)
