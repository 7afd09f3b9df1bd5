"""An export is read by one request at a time; one that was overtaken writes over nothing."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.accounts.exports import queries
from shared.database import transaction
from shared.permissions import Permission, RoleName
from tests.conftest import Clinic

STORED = queries.STORED
OVER = timedelta(seconds=-1)


@pytest.fixture
async def connection(clinic: Clinic) -> AsyncIterator[AsyncConnection]:
    caller = clinic.caller(RoleName.CLINICIAN)
    async with transaction.begin(caller, Permission.EXPORT_DATA) as opened:
        yield opened


@pytest.fixture
async def export(clinic: Clinic, connection: AsyncConnection) -> UUID:
    return await queries.begin(connection, clinic.person_id(RoleName.CLINICIAN))


class TestLease:
    async def test_one_request_reads_a_slice(
        self, connection: AsyncConnection, export: UUID
    ) -> None:
        assert await STORED.lease(connection, export) is not None
        assert await STORED.lease(connection, export) is None

    async def test_what_a_dead_request_left_is_taken_over(
        self, connection: AsyncConnection, export: UUID
    ) -> None:
        assert await STORED.lease(connection, export, OVER) is not None
        assert await STORED.lease(connection, export) is not None

    async def test_what_was_released_is_read_on(self, clinic: Clinic) -> None:
        caller = clinic.caller(RoleName.CLINICIAN)
        async with transaction.begin(caller, Permission.EXPORT_DATA) as connection:
            export = await queries.begin(connection, clinic.person_id(RoleName.CLINICIAN))
            leased_until = await STORED.lease(connection, export)
            assert leased_until is not None
            await STORED.release(connection, export, leased_until)
        async with transaction.begin(caller, Permission.EXPORT_DATA) as connection:
            assert await STORED.lease(connection, export) is not None

    async def test_a_canceled_export_is_not_read_on(
        self, connection: AsyncConnection, export: UUID
    ) -> None:
        await STORED.cancel(connection, export)
        assert await STORED.lease(connection, export) is None

    async def test_nobody_reads_on_what_somebody_else_began(self, clinic: Clinic) -> None:
        clinician, admin = map(clinic.caller, (RoleName.CLINICIAN, RoleName.ADMIN))
        async with transaction.begin(clinician, Permission.EXPORT_DATA) as connection:
            export = await queries.begin(connection, clinic.person_id(RoleName.CLINICIAN))
        async with transaction.begin(admin, Permission.EXPORT_DATA) as connection:
            assert await STORED.lease(connection, export) is None


class TestNames:
    async def test_no_number_is_given_out_twice(
        self, connection: AsyncConnection, export: UUID
    ) -> None:
        until = await STORED.lease(connection, export)
        assert until is not None
        numbers = [await STORED.name_objects(connection, export, until, 2) for _ in range(3)]
        assert numbers == [0, 2, 4]

    async def test_a_request_that_was_overtaken_is_given_none(
        self, connection: AsyncConnection, export: UUID
    ) -> None:
        overtaken = await STORED.lease(connection, export, OVER)
        assert overtaken is not None
        await STORED.lease(connection, export)
        assert await STORED.name_objects(connection, export, overtaken, 1) is None

    async def test_nor_is_one_whose_export_was_canceled(
        self, connection: AsyncConnection, export: UUID
    ) -> None:
        until = await STORED.lease(connection, export)
        assert until is not None
        await STORED.cancel(connection, export)
        assert await STORED.name_objects(connection, export, until, 1) is None
