"""What is sent in a form that no client sends, and what every answer says around its words."""

import json
from typing import Any
from uuid import uuid4

import httpx

from local.prove.attacks import Finding, attack, judged, line_of
from local.prove.routes import operations
from local.prove.stand import Stand, had
from shared.http.application import HEADERS, MAX_WORDS_BYTES
from shared.permissions import RoleName

INPUT = ("ASVS 2.2.1", "ASVS 4.1.1", "API4:2023")
CONFIGURATION = ("164.312(e)(1)", "ASVS 14.3.2", "ASVS 16.5.1", "API8:2023")
SEARCH = "/api/accounts/patients/search"
JSON = {"Content-Type": "application/json"}
DEEP = 10_000
# Bodies as text: no library would write most of them.
BROKEN = {
    "NaN": '{"name_part": NaN}',
    "Infinity": '{"limit": Infinity, "name_part": "a"}',
    "1e400": '{"limit": 1e400, "name_part": "a"}',
    "a key twice": '{"name_part": "a", "name_part": "b"}',
    "deep lists": "[" * DEEP + "]" * DEEP,
    "deep objects": '{"a":' * DEEP + "1" + "}" * DEEP,
    "NUL in a text": '{"name_part": "a\\u0000b"}',
    "half of a pair": '{"name_part": "\\ud800"}',
    "no JSON": "name_part=a",
    "half a body": '{"name_part": "a',
}
UNREAD_TYPES = ("text/plain", "application/xml", "text/json; charset=utf-16")
# What an answer to a failure must not show.
INSIDES = ("Traceback", "asyncpg", "SELECT ", "postgres://", "postgresql://", "sqlalchemy", ".py")
METHODS = ("PUT", "PATCH", "TRACE")
SPOOFED = {
    "X-Forwarded-For": "127.0.0.1",
    "X-Real-IP": "127.0.0.1",
    "X-Original-URL": "/api/accounts/members",
    "X-Rewrite-URL": "/api/accounts/members",
    "X-HTTP-Method-Override": "DELETE",
    "X-Organization-Id": "org_elsewhere",
    "Forwarded": "for=127.0.0.1",
    "Cookie": "__session=admin; role=admin",
}


@attack(38, expected="422 or 400, never 500", rules=INPUT)
async def broken_json(stand: Stand) -> Finding:
    """JSON that readers disagree about."""
    client = stand.ours.client(RoleName.CLINICIAN)
    answers = [await client.post(SEARCH, content=body, headers=JSON) for body in BROKEN.values()]
    return Finding.of([judged(answer, 400, 422) for answer in answers])


@attack(38, expected="415", rules=INPUT)
async def types_of_bodies(stand: Stand) -> Finding:
    """Bodies of a type that is not read."""
    client = stand.ours.client(RoleName.CLINICIAN)
    findings = []
    for content_type in UNREAD_TYPES:
        answer = await client.post(
            SEARCH, content='{"name_part": "a"}', headers={"Content-Type": content_type}
        )
        findings.append(judged(answer, 415))
    squeezed = {**JSON, "Content-Encoding": "gzip"}
    answer = await client.post(SEARCH, content=b"\x1f\x8b", headers=squeezed)
    return Finding.of([*findings, judged(answer, 400, 415)])


@attack(38, expected="413", rules=INPUT)
async def too_large(stand: Stand) -> Finding:
    """A body that is larger than any words."""
    body = json.dumps({"name_part": "a" * MAX_WORDS_BYTES})
    client = stand.ours.client(RoleName.CLINICIAN)
    return judged(await client.post(SEARCH, content=body, headers=JSON), 413)


@attack(
    40,
    expected="404 and 405 as a problem, with nothing of the inside",
    rules=CONFIGURATION,
)
async def wrong_turns(stand: Stand) -> Finding:
    """A route that is not there, a method that is not read, a record that never was."""
    client = stand.ours.client(RoleName.CLINICIAN)
    answers = {
        404: [
            await client.get("/api/records/nothing"),
            await client.get(f"/api/records/assessments/{uuid4()}"),
            await client.get("/api/records/assessments/../../../etc/passwd"),
            await client.get("/api/records/%2e%2e/%2e%2e/etc/passwd"),
        ],
        405: [await client.request(method, "/api/records/assessments") for method in METHODS],
        422: [await client.get("/api/records/assessments/' OR 1=1 --")],
    }
    return Finding.of(
        [tells_nothing(answer, status) for status, given in answers.items() for answer in given]
    )


def tells_nothing(answer: httpx.Response, *statuses: int) -> Finding:
    """Hold an answer against its status, and against words of the inside."""
    shown = [word for word in INSIDES if word in answer.text]
    finding = judged(answer, *statuses)
    if shown:
        return Finding(held=False, sent=finding.sent, came_back=f"shows {', '.join(shown)}")
    return finding


@attack(
    40,
    expected="no-store, nosniff, a policy that allows nothing, HTTPS alone",
    rules=CONFIGURATION,
)
async def headers_of_answers(stand: Stand) -> Finding:
    """The headers around every answer, good and refused."""
    client = stand.ours.client(RoleName.CLINICIAN)
    answers = [
        await client.get("/api/records/assessments"),
        await client.get(f"/api/records/assessments/{uuid4()}"),
        await client.get("/api/records/nothing"),
        await client.post(SEARCH, json={}),
        await stand.nobody.get("/api/accounts/me"),
        await stand.nobody.get("/api/records/health"),
    ]
    return Finding.of([_framed(answer) for answer in answers])


def _framed(answer: httpx.Response) -> Finding:
    wrong = [
        f"{name.decode()}: {answer.headers.get(name.decode())}"
        for name, value in HEADERS
        if answer.headers.get(name.decode()) != value.decode()
    ]
    return Finding(not wrong, line_of(answer), ", ".join(wrong) or "all are there")


@attack(
    46,
    expected="no header lets it, and a cookie is no token",
    rules=("164.312(e)(1)", "ASVS 3.4.2", "API8:2023"),
)
async def another_origin(stand: Stand) -> Finding:
    """A page of another origin that asks in somebody's name."""
    asked = {"Origin": "https://evil.invalid", "Access-Control-Request-Method": "GET"}
    client = stand.ours.client(RoleName.CLINICIAN)
    answers = [
        await client.options("/api/records/assessments", headers=asked),
        await client.get("/api/records/assessments", headers={"Origin": "https://evil.invalid"}),
        await client.get("/api/records/assessments", headers={"Origin": "null"}),
    ]
    findings = [
        Finding(
            "access-control-allow-origin" not in answer.headers
            or answer.headers["access-control-allow-origin"] not in {"*", "null", asked["Origin"]},
            line_of(answer),
            f"{answer.status_code} {answer.headers.get('access-control-allow-origin', '')}".strip(),
        )
        for answer in answers
    ]
    cookie = {"Cookie": f"__session={stand.ours.tokens[RoleName.ADMIN]}"}
    return Finding.of(
        [*findings, judged(await stand.nobody.get("/api/accounts/me", headers=cookie), 401)]
    )


@attack(
    48,
    expected="the answer is that of the request without them",
    rules=("164.312(a)(1)", "ASVS 4.1.3", "API8:2023"),
)
async def spoofed_headers(stand: Stand) -> Finding:
    """Headers that a proxy might believe: another address, path, method, organization."""
    client, path = stand.ours.client(RoleName.CLINICIAN), "/api/accounts/me"
    plain = had(await client.get(path))
    findings = []
    for name, value in SPOOFED.items():
        answer = await client.get(path, headers={name: value})
        held = answer.is_success and answer.json() == plain
        findings.append(Finding(held, f"{line_of(answer)}, {name}", str(answer.status_code)))
    return Finding.of(findings)


@attack(
    49,
    expected="422",
    rules=("ASVS 2.2.1", "ASVS 15.3.7", "API8:2023"),
)
async def unknown_names(stand: Stand) -> Finding:
    """A name that no route declares, or one twice, in the query of every list."""
    client = stand.ours.client(RoleName.ADMIN)
    findings = []
    for operation in operations():
        if operation.is_safe and not operation.ids and operation.function != "fhir":
            answer = await operation.ask(client, uuid4(), role="admin")
            findings.append(judged(answer, 401, 422))
    twice = await client.get("/api/records/assessments?limit=1&limit=2")
    return Finding.of([*findings, judged(twice, 422)])


@attack(
    20,
    expected="400, or 501 where none are taken",
    rules=("164.312(d)", "ASVS 13.2.1", "API10:2023"),
)
async def unsigned_announcements(stand: Stand) -> Finding:
    """Announcements of the identity provider that it has not signed."""
    body: dict[str, Any] = {
        "type": "user.deleted",
        "data": {"id": stand.ours.subject(RoleName.ADMIN)},
    }
    signed = {"webhook-id": "msg_1", "webhook-timestamp": "1", "webhook-signature": "v1,AAAA"}
    path = "/api/accounts/webhooks/identity"
    answers = [
        await stand.nobody.post(path, json=body),
        await stand.nobody.post(path, json=body, headers=signed),
        await stand.ours.client(RoleName.ADMIN).post(path, json=body),
    ]
    return Finding.of([judged(answer, 400, 501) for answer in answers])
