"""What a role, a service key or a membership lets nobody do beyond it."""

from itertools import cycle, islice
from typing import Any
from uuid import uuid4

import httpx

from local.prove.attacks import Finding, NotTried, attack, code_of, judged
from local.prove.routes import SERVED, Operation, documented, operations, takes_json
from local.prove.stand import NOBODY, Organization, Stand, had
from shared.permissions import Permission, RoleName

ROLES = ("164.312(a)(1)", "ASVS 8.2.1", "API5:2023")
PROPERTIES = ("164.312(c)(1)", "ASVS 8.2.3", "API3:2023")
MEMBERS, KEYS = "/api/accounts/members", "/api/accounts/keys"

# A key of each scope is tried on the routes of so many others; by turns each is tried.
OTHER_SCOPES = 3
# What a caller would like to set itself.
ASSIGNED: dict[str, Any] = {
    "organization_id": str(uuid4()),
    "role": "admin",
    "deleted_at": None,
    "risk_score": 0,
    "row_hash": "00",
}
# Where the identity provider announces nobody, nothing is taken from anybody.
NOT_OFFERED = {"POST /api/accounts/webhooks/identity": (501,)}
# Refusals that say that the act itself was not let in.
NOT_SERVED = {401, 403, 405, 500}


@attack(
    21,
    expected="as docs/access.md says; whoever may, is asked where nothing changes",
    rules=ROLES,
)
async def every_route_by_every_role(stand: Stand) -> Finding:
    """Every route, in the name of each role and of nobody."""
    findings = [
        finding
        for operation in operations()
        if operation.path.startswith("/api/")
        for who in (*RoleName, NOBODY)
        if (finding := await _as_documented(stand, operation, who))
    ]
    return Finding.of(findings)


async def _as_documented(stand: Stand, operation: Operation, who: str) -> Finding | None:
    """Hold an answer against the page; None where a request that is served would do something."""
    told = documented().get(str(operation))
    if told is None:
        return Finding(held=False, sent=str(operation), came_back="docs/access.md lacks it")
    client = stand.nobody if who == NOBODY else stand.ours.client(RoleName(who))
    if told[who] != SERVED:
        answer = await operation.ask(client, uuid4())
        return judged(answer, *NOT_OFFERED.get(str(operation), ()), int(told[who]))
    if not operation.is_safe:
        return None
    answer = await operation.ask(client, uuid4())
    finding = judged(answer)
    return Finding(answer.status_code not in NOT_SERVED, finding.sent, finding.came_back)


@attack(
    21,
    expected="422",
    rules=ROLES,
)
async def an_unknown_role(stand: Stand) -> Finding:
    """A role that nobody has heard of, given to somebody."""
    path = f"{MEMBERS}/{await stand.ours.person(RoleName.CLINICIAN)}/roles"
    body = {"role": "superuser", "reason": "a test of roles"}
    return judged(await stand.ours.client(RoleName.ADMIN).post(path, json=body), 422)


@attack(
    22,
    expected="422 that names them",
    rules=PROPERTIES,
)
async def mass_assignment(stand: Stand) -> Finding:
    """Fields that are not the caller's to set, in every body of JSON."""
    client = stand.ours.client(RoleName.ADMIN)
    findings = []
    for operation in filter(takes_json, operations()):
        path = operation.path.format(**operation.nowhere())
        answer = await client.request(operation.method, path, json=ASSIGNED)
        findings.append(judged(answer, 400, 422, 428))
    return Finding.of(findings)


@attack(
    24,
    expected="403, and the role is not theirs",
    rules=ROLES,
)
async def promotion_of_oneself(stand: Stand) -> Finding:
    """A clinician who gives themselves the role of an admin."""
    client = stand.ours.client(RoleName.CLINICIAN)
    path = f"{MEMBERS}/{await stand.ours.person(RoleName.CLINICIAN)}/roles"
    answer = await client.post(path, json={"role": "admin", "reason": "a test of roles"})
    return Finding.of([judged(answer, 403), judged(await client.get(MEMBERS), 403)])


@attack(
    24,
    expected="409",
    rules=ROLES,
)
async def the_last_admin(stand: Stand) -> Finding:
    """The last admin, deactivated or without the role."""
    client = stand.ours.client(RoleName.ADMIN)
    path = f"{MEMBERS}/{await stand.ours.person(RoleName.ADMIN)}"
    reason = {"reason": "a test of roles"}
    if await _admins(client) > 1:
        raise NotTried("The organization has several admins.")
    return Finding.of(
        [
            judged(await client.post(f"{path}/deactivate"), 409),
            judged(await client.post(f"{path}/roles/admin/revoke", json=reason), 409),
        ]
    )


async def _admins(client: httpx.AsyncClient) -> int:
    members = had(await client.get(MEMBERS, params={"limit": 100}))["items"]
    return sum(RoleName.ADMIN in str(member["roles"]) for member in members)


@attack(
    18,
    expected="403 with the next request",
    rules=("164.312(a)(2)(i)", "ASVS 8.3.2", "API2:2023"),
)
async def a_deactivated_member(stand: Stand) -> Finding:
    """A member who was deactivated, with a token that still holds."""
    admin = stand.ours.client(RoleName.ADMIN)
    member = stand.ours.client(RoleName.RESEARCHER)
    path = f"{MEMBERS}/{await stand.ours.person(RoleName.RESEARCHER)}"
    had(await admin.post(f"{path}/deactivate"))
    try:
        refused = judged(await member.get("/api/accounts/me"), 403)
    finally:
        had(await admin.post(f"{path}/reactivate"))
    return Finding.of([refused, judged(await member.get("/api/accounts/me"), 200)])


@attack(
    19,
    expected="403 beyond it, 401 after it; it makes no other key",
    rules=("164.312(d)", "ASVS 8.2.1", "ASVS 8.3.2", "API2:2023"),
)
async def a_service_key(stand: Stand) -> Finding:
    """A service key beyond its scope, and after it was revoked."""
    key_id, program = await key_of(stand, stand.ours, Permission.VIEW_ASSESSMENTS)
    listed, deleted = "/api/records/assessments", f"/api/records/assessments/{uuid4()}"
    wanted = {"name": "another", "scopes": [Permission.VIEW_ASSESSMENTS]}
    findings = [
        judged(await program.get(listed), 200),
        judged(await program.delete(deleted), 403),
        judged(await program.get(MEMBERS), 403),
        judged(await program.post(KEYS, json=wanted), 403),
    ]
    had(await stand.ours.client(RoleName.ADMIN).post(f"{KEYS}/{key_id}/revoke"))
    return Finding.of([*findings, judged(await program.get(listed), 401)])


@attack(
    19,
    "a service key of every scope, on routes of other scopes",
    expected="403",
    rules=("164.312(a)(1)", "ASVS 8.2.1", "API5:2023"),
)
async def every_scope_of_a_key(stand: Stand) -> Finding:
    """One route stands for each permission: the first that changes nothing, or else the first."""
    examples: dict[str, Operation] = {}
    for operation in sorted(operations(), key=lambda operation: not operation.is_safe):
        examples.setdefault(documented().get(str(operation), {}).get("asks for", ""), operation)
    findings = []
    scopes = [scope for scope in Permission if scope in examples]
    for number, scope in enumerate(scopes):
        _, program = await key_of(stand, stand.ours, scope)
        others = islice(cycle(scopes), number + 1, number + 1 + OTHER_SCOPES)
        answers = [await examples[other].ask(program, uuid4()) for other in others]
        findings += [judged(answer, 403) for answer in answers]
    return Finding.of(findings)


async def key_of(
    stand: Stand, organization: Organization, scope: Permission
) -> tuple[str, httpx.AsyncClient]:
    """Make a key of one scope, which is revoked at the end; return its id and its client.

    Raises
    ------
    NotTried
        The deployment asks for a second factor, which the token of the admin does not show.
    """
    admin = organization.client(RoleName.ADMIN)
    answer = await admin.post(KEYS, json={"name": "A key of attacks", "scopes": [scope]})
    if code_of(answer) == "step-up-required":
        raise NotTried("The admin's token shows no recent second factor.")
    made = had(answer)
    organization.undo_at_the_end("POST", f"{KEYS}/{made['id']}/revoke")
    return made["id"], stand.bearing(made["key"], f"a key for {scope}")


@attack(
    25,
    expected="422, 403, 409",
    rules=("164.312(a)(2)(ii)", "ASVS 8.2.2", "API6:2023"),
)
async def an_emergency(stand: Stand) -> Finding:
    """An emergency without a reason, without a fresh second factor, or for whoever is in reach."""
    client, path = stand.ours.client(RoleName.CLINICIAN), "/api/accounts/break-glass"
    person = str(await stand.ours.person(RoleName.PATIENT))
    reason = {"person_id": person, "reason": "a person without consciousness"}
    findings = [
        judged(await client.post(path, json={"person_id": person}), 422),
        judged(await client.post(path, json={"person_id": person, "reason": "short"}), 422),
        judged(await stand.ours.client(RoleName.PATIENT).post(path, json=reason), 403),
    ]
    if stand.issuer:
        old = stand.issuer.issue(stand.ours.subject(RoleName.CLINICIAN), stand.ours.identity)
        answer = await stand.bearing(old, "clinician without a second factor").post(
            path, json=reason
        )
        findings.append(judged(answer, 403, code="step-up-required"))
    return Finding.of(findings)


@attack(
    47,
    expected="401",
    rules=("164.312(a)(1)", "ASVS 8.2.1", "API5:2023"),
)
async def the_work_of_the_schedule(stand: Stand) -> Finding:
    """The schedule's work, asked for by people and by nobody."""
    paths = [operation for operation in operations() if "/jobs/" in operation.path]
    clients = [stand.nobody, *(stand.ours.client(role) for role in RoleName)]
    return Finding.of(
        [judged(await path.ask(client, uuid4()), 401) for path in paths for client in clients]
    )
