"""A given server is measured only if nobody lives there."""

import asyncio
from pathlib import Path

import asyncpg
import pytest

from bench.cluster import DATABASE, ServerInUse, cluster
from tests.conftest import Addresses


class TestCluster:
    def test_a_server_with_a_medilens_is_left_alone(
        self, addresses: Addresses, tmp_path: Path
    ) -> None:
        before = asyncio.run(roles_and_databases(addresses.superuser))

        with (
            pytest.raises(ServerInUse, match="medilens_app"),
            cluster(tmp_path, addresses.superuser),
        ):
            pytest.fail("the server was taken")

        after = asyncio.run(roles_and_databases(addresses.superuser))
        assert after == before
        assert DATABASE not in after


async def roles_and_databases(url: str) -> dict[str, object]:
    """Their names; of roles with what is kept of the password."""
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch(
            "SELECT rolname AS name, rolpassword AS kept FROM pg_authid"
            " UNION ALL SELECT datname, NULL FROM pg_database"
        )
    finally:
        await connection.close()
    return {row["name"]: row["kept"] for row in rows}
