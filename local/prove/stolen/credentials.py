"""Stolen from a person, a program or a sender: a token, a service key, a signed address."""

from uuid import uuid4

import httpx

from local.prove.keys import service_key
from local.prove.stand import Stand
from local.prove.stolen import Reach, stolen
from local.prove.trail import trail_of
from local.prove.uploads import a_signed_address
from shared.permissions import Permission, RoleName

RECORDS, KEYS = "/api/records/assessments", "/api/accounts/keys"


@stolen
async def a_token(stand: Stand) -> Reach:
    """A clinician's token."""
    reach, request = Reach(), f"prove-{uuid4().hex}"
    client = stand.ours.client(RoleName.CLINICIAN)
    own, foreign = await stand.ours.assessment(), await stand.theirs.assessment()
    answer = await client.get(f"{RECORDS}/{own}", headers={"X-Request-ID": request})
    reach.reaches("records of the organization, as the clinician", is_so=answer.is_success)
    absent = await client.get(f"{RECORDS}/{foreign}")
    reach.is_stopped("another organization's records", is_so=_is(absent, 404))
    made = await client.post(KEYS, json={"name": "x", "scopes": ["view_assessments"]})
    reach.is_stopped("a service key that outlives the token", is_so=_is(made, 403))
    if stand.databases:
        rows = await trail_of(stand, request)
        reach.is_shown("the audit trail, with the request's id", is_so=bool(rows))
    return reach


@stolen
async def a_service_key(stand: Stand) -> Reach:
    """A service key of one scope."""
    reach = Reach()
    key = await service_key(stand, Permission.VIEW_ASSESSMENTS)
    client = stand.bearing(key, "a stolen service key")
    listed = await client.get(RECORDS)
    reach.reaches("what its scope says, until it is revoked or expires", is_so=listed.is_success)
    people = await client.post("/api/accounts/patients/search", json={"name_part": "a"})
    reach.is_stopped("what another scope says", is_so=_is(people, 403))
    made = await client.post(KEYS, json={"name": "x", "scopes": ["view_assessments"]})
    reach.is_stopped("another key", is_so=_is(made, 403))
    admin = stand.ours.client(RoleName.ADMIN)
    (newest, *_) = (await admin.get(KEYS)).json()["items"]
    reach.is_shown("the time of its last use, to admins", is_so=bool(newest["last_used_at"]))
    await admin.post(f"{KEYS}/{newest['id']}/revoke")
    after = await client.get(RECORDS)
    reach.is_stopped("anything, once it is revoked", is_so=_is(after, 401))
    return reach


@stolen
async def a_signed_upload_address(stand: Stand) -> Reach:
    """A signed address for an upload."""
    reach, finding = Reach(), await a_signed_address(stand)
    reach.reaches("the announced bytes, once, within its time", is_so=finding.held)
    reach.is_stopped("other bytes, other files, reading", is_so=finding.held)
    reach.is_shown("the hash, when the upload is completed", is_so=finding.held)
    return reach


def _is(answer: httpx.Response, status: int) -> bool:
    return answer.status_code == status
