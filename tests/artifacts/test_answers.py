"""What is deployed answers as the server for a laptop does, on the same database."""

import json
import tarfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from local.samples.cardiology import SAMPLES
from shared.permissions import RoleName
from shared.upload import RecordingFile
from tests.artifacts.conftest import (
    AWS,
    EVENTS,
    VERCEL,
    Answer,
    Artifact,
    Asked,
    Start,
    aws,
    vercel,
)
from tests.artifacts.runtime_api import started
from tests.conftest import DATA, Clinic

RECORDED_AT = (datetime.now(UTC) - timedelta(days=1)).isoformat()

# What no two answers have in common: when, how long, and as which record.
VARYING = {"id", "session_id", "created_at", "completed_at", "processing_time_ms", "duration_ms"}

every_http_artifact = pytest.mark.parametrize(
    "artifact", [one for one in [*AWS, *VERCEL] if one.name == one.function], ids=str
)
both_clouds = pytest.mark.parametrize("make", [aws, vercel])

URL = "https://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com"


def request(clinic: Clinic, method: str, path: str, **parts: Any) -> httpx.Request:
    headers = {"authorization": f"Bearer {clinic.token(RoleName.CLINICIAN)}"}
    return httpx.Request(method, URL + path, headers=headers, **parts)


def recording(name: str) -> Sequence[RecordingFile]:
    if name == "synthetic":
        return SAMPLES[0][2]()
    archive = DATA / "cardiology" / "mitdb" / "101.tar.xz"
    if not archive.exists():
        pytest.skip("MIT-BIH record 101 lies in ../shared/data, which is not here")
    return tuple(_unpacked(archive))


def _unpacked(archive: Any) -> Iterator[RecordingFile]:
    with tarfile.open(archive) as opened:
        for member in opened:
            content = opened.extractfile(member)
            if content and member.name.endswith((".hea", ".dat")):
                yield RecordingFile(member.name.rpartition("/")[2], content.read())


def analysis(clinic: Clinic, files: Sequence[RecordingFile]) -> httpx.Request:
    return request(
        clinic,
        "POST",
        "/api/cardiology/analyze",
        files=[("file", (one.name, one.content)) for one in files],
        data={"recorded_at": RECORDED_AT, "sex": "female", "age_years": "50"},
    )


async def local_answer(clinic: Clinic, sent: httpx.Request) -> Answer:
    async with clinic.client(None) as client:
        answer = await client.send(sent)
    return Answer(answer.status_code, answer.headers, answer.text)


def lasting(value: Any) -> Any:
    """Return an answer without what no two have in common, the ids inside addresses too."""
    match value:
        case dict():
            return {
                name: f"…/{one.rpartition('/')[2]}" if name == "href" else lasting(one)
                for name, one in value.items()
                if name not in VARYING
            }
        case list():
            return [lasting(one) for one in value]
    return value


class TestEveryFunction:
    @every_http_artifact
    async def test_it_starts_and_reaches_its_database(
        self, artifact: Artifact, start: Start, clinic: Clinic
    ) -> None:
        ask = start(artifact)
        answers = [
            ask(request(clinic, "GET", f"/api/{artifact.name}/health?deep=1")) for _ in range(2)
        ]

        for answer in answers:
            assert answer.status == 200
            assert answer.json() == {"function": artifact.name, "status": "ok", "database": "ok"}

    @every_http_artifact
    async def test_its_contract_is_the_local_one(
        self, artifact: Artifact, start: Start, clinic: Clinic
    ) -> None:
        asked = request(clinic, "GET", f"/api/{artifact.name}/openapi.json")
        here, there = await local_answer(clinic, asked), start(artifact)(asked)

        assert there.json() == here.json()

    @every_http_artifact
    async def test_what_it_does_not_have_is_a_problem(
        self, artifact: Artifact, start: Start, clinic: Clinic
    ) -> None:
        answer = start(artifact)(request(clinic, "GET", f"/api/{artifact.name}/no/such/thing"))

        assert answer.status == 404
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["code"] == "not-found"


class TestCardiology:
    @both_clouds
    @pytest.mark.parametrize("name", ["synthetic", "MIT-BIH 101"])
    async def test_a_recording_gives_what_it_gives_locally(
        self, make: Any, name: str, start: Start, clinic: Clinic
    ) -> None:
        asked = analysis(clinic, recording(name))
        here, there = await local_answer(clinic, asked), start(make("cardiology"))(asked)

        assert (here.status, there.status) == (201, 201)
        assert there.json()["id"] != here.json()["id"]
        assert lasting(there.json()) == lasting(here.json())

    @both_clouds
    async def test_what_one_function_stores_another_reads(
        self, make: Any, start: Start, clinic: Clinic
    ) -> None:
        stored = start(make("cardiology"))(analysis(clinic, recording("synthetic"))).json()
        read = start(make("records"))(
            request(clinic, "GET", f"/api/records/assessments/{stored['id']}")
        )

        assert lasting(read.json())["result"] == lasting(stored)["result"]

    @both_clouds
    async def test_noise_is_refused_with_the_same_words(
        self, make: Any, start: Start, clinic: Clinic
    ) -> None:
        asked = analysis(clinic, [RecordingFile("note.txt", b"not a recording at all")])
        here, there = await local_answer(clinic, asked), start(make("cardiology"))(asked)

        assert there.status == here.status == 422
        assert there.json()["code"] == here.json()["code"]
        assert there.json()["detail"] == here.json()["detail"]


class TestSchedule:
    def test_the_recorded_event_does_the_job(self, environment: dict[str, str]) -> None:
        event = json.loads((EVENTS / "schedule.json").read_text())
        jobs = aws("maintenanceJobs")
        with started(jobs.folder, "functions.maintenance.schedule.handler", environment) as api:
            outcomes = [api.invoke(event) for _ in range(2)]

        assert [outcome.ok for outcome in outcomes] == [True, True], outcomes[0].value
        assert outcomes[1].value == {"job": "partitions", "changed": []}


class TestStart:
    def test_without_a_database_it_says_so_and_tells_nothing(
        self, environment: dict[str, str]
    ) -> None:
        unset = {**environment, "MEDILENS_DATABASE_URL": ""}
        with started(aws("records").folder, "functions.records.app.handler", unset) as api:
            answer = Asked("aws", api)(httpx.Request("GET", f"{URL}/api/records/health?deep=1"))

        assert answer.status == 500
        assert answer.json()["code"] == "internal"
