"""The functions' data layer without the web: a transaction in the caller's name, and its query."""

import asyncio
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from bench.data import Person
from bench.records import accepted, examined, measured
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
    configured,
)
from functions.records.assessments import queries as assessment_list
from functions.records.assessments.queries import Filters
from functions.records.statistics import queries as statistics
from shared.caller import Caller
from shared.database import engine, transaction
from shared.database.repositories import (
    assessment_parts,
    assessments,
    biomarkers,
)
from shared.examination.request import CLOCK_SKEW
from shared.identifiers import uuid7
from shared.permissions import Permission
from shared.record import Created


def clinician(person: Person) -> Caller:
    return Caller(person.clinician_subject, person.organization, "request-bench")


@dataclass(frozen=True)
class DataLayer:
    """What a function's service calls, called without the function."""

    assessment_id: UUID

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
        async with reading() as connection:
            return await assessment_list.get_user_assessments(
                connection, Filters(READ_FROM.id), limit=LISTED
            )

    async def history(self, now: datetime | None = None) -> Any:
        now = now or datetime.now(UTC)
        async with reading() as connection:
            return await biomarkers.get_user_biomarker_history(
                connection,
                BIOMARKER,
                now - timedelta(days=HISTORY_DAYS),
                now + CLOCK_SKEW,
                subject_id=READ_FROM.id,
            )

    async def statistics(self) -> Any:
        since = datetime.now(UTC) - timedelta(days=STATISTICS_DAYS)
        async with reading() as connection:
            read = statistics.get_assessment_statistics
            return await read(connection, since, subject_id=READ_FROM.id)

    async def create(self) -> Any:
        async with _writing() as connection:
            return await assessments.create_assessment(
                connection, accepted(str(uuid7())), subject_id=WRITTEN_TO.id
            )

    async def save(self) -> Any:
        async with _writing() as connection:
            known = Created(self.assessment_id, WRITTEN_TO.id, WRITTEN_TO.id, datetime.now(UTC))
            await assessment_parts.save_parts(connection, known, measured(str(uuid7())))

    async def store(self) -> Any:
        async with _writing() as connection:
            made = examined(str(uuid7()))
            created = await assessments.create_assessment(
                connection, made, subject_id=WRITTEN_TO.id
            )
            assert created is not None
            await assessment_parts.save_parts(connection, created, made)

    async def close(self) -> None:
        await engine.current().dispose()


def reading() -> AbstractAsyncContextManager[AsyncConnection]:
    return transaction.begin(clinician(READ_FROM), Permission.VIEW_ASSESSMENTS, read_only=True)


def _writing() -> AbstractAsyncContextManager[AsyncConnection]:
    return transaction.begin(clinician(WRITTEN_TO), Permission.CREATE_ASSESSMENT)


def data_layer_subject(name: str, environment: Mapping[str, str], assessment_id: str) -> Subject:
    """Ours under these settings, which count when the loop makes its engine."""
    with configured(environment):
        subject = Subject(name, DataLayer(UUID(assessment_id)), asyncio.Runner())
        subject.run(Operation.LIST)
    return subject
