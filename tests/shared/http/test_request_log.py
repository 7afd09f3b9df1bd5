"""What is logged of a request, and what of its mistakes: nothing that was asked or sent."""

import asyncio
import io
import json
from base64 import b64decode
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from httpx import ASGITransport, AsyncClient
from mangum import Mangum
from sqlalchemy import text

from shared.database import transaction
from shared.http.application import create_app
from shared.permissions import Permission, RoleName
from tests.conftest import Clinic
from tests.shared.http.trial import CANARY, lines, problem_of


class TestLog:
    async def test_one_line_a_request_names_the_route_and_not_what_was_asked(
        self, client: AsyncClient, log: io.StringIO
    ) -> None:
        await client.get("/search", params={"days": 5}, headers={"Referer": CANARY})
        await client.get("/search", params={"days": 5, "q": CANARY})
        line, refused = [line for line in lines(log) if line["message"] == "request"]
        assert line["route"] == refused["route"] == "/api/trial/search"
        assert (line["status"], refused["status"]) == (200, 422)
        assert line["duration_ms"] >= 0
        assert CANARY not in log.getvalue()

    async def test_a_mistake_is_found_by_its_place_and_type(
        self, client: AsyncClient, log: io.StringIO
    ) -> None:
        answer = await client.get("/mistake")
        (line,) = [line for line in lines(log) if line["message"] == "failure"]
        assert line["request_id"] == answer.headers["x-request-id"]
        (cause,) = line["causes"]
        assert cause["type"] == "builtins.KeyError"
        assert "trial.py:" in cause["at"][-1]
        assert CANARY not in log.getvalue()

    async def test_what_is_away_is_named_to_the_operator(
        self, client: AsyncClient, log: io.StringIO
    ) -> None:
        await client.get("/away")
        (line,) = [line for line in lines(log) if line["message"] == "failure"]
        types = [cause["type"] for cause in line["causes"]]
        assert types == ["shared.errors.Unavailable", "builtins.ConnectionRefusedError"]
        assert CANARY not in log.getvalue()

    async def test_what_postgres_quotes_of_a_row_is_not_logged(
        self, clinic: Clinic, log: io.StringIO
    ) -> None:
        """Its DETAIL holds the whole failing row, and SQLAlchemy would add the parameters."""
        broken = APIRouter()
        caller = clinic.caller(RoleName.ADMIN)

        @broken.get("/row")
        async def row() -> None:
            async with transaction.begin(caller, Permission.MANAGE_USERS) as connection:
                await connection.execute(
                    text("UPDATE users SET first_name = :name, gender = :name"), {"name": CANARY}
                )

        transport = ASGITransport(create_app("broken", "", broken), raise_app_exceptions=True)
        async with AsyncClient(transport=transport, base_url="http://test") as opened:
            answer = await opened.get("/api/broken/row")

        problem_of(answer, 500, "internal")
        assert CANARY not in answer.text + log.getvalue()
        (line,) = [line for line in lines(log) if line["message"] == "failure"]
        assert {cause["sqlstate"] for cause in line["causes"]} >= {"23514"}

    async def test_neither_token_nor_name_nor_note_is_in_the_log(
        self, clinic: Clinic, log: io.StringIO
    ) -> None:
        async with clinic.client(RoleName.CLINICIAN) as client:
            token = client.headers["authorization"].removeprefix("Bearer ")
            await client.get(f"/api/records/biomarkers/{CANARY}/history")
            await client.post(
                f"/api/records/assessments/{clinic.person_id(RoleName.PATIENT)}/review",
                json={"note": CANARY, "heart_rate": CANARY},
                headers={"User-Agent": CANARY},
            )
        assert len(lines(log)) >= 2
        assert token not in log.getvalue()
        assert CANARY not in log.getvalue()


class TestOnLambda:
    def test_a_mistake_of_ours_is_answered_and_not_printed(
        self, app: FastAPI, log: io.StringIO, event: dict[str, Any]
    ) -> None:
        """Mangum logs what an application lets escape, with its message."""

        def invoke() -> dict[str, Any]:
            asyncio.set_event_loop(asyncio.new_event_loop())
            answer = Mangum(app, lifespan="off")(event, None)  # type: ignore[arg-type]
            asyncio.get_event_loop().close()
            return answer

        with ThreadPoolExecutor(1) as thread:
            answer = thread.submit(invoke).result()
        assert (answer["statusCode"], answer["headers"]["cache-control"]) == (500, "no-store")
        assert json.loads(b64decode(answer["body"]))["code"] == "internal"
        assert CANARY not in log.getvalue()
        assert "An error occurred running the application" not in log.getvalue()

    @pytest.fixture
    def event(self) -> dict[str, Any]:
        return {
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": "/api/trial/mistake",
            "rawQueryString": "",
            "headers": {"host": "api.example"},
            "requestContext": {
                "http": {"method": "GET", "path": "/api/trial/mistake", "sourceIp": "192.0.2.1"},
                "requestId": "id",
                "stage": "$default",
            },
            "isBase64Encoded": False,
        }
