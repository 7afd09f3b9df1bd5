"""Where the attacker stands: two organizations, a token of every role, and what else is at hand."""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from typing import Any, Self
from uuid import UUID

import httpx
import jwt

from local.databases import Databases
from local.issuer import Issuer
from local.prove.exchanges import Exchange, Recorded
from local.samples import cognitive
from local.trouble import Trouble
from shared.permissions import RoleName

PATIENCE_S = 60.0
NOBODY = "nobody"
# Reserved (RFC 2606): nobody has it.
INVITED = "nobody@example.org"
GONE = {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}


class CannotStand(Trouble):
    """What the attacks need of an organization cannot be had."""


@dataclass(frozen=True)
class Made:
    """How a record is made, and how it is taken back."""

    path: str
    body: Mapping[str, Any]
    undo: str


# By the parameter of a path that names such a record.
MADE_BY_POST = {
    "upload_id": Made(
        "/api/uploads",
        {"content_type": "text/csv", "size_bytes": 1, "sha256": "0" * 64},
        "DELETE /api/uploads/{key}",
    ),
    "key_id": Made(
        "/api/accounts/keys",
        {"name": "A key of attacks", "scopes": ["view_profile"]},
        "POST /api/accounts/keys/{key}/revoke",
    ),
    "webhook_id": Made(
        "/api/accounts/webhooks",
        {"url": "https://hooks.example.org/", "events": ["person.merged"]},
        "DELETE /api/accounts/webhooks/{key}",
    ),
    "invitation_id": Made(
        "/api/accounts/invitations",
        {"email": INVITED, "role": "patient"},
        "DELETE /api/accounts/invitations/{key}",
    ),
    "hold_id": Made(
        "/api/accounts/people/{person_id}/holds",
        {"reason": "a test of holds"},
        "POST /api/accounts/people/{person_id}/holds/{key}/release",
    ),
}


def claims_of(token: str) -> dict[str, Any]:
    """What a token claims, unverified."""
    told: dict[str, Any] = jwt.decode(
        token, options={"verify_signature": False, "verify_aud": False, "verify_exp": False}
    )
    return told


@dataclass
class Organization:
    """A throw-away organization: a token of each role, and what was made in it, once."""

    name: str
    tokens: Mapping[RoleName, str] = field(repr=False)
    stand: "Stand" = field(repr=False)
    _known: dict[str, Any] = field(default_factory=dict, repr=False)

    def client(self, role: RoleName) -> httpx.AsyncClient:
        """Sign in as the person of a role."""
        return self.stand.bearing(self.tokens[role], f"{role} of {self.name}")

    @property
    def identity(self) -> str:
        """What the identity provider calls the organization."""
        claims = claims_of(self.tokens[RoleName.ADMIN])
        return str(claims.get("o", {}).get("id") or claims.get("org_id"))

    async def person(self, role: RoleName) -> UUID:
        """The person of a role."""
        return UUID(await self._once(f"person {role}", lambda: self._me(role)))

    async def assessment(self, role: RoleName = RoleName.PATIENT) -> UUID:
        """An assessment of the person of a role, made by a clinician; it is deleted at the end."""
        return UUID(await self._once(f"assessment {role}", lambda: self.analyzed(role)))

    async def analyzed(self, role: RoleName, **fields: str) -> str:
        """Make another assessment, perhaps with more fields; it is deleted at the end."""
        answer = await self.client(RoleName.CLINICIAN).post(
            "/api/cognitive/analyze",
            files=[("file", (file.name, file.content)) for file in _recording()],
            data={"subject_id": str(await self.person(role)), "age_years": "61"} | fields,
        )
        key = str(had(answer)["id"])
        self.undo_at_the_end("DELETE", f"/api/records/assessments/{key}")
        return key

    async def planted(self) -> tuple[UUID, str]:
        """A patient with a name that is nowhere else, erased at the end; the id and the name."""
        key, _, name = (await self._once("planted", self._plant)).partition(" ")
        return UUID(key), name

    async def records(self) -> dict[str, str]:
        """A record for each parameter of a path that names a record which can be made here."""
        made = {name: await self._once(name, partial(self._made, name)) for name in MADE_BY_POST}
        known = {
            "assessment_id": await self.assessment(),
            "person_id": await self.person(RoleName.PATIENT),
            "clinician_id": await self.person(RoleName.CLINICIAN),
        }
        return {name: str(key) for name, key in known.items()} | {
            name: key for name, key in made.items() if key
        }

    async def _made(self, name: str) -> str:
        """Make a record by the admin; nothing where the deployment does not let it be made."""
        made = MADE_BY_POST[name]
        places = {"person_id": await self.person(RoleName.PATIENT)}
        path = made.path.format(**places)
        answer = await self.client(RoleName.ADMIN).post(path, json=made.body)
        if answer.is_error:
            return ""
        told = answer.json()
        item = told["items"][0] if "items" in told else told
        key = str(item.get("id") or item.get("upload_id"))
        method, _, undo = made.undo.partition(" ")
        self.undo_at_the_end(method, undo.format(**places, key=key))
        return key

    def undo_at_the_end(
        self, method: str, path: str, body: Mapping[str, Any] | None = None
    ) -> None:
        """Have the admin take back what was made, when all is over."""
        self.stand.to_undo.append((self, method, path, body))

    def subject(self, role: RoleName) -> str:
        """What the identity provider calls the person of a role."""
        return str(claims_of(self.tokens[role])["sub"])

    async def _plant(self) -> str:
        name = f"Canary{secrets.token_hex(6)}"
        self.stand.secrets.add(name)
        clinician = self.client(RoleName.CLINICIAN)
        key = had(await clinician.post("/api/accounts/patients", json={"last_name": name}))["id"]
        self.undo_at_the_end("POST", f"/api/accounts/people/{key}/erasure", {})
        return f"{key} {name}"

    async def _me(self, role: RoleName) -> str:
        return str(had(await self.client(role).get("/api/accounts/me"))["id"])

    async def _once(self, name: str, make: Callable[[], Awaitable[str]]) -> str:
        if name not in self._known:
            self._known[name] = await make()
        return str(self._known[name])


def _recording() -> Any:
    """The smallest sample: a task log needs no library of pictures or sound."""
    return cognitive.SAMPLES[0][2]()


def had(answer: httpx.Response) -> dict[str, Any]:
    """The body of an answer that the attacks cannot go on without.

    Raises
    ------
    CannotStand
    """
    if answer.is_error:
        request = answer.request
        raise CannotStand(
            f"{request.method} {request.url.path} was answered {answer.status_code}:"
            f" {answer.text[:200]}"
        )
    body: dict[str, Any] = answer.json() if answer.content else {}
    return body


type Undo = tuple[Organization, str, str, Mapping[str, Any] | None]


@dataclass
class Stand:
    """Two organizations of one deployment, and, where it is this machine's, what is under it."""

    url: str
    ours: Organization = field(init=False)
    theirs: Organization = field(init=False)
    transport: httpx.AsyncBaseTransport | None = None
    # Where the stack is of this machine:
    issuer: Issuer | None = field(default=None, repr=False)
    databases: Databases | None = field(default=None, repr=False)
    superuser_url: str | None = field(default=None, repr=False)
    exchanges: list[Exchange] = field(default_factory=list, repr=False)
    # What no report may show: tokens, keys, and names that the attacks planted.
    secrets: set[str] = field(default_factory=set, repr=False)
    # What the deployment keeps when all is over, in words.
    stays: list[str] = field(default_factory=list)
    _clients: dict[str, httpx.AsyncClient] = field(default_factory=dict, repr=False)
    # What is taken back at the end: where, by which request.
    to_undo: list[Undo] = field(default_factory=list, repr=False)
    _opened: AsyncExitStack = field(default_factory=AsyncExitStack, repr=False)

    def let_in(self, ours: Mapping[RoleName, str], theirs: Mapping[RoleName, str]) -> Self:
        """Take up the tokens of both organizations."""
        self.ours = Organization("ours", ours, self)
        self.theirs = Organization("theirs", theirs, self)
        self.secrets |= {*ours.values(), *theirs.values()}
        return self

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.clean_up()
        await self._opened.aclose()

    @property
    def nobody(self) -> httpx.AsyncClient:
        """A client without a token."""
        return self._client("", NOBODY)

    def bearing(self, token: str, who: str) -> httpx.AsyncClient:
        """A client with a token, good or forged; `who` is what the report calls it."""
        self.secrets.add(token)
        return self._client(token, who)

    async def clean_up(self) -> None:
        """Take back what was made, the newest first; what is gone already does no harm."""
        while self.to_undo:
            where, method, path, body = self.to_undo.pop()
            answer = await where.client(RoleName.ADMIN).request(method, path, json=body)
            if answer.is_error and answer.status_code not in GONE:
                self.stays.append(f"{method} {path} was answered {answer.status_code}")

    def _client(self, token: str, who: str) -> httpx.AsyncClient:
        known = f"{who} {token}"
        if known not in self._clients:
            inner = self.transport or httpx.AsyncHTTPTransport()
            client = httpx.AsyncClient(
                base_url=self.url,
                transport=Recorded(inner, who, self.exchanges),
                headers={"Authorization": f"Bearer {token}"} if token else {},
                timeout=PATIENCE_S,
            )
            self._opened.push_async_callback(client.aclose)
            self._clients[known] = client
        return self._clients[known]
