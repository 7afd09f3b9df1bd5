"""What is deployed answers as the server for a laptop does, on the same database."""

import tarfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from local.samples.catalog import Sample
from shared.pipelines import PipelineName
from shared.recording import RecordingFile
from tests.accuracy import sets
from tests.artifacts.conftest import (
    AWS,
    CRON_SECRET,
    VERCEL,
    Artifact,
    Start,
    analysis,
    every_cloud,
    lasting,
    local_answer,
    on_vercel,
    request,
    sample,
)
from tests.conftest import Clinic
from tests.nonempty import nonempty

RECORD_101 = "cardiology/mitdb/101.tar.xz"

every_http_artifact = pytest.mark.parametrize(
    "artifact", [entry for entry in [*AWS, *VERCEL] if entry.name == entry.function], ids=str
)
SOUND = {"status": "ok", "database": "ok", "altered_records": 0}


class TestEveryFunction:
    @every_http_artifact
    async def test_it_starts_and_reaches_its_database(
        self, artifact: Artifact, start: Start, clinic: Clinic
    ) -> None:
        ask = start(artifact)
        deep = f"/api/{artifact.name}/health?deep=1"
        answers = [ask(request(clinic, "GET", deep)) for _ in range(2)]

        for answer in nonempty(answers):
            assert answer.status == 200
            told = answer.json()
            # Asked deep: when each job last succeeded, and how far the trail is sealed.
            assert {job["job"] for job in told.pop("jobs")} >= {"sealing", "outbox", "purge"}
            assert not told.pop("sealing")["is_late"]
            assert told == {"function": artifact.name, **SOUND}

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
        if artifact.name == "fhir":
            assert answer.headers["content-type"] == "application/fhir+json"
            assert answer.json()["issue"][0]["details"]["coding"][0]["code"] == "not-found"
        else:
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["code"] == "not-found"


@every_cloud
@pytest.mark.parametrize("pipeline", PipelineName)
class TestPipelines:
    async def test_a_recording_gives_what_it_gives_locally_and_records_reads_it(
        self, on: Any, pipeline: PipelineName, start: Start, clinic: Clinic
    ) -> None:
        asked = analysis(clinic, sample(pipeline))
        here, there = await local_answer(clinic, asked), start(on(pipeline))(asked)
        stored = there.json()
        read = start(on("records"))(
            request(clinic, "GET", f"/api/records/assessments/{stored['id']}")
        )

        assert (here.status, there.status) == (201, 201), there.body
        assert stored["id"] != here.json()["id"]
        assert lasting(stored) == lasting(here.json())
        assert lasting(read.json())["result"] == lasting(stored)["result"]

    async def test_noise_is_refused_with_the_same_words(
        self, on: Any, pipeline: PipelineName, start: Start, clinic: Clinic
    ) -> None:
        noise = [RecordingFile("note.bin", b"not a recording at all")]
        asked = analysis(clinic, replace(sample(pipeline), make=lambda: noise))
        here, there = await local_answer(clinic, asked), start(on(pipeline))(asked)

        assert there.status == here.status == 422
        assert there.json()["code"] == here.json()["code"]
        assert there.json()["detail"] == here.json()["detail"]

    async def test_a_file_over_the_platforms_limit_is_sent_to_uploads(
        self, on: Any, pipeline: PipelineName, start: Start, clinic: Clinic
    ) -> None:
        large = [RecordingFile("large.bin", bytes(4_500_001))]
        answer = start(on(pipeline))(
            analysis(clinic, replace(sample(pipeline), make=lambda: large))
        )

        assert (answer.status, answer.json()["code"]) == (413, "upload-too-large")
        assert "/api/uploads" in answer.json()["detail"]


@every_cloud
class TestRealRecording:
    async def test_of_the_mit_bih_database_gives_what_it_gives_locally(
        self, on: Any, start: Start, clinic: Clinic
    ) -> None:
        sets.require(RECORD_101)
        files = tuple(_unpacked(sets.DATA / RECORD_101))
        record = Sample("101", PipelineName.CARDIOLOGY, 1, lambda: files, {"sex": "female"})
        asked = analysis(clinic, record)
        here, there = await local_answer(clinic, asked), start(on("cardiology"))(asked)

        assert (here.status, there.status) == (201, 201)
        assert lasting(there.json()) == lasting(here.json())


def _unpacked(archive: Path) -> Iterator[RecordingFile]:
    with tarfile.open(archive) as opened:
        for member in opened:
            content = opened.extractfile(member)
            if content and member.name.endswith((".hea", ".dat")):
                yield RecordingFile(member.name.rpartition("/")[2], content.read())


class TestVercelAlone:
    @pytest.mark.parametrize("pipeline", PipelineName)
    async def test_without_a_queue_an_analysis_is_made_at_once(
        self, pipeline: PipelineName, start: Start, clinic: Clinic
    ) -> None:
        asked = analysis(clinic, sample(pipeline), prefer="respond-async")
        answer = start(on_vercel(pipeline))(asked)

        assert (answer.status, answer.json()["status"]) == (201, "completed")
        assert "preference-applied" not in answer.headers

    @pytest.mark.parametrize(("secret", "status"), [(CRON_SECRET, 200), ("guessed", 401)])
    async def test_schedule_signs_in_with_its_secret(
        self, secret: str, status: int, start: Start, clinic: Clinic
    ) -> None:
        bearer = {"authorization": f"Bearer {secret}"}
        asked = request(clinic, "GET", "/api/maintenance/jobs/partitions", headers=bearer)

        assert start(on_vercel("maintenance"))(asked).status == status
