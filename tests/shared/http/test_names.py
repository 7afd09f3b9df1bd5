"""What a route does not declare is refused by its name."""

import re
from typing import Any

import pytest
from httpx import AsyncClient, Response

from local.samples.ecg import Episode, Rhythm, synthesize
from local.samples.ecg_files import csv_file
from shared.errors import InvalidRequest
from shared.http.names import check_json, tell_unknown
from shared.permissions import RoleName
from tests.access import PERMITTED, Route
from tests.conftest import Clinic

FILE = csv_file(synthesize([Episode(Rhythm.SINUS, 12)], fs_hz=100, leads=("I",)))


def _told(refusal: Response) -> tuple[str, str]:
    """Return the code and the detail of a refusal; routes of FHIR have them in an outcome."""
    said = refusal.json()
    if said.get("resourceType") != "OperationOutcome":
        return said["code"], said["detail"]
    (issue,) = said["issue"]
    (coding,) = issue["details"]["coding"]
    return coding["code"], issue["diagnostics"]


class TestUnknown:
    @pytest.mark.parametrize("route", PERMITTED, ids=str)
    async def test_query_of_every_route(self, clinic: Clinic, route: Route) -> None:
        path = re.sub(r"{\w+}", "00000000-0000-4000-8000-000000000000", route.path)
        path = path.replace("/biomarkers/00000000-0000-4000-8000-000000000000", "/biomarkers/sdnn")
        path = re.sub(r"(/pictures)/.*", r"\1/strip", path)
        async with clinic.client(RoleName.ADMIN) as client:
            answer = await client.request(
                route.method, path, params={"unheard_of": "x"}, **_body(route)
            )
        code, detail = _told(answer)
        assert (answer.status_code, code) == (422, "invalid-request"), path
        assert "unheard_of: unknown name" in detail

    @pytest.mark.parametrize("function", ["cardiology", "speech", "cognitive"])
    async def test_form_field_is_refused_and_the_likely_one_named(
        self, clinic: Clinic, function: str
    ) -> None:
        async with clinic.client(RoleName.CLINICIAN) as client:
            answer = await _analyze(client, function, subjectid="x")
            files = await client.post(
                f"/api/{function}/analyze",
                files=[("file", ("a.csv", b"x")), ("recording", ("b.csv", b"x"))],
            )
        assert answer.status_code == files.status_code == 422
        assert "subjectid: unknown name, did you mean subject_id?" in answer.json()["detail"]
        assert "recording: unknown name" in files.json()["detail"]

    @pytest.mark.parametrize(
        "path", ["/api/records/assessments/{}/review", "/api/uploads", "/api/cognitive/site-norms"]
    )
    async def test_json_key(self, clinic: Clinic, path: str) -> None:
        async with clinic.client(RoleName.ADMIN) as client:
            answer = await client.post(
                path.format("00000000-0000-4000-8000-000000000000"), json={"notes": "x"}
            )
        assert answer.status_code == 422
        assert "notes: unknown name" in answer.json()["detail"]

    async def test_single_field_sent_twice(self, clinic: Clinic) -> None:
        async with clinic.client(RoleName.CLINICIAN) as client:
            query = await client.get("/api/records/assessments?limit=1&limit=2")
            form = await client.post(
                "/api/cardiology/analyze",
                files=[("file", (FILE.name, FILE.content)), ("sex", (None, "male"))] * 2,
            )
        assert query.json()["detail"] == "limit: sent more than once"
        assert form.json()["detail"] == "sex: sent more than once"

    def test_only_what_may_be_a_misspelt_field_is_repeated(self) -> None:
        told = tell_unknown(["Jane Doe 1815", "subjct_id", "a" * 99], ["subject_id"], "form")
        assert told == (
            "subjct_id: unknown name, did you mean subject_id?; 2 more unknown names in the form;"
            " known here: subject_id"
        )

    def test_many_are_told_briefly(self) -> None:
        told = tell_unknown([f"k{n}" for n in range(10_000)], [], "body")
        assert told.endswith("k4: unknown name; 9995 more unknown names in the body")


class TestJson:
    @pytest.mark.parametrize(
        "body",
        [b'{"a": 1, "a": 1}', b'{"b": [{"a": 1, "a": 2}]}', b"[NaN]", b"[-Infinity]", b"[" * 9999],
    )
    def test_what_readers_disagree_about_is_refused(self, body: bytes) -> None:
        with pytest.raises(InvalidRequest):
            check_json(body)

    def test_plain_json_is_fine(self) -> None:
        check_json(b'{"a": [{"a": 1e5}, {"a": null}]}')


class TestTypes:
    @pytest.mark.parametrize("kind", ["application/json", "text/plain", "image/png"])
    async def test_form_in_another_type_is_415_and_told_which(
        self, clinic: Clinic, kind: str
    ) -> None:
        async with clinic.client(RoleName.CLINICIAN) as client:
            answer = await client.post(
                "/api/cardiology/analyze", content=b"{}", headers={"Content-Type": kind}
            )
        assert (answer.status_code, answer.json()["code"]) == (415, "unsupported-media-type")
        assert "multipart/form-data" in answer.headers["accept-post"]

    async def test_packed_body_is_415(self, clinic: Clinic) -> None:
        async with clinic.client(RoleName.CLINICIAN) as client:
            answer = await client.post(
                "/api/cardiology/analyze",
                files={"file": ("a.csv", b"x")},
                headers={"Content-Encoding": "gzip"},
            )
        assert answer.status_code == 415


def _body(route: Route) -> dict[str, Any]:
    if route.path.endswith("/analyze"):
        return {"files": {"file": (FILE.name, FILE.content)}}
    return {"json": {}} if route.method == "POST" else {}


async def _analyze(client: AsyncClient, function: str, **data: str) -> Response:
    return await client.post(
        f"/api/{function}/analyze", files={"file": (FILE.name, FILE.content)}, data=data
    )
