"""Whatever a caller sends, in every declared field of every route: a refusal in words, never a 500.

The fields are those of the OpenAPI documents, so a new route or field is tried as soon as it
exists; the values are what attackers and clumsy clients send. Each status has to be one that the
document of the operation tells.
"""

import asyncio
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import uuid4
from zlib import crc32

import pytest
from httpx import AsyncClient, Response
from hypothesis import HealthCheck, given, seed
from hypothesis import settings as trials
from hypothesis import strategies as st

from functions.fhir.outcome import FHIR_JSON, is_fhir
from local import demo
from local.prove.routes import FIELDS, WORDS
from shared.http.problems import PROBLEM
from shared.permissions import RoleName
from tests.access import documents
from tests.conftest import Clinic
from tests.factories.examinations import stored
from tests.factories.records import RECORDS
from tests.nonempty import nonempty

# Thousands of values of each would take minutes; a few, others for each field, find more.
PER_FIELD = trials(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

HOSTILE_TEXT = st.sampled_from(
    [
        "",
        " ",
        "\0",
        "a\0b",
        "\x1b[2J\r\nX-Evil: 1",
        "\u202e\ufeff\U0001f600",
        "İ" * 100,
        "A" * 10_000,
        "0",
        "-1",
        "1e400",
        "NaN",
        "Infinity",
        "-0",
        "9" * 400,
        "20240115",
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59-23:59",
        "2024-02-30T00:00:00Z",
        "2024-01-15T09:30:60Z",
        "2024-01-15T09:30:00",
        "٢٠٢٤-01-15T09:30:00Z",
        "00000000-0000-0000-0000-000000000000",
        "{00000000-0000-4000-8000-000000000000}",
        "urn:uuid:00000000-0000-4000-8000-000000000000",
        "' OR 1=1 --",
        "../../etc/passwd",
        "%00%ff",
        "${jndi:ldap://x}",
        "true",
        "null",
        "[]",
        '{"a": 1}',
        "*",
        '"1"',
        'W/"1"',
        "gzip;q=x, *;q=0",
        "identity;q=0",
        "respond-async",
        "AAAA",
        "eyJhIjoxfQ==",
    ]
)
TEXTS = HOSTILE_TEXT | st.text(max_size=40)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)
# No column of text and no JSON document in the database holds it: sent in every field, every time.
ZERO_BYTE = "a\0b"
# Headers that no document declares and every request has: one value in all of them at once.
UNDECLARED = "user-agent x-request-id x-forwarded-for accept-encoding"
# What a header may hold: whatever latin-1 has, except what ends it.
HEADER_VALUES = TEXTS.map(
    lambda text: text.encode("latin-1", "replace").translate(None, b"\r\n").strip()
)


def claims_of_an_admin(clinic: Clinic, now: int) -> dict[str, Any]:
    return {
        "iss": clinic.issuer.url,
        "sub": demo.subject(RoleName.ADMIN, clinic.identity),
        "iat": now,
        "exp": now + 600,
        "o": {"id": clinic.identity},
    }


@dataclass(frozen=True)
class Field:
    """One declared input of one operation."""

    method: str
    path: str
    place: str
    name: str
    statuses: frozenset[str]
    function: str

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.place} {self.name}"


def fields() -> Iterator[Field]:
    for function, document in asyncio.run(documents()).items():
        schemas = document["components"]["schemas"]
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                known = method.upper(), path
                statuses = frozenset(operation["responses"])
                for parameter in operation.get("parameters", ()):
                    yield Field(*known, parameter["in"], parameter["name"], statuses, function)
                for kind, content in operation.get("requestBody", {}).get("content", {}).items():
                    schema = schemas[content["schema"]["$ref"].rpartition("/")[2]]
                    place = "json" if kind == "application/json" else "form"
                    for name in schema["properties"]:
                        yield Field(*known, place, name, statuses, function)
                yield Field(*known, "header", UNDECLARED, statuses, function)


ALL = list(fields())
# One operation of each kind is enough for what every request has.
CLAIMS = ["sub", "o", "org_id", "sid", "azp", "sts", "exp", "iat", "nbf", "iss", "aud", "jti", "v"]


async def ask(client: AsyncClient, field: Field, value: Any, record: str) -> Response:
    """Send the operation with one field as given and everything else as it should be."""
    # Ids of the path that name a record; the field itself may be one of them.
    names = dict.fromkeys(RECORDS, record) | WORDS
    asked: dict[str, Any] = {"headers": {}}
    if field.path.endswith("/analyze"):
        asked["files"] = {"file": ("a.csv", b"no recording")}
        asked["data"] = dict(FIELDS.get(field.function, {}))
    elif field.method in {"POST", "PATCH", "PUT"}:
        asked["json"] = {}
    match field.place:
        case "path":
            names[field.name] = quote(value, safe="", errors="replace")
        case "query":
            asked["params"] = {field.name: value}
        case "header":
            asked["headers"] = dict.fromkeys(field.name.split(), value)
        case "json":
            asked["json"] = {field.name: value}
        case _ if field.name == "file":
            asked["files"] = {"file": (value, value.encode("utf-8", "replace"))}
        case _:
            asked.pop("json", None)
            asked.setdefault("data", {})[field.name] = value
    if "json" in asked:
        # The standard library writes what JSON has no words for; so do clumsy clients.
        asked["content"] = json.dumps(asked.pop("json")).encode()
        asked["headers"]["content-type"] = "application/json"
    return await client.request(field.method, field.path.format(**names), **asked)


def check(answer: Response, field: Field) -> None:
    told = f"{field}: {answer.status_code} {answer.text[:300]}"
    assert answer.status_code < 500 or answer.status_code == 501, told
    assert str(answer.status_code) in field.statuses | {"404"}, told
    assert len(answer.content) < 20_000 or answer.status_code < 300, told
    if answer.status_code >= 400:
        refused = FHIR_JSON if is_fhir(field.path) else PROBLEM
        assert answer.headers["content-type"] == refused, told


@pytest.fixture
async def client(clinic: Clinic) -> Any:
    async with clinic.client(RoleName.ADMIN) as opened:
        yield opened


@pytest.fixture
async def record(clinic: Clinic) -> str:
    return str(await stored(clinic))


@pytest.mark.parametrize("field", ALL, ids=str)
class TestFields:
    async def test_hostile_value_is_refused_or_taken_and_never_a_mistake_of_ours(
        self, client: AsyncClient, record: str, field: Field
    ) -> None:
        values = {"json": JSON_VALUES, "header": HEADER_VALUES}.get(field.place, TEXTS)
        unstorable = [] if field.place == "header" else [ZERO_BYTE]
        for value in [*drawn(values, str(field)), *unstorable]:
            check(await ask(client, field, value, record), field)


def drawn(values: st.SearchStrategy[Any], purpose: str) -> list[Any]:
    """Some values for a purpose, the same in every run.

    Hypothesis chooses them; it cannot wait for a coroutine itself.
    """
    outcomes: dict[str, Any] = {}

    @seed(crc32(purpose.encode()))
    @PER_FIELD
    @given(values)
    def collect(value: Any) -> None:
        outcomes[repr(value)] = value

    collect()
    return list(outcomes.values())


@pytest.mark.parametrize("claim", CLAIMS)
class TestClaims:
    async def test_signed_but_odd_claim_is_refused_or_taken(
        self, clinic: Clinic, client: AsyncClient, claim: str
    ) -> None:
        """An issuer that errs, or lets its users choose their names, is no reason to fall over."""
        now = int(time.time())
        good = claims_of_an_admin(clinic, now)
        for value in nonempty(drawn(JSON_VALUES, claim)):
            try:
                token = clinic.issuer.sign(good | {claim: value})
            except (TypeError, ValueError, OverflowError):
                continue  # what the library would not sign
            answer = await client.get(
                "/api/records/assessments", headers={"Authorization": f"Bearer {token}"}
            )
            assert answer.status_code in {200, 401, 403}, (value, answer.text)


class TestBodies:
    @pytest.mark.parametrize(
        "body",
        [
            b"{",
            b"[" * 60_000,
            b'{"note": "a", "note": "b"}',
            b'{"note": NaN}',
            b'{"note": "\\ud800"}',
            b'{"note": "\xff"}',
            b"\x00",
            b"null",
            b"7",
            b'"text"',
            b"{}" + b" " * 200_000,
        ],
    )
    async def test_broken_json(self, client: AsyncClient, record: str, body: bytes) -> None:
        answer = await client.post(
            f"/api/records/assessments/{record}/review",
            content=body,
            headers={"Content-Type": "application/json"},
        )
        assert answer.status_code in {400, 413, 422}, answer.text
        assert answer.headers["content-type"] == PROBLEM

    @pytest.mark.parametrize("path", ["/api/cardiology/analyze", "/api/speech/analyze"])
    @pytest.mark.parametrize(
        ("kind", "body"),
        [
            ("multipart/form-data", b""),
            ("multipart/form-data; boundary=", b"x"),
            ("multipart/form-data; boundary=x", b"--x\r\n\r\n"),
            ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\na"),
            ("multipart/form-data; boundary=" + "x" * 5000, b"--x"),
            ("application/x-www-form-urlencoded", b"a=%ff&" * 100),
            ("application/x-www-form-urlencoded", b"=" * 70_000),
            ("application/json", b"{}"),
            ("text/plain", b"hello"),
            ("multipart/form-data; boundary=x; charset=klingon", b"--x--"),
            ("\xff/\xff", b"a"),
        ],
    )
    async def test_broken_forms(
        self, client: AsyncClient, path: str, kind: str, body: bytes
    ) -> None:
        answer = await client.post(
            path, content=body, headers={b"Content-Type": kind.encode("latin-1")}
        )
        assert answer.status_code in {400, 413, 415, 422}, answer.text
        assert answer.headers["content-type"] == PROBLEM

    async def test_many_files_and_fields_are_not_read(self, client: AsyncClient) -> None:
        for asked in (
            {"files": [("file", (f"{n}.dat", b"x")) for n in range(40)]},
            {"files": [("file", ("a.csv", b"x"))], "data": {f"k{n}": "1" for n in range(1000)}},
        ):
            answer = await client.post("/api/cardiology/analyze", **asked)
            assert answer.status_code == 400
            assert answer.json()["code"] == "bad-request"

    async def test_many_keys_get_a_short_answer(self, client: AsyncClient, record: str) -> None:
        for number in (15_000, 450_000):
            body = json.dumps({f"k{n}": 1 for n in range(number)}).encode()
            answer = await client.post(
                f"/api/records/assessments/{record}/review",
                content=body,
                headers={"Content-Type": "application/json"},
            )
            assert answer.status_code in {413, 422}
            assert len(answer.content) < 1000

    async def test_unknown_record_of_any_shape(self, client: AsyncClient) -> None:
        answer = await client.get(f"/api/records/assessments/{uuid4()}")
        assert answer.status_code == 404
