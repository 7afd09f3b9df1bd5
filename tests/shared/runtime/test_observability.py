"""What the log says of requests and analyses, and what CloudWatch reads out of it."""

import asyncio
import io
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from aws_lambda_powertools import Logger
from fastapi import APIRouter
from httpx import ASGITransport, AsyncClient

from local.samples.ecg import Episode, Rhythm, synthesize
from local.samples.ecg_files import csv_file
from shared.errors import Conflict
from shared.http.application import create_app
from shared.permissions import RoleName
from shared.recording import RecordingFile
from shared.runtime import observability
from tests.conftest import Clinic

CANARY = "Ada-Lovelace-1815"
AT_ONCE = 24

# What stands in every line of Powertools.
EVERY_LINE = {"level", "message", "timestamp", "service", "taskName", "_aws"}
OF_A_REQUEST = {
    *("request_id", "function", "method", "route", "status"),
    *("duration_ms", "cold_start", "client_error", "server_error"),
}
OF_AN_ANALYSIS = {
    *("request_id", "pipeline", "pipeline_version"),
    *("processing_time_ms", "failed", "review", "quality"),
}


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    written = io.StringIO()
    monkeypatch.setenv("POWERTOOLS_LOG_LEVEL", "INFO")
    logger = Logger(service=f"trial-{uuid4()}", location=None, stream=written)
    monkeypatch.setattr(observability, "logger", lambda: logger)
    return written


def lines(log: io.StringIO, message: str) -> list[dict[str, Any]]:
    told = [json.loads(line) for line in log.getvalue().splitlines()]
    return [line for line in told if line["message"] == message]


def metrics(line: dict[str, Any]) -> dict[str, float]:
    """What CloudWatch makes of a line: each metric's name has to be a number beside it."""
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    for names in directive["Dimensions"]:
        assert all(isinstance(line[name], str) and line[name] for name in names)
    return {metric["Name"]: float(line[metric["Name"]]) for metric in directive["Metrics"]}


def dimensions(line: dict[str, Any]) -> list[list[str]]:
    (directive,) = line["_aws"]["CloudWatchMetrics"]
    outcome: list[list[str]] = directive["Dimensions"]
    return outcome


@pytest.fixture
async def client() -> AsyncIterator[AsyncClient]:
    """Asks routes that all wait for one another, so that each request is there with all others."""
    together = asyncio.Barrier(AT_ONCE)
    router = APIRouter()

    @router.get("/fine/{number}")
    async def fine(number: int) -> int:
        await together.wait()
        return number

    @router.get("/conflict/{number}")
    async def conflict(number: int) -> None:
        await together.wait()
        raise Conflict("It is there already.")

    @router.get("/mistake/{number}")
    async def mistake(number: int) -> None:
        await together.wait()
        raise KeyError(CANARY)

    transport = ASGITransport(create_app("trial", "For this test", router))
    async with AsyncClient(transport=transport, base_url="http://test/api/trial") as opened:
        yield opened


class TestRequests:
    async def test_what_is_asked_at_once_is_not_mixed(
        self, client: AsyncClient, log: io.StringIO
    ) -> None:
        routes = {"fine": 200, "conflict": 409, "mistake": 500}
        asked = {f"request-{number:04}": [*routes][number % 3] for number in range(AT_ONCE)}
        await asyncio.gather(
            *(
                client.get(f"/{route}/{key[-4:]}", headers={"X-Request-Id": key})
                for key, route in asked.items()
            )
        )

        told = {line["request_id"]: line for line in lines(log, "request")}
        assert told.keys() == asked.keys()
        for key, route in asked.items():
            line = told[key]
            assert line.keys() == EVERY_LINE | OF_A_REQUEST
            assert line["route"] == f"/api/trial/{route}/{{number}}"
            assert line["status"] == routes[route]
            assert metrics(line)["client_error"] == (routes[route] == 409)
            assert metrics(line)["server_error"] == (routes[route] == 500)
        failures = [line["request_id"] for line in lines(log, "failure")]
        assert sorted(failures) == [key for key, route in asked.items() if route == "mistake"]
        assert CANARY not in log.getvalue()

    def test_are_counted_by_function_and_by_route(self, log: io.StringIO) -> None:
        observability.log_request("request-1", "trial", "GET", "/api/trial/x", 200, 12.5)
        (line,) = lines(log, "request")

        assert dimensions(line) == [["function"], ["function", "route"]]
        assert metrics(line)["duration_ms"] == 12.5
        assert line["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "MediLens"

    def test_deployment_may_name_its_metrics(
        self, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "medilens-staging")
        observability.log_request("request-1", "trial", "GET", "/api/trial/x", 200, 12.5)

        (line,) = lines(log, "request")
        assert line["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "medilens-staging"

    def test_first_of_a_process_is_its_cold_start(
        self, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(observability, "_cold_starts", iter([1]))
        for _ in range(3):
            observability.log_request("request-1", "trial", "GET", "/api/trial/x", 200, 1)

        assert [metrics(line)["cold_start"] for line in lines(log, "request")] == [1, 0, 0]

    def test_caller_who_did_not_wait_is_no_error(self, log: io.StringIO) -> None:
        observability.log_request("request-1", "trial", "GET", "/api/trial/x", None, 1)

        (line,) = lines(log, "request")
        assert "status" not in line
        assert (line["client_error"], line["server_error"]) == (0, 0)


async def analyze(clinic: Clinic, file: RecordingFile) -> Any:
    async with clinic.client(RoleName.CLINICIAN) as client:
        return await client.post(
            "/api/cardiology/analyze",
            files={"file": (f"{CANARY}.csv", file.content)},
            data={
                "session_id": CANARY,
                "subject_id": str(clinic.person_id(RoleName.PATIENT)),
                "age_years": "57",
            },
            headers={"Idempotency-Key": CANARY, "User-Agent": CANARY},
        )


@pytest.fixture
def recording() -> RecordingFile:
    episode = Episode(Rhythm.SINUS, 20, rate_bpm=70)
    return csv_file(synthesize([episode], fs_hz=250, leads=("II",)))


class TestAnalyses:
    async def test_stages_quality_and_review_are_told_and_nobody(
        self, clinic: Clinic, log: io.StringIO, recording: RecordingFile
    ) -> None:
        answer = await analyze(clinic, recording)
        (line,), body = lines(log, "analysis"), answer.json()
        stages = {f"{stage['stage_name']}_ms": stage["duration_ms"] for stage in body["stages"]}

        assert answer.status_code == 201
        assert line.keys() == EVERY_LINE | OF_AN_ANALYSIS | stages.keys()
        assert line["request_id"] == answer.headers["x-request-id"]
        assert dimensions(line) == [["pipeline"]]
        told = {"review": body["requires_review"], "quality": body["quality_score"], **stages}
        told |= {"processing_time_ms": body["processing_time_ms"], "failed": 0}
        assert metrics(line) == told
        for private in (CANARY, body["id"], body["subject_id"], clinic.identity):
            assert private not in log.getvalue()

    async def test_refused_recording_is_a_failure_with_its_code(
        self, clinic: Clinic, log: io.StringIO
    ) -> None:
        answer = await analyze(clinic, RecordingFile("a.csv", CANARY.encode()))
        (line,) = lines(log, "analysis")

        assert answer.status_code == 422
        assert line["error_code"] == answer.json()["code"]
        assert metrics(line)["failed"] == 1
        assert {"review", "quality"} & line.keys() == set()
        assert CANARY not in log.getvalue()

    async def test_replayed_one_is_not_counted_again(
        self, clinic: Clinic, log: io.StringIO, recording: RecordingFile
    ) -> None:
        ids = {(await analyze(clinic, recording)).json()["id"] for _ in range(2)}

        assert len(ids) == 1
        assert len(lines(log, "analysis")) == 1
