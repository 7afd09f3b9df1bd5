"""Addresses, encodings, methods, health, events: what the RFCs and the platforms expect."""

import asyncio
import gzip
import json
from collections.abc import Iterator
from importlib import import_module
from ipaddress import ip_network
from typing import Any

import pytest
from httpx import AsyncClient
from starlette.datastructures import Headers

from functions.cardiology import worker
from functions.maintenance import schedule
from local.samples.ecg import Episode, Rhythm, synthesize
from local.samples.ecg_files import csv_file, wfdb_files
from local.server import Server
from shared import settings
from shared.database.sign_of_life import SignOfLife
from shared.errors import Unavailable
from shared.examination.received import plain_name
from shared.http.addresses import client_address
from shared.http.health import ASK_AGAIN_AFTER_S, Pulse
from shared.http.negotiation import NotAcceptable, chosen
from shared.permissions import RoleName
from tests.conftest import Clinic
from tests.factories.examinations import stored
from tests.nonempty import nonempty

PROXIES = [ip_network("10.0.0.0/8"), ip_network("fd00::/8")]
REST_OF_A_SCOPE: dict[str, Any] = {
    "scheme": "http",
    "query_string": b"",
    "headers": [],
    "client": None,
    "server": ("test", 80),
}


def address(peer: str | None, *forwarded: str, trusted: Any = PROXIES) -> str | None:
    raw = [(b"x-forwarded-for", line.encode()) for line in forwarded]
    return client_address(peer, Headers(raw=raw), trusted)


class TestAddresses:
    def test_nobody_is_believed_unless_known(self) -> None:
        assert address("192.0.2.1", "198.51.100.7") == "192.0.2.1"
        assert address("10.0.0.1", "198.51.100.7", trusted=()) == "10.0.0.1"

    @pytest.mark.parametrize(
        ("peer", "forwarded", "expected"),
        [
            ("10.0.0.1", ["198.51.100.7"], "198.51.100.7"),
            ("10.0.0.1", ["203.0.113.5, 198.51.100.7"], "198.51.100.7"),  # the first is a claim
            ("10.0.0.1", ["203.0.113.5, 198.51.100.7, 10.0.0.2"], "198.51.100.7"),
            ("10.0.0.1", ["203.0.113.5", "198.51.100.7, fd00::1"], "198.51.100.7"),
            ("10.0.0.1", ["10.9.9.9"], "10.9.9.9"),
            ("10.0.0.1", [], "10.0.0.1"),
            ("10.0.0.1", ["198.51.100.7, unknown"], "10.0.0.1"),
            ("10.0.0.1", ["' OR 1=1"], "10.0.0.1"),
            ("fe80::1%eth0", [], "fe80::1"),
            ("testclient", [], None),
            ("", ["198.51.100.7"], None),
            (None, ["198.51.100.7"], None),
        ],
    )
    def test_known_proxies_tell_the_address_before_them(
        self, peer: str | None, forwarded: list[str], expected: str | None
    ) -> None:
        assert address(peer, *forwarded) == expected

    def test_vercel_writes_a_header_of_its_own(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("VERCEL_REGION", "fra1")
        raw = [(b"x-forwarded-for", b"203.0.113.5"), (b"x-vercel-forwarded-for", b"198.51.100.7")]
        assert client_address("127.0.0.1", Headers(raw=raw), ()) == "198.51.100.7"

    def test_networks_are_read_from_the_settings(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("MEDILENS_TRUSTED_PROXIES", "10.0.0.0/8, fd00::/8")
        assert settings.ServiceSettings.read().trusted_proxies == set(PROXIES)
        monkeypatch.setenv("MEDILENS_TRUSTED_PROXIES", "everybody")
        with pytest.raises(ValueError, match="TRUSTED_PROXIES"):
            settings.ServiceSettings.read()


class TestEncodings:
    @pytest.mark.parametrize(
        ("accept", "expected"),
        [
            (None, "identity"),
            ("", "identity"),
            ("gzip", "gzip"),
            ("br, x-gzip", "gzip"),
            ("GZIP;Q=0.5", "gzip"),
            ("*", "gzip"),
            ("gzip;q=0, *", "identity"),
            ("gzip;q=0", "identity"),
            ("br", "identity"),
            ("gzip;q=high", "identity"),
        ],
    )
    def test_weights_are_read_as_rfc_9110_writes_them(
        self, accept: str | None, expected: str
    ) -> None:
        assert chosen(accept, "gzip") == expected

    @pytest.mark.parametrize(
        ("accept", "expected"),
        [
            ("gzip, deflate, br, zstd", "br"),
            ("gzip, br;q=0.5", "gzip"),
            ("gzip", "gzip"),
            ("br;q=0, *", "gzip"),
            ("zstd", "identity"),
        ],
    )
    def test_what_is_liked_best_is_answered(self, accept: str, expected: str) -> None:
        assert chosen(accept, "br", "gzip") == expected

    @pytest.mark.parametrize("accept", ["identity;q=0", "*;q=0", "br, identity;q=0"])
    def test_nothing_that_is_accepted_is_406(self, accept: str) -> None:
        with pytest.raises(NotAcceptable):
            chosen(accept, "gzip")

    async def test_picture_comes_packed_or_plain(self, clinic: Clinic) -> None:
        file = csv_file(synthesize([Episode(Rhythm.SINUS, 12)], fs_hz=100, leads=("I",)))
        async with clinic.client(RoleName.CLINICIAN) as client:
            made = await client.post(
                "/api/cardiology/analyze", files={"file": (file.name, file.content)}
            )
            href = made.json()["pictures"][0]["href"]
            packed = await raw(client, href, "gzip")
            plain = await raw(client, href, "identity")
            neither = await client.get(href, headers={"Accept-Encoding": "identity;q=0"})
        assert packed[0]["content-encoding"] == "gzip"
        assert "content-encoding" not in plain[0]
        assert packed[0]["vary"] == plain[0]["vary"] == "Accept-Encoding"
        assert gzip.decompress(packed[1]) == plain[1]
        assert plain[1].startswith(b"<svg")
        assert neither.status_code == 406


async def raw(client: AsyncClient, href: str, accept: str) -> tuple[Any, bytes]:
    async with client.stream("GET", href, headers={"Accept-Encoding": accept}) as answer:
        return answer.headers, b"".join([part async for part in answer.aiter_raw()])


class TestFileNames:
    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            ("100.hea", "100.hea"),
            ("a/b/100.hea", "100.hea"),
            ("C:\\Users\\jane\\100.hea", "100.hea"),
            ("../../etc/passwd", "passwd"),
            ("a\0.csv", "a .csv"),
            (None, ""),
        ],
    )
    def test_folders_of_a_sender_mean_nothing(self, given: str | None, expected: str) -> None:
        assert plain_name(given) == expected

    async def test_record_of_several_files_is_found_whatever_its_folder(
        self, clinic: Clinic
    ) -> None:
        files = wfdb_files(synthesize([Episode(Rhythm.SINUS, 20)], fs_hz=250, leads=("II",)))
        async with clinic.client(RoleName.CLINICIAN) as client:
            answer = await client.post(
                "/api/cardiology/analyze",
                files=[("file", (f"C:\\visit\\{file.name}", file.content)) for file in files],
            )
        assert answer.status_code == 201, answer.text


class TestMethods:
    async def test_allow_names_every_method_of_the_path(self, clinic: Clinic) -> None:
        key = await stored(clinic)
        expected = {
            f"/api/records/assessments/{key}": "GET, HEAD, DELETE",
            f"/api/uploads/{key}": "GET, HEAD, DELETE",
            "/api/cognitive/site-norms": "GET, HEAD, POST",
            f"/api/records/assessments/{key}/review": "POST",
            "/api/records/health": "GET, HEAD",
        }
        async with clinic.client(RoleName.ADMIN) as client:
            for path, allow in nonempty(expected.items()):
                for method in ("OPTIONS", "PUT"):
                    answer = await client.request(method, path)
                    assert (answer.status_code, answer.headers["allow"]) == (405, allow)

    async def test_head_sends_no_body(self, server: Server) -> None:
        """Asked without a client, which would drop the body itself."""
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        async def receive() -> Any:
            return {"type": "http.request", "body": b"", "more_body": False}

        path = "/api/records/health"
        scope = {"type": "http", "method": "HEAD", "path": path, "raw_path": path.encode()}
        await server(scope | REST_OF_A_SCOPE, receive, send)

        assert sent[0]["status"] == 200
        assert b"".join(message.get("body", b"") for message in sent[1:]) == b""

    async def test_head_is_a_get_without_its_body(self, clinic: Clinic) -> None:
        async with clinic.client(RoleName.ADMIN) as client:
            for path in ("/api/records/health", "/api/records/assessments", "/api/records/none"):
                get, head = await client.get(path), await client.head(path)
                assert head.content == b""
                assert head.status_code == get.status_code
                for name in ("content-length", "content-type", "cache-control"):
                    if name != "content-length" or get.status_code == 200:
                        assert head.headers[name] == get.headers[name], path


class TestDeepHealth:
    async def test_many_ask_and_the_database_is_asked_once(self) -> None:
        asked = 0

        async def ask() -> SignOfLife:
            nonlocal asked
            asked += 1
            await asyncio.sleep(0.01)
            return SignOfLife()

        pulse = Pulse(ask)
        await asyncio.gather(*(pulse.feel() for _ in range(50)))
        await pulse.feel()
        assert asked == 1
        pulse.asked_at -= ASK_AGAIN_AFTER_S
        await pulse.feel()
        assert asked == 2

    async def test_failure_is_repeated_until_the_next_question(self) -> None:
        failures: Iterator[Exception | None] = iter([Unavailable("no"), None])

        async def ask() -> SignOfLife:
            if failure := next(failures):
                raise failure
            return SignOfLife()

        pulse = Pulse(ask)
        for _ in range(3):
            with pytest.raises(Unavailable):
                await pulse.feel()
        pulse.asked_at -= ASK_AGAIN_AFTER_S
        await pulse.feel()

    async def test_who_leaves_does_not_end_the_question(self) -> None:
        answered = asyncio.Event()

        async def ask() -> SignOfLife:
            await answered.wait()
            return SignOfLife()

        pulse = Pulse(ask)
        leaving, staying = (asyncio.create_task(pulse.feel()) for _ in range(2))
        await asyncio.sleep(0)
        leaving.cancel()
        answered.set()
        await staying


class TestEvents:
    """The console's test button sends its own templates; schedules that keep warm send theirs."""

    @pytest.mark.parametrize(
        "event",
        [
            {"key1": "value1", "key2": "value2", "key3": "value3"},
            {},
            {"source": "serverless-plugin-warmup"},
            {"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}},
            {"warmer": True, "concurrency": 3},
            None,
            "warm",
        ],
    )
    async def test_event_that_asks_for_nothing_is_no_failure(self, event: Any) -> None:
        cardiology = import_module("functions.cardiology.app").handler
        assert cardiology(event, None)["status"] == "ok"
        if isinstance(event, dict):
            answer = await asyncio.to_thread(worker.handler, event, None)
            assert answer == {"batchItemFailures": []}
            assert schedule.handler(event, None)["status"] == "ok"
            assert json.dumps(schedule.handler(event, None))
