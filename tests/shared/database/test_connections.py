"""Connections: kept or made anew, and how often a request goes back and forth on one."""

import asyncio
from uuid import UUID

import pytest

from shared.database import transaction
from shared.database.repositories import stored_assessments
from shared.permissions import Permission, RoleName
from tests.conftest import Addresses, Clinic
from tests.factories.examinations import stored
from tests.round_trips import RoundTripProxy, Traffic
from tests.shared.conftest import Reconfigure


class TestPools:
    async def test_without_a_pool_no_connection_is_kept(
        self, clinic: Clinic, configured: Addresses, reconfigure: Reconfigure
    ) -> None:
        async with RoundTripProxy(configured.app) as proxy:
            reconfigure(database_url=proxy.url, database_pool="none")
            for _ in range(3):
                await stored(clinic)
            assert proxy.take().connections == 3

    async def test_a_sandbox_keeps_one(
        self, clinic: Clinic, configured: Addresses, reconfigure: Reconfigure
    ) -> None:
        async with RoundTripProxy(configured.app) as proxy:
            reconfigure(database_url=proxy.url, database_pool="sandbox")
            for _ in range(3):
                await stored(clinic)
            assert proxy.take().connections == 1

    @pytest.mark.parametrize("noticed", [True, False])
    async def test_a_sandboxs_dead_connection_is_replaced_unnoticed(
        self,
        clinic: Clinic,
        configured: Addresses,
        reconfigure: Reconfigure,
        noticed: bool,
    ) -> None:
        async with RoundTripProxy(configured.app) as proxy:
            reconfigure(database_url=proxy.url, database_pool="sandbox")
            await stored(clinic)
            await proxy.cut()
            if noticed:
                await asyncio.sleep(0.05)
            await stored(clinic)
            assert proxy.take().connections == 2


async def read(clinic: Clinic, key: UUID) -> None:
    caller = clinic.caller(RoleName.CLINICIAN)
    opened = transaction.begin(caller, Permission.VIEW_ASSESSMENTS, read_only=True)
    async with opened as connection:
        assert await stored_assessments.get_assessment(connection, key)


class TestRoundTrips:
    """Counted, not timed: the network decides what each of them costs."""

    async def measured(
        self, clinic: Clinic, configured: Addresses, reconfigure: Reconfigure, **settings: str
    ) -> tuple[Traffic, Traffic]:
        async with RoundTripProxy(configured.app) as proxy:
            reconfigure(database_url=proxy.url, **settings)
            for _ in range(2):  # the first of each kind warms what can be warm
                proxy.take()
                key = await stored(clinic)
                write = proxy.take()
                await read(clinic, key)
            return write, proxy.take()

    async def test_without_a_pool(
        self, clinic: Clinic, configured: Addresses, reconfigure: Reconfigure
    ) -> None:
        write, read = await self.measured(clinic, configured, reconfigure, database_pool="none")
        assert (write.transactions, write.connections) == (1, 1)
        assert (read.transactions, read.connections) == (1, 1)
        assert write.round_trips <= 9
        assert read.round_trips <= 8

    async def test_a_new_engine_asks_the_server_nothing_of_its_own(
        self, clinic: Clinic, configured: Addresses, reconfigure: Reconfigure
    ) -> None:
        """The first request of a sandbox goes back and forth as often as any other."""
        key = await stored(clinic)
        async with RoundTripProxy(configured.app) as proxy:
            reconfigure(database_url=proxy.url, database_pool="none")
            await read(clinic, key)
            first = proxy.take().round_trips
            await read(clinic, key)
            assert first == proxy.take().round_trips

    async def test_warm_with_prepared_statements(
        self, clinic: Clinic, configured: Addresses, reconfigure: Reconfigure
    ) -> None:
        write, read = await self.measured(
            clinic,
            configured,
            reconfigure,
            database_pool="sandbox",
            database_prepared_statements="true",
        )
        assert (write.transactions, write.connections) == (1, 0)
        assert (read.transactions, read.connections) == (1, 0)
        assert write.round_trips <= 4
        assert read.round_trips <= 3

    async def test_prepared_statements_stay_with_their_connection(
        self, clinic: Clinic, reconfigure: Reconfigure
    ) -> None:
        reconfigure(database_pool="sandbox", database_prepared_statements="true")
        for _ in range(2):
            await read(clinic, await stored(clinic))
        async with transaction.unattended() as connection:
            named = await connection.exec_driver_sql(
                "SELECT sum(generic_plans + custom_plans) FROM pg_prepared_statements"
                " WHERE statement LIKE '%assessments%'"
            )
        assert named.scalar_one() >= 4
