"""Consents over HTTP: given, recorded, withdrawn, and what researchers reach by them."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared.database import transaction
from shared.permissions import Permission, RoleName
from tests.conftest import Clinic
from tests.factories.examinations import stored

COLUMNS = "id, organization_id, user_id, kind, text_version, given_by, created_at"
BACKDATED = (
    "gen_random_uuid(), organization_id, user_id, 'sharing', '1', user_id, timestamptz '2020-01-01'"
)

TREATMENT = {"kind": "treatment", "text_version": "2025-01"}


def place(clinic: Clinic, role: RoleName = RoleName.PATIENT) -> str:
    return f"/api/accounts/people/{clinic.person_id(role)}/consents"


async def seen_by_researcher(clinic: Clinic) -> int:
    async with clinic.client(RoleName.RESEARCHER) as client:
        items: list[Any] = (await client.get("/api/records/assessments")).json()["items"]
        return len(items)


async def test_researchers_reach_consented_people_until_the_next_statement(clinic: Clinic) -> None:
    """The patient still reaches their own, and a cursor of before brings nothing back."""
    await stored(clinic)
    await stored(clinic)
    researcher = clinic.client(RoleName.RESEARCHER)
    async with researcher as client, clinic.client(RoleName.PATIENT) as patient:
        listing = "/api/records/assessments"
        page = (await client.get(listing, params={"limit": 1})).json()
        assert len(page["items"]) == 1

        withdrawn = await patient.post(f"{place(clinic)}/research/withdraw")
        assert withdrawn.status_code == 200
        after = await client.get(listing, params={"limit": 1, "cursor": page["next_cursor"]})
        assert after.json()["items"] == []
        assert (await client.get(f"{listing}/{page['items'][0]['id']}")).status_code == 404
        assert len((await patient.get(listing)).json()["items"]) == 2

        given = {"kind": "research", "text_version": "2026-03"}
        assert (await patient.post(place(clinic), json=given)).status_code == 201
        assert len((await client.get(listing)).json()["items"]) == 2


async def test_treatment_opens_nothing_to_researchers(clinic: Clinic) -> None:
    await stored(clinic)
    async with clinic.client(RoleName.PATIENT) as patient:
        await patient.post(f"{place(clinic)}/research/withdraw")
        for kind in ("treatment", "sharing", "explanations"):
            told = {"kind": kind, "text_version": "1"}
            assert (await patient.post(place(clinic), json=told)).status_code == 201
    assert await seen_by_researcher(clinic) == 0


async def test_who_gave_and_who_recorded_stays_with_the_version_of_the_text(clinic: Clinic) -> None:
    clinician, newer = str(clinic.person_id(RoleName.CLINICIAN)), {"text_version": "2026-01"}
    async with clinic.client(RoleName.CLINICIAN) as client:
        await client.post(place(clinic), json=TREATMENT)
        same = (await client.post(place(clinic), json=TREATMENT)).json()
        told = (await client.post(place(clinic), json=TREATMENT | newer)).json()
    assert len(same["items"]) == 2  # with the demo's research
    treatment = [item for item in told["items"] if item["kind"] == "treatment"]
    versions = [(entry["text_version"], entry["withdrawn_by"]) for entry in treatment]
    assert versions == [("2026-01", None), ("2025-01", clinician)]
    assert {entry["given_by"] for entry in treatment} == {clinician}


async def test_a_patient_is_told_what_was_recorded_for_them(clinic: Clinic) -> None:
    async with clinic.client(RoleName.CLINICIAN) as client:
        await client.post(place(clinic), json=TREATMENT)
    async with clinic.client(RoleName.PATIENT) as client:
        own = (await client.get("/api/accounts/me")).json()
    assert {consent["kind"] for consent in own["consents"]} == {"research", "treatment"}
    assert own["id"] == str(clinic.person_id(RoleName.PATIENT))


async def test_consents_given_at_once_are_one(clinic: Clinic) -> None:
    told = {"kind": "sharing", "text_version": "2026-01"}
    async with clinic.client(RoleName.CLINICIAN) as client:
        answers = await asyncio.gather(*(client.post(place(clinic), json=told) for _ in range(4)))
        items = (await client.get(place(clinic))).json()["items"]
    assert [answer.status_code for answer in answers] == [201] * 4
    assert [item["kind"] for item in items].count("sharing") == 1


async def test_a_patient_reaches_no_other_persons_consents(clinic: Clinic) -> None:
    told = {"kind": "research", "text_version": "1"}
    other = place(clinic, RoleName.CLINICIAN)
    async with clinic.client(RoleName.PATIENT) as client:
        assert (await client.get(other)).status_code == 404
        assert (await client.post(other, json=told)).status_code == 404
        assert (await client.post(f"{other}/research/withdraw")).status_code == 404


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE consents SET withdrawn_at = NULL, withdrawn_by = NULL",
        "UPDATE consents SET withdrawn_at = now() - interval '1 year' WHERE kind = 'treatment'",
        f"INSERT INTO consents ({COLUMNS}) SELECT {BACKDATED} FROM consents LIMIT 1",
    ],
)
async def test_no_statement_says_that_something_else_was_agreed_to_before(
    clinic: Clinic, statement: str
) -> None:
    async with clinic.client(RoleName.PATIENT) as patient:
        await patient.post(f"{place(clinic)}/research/withdraw")
        told = {"kind": "treatment", "text_version": "1"}
        assert (await patient.post(place(clinic), json=told)).status_code == 201
        before = (await patient.get(place(clinic))).json()
        with pytest.raises(DBAPIError, match="a consent"):
            async with transaction.begin(
                clinic.caller(RoleName.PATIENT), Permission.MANAGE_CONSENTS
            ) as connection:
                await connection.execute(text(statement))
        assert (await patient.get(place(clinic))).json() == before
