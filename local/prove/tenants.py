"""Another organization's records, asked for by whoever is let in elsewhere."""

from dataclasses import replace
from uuid import uuid4

import httpx

from local.prove.attacks import Finding, attack, judged
from local.prove.stand import Stand
from shared.permissions import RoleName

CROSS_TENANT = ("164.312(a)(1)", "ASVS 8.4.1", "API1:2023")
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
