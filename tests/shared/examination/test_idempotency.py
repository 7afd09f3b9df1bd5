"""A request sent again: what makes it the same one, and what another."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.records.decisions import queries as decisions
from shared.database import transaction
from shared.errors import Gone
from shared.examination.idempotency import IdempotencyKeyReused, replay
from shared.examination.request import AnalysisRequest
from shared.permissions import Permission, RoleName
from tests.conftest import Clinic
from tests.factories.examinations import NOW, examination, stored

MADE_FROM: dict[str, Any] = {"input_sha256": "ab", "fields": {"leads": "II"}}


@pytest.fixture
async def connection(clinic: Clinic) -> AsyncIterator[AsyncConnection]:
    caller = clinic.caller(RoleName.CLINICIAN)
    async with transaction.begin(caller, Permission.CREATE_ASSESSMENT) as opened:
        yield opened


@pytest.fixture
async def first(clinic: Clinic) -> UUID:
    """What the first request stored under its key."""
    return await stored(
        clinic, idempotency_key="key", session_id="visit-7", provenance={**MADE_FROM}
    )


@pytest.fixture
def patient(clinic: Clinic) -> UUID:
    return clinic.person_id(RoleName.PATIENT)


def asked(patient: UUID, **requested: Any) -> AnalysisRequest:
    told = {"subject_id": patient, "session_id": "visit-7", "recorded_at": NOW}
    return AnalysisRequest(**{**told, "idempotency_key": "key", **requested})


async def delete(clinic: Clinic, assessment: UUID) -> None:
    caller = clinic.caller(RoleName.CLINICIAN)
    async with transaction.begin(caller, Permission.DELETE_ASSESSMENTS) as connection:
        assert await decisions.soft_delete_assessment(connection, assessment)


async def again(connection: AsyncConnection, requested: AnalysisRequest, **columns: Any) -> UUID:
    made = examination(**{"provenance": MADE_FROM, **columns})
    return (await replay(connection, requested, made)).id


class TestSame:
    @pytest.mark.parametrize(
        "requested", [{}, {"session_id": None}, {"recorded_at": NOW + timedelta(hours=1)}]
    )
    async def test_the_same_request_gives_what_was_stored(
        self, first: UUID, patient: UUID, connection: AsyncConnection, requested: dict[str, Any]
    ) -> None:
        assert await again(connection, asked(patient, **requested)) == first

    async def test_what_was_deleted_since_is_gone(
        self, clinic: Clinic, first: UUID, patient: UUID, connection: AsyncConnection
    ) -> None:
        await delete(clinic, first)
        with pytest.raises(Gone) as gone:
            await again(connection, asked(patient))
        assert gone.value.resource_id == first


@pytest.mark.usefixtures("first")
class TestAnother:
    @pytest.mark.parametrize(
        "requested",
        [
            {"subject_id": uuid4()},
            {"subject_id": None},
            {"session_id": "visit-8"},
            {"order_reference": "A-1"},
        ],
        ids=lambda requested: next(iter(requested)),
    )
    async def test_request_under_the_key_is_refused(
        self, patient: UUID, connection: AsyncConnection, requested: dict[str, Any]
    ) -> None:
        with pytest.raises(IdempotencyKeyReused):
            await again(connection, asked(patient, **requested))

    async def test_key_of_nothing_that_the_caller_sees_is_refused(
        self, patient: UUID, connection: AsyncConnection
    ) -> None:
        with pytest.raises(IdempotencyKeyReused):
            await again(connection, asked(patient, idempotency_key="another"))

    @pytest.mark.parametrize(
        "columns",
        [
            {"pipeline": "speech"},
            {"provenance": MADE_FROM | {"input_sha256": "cd"}},
            {"provenance": MADE_FROM | {"fields": {"leads": "V1"}}},
        ],
        ids=["pipeline", "recording", "field"],
    )
    async def test_recording_under_the_key_is_refused(
        self, patient: UUID, connection: AsyncConnection, columns: dict[str, Any]
    ) -> None:
        with pytest.raises(IdempotencyKeyReused):
            await again(connection, asked(patient), **columns)
