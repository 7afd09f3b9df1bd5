"""Research cohorts: who is in them, what leaves of them, and that nobody stands out."""

import csv
import gzip
import io
from collections import Counter
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from httpx import AsyncClient, Response

from functions.fhir.cohorts import queries, service
from functions.fhir.cohorts.anonymity import MIN_CLASS_SIZE, MOST_DAYS
from functions.fhir.cohorts.table import COLUMNS
from shared.database import transaction
from shared.database.repositories import assessment_parts, assessments
from shared.identifiers import uuid7
from shared.permissions import Permission, RoleName
from tests.conftest import Clinic
from tests.factories.examinations import NOW, examination, value
from tests.nonempty import nonempty

COHORTS = "/api/fhir/cohorts"
DATA = f"{COHORTS}/data.csv.gz"
RECORDED = (NOW - timedelta(days=60)).replace(hour=12)
ALIKE = 6


@pytest.fixture
async def client(clinic: Clinic) -> AsyncIterator[AsyncClient]:
    async with clinic.client(RoleName.RESEARCHER) as opened:
        yield opened


async def participant(
    clinic: Clinic, auditor: asyncpg.Connection, *, born: str = "1965-03-12", sex: str = "female"
) -> UUID:
    """Add a person who agreed to research, with two heart rates forty days apart."""
    key = uuid7()
    await auditor.execute(
        "INSERT INTO users (id, organization_id, last_name, date_of_birth, sex_at_birth)"
        " SELECT $1, organization_id, 'Sparrow', $3, $4 FROM users WHERE id = $2",
        key,
        clinic.person_id(RoleName.CLINICIAN),
        date.fromisoformat(born),
        sex,
    )
    await auditor.execute(
        "INSERT INTO consents (id, organization_id, user_id, kind, text_version, given_by)"
        " SELECT gen_random_uuid(), organization_id, id, 'research', '1', id FROM users"
        " WHERE id = $1",
        key,
    )
    for days in (0, 40):
        await measure(clinic, key, RECORDED + timedelta(days=days))
    return key


async def measure(clinic: Clinic, person: UUID, recorded_at: datetime) -> None:
    made = examination(recorded_at=recorded_at, biomarkers=(value("heart_rate", 61.5),), result={})
    caller = clinic.caller(RoleName.CLINICIAN)
    async with transaction.begin(caller, Permission.CREATE_ASSESSMENT) as connection:
        created = await assessments.create_assessment(connection, made, subject_id=person)
        assert created is not None
        await assessment_parts.save_parts(connection, created, made)


@pytest.fixture
async def withdrawing(
    clinic: Clinic, auditor: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of just enough people for a class have the first withdraw while the table is written."""
    people, get_values = await alike(clinic, auditor, MIN_CLASS_SIZE), queries.get_values

    async def withdrawn(*given: Any) -> Any:
        await withdraw(auditor, people[0])
        return await get_values(*given)

    monkeypatch.setattr(queries, "get_values", withdrawn)


async def alike(
    clinic: Clinic, auditor: asyncpg.Connection, number: int = ALIKE, *, sex: str = "female"
) -> list[UUID]:
    return [await participant(clinic, auditor, sex=sex) for _ in range(number)]


def rows(answer: Response) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    text = gzip.decompress(answer.content).decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def days_of(table: list[dict[str, str]]) -> dict[str, list[date]]:
    """The days on which each person was recorded."""
    days: dict[str, list[date]] = {}
    for row in table:
        days.setdefault(row["person"], []).append(date.fromisoformat(row["recorded_on"]))
    return days


async def described(client: AsyncClient, **params: Any) -> Any:
    answer = await client.get(COHORTS, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


class TestContent:
    async def test_the_table_is_what_the_dictionary_says(
        self, clinic: Clinic, client: AsyncClient, auditor: asyncpg.Connection
    ) -> None:
        await alike(clinic, auditor)
        told = await described(client, pipeline="cardiology", biomarker=["heart_rate", "sdnn"])
        answer = await client.get(told["data"])
        table = rows(answer)
        assert sha256(gzip.decompress(answer.content)).hexdigest() == told["sha256"]
        assert list(table[0]) == list(COLUMNS) == [column["name"] for column in told["columns"]]
        assert len(table) == told["rows"] == 2 * ALIKE
        assert (told["people"], told["assessments"]) == (ALIKE, 2 * ALIKE)
        assert {row["value"] for row in table} == {"61.5"}

    async def test_the_dictionary_tells_the_unit_and_the_ranges(
        self, clinic: Clinic, client: AsyncClient, auditor: asyncpg.Connection
    ) -> None:
        await alike(clinic, auditor)
        told = await described(client, pipeline="cardiology", biomarker=["heart_rate", "sdnn"])
        (biomarker,) = told["biomarkers"]
        assert (biomarker["name"], biomarker["unit"]) == ("heart_rate", "/min")
        assert biomarker["ranges"] == [{"low": 60, "high": 100, "source": "somebody-1996"}]

    async def test_the_same_definition_gives_the_same_bytes(
        self, clinic: Clinic, client: AsyncClient, auditor: asyncpg.Connection
    ) -> None:
        await alike(clinic, auditor)
        told = await described(client)
        first = await client.get(told["data"])
        await participant(clinic, auditor)  # stored later than the cohort's moment
        again = await client.get(told["data"])
        assert again.content == first.content
        assert (await described(client, as_of=told["as_of"]))["sha256"] == told["sha256"]
        assert (await described(client))["sha256"] != told["sha256"]

    async def test_slices_of_any_size_hold_the_same(
        self,
        clinic: Clinic,
        client: AsyncClient,
        auditor: asyncpg.Connection,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        await alike(clinic, auditor)
        told = await described(client)
        monkeypatch.setattr(service, "PEOPLE_AT_ONCE", 2)
        assert (await described(client, as_of=told["as_of"]))["sha256"] == told["sha256"]


class TestDisguise:
    async def test_dates_of_a_person_move_together_and_in_every_cohort_alike(
        self, clinic: Clinic, client: AsyncClient, auditor: asyncpg.Connection
    ) -> None:
        await alike(clinic, auditor)
        days = days_of(rows(await client.get(DATA)))
        for first, second in nonempty(list(map(sorted, days.values()))):
            assert second - first == timedelta(days=40)
            assert 1 <= (RECORDED.date() - first).days <= MOST_DAYS
        assert len({min(pair) for pair in days.values()}) > 1
        others = rows(await client.get(DATA, params={"biomarker": "heart_rate"}))
        assert sorted(row["recorded_on"] for row in others) == sorted(
            day.isoformat() for pair in days.values() for day in pair
        )
        assert not {row["person"] for row in others} & days.keys()

    async def test_nothing_of_the_record_leaves_that_names_it(
        self, clinic: Clinic, client: AsyncClient, auditor: asyncpg.Connection
    ) -> None:
        people = await alike(clinic, auditor)
        text = gzip.decompress((await client.get(DATA)).content).decode()
        told = (await client.get(COHORTS)).text
        keys = await auditor.fetch("SELECT id FROM assessments WHERE user_id = ANY ($1)", people)
        for secret in nonempty([*people, *(row["id"] for row in keys), "Sparrow", "1965-03"]):
            assert str(secret) not in text
            assert str(secret) not in told


class TestAnonymity:
    async def test_small_classes_are_left_out_and_counted(
        self, clinic: Clinic, client: AsyncClient, auditor: asyncpg.Connection
    ) -> None:
        await alike(clinic, auditor)
        for sex, number in (("male", MIN_CLASS_SIZE - 1), ("intersex", 1)):
            await alike(clinic, auditor, number, sex=sex)
        await participant(clinic, auditor, born="1920-01-01")
        told = await described(client)
        assert told["suppressed"] == {"people": MIN_CLASS_SIZE + 1, "classes": 3}
        table = rows(await client.get(told["data"]))
        people = {(row["person"], row["age_band"], row["sex"], row["site"]) for row in table}
        sizes = Counter(person[1:] for person in people)
        assert list(sizes.values()) == [ALIKE]
        assert min(sizes.values()) >= told["k"] == MIN_CLASS_SIZE

    async def test_too_few_are_refused_with_the_reason(
        self, clinic: Clinic, client: AsyncClient, auditor: asyncpg.Connection
    ) -> None:
        await alike(clinic, auditor, MIN_CLASS_SIZE - 1)
        for path in (COHORTS, DATA):
            answer = await client.get(path)
            assert (answer.status_code, answer.json()["code"]) == (422, "cohort-too-small")

    @pytest.mark.usefixtures("withdrawing")
    async def test_who_withdraws_meanwhile_leaves_nobody_alone(self, client: AsyncClient) -> None:
        answer = await client.get(DATA)
        assert (answer.status_code, answer.json()["code"]) == (409, "cohort-changed")

    async def test_who_withdrew_is_in_no_cohort_whoever_asks(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        people = await alike(clinic, auditor)
        await withdraw(auditor, people[0])
        for role in (RoleName.RESEARCHER, RoleName.CLINICIAN, RoleName.ADMIN):
            async with clinic.client(role) as client:
                assert (await described(client))["people"] == ALIKE - 1, role

    async def test_another_tenants_people_are_in_none(
        self, clinic: Clinic, elsewhere: Clinic, auditor: asyncpg.Connection
    ) -> None:
        await alike(elsewhere, auditor)
        async with clinic.client(RoleName.ADMIN) as client:
            assert (await client.get(COHORTS)).status_code == 422


async def withdraw(auditor: asyncpg.Connection, person: UUID) -> None:
    await auditor.execute("UPDATE consents SET withdrawn_at = now() WHERE user_id = $1", person)


class TestTrail:
    async def test_each_person_is_told_once_a_cohort(
        self, clinic: Clinic, client: AsyncClient, auditor: asyncpg.Connection
    ) -> None:
        people = await alike(clinic, auditor)
        await client.get(DATA)
        told = await auditor.fetch(
            "SELECT subject_id, details ->> 'rows' AS rows FROM audit_events"
            " WHERE subject_id = ANY ($1) AND resource_type = 'research_cohorts'",
            people,
        )
        assert sorted((row["subject_id"], row["rows"]) for row in told) == sorted(
            (person, "2") for person in people
        )


class TestRefusals:
    async def test_they_say_what_is_wrong(self, client: AsyncClient) -> None:
        for params in (
            {"as_of": "2199-01-01T00:00:00Z"},
            {"recorded_from": "2026-02-01T00:00:00Z", "recorded_before": "2026-01-01T00:00:00Z"},
            {"pipeline": "phrenology"},
        ):
            answer = await client.get(COHORTS, params=params)
            assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request"), params

    async def test_more_than_an_answer_holds(
        self,
        clinic: Clinic,
        client: AsyncClient,
        auditor: asyncpg.Connection,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        await alike(clinic, auditor)
        for limit in ("MAX_ROWS", "MAX_PACKED_BYTES"):
            with monkeypatch.context() as patch:
                patch.setattr(service, limit, 3)
                answer = await client.get(DATA)
            assert (answer.status_code, answer.json()["code"]) == (422, "cohort-too-large"), limit
