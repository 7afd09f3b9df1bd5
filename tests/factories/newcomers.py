"""Whoever is new to an organization: their sign-in, their invitation, whether they are there."""

import time
from typing import Any
from uuid import uuid4

import asyncpg
from httpx import ASGITransport, AsyncClient

from shared.permissions import RoleName
from tests.conftest import Clinic

INVITATIONS, ME = (f"/api/accounts/{name}" for name in ("invitations", "me"))
MEMBERS = "/api/accounts/members"
WHY = {"reason": "by the test"}


def signed_in(clinic: Clinic, subject: str, **claims: Any) -> AsyncClient:
    """A client of somebody whom the issuer knows, and perhaps nobody here."""
    now = int(time.time())
    told = {
        "iss": clinic.issuer.url,
        "sub": subject,
        "iat": now,
        "exp": now + 600,
        "o": {"id": clinic.identity},
    }
    token = clinic.issuer.sign(told | claims)
    transport = ASGITransport(clinic.server, raise_app_exceptions=False)
    headers = {"Authorization": f"Bearer {token}"}
    return AsyncClient(transport=transport, base_url="http://test", headers=headers)


def a_subject() -> str:
    return f"user_{uuid4().hex}"


async def invite(clinic: Clinic, **told: Any) -> dict[str, Any]:
    async with clinic.client(RoleName.ADMIN) as client:
        answer = await client.post(INVITATIONS, json={"role": "clinician"} | told)
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def count(auditor: asyncpg.Connection, subject: str) -> int:
    number: int = await auditor.fetchval(
        "SELECT count(*) FROM users WHERE identity_subject = $1", subject
    )
    return number
