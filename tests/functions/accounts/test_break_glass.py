"""Break-glass over HTTP: one person is reached, for an hour, and everybody knows."""

import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from httpx import AsyncClient, Response

from functions.maintenance import service
from functions.maintenance.service import Job
from local import demo
from shared import settings
from shared.identifiers import uuid7
from shared.permissions import RoleName
from tests.conftest import Clinic
from tests.factories.examinations import stored
from tests.functions.accounts.test_care_teams import FILE, ask_for_care_teams, assign, listed
from tests.functions.accounts.test_keys import made, program
from tests.functions.accounts.test_outgoing_webhooks import sent_by_schedule, subscribed
from tests.nonempty import nonempty
from tests.receiver import Receiver, listening

BREAK_GLASS = "/api/accounts/break-glass"
RECORDS = "/api/records/assessments"
BANNER = "medilens-break-glass"
REASON = "Unconscious in the emergency room"
READINGS = (
    "SELECT action, resource_type, resource_id::text, user_id, details FROM audit_events"
    " WHERE subject_id = $1 AND user_id = $2 AND outcome = 'success' ORDER BY id"
)
OPENED_DAYS_AGO = (
    "UPDATE break_glass_grants SET created_at = now() - make_interval(days => $2,"
    " mins => 1), expires_at = now() - make_interval(days => $2) WHERE id = $1"
)
OPENED_BY = (
    "INSERT INTO break_glass_grants (id, organization_id, user_id, opened_by, reason,"
    " expires_at) SELECT $1, organization_id, $3, id, $4, now() + interval '1 minute'"
    " FROM users WHERE id = $2"
)
CLINICIANS_MAY = (
    "UPDATE roles SET permissions = permissions || '[\"break_glass\"]' WHERE name = 'clinician'"
)
MADE_BY = "UPDATE service_keys SET created_by = $2 WHERE id = $1"


@pytest.fixture
async def receiver(tmp_path: Path, configured: object) -> AsyncIterator[Receiver]:
    async with listening(tmp_path) as it:
        yield it


def confirmed(clinic: Clinic, role: RoleName = RoleName.CLINICIAN, **claims: Any) -> AsyncClient:
    """A client of somebody who has just shown a second factor, or whatever `claims` say."""
    now = int(time.time())
    told = {
        "iss": clinic.issuer.url,
        "sub": demo.subject(role, clinic.identity),
        "iat": now,
        "exp": now + 7_200,
        "fva": [1, 1],
        "v": 2,
        "sts": "active",
        "o": {"id": clinic.identity},
    }
    client = clinic.client(None)
    client.headers["Authorization"] = f"Bearer {clinic.issuer.sign(told | claims)}"
    return client


def wanted(clinic: Clinic, **more: Any) -> dict[str, Any]:
    return {"person_id": str(clinic.person_id(RoleName.PATIENT)), "reason": REASON} | more


async def opened(client: AsyncClient, clinic: Clinic, **more: Any) -> dict[str, Any]:
    answer = await client.post(BREAK_GLASS, json=wanted(clinic, **more))
    assert answer.status_code == 201, answer.text
    grant: dict[str, Any] = answer.json()
    return grant


async def refusal(client: AsyncClient, clinic: Clinic, **more: Any) -> tuple[int, str]:
    answer = await client.post(BREAK_GLASS, json=wanted(clinic, **more))
    return answer.status_code, answer.json()["code"]


async def ended(client: AsyncClient, grant: dict[str, Any]) -> None:
    answer = await client.post(f"{BREAK_GLASS}/{grant['id']}/end")
    assert (answer.status_code, answer.json()["is_open"]) == (200, False)


async def review(
    client: AsyncClient, grant: object, *, is_justified: bool, **more: str
) -> Response:
    told = {"is_justified": is_justified} | more
    return await client.post(f"{BREAK_GLASS}/{grant}/review", json=told)


async def another(clinic: Clinic, auditor: asyncpg.Connection) -> UUID:
    """Add a person whom nobody cares for."""
    key = uuid7()
    await auditor.execute(
        "INSERT INTO users (id, organization_id, last_name)"
        " SELECT $1, organization_id, 'Canary' FROM users WHERE id = $2",
        key,
        clinic.person_id(RoleName.CLINICIAN),
    )
    return key


async def an_hour_later(auditor: asyncpg.Connection, grant: str) -> None:
    """Move an emergency back by what it lasts at most."""
    await auditor.execute(
        "UPDATE break_glass_grants SET created_at = created_at - interval '60 minutes',"
        " expires_at = expires_at - interval '60 minutes' WHERE id = $1",
        grant,
    )


async def test_one_person_is_reached_for_an_hour_by_the_same_token_and_not_after(
    clinic: Clinic, auditor: asyncpg.Connection
) -> None:
    key = str(await stored(clinic))
    await ask_for_care_teams(clinic)
    person = str(clinic.person_id(RoleName.PATIENT))
    stranger = await another(clinic, auditor)
    async with confirmed(clinic) as client:
        before = await client.get(f"{RECORDS}/{key}")
        assert (before.status_code, before.headers[BANNER]) == (404, "offered")
        grant = await opened(client, clinic)
        read = await client.get(f"{RECORDS}/{key}")
        assert read.status_code == 200
        assert read.headers[BANNER].startswith(f"grant={grant['id']}; until=20")
        assert await listed(client) == [key]
        assert (await client.get(f"/api/accounts/patients/{person}")).status_code == 200
        assert (await client.get(f"/api/accounts/patients/{stranger}")).status_code == 404
        recorded = await client.post(
            "/api/cardiology/analyze",
            files={"file": (FILE.name, FILE.content)},
            data={"subject_id": person},
        )
        assert recorded.status_code == 201, recorded.text
        assert BANNER in recorded.headers

        await an_hour_later(auditor, grant["id"])
        after = await client.get(f"{RECORDS}/{key}")
        assert (after.status_code, after.headers[BANNER]) == (404, "offered")
        assert await listed(client) == []
        assert (await client.get(f"/api/accounts/patients/{person}")).status_code == 404


async def test_it_serves_to_see_and_to_examine_and_to_nothing_else(
    clinic: Clinic, auditor: asyncpg.Connection
) -> None:
    """No consent is withdrawn, no care prolonged, nothing deleted, signed or moved by it."""
    key = str(await stored(clinic))
    await ask_for_care_teams(clinic)
    person = clinic.person_id(RoleName.PATIENT)
    other = await another(clinic, auditor)
    move = {"assessment_id": key, "to_person_id": str(other), "reason": "a wrong one"}
    me = {"clinician_id": str(clinic.person_id(RoleName.CLINICIAN))}
    tried: list[tuple[str, str, dict[str, Any]]] = [
        ("DELETE", f"{RECORDS}/{key}", {}),
        ("POST", f"{RECORDS}/{key}/review", {"note": "seen"}),
        ("POST", f"/api/accounts/patients/{person}/care-team", me),
        ("POST", f"/api/accounts/people/{person}/consents/treatment/withdraw", {}),
        ("PATCH", f"/api/accounts/patients/{person}", {"phone": "+49 30 1"}),
        ("POST", "/api/accounts/moves", move),
    ]
    async with confirmed(clinic) as client:
        await opened(client, clinic)
        for method, path, body in nonempty(tried):
            answer = await client.request(
                method, path, headers={"If-Match": '"1"'}, json=body or None
            )
            assert answer.status_code == 404, (method, path, answer.text)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"reason": "short"}, "reason"),
        ({"reason": "   short        "}, "reason"),
        ({"reason": None}, "reason"),
        ({"minutes": 61}, "minutes"),
        ({"minutes": 0}, "minutes"),
        ({"opened_by": str(uuid4())}, "opened_by"),
    ],
)
async def test_reason_and_time_are_asked_for(
    clinic: Clinic, more: dict[str, Any], field: str
) -> None:
    await ask_for_care_teams(clinic)
    async with confirmed(clinic) as client:
        refused = await client.post(BREAK_GLASS, json=wanted(clinic, **more))
    assert refused.status_code == 422
    assert field in refused.json()["detail"]


class TestSecondFactor:
    @pytest.mark.parametrize(
        ("claims", "status"),
        [
            ({"fva": [0, 4]}, 201),
            ({"fva": [0, 5]}, 403),
            ({"fva": [0, -1]}, 403),
            ({"fva": None}, 403),
            ({"fva": [0, 1], "iat": -299}, 403),
            ({"fva": [0, 0], "iat": -200}, 201),
            ({"fva": None, "auth_time": -60, "amr": ["pwd", "otp"]}, 201),
            ({"fva": None, "auth_time": -400, "amr": ["pwd", "otp"]}, 403),
            ({"fva": None, "auth_time": -60, "amr": ["otp"]}, 403),
            ({"act": {"sub": "user_support"}}, 403),
        ],
    )
    async def test_is_of_the_last_five_minutes_and_ones_own(
        self, clinic: Clinic, claims: dict[str, Any], status: int
    ) -> None:
        """A token that is old itself counts from when it was made."""
        await ask_for_care_teams(clinic)
        now = int(time.time())
        told = {
            name: now + value if name in {"iat", "auth_time"} else value
            for name, value in claims.items()
        }
        async with confirmed(clinic, **told) as client:
            answer = await client.post(BREAK_GLASS, json=wanted(clinic))
        assert answer.status_code == status, answer.text

    async def test_service_key_opens_nothing_and_reaches_nobody_by_what_is_open(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        key = str(await stored(clinic))
        minted = await made(clinic, scopes=["break_glass", "view_assessments"])
        maker = clinic.person_id(RoleName.CLINICIAN)
        await auditor.execute(MADE_BY, minted["id"], maker)
        await ask_for_care_teams(clinic)
        async with program(clinic, minted["key"]) as robot, confirmed(clinic) as client:
            assert await refusal(robot, clinic) == (403, "step-up-required")
            await opened(client, clinic)
            assert (await client.get(f"{RECORDS}/{key}")).status_code == 200
            assert (await robot.get(f"{RECORDS}/{key}")).status_code == 404


class TestLimits:
    async def test_nobody_has_two_open_and_an_expired_one_is_in_nobodys_way(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        await ask_for_care_teams(clinic)
        other = str(await another(clinic, auditor))
        async with confirmed(clinic) as client:
            first = await opened(client, clinic)
            for person in (other, str(clinic.person_id(RoleName.PATIENT))):
                assert await refusal(client, clinic, person_id=person) == (409, "break-glass-open")
            await an_hour_later(auditor, first["id"])
            second = await opened(client, clinic, person_id=other)
            await ended(client, second)
            assert (await client.get(f"/api/accounts/patients/{other}")).status_code == 404
            own = (await client.get(BREAK_GLASS)).json()["items"]
            assert [grant["id"] for grant in own] == [second["id"], first["id"]]
            assert all(grant["ended_at"] for grant in nonempty(own))

    async def test_nobody_goes_on_for_ever_without_a_review(self, clinic: Clinic) -> None:
        await ask_for_care_teams(clinic)
        async with confirmed(clinic) as client, clinic.client(RoleName.ADMIN) as admin:
            for _ in range(5):
                grant = await opened(client, clinic, minutes=1)
                await ended(client, grant)
            assert await refusal(client, clinic) == (409, "break-glass-unreviewed")
            await review(admin, grant["id"], is_justified=False)
            refused = await client.post(BREAK_GLASS, json=wanted(clinic))
            assert refused.status_code == 409, "what had no reason opens nothing more"
            due = (await admin.get(f"{BREAK_GLASS}/reviews")).json()["items"]
            assert len(due) == 4
            await review(admin, due[0]["id"], is_justified=True)
            await opened(client, clinic)

    async def test_whoever_reaches_the_person_breaks_nothing(self, clinic: Clinic) -> None:
        async with confirmed(clinic) as client, confirmed(clinic, RoleName.ADMIN) as admin:
            for asker in (client, admin):
                assert (await refusal(asker, clinic))[1] == "break-glass-not-needed"
            await ask_for_care_teams(clinic)
            await assign(clinic)
            assert (await refusal(client, clinic))[1] == "break-glass-not-needed"

    async def test_nobody_opens_where_there_is_no_such_person(
        self, clinic: Clinic, elsewhere: Clinic
    ) -> None:
        await ask_for_care_teams(clinic)
        async with confirmed(clinic) as client:
            for person in (uuid4(), elsewhere.person_id(RoleName.PATIENT)):
                refused = await client.post(BREAK_GLASS, json=wanted(clinic, person_id=str(person)))
                assert refused.status_code == 404

    @pytest.mark.parametrize("by", ["deactivated", "revoked"])
    async def test_it_does_not_outlive_the_membership(
        self, clinic: Clinic, auditor: asyncpg.Connection, by: str
    ) -> None:
        """Whoever is let in again finds nothing open."""
        key = str(await stored(clinic))
        await ask_for_care_teams(clinic)
        member = f"/api/accounts/members/{clinic.person_id(RoleName.CLINICIAN)}"
        reason = {"reason": "a test of it"}
        async with confirmed(clinic) as client, clinic.client(RoleName.ADMIN) as admin:
            grant = await opened(client, clinic)
            if by == "deactivated":
                answers = [
                    await admin.post(f"{member}/deactivate"),
                    await client.get(f"{RECORDS}/{key}"),
                    await admin.post(f"{member}/reactivate"),
                ]
            else:
                answers = [
                    await admin.post(f"{member}/roles/clinician/revoke", json=reason),
                    await client.get(f"{RECORDS}/{key}"),
                    await admin.post(f"{member}/roles", json={"role": "clinician"} | reason),
                ]
            assert [answer.status_code // 100 for answer in answers] == [2, 4, 2]
            assert (await client.get(f"{RECORDS}/{key}")).status_code == 404
        ended = await auditor.fetchval(
            "SELECT ended_at IS NOT NULL FROM break_glass_grants WHERE id = $1", grant["id"]
        )
        assert ended


class TestTrace:
    async def test_act_is_one_of_its_own_and_every_reading_names_it(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        key = str(await stored(clinic))
        await ask_for_care_teams(clinic)
        async with confirmed(clinic) as client:
            grant = await opened(client, clinic)
            await client.get(f"{RECORDS}/{key}")
        rows = await auditor.fetch(
            READINGS, clinic.person_id(RoleName.PATIENT), clinic.person_id(RoleName.CLINICIAN)
        )
        acts = [row for row in rows if row["action"] == "execute"]
        assert [(row["resource_type"], row["resource_id"]) for row in acts] == [
            ("break_glass_grants", grant["id"])
        ]
        told = json.loads(acts[0]["details"])
        assert len([row for row in rows if row["resource_type"] == "break_glass_grants"]) == 1
        assert told["event"]["code"] == "110127"
        assert told["purpose"]["code"] == "ETREAT"
        reads = [
            json.loads(row["details"]) for row in rows if row["resource_type"] == "assessments"
        ]
        assert reads[-1]["break_glass"] == grant["id"]
        assert "break_glass" not in reads[0]

    async def test_organization_is_told_at_once_and_reminded_of_the_review(
        self, clinic: Clinic, auditor: asyncpg.Connection, receiver: Receiver
    ) -> None:
        webhook = await subscribed(
            clinic, receiver.url, "break_glass.opened", "break_glass.review_due"
        )
        await ask_for_care_teams(clinic)
        async with confirmed(clinic) as client:
            grant = await opened(client, clinic)
        (came,) = receiver.deliveries
        assert came.event["type"] == "break_glass.opened"
        assert came.event["data"]["grant_id"] == grant["id"]
        assert came.event["data"]["opened_by"] == str(clinic.person_id(RoleName.CLINICIAN))
        assert REASON not in came.body.decode()

        for days, reminders in ((1, 0), (2, 1), (2, 1), (3, 1)):
            await auditor.execute(OPENED_DAYS_AGO, grant["id"], days)
            await service.run(Job.REMINDERS)
            await auditor.execute(
                "UPDATE outbox_messages SET next_at = now() WHERE webhook_id = $1", webhook["id"]
            )
            await sent_by_schedule()
            assert len(receiver.deliveries) == 1 + reminders, days
        assert receiver.deliveries[-1].event["data"]["grant_id"] == grant["id"]


class TestReview:
    async def test_is_somebody_elses_once_and_ends_what_is_open(self, clinic: Clinic) -> None:
        await ask_for_care_teams(clinic)
        async with confirmed(clinic) as client, clinic.client(RoleName.ADMIN) as admin:
            grant = await opened(client, clinic)
            assert (await review(client, grant["id"], is_justified=True)).status_code == 403
            reviewed = await review(admin, grant["id"], is_justified=False, note="No emergency")
            assert (reviewed.status_code, reviewed.json()["is_open"]) == (200, False)
            assert reviewed.json()["reviewed_by"] == str(clinic.person_id(RoleName.ADMIN))
            again = await review(admin, grant["id"], is_justified=True)
            assert (again.status_code, again.json()["code"]) == (409, "not-to-be-reviewed")
            assert (await admin.get(f"{BREAK_GLASS}/reviews")).json()["items"] == []
            (done,) = (await admin.get(f"{BREAK_GLASS}/reviews?state=done")).json()["items"]
            assert done["review_note"] == "No emergency"
            assert (await client.get(BREAK_GLASS)).json()["items"][0]["is_justified"] is False

    async def test_nobody_reviews_their_own(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        key = uuid7()
        people = [clinic.person_id(role) for role in (RoleName.ADMIN, RoleName.PATIENT)]
        await auditor.execute(OPENED_BY, key, *people, REASON)
        async with clinic.client(RoleName.ADMIN) as admin:
            refused = await review(admin, key, is_justified=True)
        assert (refused.status_code, refused.json()["code"]) == (409, "not-to-be-reviewed")


class TestHint:
    async def test_is_given_where_care_teams_are_and_the_permission_is_alone(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        """The same of a person who is there and of one who is not, and of no other refusal."""
        key = await stored(clinic)
        async with clinic.client(RoleName.CLINICIAN) as client:
            plain = await client.get(f"{RECORDS}/{uuid4()}")
            assert BANNER not in plain.headers
            await ask_for_care_teams(clinic)
            for record in (key, uuid4()):
                hinted = await client.get(f"{RECORDS}/{record}")
                assert (hinted.status_code, hinted.headers[BANNER]) == (404, "offered")
            assert BANNER not in (await client.get(RECORDS)).headers
        for role in (RoleName.PATIENT, RoleName.RESEARCHER, RoleName.ADMIN):
            async with clinic.client(role) as client:
                assert BANNER not in (await client.get(f"{RECORDS}/{uuid4()}")).headers
        await auditor.execute(
            "UPDATE roles SET permissions = permissions - 'break_glass' WHERE name = 'clinician'"
        )
        try:
            async with clinic.client(RoleName.CLINICIAN) as client:
                assert BANNER not in (await client.get(f"{RECORDS}/{key}")).headers
        finally:
            await auditor.execute(CLINICIANS_MAY)


def test_step_up_of_the_deployment_is_not_asked() -> None:
    """The five minutes hold where `MEDILENS_STEP_UP_MINUTES` is not set, as in these tests."""
    assert settings.load(settings.TokenSettings).step_up_minutes is None
