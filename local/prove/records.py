"""Records that are deleted, kept, erased, exported or withdrawn from research."""

from io import BytesIO
from uuid import uuid4
from zipfile import ZipFile

import httpx

from local.prove.attacks import Finding, attack, judged, line_of
from local.prove.routes import SERVED, documented, operations
from local.prove.stand import Stand, had
from shared.permissions import RoleName

LIFE = ("164.312(c)(1)", "ASVS 14.2.7", "API3:2023")
PRIVACY = ("164.312(a)(1)", "ASVS 8.2.3", "ASVS 14.2.6", "API3:2023")
AUDIT = ("164.312(b)", "ASVS 16.2.1", "ASVS 16.3.2", "API8:2023")
ASSESSMENTS = "/api/records/assessments"
EVENTS = "/api/audit/events"


@attack(
    33,
    expected="410, in no list; an admin alone brings it back",
    rules=LIFE,
)
async def a_deleted_assessment(stand: Stand) -> Finding:
    """A deleted assessment, asked for everywhere."""
    clinician, admin = (stand.ours.client(r) for r in (RoleName.CLINICIAN, RoleName.ADMIN))
    key = await stand.ours.analyzed(RoleName.PATIENT)
    path = f"{ASSESSMENTS}/{key}"
    findings = [judged(await clinician.delete(path), 204)]
    gone = (path, f"/api/fhir/reports/{key}.html", f"/api/fhir/DiagnosticReport/{key}")
    findings += [judged(await clinician.get(place), 410) for place in gone]
    for place in (ASSESSMENTS, "/api/fhir/DiagnosticReport"):
        findings.append(_lacks(await clinician.get(place), key))
    findings.append(judged(await clinician.post(f"{path}/restore"), 403))
    findings.append(judged(await admin.post(f"{path}/restore"), 200))
    return Finding.of([*findings, judged(await clinician.get(path), 200)])


def _lacks(answer: httpx.Response, word: str) -> Finding:
    """Hold an answer against a word that must not be in it."""
    held = answer.is_success and word not in answer.text
    return Finding(
        held, line_of(answer), f"{answer.status_code} {'without' if held else 'with'} it"
    )


@attack(
    34,
    expected="409 with the date; 409",
    rules=LIFE,
)
async def an_erasure_too_early(stand: Stand) -> Finding:
    """A person erased before the time that their record is kept, or under a legal hold."""
    await stand.ours.assessment()
    admin = stand.ours.client(RoleName.ADMIN)
    person = f"/api/accounts/people/{await stand.ours.person(RoleName.PATIENT)}"
    findings = [judged(await admin.post(f"{person}/erasure", json={}), 409)]
    holds = had(await admin.post(f"{person}/holds", json={"reason": "a test of holds"}))["items"]
    try:
        findings.append(
            judged(await admin.post(f"{person}/erasure", json={}), 409, code="legal-hold")
        )
    finally:
        had(await admin.post(f"{person}/holds/{holds[0]['id']}/release"))
    return Finding.of(findings)


@attack(
    36,
    expected="it is in none of its files",
    rules=PRIVACY,
)
async def an_export_of_one_person(stand: Stand) -> Finding:
    """Another person's name in the export of a record."""
    other, canary = await stand.ours.planted()
    await stand.ours.assessment()
    admin = stand.ours.client(RoleName.ADMIN)
    person = await stand.ours.person(RoleName.PATIENT)
    answer = await admin.get(f"/api/accounts/people/{person}/export")
    had(answer) if answer.is_error else None
    with ZipFile(BytesIO(answer.content)) as archive:
        texts = {name: archive.read(name) for name in archive.namelist()}
    strange = [
        name
        for name, text in texts.items()
        if canary.encode() in text or str(other).encode() in text
    ]
    told = ", ".join(strange) or f"{len(texts)} files without it"
    return Finding(not strange, line_of(answer), told)


@attack(
    23,
    expected="no answer holds one",
    rules=PRIVACY,
)
async def names_for_research(stand: Stand) -> Finding:
    """Names, asked for by a researcher, on every route."""
    person, canary = await stand.ours.planted()
    client = stand.ours.client(RoleName.RESEARCHER)
    findings = []
    for operation in operations():
        table = documented().get(str(operation), {})
        if operation.is_safe and table.get(RoleName.RESEARCHER) == SERVED:
            answer = await operation.ask(client, person)
            held = canary not in answer.text
            came_back = f"{answer.status_code} {'without' if held else 'with'} it"
            findings.append(Finding(held, line_of(answer), came_back))
    return Finding.of(findings)


@attack(
    26,
    expected="404 and in no list, for research; care goes on",
    rules=("164.312(a)(1)", "ASVS 8.2.2", "API1:2023"),
)
async def a_consent_withdrawn(stand: Stand) -> Finding:
    """A record of whoever has withdrawn the consent to research, by a cursor from before."""
    key = await stand.ours.assessment()
    researcher, clinician, patient = (
        stand.ours.client(role)
        for role in (RoleName.RESEARCHER, RoleName.CLINICIAN, RoleName.PATIENT)
    )
    consents = f"/api/accounts/people/{await stand.ours.person(RoleName.PATIENT)}/consents"
    given = {"kind": "research", "text_version": "1"}
    await patient.post(consents, json=given)  # 409 where it was given before
    findings = [judged(await researcher.get(f"{ASSESSMENTS}/{key}"), 200)]
    had(await patient.post(f"{consents}/research/withdraw"))
    try:
        findings += [
            judged(await researcher.get(f"{ASSESSMENTS}/{key}"), 404),
            _lacks(await researcher.get(ASSESSMENTS), str(key)),
            judged(await clinician.get(f"{ASSESSMENTS}/{key}"), 200),
        ]
    finally:
        had(await patient.post(consents, json=given))
    return Finding.of(findings)


@attack(
    27,
    expected="one row each, with who, what, the person and the outcome, and no value",
    rules=AUDIT,
)
async def a_trace_of_every_access(stand: Stand) -> Finding:
    """A reading and a refusal that leave no trace."""
    key = await stand.ours.assessment()
    clinician, admin = (stand.ours.client(r) for r in (RoleName.CLINICIAN, RoleName.ADMIN))
    asked = {
        f"prove-{uuid4().hex}": (path, status)
        for path, status in ((f"{ASSESSMENTS}/{key}", 200), (f"{ASSESSMENTS}/{uuid4()}", 404))
    }
    findings = []
    for request_id, (path, status) in asked.items():
        answer = await clinician.get(path, headers={"X-Request-Id": request_id})
        findings.append(judged(answer, status))
        events = had(await admin.get(EVENTS, params={"request_id": request_id}))["items"]
        came_back = ", ".join(f"{event['action']} {event['outcome']}" for event in events)
        findings.append(Finding(len(events) == 1, f"{EVENTS} of it", came_back or "no row"))
    return Finding.of(findings)


@attack(
    29,
    expected="404 or 405: no route does that",
    rules=AUDIT,
)
async def the_trail_over_http(stand: Stand) -> Finding:
    """The trail changed or emptied over HTTP."""
    admin = stand.ours.client(RoleName.ADMIN)
    answers = [
        await admin.request(method, f"{EVENTS}{rest}")
        for method in ("DELETE", "PUT", "PATCH", "POST")
        for rest in ("", "/1")
    ]
    return Finding.of([judged(answer, 404, 405) for answer in answers])


@attack(
    11,
    expected="404",
    rules=("164.312(a)(1)", "ASVS 8.2.2", "API1:2023"),
)
async def anothers_access_log(stand: Stand) -> Finding:
    """Another person's access log, as a patient."""
    other = str(await stand.ours.person(RoleName.CLINICIAN))
    client = stand.ours.client(RoleName.PATIENT)
    return judged(await client.get("/api/audit/access-log", params={"subject_id": other}), 404)
