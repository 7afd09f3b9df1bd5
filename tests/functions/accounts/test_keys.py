"""Service keys over HTTP: shown once, narrowed, revoked at once."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from httpx import ASGITransport, AsyncClient

from shared import settings
from shared.database import transaction
from shared.errors import Forbidden
from shared.permissions import Permission, RoleName
from tests.conftest import Clinic
from tests.nonempty import nonempty

KEYS = "/api/accounts/keys"
INVITATIONS = "/api/accounts/invitations"
LIST = "/api/records/assessments"
ANOTHER = (
    "(SELECT u.id FROM users u WHERE u.organization_id = k.organization_id"
    " AND u.id <> k.created_by LIMIT 1)"
)
USES = (
    "SELECT count(*) FROM audit_events WHERE resource_type = 'service_keys'"
    " AND action = 'update' AND resource_id = $1"
)
SESSIONS = (
    "SELECT session_id, user_id FROM audit_events WHERE resource_type = 'users'"
    " AND action = 'read' AND user_id = $1"
)


def program(clinic: Clinic, key: str) -> AsyncClient:
    transport = ASGITransport(
        clinic.server, raise_app_exceptions=False, client=("192.0.2.7", 40_000)
    )
    headers = {"Authorization": f"Bearer {key}"}
    return AsyncClient(transport=transport, base_url="http://test", headers=headers)


async def made(clinic: Clinic, **told: Any) -> dict[str, Any]:
    wanted = {"name": "ECG cart", "scopes": ["view_assessments"]} | told
    async with clinic.client(RoleName.ADMIN) as client:
        answer = await client.post(KEYS, json=wanted)
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_key_acts_as_its_maker_within_its_scopes_until_it_is_revoked(
    clinic: Clinic, auditor: asyncpg.Connection
) -> None:
    """Its hash alone is stored, other permissions are 403, and a revoked key is 401 at once."""
    key = await made(clinic)
    assert key["key"].startswith("mlk_")
    stored = await auditor.fetchrow("SELECT * FROM service_keys WHERE id = $1", key["id"])
    assert stored["key_hash"] == sha256(key["key"].encode()).digest()
    assert key["key"] not in str(dict(stored))
    async with program(clinic, key["key"]) as client, clinic.client(RoleName.ADMIN) as admin:
        assert (await client.get(LIST)).status_code == 200
        assert (await client.post("/api/uploads", json={})).status_code in {403, 422}
        files = {"file": ("a.csv", b"x")}
        refused = await client.post("/api/cardiology/analyze", files=files)
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
        assert (await client.get(KEYS)).status_code == 403

        (shown,) = (await admin.get(KEYS)).json()["items"]
        assert "key" not in shown
        assert shown["last_used_at"] is not None
        assert (await admin.post(f"{KEYS}/{key['id']}/revoke")).status_code == 200
        assert (await client.get(LIST)).status_code == 401


async def test_use_is_written_once_an_hour_and_named_in_the_trail(
    clinic: Clinic, auditor: asyncpg.Connection
) -> None:
    patient = clinic.person_id(RoleName.PATIENT)
    await auditor.execute("UPDATE users SET last_name = 'Demo' WHERE id = $1", patient)
    key = await made(clinic, scopes=["view_patients"])
    async with program(clinic, key["key"]) as client:
        for _ in range(3):
            await client.post("/api/accounts/patients/search", json={"name_part": "demo"})
    written = await auditor.fetchval(USES, key["id"])
    assert written == 1
    sessions = await auditor.fetch(SESSIONS, clinic.person_id(RoleName.ADMIN))
    assert {row["session_id"] for row in sessions} == {f"key {key['id']}"}


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ({"networks": ["192.0.2.0/24"]}, 200),
        ({"networks": ["198.51.100.0/24", "2001:db8::/32"]}, 401),
        ({"expires_at": "2020-01-01T00:00:00Z"}, 401),
        ({"expires_at": (datetime.now(UTC) + timedelta(days=1)).isoformat()}, 200),
    ],
)
async def test_key_holds_where_and_as_long_as_it_says(
    clinic: Clinic, told: dict[str, Any], status: int
) -> None:
    key = await made(clinic, **told)
    async with program(clinic, key["key"]) as client:
        assert (await client.get(LIST)).status_code == status


async def test_a_key_that_is_used_from_elsewhere_leaves_a_trace(
    clinic: Clinic, auditor: asyncpg.Connection
) -> None:
    key = await made(clinic, networks=["198.51.100.0/24"])
    async with program(clinic, key["key"]) as client:
        assert (await client.get(LIST)).status_code == 401
    rows = await auditor.fetch(
        "SELECT host(actor_ip) AS ip, user_id FROM audit_events WHERE session_id = $1"
        " AND outcome = 'denied'",
        f"key {key['id']}",
    )
    assert [tuple(row) for row in rows] == [("192.0.2.7", clinic.person_id(RoleName.ADMIN))]


@pytest.mark.parametrize(
    "change",
    [
        "scopes = '[\"view_patients\"]'",
        "revoked_at = now()",
        "expires_at = now()",
        f"created_by = {ANOTHER}",
    ],
)
async def test_the_database_asks_the_key_itself_what_it_may(
    clinic: Clinic, auditor: asyncpg.Connection, change: str
) -> None:
    """What the function says of scopes opens nothing, nor does a key that ended since."""
    key = await made(clinic)
    caller = replace(
        clinic.caller(RoleName.ADMIN), key_id=UUID(key["id"]), scopes=tuple(Permission)
    )
    async with transaction.begin(caller, Permission.VIEW_ASSESSMENTS):
        pass
    await auditor.execute(f"UPDATE service_keys k SET {change} WHERE id = $1", key["id"])
    with pytest.raises(Forbidden, match="scopes"):
        async with transaction.begin(caller, Permission.VIEW_ASSESSMENTS):
            pass


async def test_key_loses_what_its_maker_loses(clinic: Clinic, auditor: asyncpg.Connection) -> None:
    key = await made(clinic)
    async with program(clinic, key["key"]) as client:
        await auditor.execute(
            "UPDATE user_roles SET revoked_at = now() WHERE user_id = $1",
            clinic.person_id(RoleName.ADMIN),
        )
        assert (await client.get(LIST)).status_code == 403


async def test_key_makes_no_key_that_may_more_than_it(clinic: Clinic) -> None:
    key = await made(clinic, scopes=["manage_keys"], networks=["192.0.2.0/24"])
    async with program(clinic, key["key"]) as client:
        for scope in ("manage_roles", "manage_keys"):
            answer = await client.post(KEYS, json={"name": "x", "scopes": [scope]})
            assert (answer.status_code, answer.json()["code"]) == (403, "scope-not-held")
        assert (await client.get(KEYS)).status_code == 200


@pytest.mark.parametrize("key", ["mlk_", "mlk_x", "mlk_" + "A" * 43, "MLK_x", "mlk_\x80"])
async def test_other_words_are_no_keys(clinic: Clinic, key: str) -> None:
    transport = ASGITransport(clinic.server, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://test") as client:
        answer = await client.get(
            LIST, headers={b"Authorization": b"Bearer " + key.encode("latin-1")}
        )
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "told",
    [{"scopes": []}, {"scopes": ["everything"]}, {"networks": ["10.0.0.1/8"]}, {"key": "mlk_mine"}],
)
async def test_what_no_key_can_be_is_refused(clinic: Clinic, told: dict[str, Any]) -> None:
    async with clinic.client(RoleName.ADMIN) as client:
        wanted = {"name": "x", "scopes": ["view_assessments"]} | told
        assert (await client.post(KEYS, json=wanted)).status_code == 422


class TestStepUp:
    """What asks for a second factor says so, and takes either provider's word for it."""

    @pytest.mark.parametrize(
        ("claims", "status"),
        [
            ({}, 403),
            ({"fva": [1, 2]}, 201),
            ({"fva": [1, 11]}, 403),
            ({"fva": [1, -1]}, 403),
            ({"signed_in_s": 60, "amr": ["pwd", "otp"]}, 201),
            ({"signed_in_s": 60, "amr": ["pwd"]}, 403),
            ({"signed_in_s": 60, "amr": ["mfa"]}, 201),
            ({"signed_in_s": 60, "amr": ["sms"]}, 403),
            ({"signed_in_s": 3600, "amr": ["mfa"]}, 403),
            ({"fva": "x", "amr": 7}, 403),
        ],
    )
    async def test_second_factor_has_to_be_recent(
        self, clinic: Clinic, monkeypatch: pytest.MonkeyPatch, claims: dict[str, Any], status: int
    ) -> None:
        monkeypatch.setenv("MEDILENS_STEP_UP_MINUTES", "10")
        settings.load.cache_clear()
        now = int(time.time())
        # The tests before this one may take longer than a second factor counts.
        signed_in = {"auth_time": now - claims["signed_in_s"]} if "signed_in_s" in claims else {}
        token = clinic.issuer.sign(
            {
                "iss": clinic.issuer.url,
                "sub": clinic.caller(RoleName.ADMIN).subject,
                "iat": now,
                "exp": now + 600,
                "o": {"id": clinic.identity},
                **claims,
                **signed_in,
            }
        )
        async with program(clinic, token) as client:
            wanted = {"name": "x", "scopes": ["view_assessments"]}
            answers = [
                await client.post(KEYS, json=wanted),
                # Whoever may not make an admin of a member invites none either.
                await client.post(INVITATIONS, json={"email": "e@example.org", "role": "admin"}),
            ]
        monkeypatch.undo()
        settings.load.cache_clear()
        for answer in nonempty(answers):
            assert answer.status_code == status, answer.text
            if status == 403:
                assert answer.json()["code"] == "step-up-required"
