"""Where the clock is moved, the database's is moved with it."""

import os
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from tests import clock

pytestmark = pytest.mark.clock


class TestMoment:
    async def test_now_of_the_database_is_now(self, auditor: asyncpg.Connection) -> None:
        now: datetime = await auditor.fetchval("SELECT clock_timestamp()")

        assert abs(now - datetime.now(UTC)) < timedelta(seconds=5)
        if chosen := os.environ.get(clock.MOMENT):
            assert abs(now - datetime.fromisoformat(chosen)) < timedelta(minutes=1)

    @pytest.mark.parametrize("table", ["audit_events", "biomarker_values"])
    async def test_present_month_has_a_partition(
        self, table: str, auditor: asyncpg.Connection
    ) -> None:
        month = f"{table}_{datetime.now(UTC):%Y_%m}"
        assert await auditor.fetchval("SELECT to_regclass($1)::text", month) == month
