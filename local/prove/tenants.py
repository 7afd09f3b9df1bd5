"""Another organization's records, asked for by whoever is let in elsewhere."""

from dataclasses import replace
from uuid import UUID, uuid4

import httpx

from local.prove.attacks import Finding, attack, judged
from local.prove.routes import Operation, documented, operations
from local.prove.stand import Stand, had
from shared.permissions import RoleName

CROSS_TENANT = ("164.312(a)(1)", "ASVS 8.4.1", "API1:2023")
EXPLANATIONS = "/api/assistant/explanations"
FOREIGN = "another organization's record"
# What differs between two answers to the same question.
OF_EACH_ANSWER = ("instance", "id")


@attack(
    1,
    expected="404, word for word that of a random id",
    rules=CROSS_TENANT,
)
async def another_tenants_assessment(stand: Stand) -> Finding:
    """Another organization's assessment is asked for by its id."""
    theirs = await stand.theirs.assessment()
    findings = []
    for role in RoleName:
        client = stand.ours.client(role)
        answer = await client.get(f"/api/records/assessments/{theirs}")
        random = await client.get(f"/api/records/assessments/{uuid4()}")
        findings.append(as_absent(answer, random))
    return Finding.of(findings)


def as_absent(answer: httpx.Response, random: httpx.Response) -> Finding:
    """Hold the answer about a foreign record against that about a record that never was."""
    finding = judged(answer, 404)
    same = _words(answer) == _words(random)
    unlike = f"{finding.came_back}, unlike a random id"
    return finding if same else replace(finding, held=False, came_back=unlike)


def _words(answer: httpx.Response) -> tuple[int, str]:
    try:
        body = answer.json()
    except ValueError:
        return answer.status_code, answer.text
    if isinstance(body, dict):
        body = {name: value for name, value in body.items() if name not in OF_EACH_ANSWER}
    return answer.status_code, str(body)


@attack(
    1,
    "another organization's explanation as a stream of events, from any place of it",
    expected="404, word for word that of a random id, before any event",
    rules=CROSS_TENANT,
)
async def another_tenants_events(stand: Stand) -> Finding:
    explained = {"assessment_id": str(await stand.theirs.assessment()), "engine": "template"}
    clinician = stand.theirs.client(RoleName.CLINICIAN)
    theirs = had(await clinician.post(EXPLANATIONS, json=explained))["id"]
    client, findings = stand.ours.client(RoleName.CLINICIAN), []
    for last in ("complete-1", "pending-0", "garbage"):
        heard = {"Accept": "text/event-stream", "Last-Event-ID": last}
        answer = await client.get(f"{EXPLANATIONS}/{theirs}", headers=heard)
        random = await client.get(f"{EXPLANATIONS}/{uuid4()}", headers=heard)
        findings.append(as_absent(answer, random))
        asked = await client.post(EXPLANATIONS, json=explained, headers=heard)
        findings.append(judged(asked, 404))
    return Finding.of(findings)


@attack(
    9,
    expected="422 that names the parameter, and nobody else's rows",
    rules=CROSS_TENANT,
)
async def an_organization_in_the_query(stand: Stand) -> Finding:
    """An organization named in a query."""
    await stand.theirs.assessment()
    client = stand.ours.client(RoleName.ADMIN)
    lists = ("/api/records/assessments", "/api/records/statistics", "/api/audit/events")
    query = {"organization_id": str(uuid4())}
    return Finding.of([judged(await client.get(path, params=query), 422) for path in lists])


@attack(
    11,
    expected="404, as for a record that never was",
    rules=("164.312(a)(1)", "ASVS 8.2.2", "API1:2023"),
)
async def another_patients_assessment(stand: Stand) -> Finding:
    """Another patient's assessment, as a patient."""
    other = await stand.ours.assessment(RoleName.CLINICIAN)
    client = stand.ours.client(RoleName.PATIENT)
    answer = await client.get(f"/api/records/assessments/{other}")
    return as_absent(answer, await client.get(f"/api/records/assessments/{uuid4()}"))


@attack(
    2,
    "another organization's record, on every route that takes its id",
    expected="404, word for word that of a random id; where a body is looked at first, the same",
    rules=CROSS_TENANT,
)
async def every_route_with_an_id(stand: Stand) -> Finding:
    theirs = await stand.theirs.records()
    client = stand.ours.client(RoleName.ADMIN)
    findings = []
    for operation in operations():
        if operation.ids and operation.ids[0] in theirs and is_for_people(operation):
            answer = await operation.ask(client, UUID(theirs[operation.ids[0]]))
            findings.append(as_absent(answer, await operation.ask(client, uuid4())))
    return Finding.of(findings)


def is_for_people(operation: Operation) -> bool:
    """Whether docs/access.md has an answer to whoever asks for a foreign record."""
    return documented().get(str(operation), {}).get(FOREIGN) == "404"


@attack(
    10,
    "a cursor of another organization's list",
    expected="400",
    rules=CROSS_TENANT,
)
async def a_foreign_cursor(stand: Stand) -> Finding:
    for role in (RoleName.PATIENT, RoleName.CLINICIAN):
        await stand.theirs.assessment(role)
    theirs, ours = (org.client(RoleName.ADMIN) for org in (stand.theirs, stand.ours))
    findings = []
    for path in ("/api/records/assessments", "/api/audit/events"):
        page = had(await theirs.get(path, params={"limit": 1}))
        assert page["next_cursor"], path
        answer = await ours.get(path, params={"limit": 1, "cursor": page["next_cursor"]})
        findings.append(judged(answer, 400))
    return Finding.of(findings)
