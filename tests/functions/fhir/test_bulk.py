"""Bulk export as a client of Bulk Data Access does it: kick-off, polls, files, cancel, again."""

import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import asyncpg
import fhirkit
import pytest
from httpx import AsyncClient, Response

from functions.fhir.bulk import files, queries, service, slices
from functions.fhir.bulk.order import NDJSON
from functions.fhir.outcome import FHIR_JSON
from functions.maintenance.service import Job, run
from shared.aws import storage
from shared.aws.requests import NotThere
from shared.database import transaction
from shared.database.repositories.exports import storage_key
from shared.errors import Unavailable
from shared.permissions import Permission, RoleName
from tests.conftest import Clinic
from tests.factories.examinations import stored
from tests.factories.records import RECORDS
from tests.functions.accounts.test_care_teams import ask_for_care_teams, assign
from tests.functions.fhir.judges import complaints
from tests.functions.fhir.test_reports import named
from tests.nonempty import nonempty

pytestmark = pytest.mark.usefixtures("aws")

KICK_OFF = "/api/fhir/$export"
ASSESSED = "/api/records/assessments"
EXPIRED = "UPDATE fhir_exports SET expires_at = now() - interval '1 hour' WHERE id = $1"
EXPORTED = {
    *("Patient", "Consent", "DiagnosticReport", "Observation"),
    *("DocumentReference", "Provenance", "Device"),
}


@pytest.fixture
async def client(clinic: Clinic) -> AsyncIterator[AsyncClient]:
    async with clinic.client(RoleName.CLINICIAN) as opened:
        yield opened


async def begun(client: AsyncClient, path: str = KICK_OFF, **params: Any) -> str:
    answer = await client.get(path, params=params, headers={"Prefer": "respond-async"})
    assert answer.status_code == 202, answer.text
    url = answer.headers["content-location"]
    assert url.startswith("http://test/api/fhir/exports/")
    return str(url)


async def finished(client: AsyncClient, url: str) -> Any:
    for _ in range(50):
        answer = await client.get(url)
        if answer.status_code == 200:
            return answer.json()
        assert answer.status_code == 202, answer.text
        assert 0 < len(answer.headers["x-progress"]) < 100
        assert int(answer.headers["retry-after"]) > 0
    raise AssertionError("the export does not end")


async def exported(client: AsyncClient, path: str = KICK_OFF, **params: Any) -> dict[str, Any]:
    return dict(await finished(client, await begun(client, path, **params)))


async def lines(
    client: AsyncClient, manifest: dict[str, Any], kind: str | None = None
) -> list[Any]:
    """Every resource of an export, of one type or of all."""
    told = []
    for entry in manifest["output"]:
        if kind in (None, entry["type"]):
            answer = await client.get(entry["url"])
            assert answer.headers["content-type"] == NDJSON
            part = [json.loads(line) for line in answer.text.splitlines()]
            assert len(part) == entry["count"]
            assert {resource["resourceType"] for resource in part} == {entry["type"]}
            told += part
    return told


def in_small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices, "ASSESSMENTS_AT_ONCE", 2)
    monkeypatch.setattr(slices, "PEOPLE_AT_ONCE", 1)
    monkeypatch.setattr(slices, "SLICE_RAW_BYTES", 1)
    monkeypatch.setattr(files, "MAX_RAW_BYTES", 2_000)
    monkeypatch.setattr(service, "POLL_S", 0.0)


def ids(resources: list[Any]) -> set[str]:
    return {resource["id"] for resource in resources}


class TestContent:
    async def test_everything_is_there_once_and_as_searches_give_it(
        self, clinic: Clinic, client: AsyncClient, auditor: asyncpg.Connection
    ) -> None:
        await named(clinic, auditor)
        keys = {str(await stored(clinic, heart_rate=60 + number)) for number in range(3)}
        resources = await lines(client, manifest := await exported(client))
        assert ids(await lines(client, manifest, "DiagnosticReport")) == keys
        for resource in nonempty(resources):
            read = await client.get(f"/api/fhir/{resource['resourceType']}/{resource['id']}")
            assert read.json() == resource or resource["resourceType"] == "Consent"
            assert complaints(resource) == []
        assert {resource["resourceType"] for resource in resources} == EXPORTED
        assert len(resources) == len({(r["resourceType"], r["id"]) for r in resources})

    async def test_manifest_says_what_was_asked(self, clinic: Clinic, client: AsyncClient) -> None:
        await stored(clinic)
        manifest = await exported(client)
        assert manifest["requiresAccessToken"] is True
        assert manifest["request"] == f"http://test{KICK_OFF}"
        assert manifest["error"] == manifest["deleted"] == []

    async def test_slices_and_files_of_any_size_hold_the_same(
        self, clinic: Clinic, client: AsyncClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for number in range(7):
            await stored(clinic, heart_rate=60 + number)
        whole = await lines(client, await exported(client))
        in_small_pieces(monkeypatch)
        manifest = await exported(client)
        parts = await lines(client, manifest)
        assert len(manifest["output"]) > 7
        assert sorted(map(json.dumps, parts)) == sorted(map(json.dumps, whole))

    async def test_types_are_those_asked_for(self, clinic: Clinic, client: AsyncClient) -> None:
        await stored(clinic)
        manifest = await exported(client, _type="Observation,Patient", _outputFormat="ndjson")
        assert {entry["type"] for entry in manifest["output"]} == {"Observation", "Patient"}
        body, headers = (
            _parameters(name="_type", valueString="Patient"),
            {"content-type": FHIR_JSON},
        )
        answer = await client.post("/api/fhir/Patient/$export", content=body, headers=headers)
        manifest = await finished(client, answer.headers["content-location"])
        assert [entry["type"] for entry in manifest["output"]] == ["Patient"]

    async def test_whoever_was_changed_since_the_kick_off_is_there_too(
        self, clinic: Clinic, client: AsyncClient, auditor: asyncpg.Connection
    ) -> None:
        await stored(clinic)
        url = await begun(client)
        patient = clinic.person_id(RoleName.PATIENT)
        await auditor.execute("UPDATE users SET updated_at = now() WHERE id = $1", patient)
        manifest = await finished(client, url)
        assert ids(await lines(client, manifest, "Patient")) == {str(patient)}

    async def test_what_was_passed_over_is_not_written_down(self, client: AsyncClient) -> None:
        lenient = {"Prefer": "respond-async, handling=lenient"}
        params = {"_type": "Patient", "name": "Sparrow"}
        answer = await client.get(KICK_OFF, params=params, headers=lenient)
        manifest = await finished(client, answer.headers["content-location"])
        assert manifest["request"] == f"http://test{KICK_OFF}?_type=Patient"

    async def test_an_empty_one_has_no_files(self, client: AsyncClient) -> None:
        manifest = await exported(client, _type="Observation")
        assert manifest["output"] == []

    async def test_a_group_holds_its_people_alone(
        self, clinic: Clinic, client: AsyncClient, auditor: asyncpg.Connection
    ) -> None:
        await stored(clinic)
        path = "/api/fhir/Group/research/$export"
        assert len(await lines(client, await exported(client, path), "Observation")) == 1
        await auditor.execute(
            "UPDATE consents SET withdrawn_at = now() WHERE user_id = $1",
            clinic.person_id(RoleName.PATIENT),
        )
        assert await lines(client, await exported(client, path), "Observation") == []
        path = "/api/fhir/Group/care-team/$export"
        assert await lines(client, await exported(client, path)) == []


class TestSince:
    async def test_the_next_begins_where_the_last_ended_with_commits_in_flight(
        self, clinic: Clinic, client: AsyncClient
    ) -> None:
        first = str(await stored(clinic))
        caller = clinic.caller(RoleName.CLINICIAN)
        async with transaction.begin(caller, Permission.VIEW_ASSESSMENTS):
            late = str(await stored(clinic))  # the time of a transaction that is open still
            manifest = await exported(client, _type="DiagnosticReport")
            whole = ids(await lines(client, manifest))
        assert whole == {first}
        again = await exported(client, _type="DiagnosticReport", _since=manifest["transactionTime"])
        assert late in ids(await lines(client, again))
        settled = await exported(client, _type="DiagnosticReport", _since=again["transactionTime"])
        assert await lines(client, settled) == []

    async def test_what_was_deleted_is_named(self, clinic: Clinic, client: AsyncClient) -> None:
        key = await stored(clinic)
        manifest = await exported(client)
        assert (await client.delete(f"{ASSESSED}/{key}")).is_success
        again = await exported(client, _since=manifest["transactionTime"])
        assert [entry["type"] for entry in again["deleted"]] == ["Bundle"]
        bundle = (await client.get(again["deleted"][0]["url"])).json()
        requests = [entry["request"] for entry in bundle["entry"]]
        assert {"method": "DELETE", "url": f"DiagnosticReport/{key}"} in requests
        assert len({request["url"].partition("/")[0] for request in requests}) == 4
        assert await lines(client, again, "DiagnosticReport") == []
        # The other judge asks each entry for a resource, which R4 does only where none is deleted.
        assert [str(issue) for issue in fhirkit.validate(bundle)] == []

    async def test_who_was_deleted_is_named(
        self, clinic: Clinic, client: AsyncClient, auditor: asyncpg.Connection
    ) -> None:
        manifest = await exported(client, _type="Patient")
        patient = clinic.person_id(RoleName.PATIENT)
        await auditor.execute("UPDATE users SET deleted_at = now() WHERE id = $1", patient)
        again = await exported(client, _type="Patient", _since=manifest["transactionTime"])
        assert again["output"] == []
        (file,) = again["deleted"]
        (entry,) = (await client.get(file["url"])).json()["entry"]
        assert entry["request"] == {"method": "DELETE", "url": f"Patient/{patient}"}


class TestStatus:
    async def test_it_is_cancelled_and_its_files_are_gone(
        self, clinic: Clinic, client: AsyncClient
    ) -> None:
        await stored(clinic)
        url = await begun(client)
        manifest = await finished(client, url)
        assert (await client.delete(url)).status_code == 202
        for place in (url, manifest["output"][0]["url"]):
            assert (await client.get(place)).status_code == 404
        assert not await is_stored(clinic, url)

    async def test_a_cancel_during_a_slice_leaves_no_files(
        self, clinic: Clinic, client: AsyncClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await stored(clinic)
        url = await begun(client)
        advance = queries.advance

        async def cancelled(*given: Any) -> Any:
            await client.delete(url)
            return await advance(*given)

        monkeypatch.setattr(queries, "advance", cancelled)
        assert (await client.get(url)).status_code == 404
        assert not await is_stored(clinic, url)

    async def test_of_two_polls_one_reads(
        self, clinic: Clinic, client: AsyncClient, auditor: asyncpg.Connection
    ) -> None:
        await stored(clinic)
        url = await begun(client)
        await auditor.execute(
            "UPDATE fhir_exports SET leased_until = now() + interval '1 minute' WHERE id = $1",
            UUID(url.rpartition("/")[2]),
        )
        assert (await client.get(url)).status_code == 202
        assert (await client.get(f"{url}/0")).status_code == 404

    async def test_a_poll_that_fails_keeps_no_other_from_reading(
        self, clinic: Clinic, client: AsyncClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await stored(clinic)
        url = await begun(client)

        async def broken(*_: Any) -> Any:
            raise Unavailable("The storage is away.")

        with monkeypatch.context() as patch:
            patch.setattr(service, "_store", broken)
            assert (await client.get(url)).status_code == 503
        assert (await client.get(url)).status_code == 200

    async def test_a_poll_that_outlives_its_lease_writes_over_nothing(
        self,
        clinic: Clinic,
        client: AsyncClient,
        auditor: asyncpg.Connection,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        await stored(clinic)
        url = await begun(client)
        store = service._store
        over = "UPDATE fhir_exports SET leased_until = now() - interval '1 minute' WHERE id = $1"

        async def late(*given: Any) -> Any:
            monkeypatch.setattr(service, "_store", store)
            await auditor.execute(over, UUID(url.rpartition("/")[2]))
            await finished(client, url)
            return await store(*given)

        monkeypatch.setattr(service, "_store", late)
        manifest = (await client.get(url)).json()
        for file in nonempty(manifest["output"]):
            assert (await client.get(file["url"])).status_code == 200
        assert not await is_stored(clinic, url)

    async def test_another_is_begun_once_the_first_has_ended(self, client: AsyncClient) -> None:
        url = await begun(client)
        refused = await client.get(KICK_OFF)
        assert refused.status_code == 429
        assert int(refused.headers["retry-after"]) > 0
        assert refused.json()["issue"][0]["details"]["coding"][0]["code"] == "export-under-way"
        await finished(client, url)
        await exported(client)

    async def test_it_expires_and_the_schedule_removes_its_files(
        self, clinic: Clinic, client: AsyncClient, auditor: asyncpg.Connection
    ) -> None:
        await stored(clinic)
        url = await begun(client)
        manifest = await finished(client, url)
        assert await is_stored(clinic, url)
        await auditor.execute(EXPIRED, UUID(url.rpartition("/")[2]))
        for place in (url, manifest["output"][0]["url"]):
            assert (await client.get(place)).status_code == 410
        report = await run(Job.UPLOADS)
        assert f"export {url.rpartition('/')[2]}" in report.changed
        assert not await is_stored(clinic, url)


async def is_stored(clinic: Clinic, url: str) -> bool:
    key = UUID(url.rpartition("/")[2])
    async with transaction.begin(
        clinic.caller(RoleName.CLINICIAN), Permission.EXPORT_DATA
    ) as connection:
        export = await queries.get(connection, key)
    assert export is not None
    try:
        return bool(storage.get(storage_key(export.organization_id, key, 0)))
    except NotThere:
        return False


class TestReaders:
    async def test_nobody_else_sees_it(
        self, clinic: Clinic, client: AsyncClient, elsewhere: Clinic
    ) -> None:
        await stored(clinic)
        manifest = await exported(client)
        file = manifest["output"][0]["url"]
        url = file.rpartition("/")[0]
        others = [clinic.client(role) for role in (RoleName.ADMIN, RoleName.RESEARCHER)]
        for opened in (*others, elsewhere.client(RoleName.CLINICIAN)):
            async with opened as other:
                answers = [await other.get(url), await other.get(file), await other.delete(url)]
                assert [answer.status_code for answer in answers] == [404, 404, 404]
        async with clinic.client(None) as nobody:
            assert (await nobody.get(file)).status_code == 401

    async def test_a_researcher_is_told_of_cohorts(self, clinic: Clinic) -> None:
        async with clinic.client(RoleName.RESEARCHER) as client:
            assert code(await client.get(KICK_OFF)) == "cohorts-only"

    async def test_a_care_team_exports_whom_it_cares_for(
        self, clinic: Clinic, client: AsyncClient
    ) -> None:
        await stored(clinic)
        await ask_for_care_teams(clinic)
        assert await lines(client, await exported(client), "Observation") == []
        await assign(clinic)
        for path in (KICK_OFF, "/api/fhir/Group/care-team/$export"):
            assert len(await lines(client, await exported(client, path), "Observation")) == 1

    async def test_each_persons_trail_says_so(
        self, clinic: Clinic, client: AsyncClient, auditor: asyncpg.Connection
    ) -> None:
        await stored(clinic)
        await exported(client, _type="Observation")
        rows = await auditor.fetch(
            "SELECT details FROM audit_events WHERE subject_id = $1 AND action = 'read'"
            " AND resource_type = 'assessments'",
            clinic.person_id(RoleName.PATIENT),
        )
        assert len(rows) == 1


def code(answer: Response) -> str:
    return str(answer.json()["issue"][0]["details"]["coding"][0]["code"])


class TestRefusals:
    async def test_they_say_what_is_wrong(self, client: AsyncClient) -> None:
        for params, status, told in (
            ({"_type": "Patient,Secret"}, 400, "not-exported"),
            ({"_outputFormat": "text/csv"}, 400, "not-exported"),
            ({"_since": "yesterday"}, 422, "invalid-request"),
            ({"_elements": "id"}, 422, "invalid-request"),
        ):
            answer = await client.get(KICK_OFF, params=params)
            assert (answer.status_code, code(answer)) == (status, told), params
        for body in ("[]", "{", '{"resourceType": "Patient"}', _parameters(name="_until")):
            answer = await client.post(KICK_OFF, content=body, headers={"content-type": FHIR_JSON})
            assert (answer.status_code, code(answer)) == (422, "invalid-request"), body
        answer = await client.post(KICK_OFF, content="{}", headers={"content-type": "text/plain"})
        assert answer.status_code == 415

    async def test_without_a_store_there_is_none(
        self, client: AsyncClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(
            service, "load", lambda _: type("Nowhere", (), {"storage_bucket": None})
        )
        answer = await client.get(KICK_OFF)
        assert (answer.status_code, code(answer)) == (501, "uploads-not-offered")

    async def test_a_file_that_is_not_there_is_404(
        self, clinic: Clinic, client: AsyncClient, auditor: asyncpg.Connection
    ) -> None:
        url = await begun(client)
        await finished(client, url)
        path = urlsplit(url).path
        for place in (f"{path}/99", f"/api/fhir/exports/{uuid4()}"):
            assert (await client.get(place)).status_code == 404
        theirs = await RECORDS["export_id"](clinic, auditor)
        assert (await client.get(f"/api/fhir/exports/{theirs}")).status_code == 404


def _parameters(**members: str) -> str:
    return json.dumps({"resourceType": "Parameters", "parameter": [members]})
