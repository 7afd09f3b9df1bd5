"""Calls that meet a store out of order, and where credentials come from."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar

import pytest

from shared import aws, settings
from shared.aws import NotThere
from shared.errors import Unavailable


class Answers(BaseHTTPRequestHandler):
    """Answers with the statuses it is given, one after the other, and keeps what it was sent."""

    statuses: ClassVar[list[int]]
    body: ClassVar[bytes]
    seen: ClassVar[list[dict[str, str]]]
    url: ClassVar[str]

    def do_GET(self) -> None:
        self.seen.append({name.lower(): value for name, value in self.headers.items()})
        self.send_response(self.statuses.pop(0))
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def answers() -> Iterator[type[Answers]]:
    class Own(Answers):
        statuses: ClassVar[list[int]] = []
        body = b""
        seen: ClassVar[list[dict[str, str]]] = []

    server = HTTPServer(("127.0.0.1", 0), Own)
    Own.url = f"http://127.0.0.1:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield Own
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("MEDILENS_AWS_ACCESS_KEY_ID", "AWS_CONTAINER_CREDENTIALS_FULL_URI"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MEDILENS_AWS_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "role")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "session")
    monkeypatch.setattr(aws, "RETRY_DELAYS_S", (0.001, 0.001))
    settings.load.cache_clear()
    yield
    monkeypatch.undo()
    settings.load.cache_clear()


class TestCall:
    def test_retries_a_store_that_stumbles(self, answers: type[Answers]) -> None:
        answers.statuses, answers.body = [503, 500, 200], b"here"
        with aws.call("s3", "GET", answers.url, {}) as answer:
            assert answer.read() == b"here"
        assert len(answers.seen) == 3

    def test_gives_up_on_one_that_stays_down(self, answers: type[Answers]) -> None:
        answers.statuses = [503, 503, 503]
        with pytest.raises(Unavailable):
            aws.call("s3", "GET", answers.url, {})

    def test_what_is_not_there_is_asked_for_once(self, answers: type[Answers]) -> None:
        answers.statuses = [404]
        with pytest.raises(NotThere):
            aws.call("s3", "GET", answers.url, {})

    def test_refusal_is_our_mistake_and_not_repeated(self, answers: type[Answers]) -> None:
        answers.statuses = [403]
        with pytest.raises(OSError, match="403"):
            aws.call("s3", "GET", answers.url, {})
        assert len(answers.seen) == 1

    def test_nobody_listening_is_unavailable(self) -> None:
        with pytest.raises(Unavailable):
            aws.call("s3", "GET", "http://127.0.0.1:9/", {})


class TestCredentials:
    def test_the_roles_own_come_with_their_session(self, answers: type[Answers]) -> None:
        answers.statuses = [200]
        aws.call("s3", "GET", answers.url, {}).close()

        assert answers.seen[0]["x-amz-security-token"] == "session"
        assert "Credential=role/" in answers.seen[0]["authorization"]

    def test_those_of_the_settings_come_first_and_alone(
        self, answers: type[Answers], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("MEDILENS_AWS_ACCESS_KEY_ID", "own")
        monkeypatch.setenv("MEDILENS_AWS_SECRET_ACCESS_KEY", "secret")
        settings.load.cache_clear()
        answers.statuses = [200]
        aws.call("s3", "GET", answers.url, {}).close()

        assert "Credential=own/" in answers.seen[0]["authorization"]
        assert "x-amz-security-token" not in answers.seen[0]

    @pytest.mark.parametrize(("minutes", "asked"), [(60, 1), (4, 2)])
    def test_lent_ones_are_kept_until_they_run_out(
        self,
        answers: type[Answers],
        monkeypatch: pytest.MonkeyPatch,
        minutes: int,
        asked: int,
    ) -> None:
        expires_at = datetime.now(UTC) + timedelta(minutes=minutes)
        lent = {"AccessKeyId": "lent", "SecretAccessKey": "s", "Token": "t"}
        answers.statuses = [200] * 3
        answers.body = json.dumps(
            lent | {"Expiration": f"{expires_at:%Y-%m-%dT%H:%M:%SZ}"}
        ).encode()
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", answers.url)
        monkeypatch.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "let me in")

        signers = [aws.signer("s3") for _ in range(2)]

        assert {signer.credentials.access_key_id for signer in signers} == {"lent"}
        assert [seen["authorization"] for seen in answers.seen] == ["let me in"] * asked
