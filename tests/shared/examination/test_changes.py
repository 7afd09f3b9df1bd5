"""Verdicts on a stored examination: against the person's first, and no later one."""

from collections.abc import AsyncIterator, Mapping
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.records.decisions import queries as decisions
from shared.database import transaction
from shared.examination.change import Change, Verdict
from shared.examination.changes import changes_of
from shared.examination.readable import get_readable
from shared.permissions import Permission, RoleName
from tests.conftest import Clinic
from tests.factories.examinations import stored


@pytest.fixture
async def connection(clinic: Clinic) -> AsyncIterator[AsyncConnection]:
    caller = clinic.caller(RoleName.CLINICIAN)
    async with transaction.begin(caller, Permission.VIEW_ASSESSMENTS) as opened:
        yield opened


async def cost(clinic: Clinic, ms: float, *, days_ago: float, method: str = "1.0.0") -> UUID:
    return await stored(clinic, "stroop_effect", heart_rate=ms, days_ago=days_ago, method=method)


async def delete(clinic: Clinic, assessment: UUID) -> None:
    caller = clinic.caller(RoleName.CLINICIAN)
    async with transaction.begin(caller, Permission.DELETE_ASSESSMENTS) as connection:
        assert await decisions.soft_delete_assessment(connection, assessment)


async def told(connection: AsyncConnection, assessment: UUID) -> Mapping[str, Change]:
    return await changes_of(connection, await get_readable(connection, assessment))


async def verdict(connection: AsyncConnection, assessment: UUID) -> Verdict:
    return (await told(connection, assessment))["stroop_effect"].verdict


async def test_a_much_larger_cost_three_weeks_later_is_an_increase(
    clinic: Clinic, connection: AsyncConnection
) -> None:
    first = await cost(clinic, 70, days_ago=21)
    second = await cost(clinic, 170, days_ago=0)
    assert await verdict(connection, first) is Verdict.FIRST
    assert await verdict(connection, second) is Verdict.RELIABLE_INCREASE


async def test_what_was_deleted_is_no_baseline(clinic: Clinic, connection: AsyncConnection) -> None:
    first = await cost(clinic, 70, days_ago=21)
    second = await cost(clinic, 170, days_ago=0)
    await delete(clinic, first)
    assert await verdict(connection, second) is Verdict.FIRST


async def test_what_lies_more_than_five_years_back_is_no_baseline(
    clinic: Clinic, connection: AsyncConnection
) -> None:
    await cost(clinic, 70, days_ago=5 * 365 + 1)
    assert await verdict(connection, await cost(clinic, 170, days_ago=0)) is Verdict.FIRST


async def test_another_method_is_not_comparable(
    clinic: Clinic, connection: AsyncConnection
) -> None:
    await cost(clinic, 70, days_ago=21, method="0.9.0")
    assert await verdict(connection, await cost(clinic, 170, days_ago=0)) is Verdict.NOT_COMPARABLE


async def test_a_value_whose_noise_is_not_known_has_no_verdict(
    clinic: Clinic, connection: AsyncConnection
) -> None:
    assert await told(connection, await stored(clinic)) == {}
