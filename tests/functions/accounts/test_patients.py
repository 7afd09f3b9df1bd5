"""Patients over HTTP: added once, found, changed by whoever has seen them, examined by name."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import nullcontext
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from httpx import AsyncClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from functions.accounts.patients import queries, service
from functions.accounts.patients.names import Name
from local.samples.ecg import Episode, Rhythm, synthesize
from local.samples.ecg_files import csv_file
from shared.database import transaction
from shared.permissions import Permission, RoleName
from tests.conftest import Clinic
from tests.nonempty import nonempty

PATIENTS = "/api/accounts/patients"
MRN = {"system": "https://clinic.example.org/mrn", "value": "M-1001"}
ADA = {
    "first_name": "Ada",
    "last_name": "Byron-Király",
    "date_of_birth": "1975-12-10",
    "sex_at_birth": "female",
    "identifiers": [MRN],
}
WHEN = {"recorded_at": "2025-12-09T12:00:00Z"}


@pytest.fixture
async def clinician(clinic: Clinic) -> AsyncIterator[AsyncClient]:
    async with clinic.client(RoleName.CLINICIAN) as client:
        yield client


async def added(client: AsyncClient, **changes: Any) -> dict[str, Any]:
    answer = await client.post(PATIENTS, json=ADA | changes)
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def found(client: AsyncClient, **wanted: Any) -> list[str]:
    answer = await client.post(f"{PATIENTS}/search", json=wanted)
    assert answer.status_code == 200, answer.text
    return [person["id"] for person in answer.json()["items"]]


class TestAdding:
    async def test_patient_is_read_back_as_added(self, clinician: AsyncClient) -> None:
        answer = await clinician.post(PATIENTS, json=ADA)
        patient = answer.json()
        assert patient | ADA == patient
        assert (patient["has_login"], patient["revision"]) == (False, 1)
        assert answer.headers["etag"] == '"1"'
        assert (await clinician.get(answer.headers["location"])).json() == patient

    @pytest.mark.parametrize(
        "name",
        [
            {"last_name": "byron kiraly"},
            {"last_name": "Byron-Kiraly", "first_name": None},
            {"first_name": "Byron-Király", "last_name": "Ada"},
            {"last_name": "Biron-Király"},
        ],
    )
    async def test_likely_duplicate_is_named_and_added_only_when_confirmed(
        self, clinician: AsyncClient, name: dict[str, Any]
    ) -> None:
        first = await added(clinician)
        again = ADA | name | {"identifiers": []}
        refused = await clinician.post(PATIENTS, json=again)
        assert (refused.status_code, refused.json()["code"]) == (409, "likely-duplicate")
        assert refused.json()["person_ids"] == [first["id"]]
        others = again | {"not_duplicate_of": [str(uuid4())]}
        assert (await clinician.post(PATIENTS, json=others)).status_code == 409
        confirmed = again | {"not_duplicate_of": [first["id"]]}
        assert (await clinician.post(PATIENTS, json=confirmed)).status_code == 201

    @pytest.mark.parametrize(
        "other", [{"last_name": "Maurer"}, {"date_of_birth": "1975-12-11"}, {"first_name": "Eve"}]
    )
    async def test_another_person_is_no_duplicate(
        self, clinician: AsyncClient, other: dict[str, Any]
    ) -> None:
        await added(clinician)
        await added(clinician, **other, identifiers=[])

    async def test_identifier_belongs_to_one_person_of_the_organization(
        self, clinician: AsyncClient, elsewhere: Clinic
    ) -> None:
        await added(clinician)
        taken = await clinician.post(PATIENTS, json={"last_name": "Maurer", "identifiers": [MRN]})
        assert (taken.status_code, taken.json()["code"]) == (409, "identifier-taken")
        async with elsewhere.client(RoleName.CLINICIAN) as client:
            await added(client)

    @pytest.mark.parametrize(
        "change",
        [
            {"id": str(uuid4())},
            {"organization_id": str(uuid4())},
            {"identity_subject": "user_x"},
            {"deleted_at": None},
            {"revision": 7},
            {"date_of_birth": "2999-01-01"},
            {"date_of_birth": "1849-12-31"},
            {"last_name": "a\u0000b"},
            {"last_name": None, "identifiers": []},
            {"identifiers": [{"system": "a|b", "value": "c"}]},
        ],
    )
    async def test_what_no_caller_sets_is_refused(
        self, clinician: AsyncClient, change: dict[str, Any]
    ) -> None:
        """No id, tenant, deletion or revision of the caller's choosing."""
        answer = await clinician.post(PATIENTS, json=ADA | change)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request")

    async def test_two_at_once_are_seen_to_be_one_person(self, clinician: AsyncClient) -> None:
        new = ADA | {"identifiers": []}
        answers = await asyncio.gather(*(clinician.post(PATIENTS, json=new) for _ in range(5)))
        assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409]


class TestSearching:
    async def test_by_identifier_birth_date_and_beginnings_of_names(
        self, clinician: AsyncClient
    ) -> None:
        ada = (await added(clinician))["id"]
        await added(clinician, last_name="Maurer", identifiers=[])
        born = ADA["date_of_birth"]
        assert await found(clinician, identifier=MRN) == [ada]
        assert await found(clinician, identifier=MRN | {"value": "m-1001"}) == []
        assert await found(clinician, last_name="BYRON KIRÁLY", date_of_birth=born) == [ada]
        assert await found(clinician, last_name="Byron", date_of_birth=born) == []
        assert await found(clinician, name_part="kir ad") == [ada]
        assert await found(clinician, name_part="yron") == []

    async def test_pages_go_on_by_id(self, clinician: AsyncClient) -> None:
        ids = [
            (await added(clinician, first_name=name, identifiers=[], date_of_birth=None))["id"]
            for name in ("Ada", "Eve", "Ida")
        ]
        wanted: dict[str, Any] = {"name_part": "byron", "limit": 2}
        first = (await clinician.post(f"{PATIENTS}/search", json=wanted)).json()
        wanted["after"] = first["next_after"]
        second = (await clinician.post(f"{PATIENTS}/search", json=wanted)).json()
        assert [entry["id"] for entry in (*first["items"], *second["items"])] == sorted(ids)
        assert second["next_after"] is None

    async def test_too_many_people_for_a_part_of_a_name_are_said(
        self, clinician: AsyncClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(queries, "MAX_COMPARED", 1)
        monkeypatch.setattr(service, "MAX_COMPARED", 1)
        for name in ("Ada", "Eve"):
            await added(clinician, first_name=name, identifiers=[])
        answer = await clinician.post(f"{PATIENTS}/search", json={"name_part": "a"})
        assert (answer.status_code, answer.json()["code"]) == (409, "too-many-people")

    @pytest.mark.parametrize(
        "wanted",
        [
            {},
            {"last_name": "Byron"},
            {"date_of_birth": "1975-12-10"},
            {"name_part": "a", "identifier": MRN},
            {"name_part": " "},
            {"name_part": "--"},
            {"last_name": "-", "date_of_birth": "1975-12-10"},
            {"name_part": "a", "limit": 101},
        ],
    )
    async def test_other_ways_are_refused(
        self, clinician: AsyncClient, wanted: dict[str, Any]
    ) -> None:
        answer = await clinician.post(f"{PATIENTS}/search", json=wanted)
        assert answer.status_code == 422

    async def test_who_works_here_is_not_found_as_a_patient(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        people = [clinic.person_id(role) for role in clinic.roles]
        await auditor.execute("UPDATE users SET last_name = 'Demo' WHERE id = ANY ($1)", people)
        patient = str(clinic.person_id(RoleName.PATIENT))
        async with clinic.client(RoleName.ADMIN) as client:
            assert await found(client, name_part="demo") == [patient]

    async def test_who_works_here_is_no_patient(self, clinic: Clinic) -> None:
        colleague = f"{PATIENTS}/{clinic.person_id(RoleName.CLINICIAN)}"
        async with clinic.client(RoleName.ADMIN) as client:
            assert (await client.get(colleague)).status_code == 404
            assert (await client.patch(colleague, json={"last_name": "X"})).status_code == 404

    async def test_another_tenants_people_are_nobody(
        self, clinician: AsyncClient, elsewhere: Clinic
    ) -> None:
        async with elsewhere.client(RoleName.CLINICIAN) as client:
            await added(client)
        assert await found(clinician, identifier=MRN) == []
        assert await found(clinician, name_part="byron") == []

    async def test_each_person_shown_is_in_the_trail_and_no_name_is(
        self, clinic: Clinic, clinician: AsyncClient, auditor: asyncpg.Connection
    ) -> None:
        """A row for each person shown, none for who was compared."""
        ada = await added(clinician)
        eve = await added(clinician, first_name="Eve", last_name="Maurer", identifiers=[])
        await found(clinician, name_part="byron")
        rows = await auditor.fetch(
            "SELECT subject_id, details::text FROM audit_events WHERE user_id = $1"
            " AND action = 'read' ORDER BY id",
            clinic.person_id(RoleName.CLINICIAN),
        )
        # Each was read back when added; then Ada was found.
        assert [row["subject_id"] for row in rows] == [
            *map(UUID, (ada["id"], eve["id"], ada["id"]))
        ]
        told = await auditor.fetch("SELECT to_jsonb(e)::text AS row FROM audit_events e")
        for row in nonempty(told):
            for canary in ("Byron", "Maurer", "M-1001", "1975-12-10"):
                assert canary not in row["row"]


class TestChanging:
    async def test_only_who_has_seen_the_state_changes_it(self, clinician: AsyncClient) -> None:
        place = f"{PATIENTS}/{(await added(clinician))['id']}"
        change = {"phone": "+49 30 123", "identifiers": [MRN | {"value": "M-2"}]}
        blind = await clinician.patch(place, json=change)
        assert (blind.status_code, blind.json()["code"]) == (428, "precondition-required")
        changed = await clinician.patch(place, json=change, headers={"If-Match": '"1"'})
        assert changed.status_code == 200, changed.text
        assert changed.json() | change == changed.json()
        assert changed.json()["last_name"] == ADA["last_name"]
        assert changed.headers["etag"] == '"2"'
        late = await clinician.patch(place, json=change, headers={"If-Match": '"1"'})
        assert (late.status_code, late.json()["code"]) == (412, "precondition-failed")

    async def test_an_identifier_that_was_removed_may_be_anothers(
        self, clinician: AsyncClient
    ) -> None:
        place = f"{PATIENTS}/{(await added(clinician))['id']}"
        change = {"identifiers": [MRN | {"value": "M-2"}]}
        changed = await clinician.patch(place, json=change, headers={"If-Match": '"1"'})
        assert changed.status_code == 200, changed.text
        assert await found(clinician, identifier=MRN) == []
        await added(clinician, last_name="Maurer")

    async def test_deactivated_patient_is_found_only_when_asked_for(
        self, clinician: AsyncClient
    ) -> None:
        key = (await added(clinician))["id"]
        change = {"is_active": False}
        await clinician.patch(f"{PATIENTS}/{key}", json=change, headers={"If-Match": "*"})
        assert await found(clinician, identifier=MRN) == []
        assert await found(clinician, identifier=MRN, include_inactive=True) == [key]
        # Nor is the same person added again because nobody saw them.
        again = await clinician.post(PATIENTS, json=ADA)
        assert again.json()["person_ids"] == [key]

    @pytest.mark.parametrize(
        ("had", "change", "status"),
        [
            ({}, {"last_name": None, "identifiers": []}, 422),
            ({"identifiers": []}, {"last_name": None}, 422),
            ({"last_name": None}, {"identifiers": None}, 422),
            ({}, {"last_name": None}, 200),
            ({}, {"identifiers": []}, 200),
        ],
    )
    async def test_somebody_stays_somebody(
        self, clinician: AsyncClient, had: dict[str, Any], change: dict[str, Any], status: int
    ) -> None:
        place = f"{PATIENTS}/{(await added(clinician, **had))['id']}"
        answer = await clinician.patch(place, json=change, headers={"If-Match": "*"})
        assert answer.status_code == status, answer.text


class TestExamining:
    FILE = csv_file(synthesize([Episode(Rhythm.SINUS, 20, rate_bpm=72)], fs_hz=250, leads=("II",)))

    async def analyze(self, client: AsyncClient, **data: Any) -> dict[str, Any]:
        files = {"file": (self.FILE.name, self.FILE.content)}
        answer = await client.post("/api/cardiology/analyze", files=files, data=data)
        assert answer.status_code == 201, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def test_person_is_named_by_the_clinics_identifier_and_known_by_sex_and_age(
        self, clinician: AsyncClient
    ) -> None:
        ada = await added(clinician)
        token = f"{MRN['system']}|{MRN['value']}"
        told = await self.analyze(clinician, subject_identifier=token, **WHEN)
        assert told["subject_id"] == ada["id"]
        assert told["provenance"]["from_person"] == {"sex": "female", "age_years": 49}
        assert "M-1001" not in str(told)

    async def test_what_the_form_says_of_sex_and_age_counts(self, clinician: AsyncClient) -> None:
        ada = await added(clinician)
        form = {"subject_id": ada["id"], "sex": "male", "age_years": 60}
        by_hand = await self.analyze(clinician, **form, **WHEN)
        assert "from_person" not in by_hand["provenance"]
        assert by_hand["provenance"]["fields"]["sex"] == "male"

    async def test_the_form_is_what_is_compared_when_a_request_comes_again(
        self, clinician: AsyncClient
    ) -> None:
        ada = await added(clinician)
        clinician.headers["Idempotency-Key"] = "strip-1"
        first = await self.analyze(clinician, subject_id=ada["id"])
        assert first == await self.analyze(clinician, subject_id=ada["id"])

    @pytest.mark.parametrize(
        ("data", "status"),
        [
            ({"subject_identifier": f"{MRN['system']}|nobody"}, 404),
            ({"subject_identifier": "no-bar"}, 422),
            ({"subject_identifier": "a|b", "subject_id": str(uuid4())}, 422),
        ],
    )
    async def test_who_is_named_otherwise_is_refused(
        self, clinician: AsyncClient, data: dict[str, str], status: int
    ) -> None:
        files = {"file": (self.FILE.name, self.FILE.content)}
        answer = await clinician.post("/api/cardiology/analyze", files=files, data=data)
        assert answer.status_code == status

    async def test_another_tenants_identifier_names_nobody(
        self, clinician: AsyncClient, elsewhere: Clinic
    ) -> None:
        async with elsewhere.client(RoleName.CLINICIAN) as client:
            await added(client)
        files = {"file": (self.FILE.name, self.FILE.content)}
        data = {"subject_identifier": f"{MRN['system']}|{MRN['value']}"}
        answer = await clinician.post("/api/cardiology/analyze", files=files, data=data)
        assert (answer.status_code, answer.json()["detail"]) == (404, "There is no such person.")


@pytest.mark.parametrize(
    ("name", "other", "alike"),
    [
        (Name("Ada", "Meyer"), Name("Ada", "Meier"), True),
        (Name("Ada", "Müller"), Name("Ada", "MULLER"), True),
        (Name(None, "Meyer"), Name("Ada", "Meyer"), True),
        (Name("Ada", "Meyer"), Name("Ada", "Maurer"), False),
        (Name("Ada", "Meyer"), Name("Eve", "Meyer"), False),
    ],
)
def test_names_are_compared_as_people_misspell_them(
    name: Name, other: Name, *, alike: bool
) -> None:
    assert name.is_like(other) == other.is_like(name) == alike


@pytest.mark.parametrize("column", ["is_active", "email"])
async def test_the_database_lets_whoever_manages_patients_change_no_colleague(
    clinic: Clinic, column: str
) -> None:
    """Beside the route, by a statement in a clinician's transaction."""
    caller = clinic.caller(RoleName.CLINICIAN)
    value = "false" if column == "is_active" else "'e@example.org'"
    for role, is_refused in {RoleName.ADMIN: True, RoleName.PATIENT: False}.items():
        change = text(f"UPDATE users SET {column} = {value} WHERE id = :id")
        refusal = pytest.raises(DBAPIError, match="works here") if is_refused else nullcontext()
        with refusal:
            async with transaction.begin(caller, Permission.MANAGE_PATIENTS) as connection:
                await connection.execute(change, {"id": clinic.person_id(role)})
