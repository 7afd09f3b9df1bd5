"""FHIR's routes as clients use them: searches, pages, what goes along, refusals."""

import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import asyncpg
import fhirkit
import pytest
from fhirpy import AsyncFHIRClient
from httpx import AsyncClient

from functions.fhir.capability import INCLUDES, OPERATIONS, SEARCHED
from functions.fhir.ids import part_id
from functions.fhir.outcome import FHIR_JSON
from shared.permissions import RoleName
from tests.access import documents
from tests.conftest import Clinic
from tests.factories.examinations import stored
from tests.factories.samples import MEASURABLE, store_sample
from tests.functions.fhir.judges import complaints, own_complaints
from tests.functions.fhir.test_reports import named
from tests.nonempty import nonempty

FHIR = "/api/fhir"
# Beside those of the kinds of resources.
OTHER_ROUTES = {
    *("metadata", "health", "reports", "cohorts", "exports", "pushes", "jobs"),
    "$export",
}
OF_A_PERSON = {
    *("Patient", "DiagnosticReport", "Observation", "Device", "Provenance"),
    *("DocumentReference", "Consent"),
}
# Where a name could stand.
PERSONAL = (
    "Patient/{patient}",
    "Patient/{patient}/$everything",
    "DiagnosticReport/{report}/$document",
    "Observation?_include=Observation:patient",
)
LENIENT = {"Prefer": "respond-async, handling=lenient"}
CANARIES = ("Canary", "Sparrow", "MRN-4711", "1965-03-12")


def moment_of(report: Any, sort: str) -> str:
    """What a report is sorted by."""
    stored = report["meta"]["lastUpdated"]
    return str(report["effectiveDateTime"] if sort.endswith("date") else stored)


@pytest.fixture
async def client(clinic: Clinic) -> AsyncIterator[AsyncClient]:
    async with clinic.client(RoleName.CLINICIAN) as opened:
        yield opened


async def ask(client: AsyncClient, path: str, **params: Any) -> Any:
    answer = await client.get(f"{FHIR}/{path}", params=params)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == FHIR_JSON
    return answer.json()


async def statement_of(clinic: Clinic) -> Any:
    """What the server says of itself, to whoever asks."""
    async with clinic.client(None) as client:
        return await ask(client, "metadata")


def fhir_client(clinic: Clinic, url: str) -> AsyncFHIRClient:
    """A client of others, signed in as a clinician."""
    token = f"Bearer {clinic.token(RoleName.CLINICIAN)}"
    return AsyncFHIRClient(f"{url}{FHIR}", authorization=token)


async def sample_document(clinic: Clinic, client: AsyncClient) -> Any:
    """The document of an assessment with pictures."""
    key = await store_sample(clinic, "cognitive-stroop")
    return await ask(client, f"DiagnosticReport/{key}/$document", absent=True)


async def by_identifier(client: AsyncClient, identifier: str) -> Any:
    answer = await client.post(f"{FHIR}/Patient/_search", data={"identifier": identifier})
    assert answer.status_code == 200, answer.text
    return answer.json()


def resources(bundle: Any, kind: str | None = None) -> list[Any]:
    listed = [entry["resource"] for entry in bundle.get("entry", [])]
    return [item for item in listed if kind in (None, item["resourceType"])]


class TestSearch:
    async def test_by_code_of_ours_or_of_loinc(self, clinic: Clinic, client: AsyncClient) -> None:
        await stored(clinic, heart_rate=71)
        await stored(clinic, "qt_interval", heart_rate=380)
        for code in ("heart_rate", "http://loinc.org|8867-4", "8867-4,unknown"):
            (observation,) = resources(await ask(client, "Observation", code=code))
            assert observation["valueQuantity"]["value"] == 71
        assert len(resources(await ask(client, "Observation"))) == 2
        assert resources(await ask(client, "Observation", code="unknown")) == []

    async def test_by_person_date_and_change(self, clinic: Clinic, client: AsyncClient) -> None:
        patient = clinic.person_id(RoleName.PATIENT)
        await stored(clinic, days_ago=40)
        await stored(clinic)
        everything: dict[str, Any] = {"patient": f"Patient/{patient}"}
        assert len(resources(await ask(client, "DiagnosticReport", **everything))) == 2
        year = {**everything, "date": ["ge2020-01-01", "lt2100"]}
        assert len(resources(await ask(client, "DiagnosticReport", **year))) == 2
        assert resources(await ask(client, "DiagnosticReport", date="lt2020")) == []
        assert resources(await ask(client, "DiagnosticReport", _lastUpdated="lt2020")) == []
        assert resources(await ask(client, "Observation", patient=str(uuid4()))) == []

    async def test_by_id_category_and_status(self, clinic: Clinic, client: AsyncClient) -> None:
        old = await stored(clinic, days_ago=40)
        await stored(clinic)
        matches = await ask(client, "DiagnosticReport", _id=f"{old},{uuid4()}", category="EC")
        assert [report["id"] for report in resources(matches)] == [str(old)]
        assert resources(await ask(client, "DiagnosticReport", status="final")) == []

    async def test_pages_hold_everything_once(self, clinic: Clinic, client: AsyncClient) -> None:
        for rate in range(60, 67):
            await stored(clinic, heart_rate=rate)
        values, url = [], f"{FHIR}/Observation?_count=2&code=heart_rate"
        while url:
            bundle = (await client.get(url)).json()
            assert len(bundle["entry"]) <= 2
            values += [item["valueQuantity"]["value"] for item in resources(bundle)]
            told = {link["relation"]: link["url"] for link in bundle["link"]}
            url = told.get("next", "")
        assert values == list(range(66, 59, -1))

    @pytest.mark.parametrize("sort", ["date", "-date", "_lastUpdated", "-_lastUpdated"])
    async def test_pages_are_in_the_order_asked_for(
        self, clinic: Clinic, client: AsyncClient, sort: str
    ) -> None:
        for days_ago in (3, 9, 1, 5, 7):
            await stored(clinic, days_ago=days_ago)
        moments, url = [], f"{FHIR}/DiagnosticReport?_count=2&_sort={sort}"
        while url:
            bundle = (await client.get(url)).json()
            moments += [moment_of(report, sort) for report in resources(bundle)]
            url = {link["relation"]: link["url"] for link in bundle["link"]}.get("next", "")
        assert len(moments) == len(set(moments)) == 5
        assert moments == sorted(moments, reverse=sort.startswith("-"))

    async def test_unknown_parameters_are_passed_over_where_a_client_says_so(
        self, clinic: Clinic, client: AsyncClient
    ) -> None:
        await stored(clinic)
        params = {"code": "heart_rate", "combo-value": "5", "_summary": "count"}
        answer = await client.get(f"{FHIR}/Observation", params=params)
        assert answer.status_code == 422
        answer = await client.get(f"{FHIR}/Observation", params=params, headers=LENIENT)
        assert len(resources(answer.json())) == 1
        links = {link["relation"]: link["url"] for link in answer.json()["link"]}
        assert links["self"] == f"http://test{FHIR}/Observation?code=heart_rate"

    async def test_what_is_no_search_passes_over_none(self, client: AsyncClient) -> None:
        for path in ("/api/records/assessments", f"{FHIR}/reports/{uuid4()}.pdf"):
            answer = await client.get(path, params={"unknown": "1"}, headers=LENIENT)
            assert answer.status_code == 422, path

    async def test_what_goes_along_is_there_once(self, clinic: Clinic, client: AsyncClient) -> None:
        await stored(clinic)
        await stored(clinic)
        along = ["DiagnosticReport:result", "DiagnosticReport:patient"]
        params = {"_include": along, "_revinclude": "Provenance:target"}
        bundle = await ask(client, "DiagnosticReport", **params)
        assert len(resources(bundle, "Patient")) == 1
        assert len(resources(bundle, "Observation")) == 2
        assert len(resources(bundle, "Provenance")) == 2
        modes = [entry["search"]["mode"] for entry in bundle["entry"]]
        assert modes.count("match") == 2
        assert complaints(bundle) == []

    async def test_a_patient_is_found_by_identifier(
        self, clinic: Clinic, client: AsyncClient, auditor: asyncpg.Connection
    ) -> None:
        await named(clinic, auditor)
        for identifier in ("urn:mrn|MRN-4711", "MRN-4711"):
            (person,) = resources(await by_identifier(client, identifier))
            assert person["name"] == [{"family": "Sparrow", "given": ["Canary"]}]
        assert resources(await by_identifier(client, "urn:other|MRN-4711")) == []
        everybody = await ask(client, "Patient", _count=1)
        assert [person["id"] for person in resources(everybody)] == [
            str(clinic.person_id(RoleName.PATIENT))
        ]


class TestRead:
    async def test_every_reference_of_an_assessment_can_be_read(
        self, clinic: Clinic, client: AsyncClient
    ) -> None:
        bundle = await sample_document(clinic, client)
        referred = [r for r in resources(bundle) if r["resourceType"] != "Composition"]
        for resource in nonempty(referred):
            path = f"{resource['resourceType']}/{resource['id']}"
            assert await ask(client, path) == resource

    async def test_every_picture_of_an_assessment_can_be_read(
        self, clinic: Clinic, client: AsyncClient
    ) -> None:
        bundle = await sample_document(clinic, client)
        for document in nonempty(resources(bundle, "DocumentReference")):
            attachment = document["content"][0]["attachment"]
            answer = await client.get(attachment["url"])
            assert answer.headers["content-type"].startswith(attachment["contentType"])
            by_id = await ask(client, "DocumentReference", _id=document["id"])
            assert resources(by_id) == [document]

    async def test_everything_of_a_person(
        self, clinic: Clinic, client: AsyncClient, auditor: asyncpg.Connection
    ) -> None:
        await named(clinic, auditor)
        await store_sample(clinic, "cognitive-stroop")
        await stored(clinic)
        patient = clinic.person_id(RoleName.PATIENT)
        bundle = await ask(client, f"Patient/{patient}/$everything")
        kinds = {resource["resourceType"] for resource in resources(bundle)}
        assert kinds == OF_A_PERSON
        assert complaints(bundle) == []
        later = await ask(client, f"Patient/{patient}/$everything", _since="2100-01-01T00:00:00Z")
        assert {resource["resourceType"] for resource in resources(later)} == {"Patient", "Consent"}

    async def test_deleted_is_gone_and_a_transaction_takes_it_back(self, clinic: Clinic) -> None:
        key = await stored(clinic)
        async with clinic.client(RoleName.ADMIN) as client:
            await client.delete(f"/api/records/assessments/{key}")
            gone = await client.get(f"{FHIR}/DiagnosticReport/{key}")
            assert gone.status_code == 410
            assert gone.json()["issue"][0]["code"] == "deleted"
            part = part_id(key, "heart_rate")
            assert (await client.get(f"{FHIR}/Observation/{part}")).status_code == 410
            assert resources(await ask(client, "DiagnosticReport")) == []
            bundle = await ask(client, f"DiagnosticReport/{key}/$transaction")
        (report,) = resources(bundle, "DiagnosticReport")
        assert report["status"] == "entered-in-error"
        assert resources(bundle, "Observation") == []

    async def test_our_codes_are_listed(self, client: AsyncClient) -> None:
        system = await ask(client, "CodeSystem/biomarker")
        assert system["count"] == len(system["concept"]) > 250
        assert list(own_complaints(system)) == []
        assert (await ask(client, "ConceptMap/biomarker"))["group"]

    async def test_no_biomarker_has_a_name_too_long_for_an_id(self, client: AsyncClient) -> None:
        system = await ask(client, "CodeSystem/biomarker")
        for concept in nonempty(system["concept"]):
            assert len(part_id(uuid4(), concept["code"])) <= 64


class TestOrders:
    async def test_an_order_comes_back_in_every_export_and_no_researcher_sees_it(
        self, clinic: Clinic, client: AsyncClient
    ) -> None:
        sample = MEASURABLE["cardiology-sinus-rhythm"]
        (file,) = sample.make()
        made = await client.post(
            "/api/cardiology/analyze",
            files={"file": (file.name, file.content)},
            data={
                "order_reference": "ACC-4711",
                "subject_id": str(clinic.person_id(RoleName.PATIENT)),
            },
        )
        assert made.status_code == 201, made.text
        key = made.json()["id"]
        report = await ask(client, f"DiagnosticReport/{key}")
        assert report["basedOn"][0]["identifier"]["value"] == "ACC-4711"
        assert "ACC-4711" in (await client.get(f"{FHIR}/reports/{key}.html")).text
        assert "OBR|1|ACC-4711|" in (await client.get(f"{FHIR}/reports/{key}.hl7")).text
        async with clinic.client(RoleName.RESEARCHER) as researcher:
            for path in (f"{FHIR}/DiagnosticReport/{key}", f"/api/records/assessments/{key}"):
                answer = await researcher.get(path)
                assert answer.status_code == 200
                assert "ACC-4711" not in answer.text


class TestRefusals:
    async def test_each_is_an_outcome_with_our_code(
        self, clinic: Clinic, client: AsyncClient
    ) -> None:
        async with clinic.client(None) as nobody, clinic.client(RoleName.RESEARCHER) as researcher:
            cases = [
                (nobody, "Observation", 401, "unauthenticated"),
                (researcher, f"Consent?patient={uuid4()}", 403, "forbidden"),
                (client, f"DiagnosticReport/{uuid4()}", 404, "not-found"),
                (client, "Observation?patient=somebody", 422, "invalid-request"),
                (client, "Observation?date=yesterday", 422, "invalid-request"),
                (client, "Observation?pateint=1", 422, "invalid-request"),
                (client, "Observation?cursor=x", 400, "invalid-cursor"),
                (client, "Encounter", 404, "not-found"),
            ]
            for asking, path, status, code in nonempty(cases):
                answer = await asking.get(f"{FHIR}/{path}")
                assert answer.status_code == status, path
                assert answer.headers["content-type"] == FHIR_JSON
                outcome = answer.json()
                assert outcome["issue"][0]["details"]["coding"][0]["code"] == code
                assert complaints(outcome) == []
            refused = await client.post(f"{FHIR}/Observation", json={})
        assert refused.status_code == 405
        assert refused.json()["resourceType"] == "OperationOutcome"

    async def test_a_report_and_health_refuse_as_everywhere(self, client: AsyncClient) -> None:
        answer = await client.get(f"{FHIR}/reports/{uuid4()}.html")
        assert answer.headers["content-type"] == "application/problem+json"


class TestReaders:
    async def test_researcher_gets_numbers_and_no_name(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        await named(clinic, auditor)
        key = await store_sample(clinic, "cognitive-stroop")
        patient = clinic.person_id(RoleName.PATIENT)
        async with clinic.client(RoleName.RESEARCHER) as client:
            for place in PERSONAL:
                path = place.format(patient=patient, report=key)
                text = (await client.get(f"{FHIR}/{path}")).text
                assert [canary for canary in CANARIES if canary in text] == [], path
            assert resources(await ask(client, "Observation", code="stroop_effect"))

    async def test_a_page_leaves_one_trace_for_each_person(
        self, clinic: Clinic, auditor: asyncpg.Connection, client: AsyncClient
    ) -> None:
        keys = {await stored(clinic), await stored(clinic)}
        answer = await client.get(f"{FHIR}/Observation")
        (row,) = await auditor.fetch(
            "SELECT * FROM audit_events WHERE request_id = $1 AND action = 'read'",
            answer.headers["x-request-id"],
        )
        assert row["subject_id"] == clinic.person_id(RoleName.PATIENT)
        assert {str(key) for key in keys} == set(json.loads(row["details"])["ids"])

    async def test_elsewhere_nothing_is_found(self, clinic: Clinic, elsewhere: Clinic) -> None:
        key = await stored(clinic)
        async with elsewhere.client(RoleName.ADMIN) as client:
            assert resources(await ask(client, "Observation")) == []
            assert resources(await ask(client, "DiagnosticReport", _id=str(key))) == []
            part = part_id(key, "heart_rate")
            assert (await client.get(f"{FHIR}/Observation/{part}")).status_code == 404
            picture = part_id(key, "rhythm_strip")
            assert (await client.get(f"{FHIR}/Binary/{picture}")).status_code == 404


class TestStatement:
    async def test_it_names_every_resource_and_its_parameters(self, clinic: Clinic) -> None:
        document, statement = (await documents())["fhir"], await statement_of(clinic)
        # The other judge takes what several interactions say for several words of one.
        assert [str(issue) for issue in fhirkit.validate(statement)] == []
        told = {item["type"]: item for item in statement["rest"][0]["resource"]}
        assert told.keys() == SEARCHED.keys()
        for kind, parameters in nonempty(SEARCHED.items()):
            operation = document["paths"].get(f"{FHIR}/{kind}", {}).get("get", {})
            assert bool(operation) == bool(parameters), kind
            names = {parameter["name"] for parameter in operation.get("parameters", ())}
            assert names >= set(parameters) - {"identifier"}  # in a body, by _search
            assert ("_include" in names) == (kind in INCLUDES)

    async def test_there_are_no_routes_beside(self) -> None:
        document = (await documents())["fhir"]
        paths = {path.removeprefix(f"{FHIR}/").partition("/")[0] for path in document["paths"]}
        assert paths - SEARCHED.keys() == OTHER_ROUTES

    async def test_it_names_every_operation(self, clinic: Clinic) -> None:
        document, statement = (await documents())["fhir"], await statement_of(clinic)
        operations = {path.rpartition("$")[2] for path in document["paths"] if "$" in path}
        assert operations == {name for names in OPERATIONS.values() for name in names}
        assert [item["name"] for item in statement["rest"][0]["operation"]] == ["export"]


class TestClient:
    async def test_fhirpy_reads_the_server(self, clinic: Clinic, url: str) -> None:
        """A client of others, by its own search and paging, over HTTP."""
        for rate in range(60, 65):
            await stored(clinic, heart_rate=rate)
        fhir = fhir_client(clinic, url)
        patient = clinic.person_id(RoleName.PATIENT)
        search = fhir.resources("Observation").search(patient=str(patient), code="heart_rate")
        observations = await search.limit(2).fetch_all()
        assert [item["valueQuantity"]["value"] for item in observations] == [64, 63, 62, 61, 60]
        (person,) = await fhir.resources("Patient").search(_id=str(patient)).fetch()
        assert person.reference == f"Patient/{patient}"

    async def test_fhirpy_follows_a_reference(self, clinic: Clinic, url: str) -> None:
        await stored(clinic)
        fhir = fhir_client(clinic, url)
        report = await fhir.resources("DiagnosticReport").first()
        assert report is not None
        read = await fhir.reference("DiagnosticReport", report["id"]).to_resource()
        assert read["result"] == report["result"]

    async def test_it_takes_what_goes_along_in_order_and_everything(
        self, clinic: Clinic, url: str
    ) -> None:
        keys = [str(await stored(clinic, heart_rate=rate)) for rate in (60, 61)]
        fhir = fhir_client(clinic, url)
        patient = clinic.person_id(RoleName.PATIENT)
        reports = fhir.resources("DiagnosticReport").search(patient=str(patient))
        oldest = await reports.sort("_lastUpdated").limit(1).fetch_all()
        assert [report["id"] for report in oldest] == keys
        together = await (
            reports.include("DiagnosticReport", "result")
            .include("DiagnosticReport", "patient")
            .revinclude("Provenance", "target")
            .fetch_raw()
        )
        kinds = {entry["resource"]["resourceType"] for entry in together["entry"]}
        assert kinds == {"DiagnosticReport", "Observation", "Patient", "Provenance"}
        person = await fhir.reference("Patient", str(patient)).to_resource()
        everything = await person.execute("$everything", method="GET")
        ids = {entry["resource"]["id"] for entry in everything["entry"]}
        assert {str(patient), *keys} <= ids
