"""The limit: the driver alone on a warm connection, prepared statements, one round trip each.

It reads our tables past row-level security and writes tables of the same columns and indexes with
neither policies, triggers nor foreign keys. It makes no answer out of what it gets.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from uuid import UUID

import asyncpg

from bench.cluster import connected
from bench.records import NAMES, RESULT, STAGES, VALUES
from bench.subjects import (
    BIOMARKER,
    HISTORY_DAYS,
    LISTED,
    READ_FROM,
    STATISTICS_DAYS,
    WRITTEN_TO,
    Operation,
    Operations,
    Subject,
)
from functions.records.assessments.queries import LISTED_COLUMNS
from shared.identifiers import uuid7

PLAIN = "plain"
TABLES = ("assessments", "biomarker_values", "pipeline_stages", "cardiology_results")

LIST = f"""
SELECT {", ".join(LISTED_COLUMNS)} FROM public.assessments
WHERE organization_id = $1 AND user_id = $2 AND deleted_at IS NULL
ORDER BY created_at DESC, id DESC LIMIT $3
"""
HISTORY = """
SELECT measured_at, value, assessment_id FROM public.biomarker_values
WHERE user_id = $1 AND biomarker_id = (SELECT id FROM public.biomarkers WHERE name = $2)
AND measured_at >= $3 AND measured_at < $4 ORDER BY measured_at
"""
STATISTICS = """
SELECT pipeline, count(*), count(*) FILTER (WHERE status = 'completed'), avg(risk_score),
    avg(confidence), avg(quality_score), avg(processing_time_ms)::float8
FROM public.assessments
WHERE organization_id = $1 AND user_id = $2 AND created_at >= $3 AND deleted_at IS NULL
GROUP BY pipeline
"""
INSERT = f"""
INSERT INTO {PLAIN}.assessments (id, organization_id, user_id, created_by, session_id, pipeline,
    pipeline_version, status, recorded_at)
VALUES ($1, $2, $3, $4, $5, 'cardiology', '1.0.0', 'pending', $6) RETURNING id, created_at
"""
SAVE = f"""
INSERT INTO {PLAIN}.biomarker_values (organization_id, user_id, biomarker_id, measured_at,
    assessment_id, value, confidence, normal_range_min, normal_range_max, status, source, method)
SELECT $1, $2, b.id, $3, $4, v.value, 0.9, 60, 100, 'normal', 'task-force-1996', '1.0.0'
FROM unnest($5::text[], $6::float8[]) AS v (name, value) JOIN public.biomarkers b USING (name)
"""
STAGE = f"""
INSERT INTO {PLAIN}.pipeline_stages (id, organization_id, user_id, assessment_id, stage_name,
    stage_index, status, started_at, duration_ms)
SELECT gen_random_uuid(), $1, $2, $3, s.name, s.n, 'completed', $4, 0
FROM unnest($5::text[]) WITH ORDINALITY AS s (name, n)
"""
RESULTS = f"""
INSERT INTO {PLAIN}.cardiology_results (id, organization_id, user_id, assessment_id,
    heart_rate_bpm, rmssd_ms, sdnn_ms) VALUES (gen_random_uuid(), $1, $2, $3, $4, $5, $6)
"""


class Driver:
    """asyncpg, and nothing around it."""

    def __init__(
        self, connection: asyncpg.Connection, organization: UUID, assessment: UUID
    ) -> None:
        self.connection = connection
        self.organization = organization
        self.assessment = assessment

    @classmethod
    async def connect(cls, superuser_url: str, assessment_id: str) -> Self:
        connection = await asyncpg.connect(superuser_url)
        organization = await connection.fetchval(
            "SELECT organization_id FROM users WHERE id = $1", READ_FROM.id
        )
        return cls(connection, organization, UUID(assessment_id))

    def operations(self) -> Operations:
        return {
            Operation.CREATE: self.create,
            Operation.LIST: self.list,
            Operation.SAVE: self.save,
            Operation.HISTORY: self.history,
            Operation.STATISTICS: self.statistics,
            Operation.STORE: self.store,
        }

    async def list(self) -> Any:
        return await self.connection.fetch(LIST, self.organization, READ_FROM.id, LISTED)

    async def history(self) -> Any:
        now = datetime.now(UTC)
        since = now - timedelta(days=HISTORY_DAYS)
        return await self.connection.fetch(HISTORY, READ_FROM.id, BIOMARKER, since, now)

    async def statistics(self) -> Any:
        since = datetime.now(UTC) - timedelta(days=STATISTICS_DAYS)
        return await self.connection.fetch(STATISTICS, self.organization, READ_FROM.id, since)

    async def create(self) -> Any:
        key = uuid7()
        keys = (key, self.organization, WRITTEN_TO.id, WRITTEN_TO.clinician_id)
        return await self.connection.fetchrow(INSERT, *keys, str(key), datetime.now(UTC))

    async def save(self, assessment: UUID | None = None) -> Any:
        keys = (self.organization, WRITTEN_TO.id, datetime.now(UTC), assessment or self.assessment)
        values = [measured.value for measured in VALUES]
        return await self.connection.execute(SAVE, *keys, NAMES, values)

    async def store(self) -> Any:
        async with self.connection.transaction():
            assessment = (await self.create())["id"]
            keys = (self.organization, WRITTEN_TO.id, assessment)
            await self.connection.execute(STAGE, *keys, datetime.now(UTC), STAGES)
            await self.save(assessment)
            await self.connection.execute(RESULTS, *keys, *RESULT.values())

    async def close(self) -> None:
        await self.connection.close()


async def create_tables(superuser_url: str) -> None:
    """Make tables like ours with nothing but columns, checks and indexes."""
    async with connected(superuser_url) as connection:
        await connection.execute(f"CREATE SCHEMA IF NOT EXISTS {PLAIN}")
        for table in TABLES:
            await connection.execute(
                f"CREATE TABLE IF NOT EXISTS {PLAIN}.{table} (LIKE public.{table} INCLUDING ALL)"
            )


def driver_subject(name: str, superuser_url: str, assessment_id: str) -> Subject:
    runner = asyncio.Runner()
    return Subject(name, runner.run(Driver.connect(superuser_url, assessment_id)), runner)
