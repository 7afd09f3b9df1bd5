"""Refusals in the audit trail: who was refused what, members or not."""

import json
from datetime import timedelta

import asyncpg
import pytest
from httpx import Response

from local import demo
from shared.database import transaction
from shared.errors import NotFound, Unavailable
from shared.identifiers import uuid7
from shared.permissions import Permission, RoleName
from tests.conftest import Clinic
from tests.factories.examinations import stored
from tests.shared.database.test_audit import trail


async def ask(clinic: Clinic, token: str) -> Response:
    """List assessments with a token."""
    async with clinic.client(None) as client:
        return await client.get(
            "/api/records/assessments", headers={"Authorization": f"Bearer {token}"}
        )


class TestDenials:
    async def test_a_missing_permission_is_recorded(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        async with clinic.client(RoleName.PATIENT) as client:
            answer = await client.delete(f"/api/records/assessments/{uuid7()}")
        assert answer.status_code == 403
        (row,) = await trail(auditor, clinic)
        assert row["outcome"] == "denied"
        assert row["action"] == "execute"
        assert not row["phi_accessed"]
        assert "delete_assessments" in row["details"]

    async def test_whose_record_was_asked_for_is_recorded_at_the_asker_alone(
        self, clinic: Clinic, elsewhere: Clinic, auditor: asyncpg.Connection
    ) -> None:
        key = await stored(clinic)
        before = await trail(auditor, clinic)
        with pytest.raises(NotFound):
            async with transaction.begin(
                elsewhere.caller(RoleName.ADMIN), Permission.VIEW_ASSESSMENTS
            ):
                raise NotFound("no", resource_type="assessments", resource_id=key)
        assert await trail(auditor, clinic) == before
        (row,) = await trail(auditor, elsewhere)
        assert (row["outcome"], row["resource_id"]) == ("denied", key)
        assert row["actor_role"] == "admin"

    async def test_a_stranger_is_named_by_the_identity_providers_word(
        self, clinic: Clinic, elsewhere: Clinic, auditor: asyncpg.Connection
    ) -> None:
        answer = await ask(clinic, clinic.issuer.issue("user_stranger", clinic.identity))
        assert answer.status_code == 403
        (row,) = await trail(auditor, clinic)
        assert (row["outcome"], row["user_id"], row["actor_type"]) == ("denied", None, "user")
        assert json.loads(row["details"])["identity_subject"] == "user_stranger"
        assert await trail(auditor, elsewhere) == []

    async def test_a_member_of_another_organization_is_refused_in_the_one_asked_for(
        self, clinic: Clinic, elsewhere: Clinic, auditor: asyncpg.Connection
    ) -> None:
        subject = demo.subject(RoleName.ADMIN, elsewhere.identity)
        await ask(clinic, clinic.issuer.issue(subject, clinic.identity))
        (row,) = await trail(auditor, clinic)
        assert row["outcome"] == "denied"
        assert await trail(auditor, elsewhere) == []

    async def test_who_names_no_organization_of_ours_is_refused_in_their_own(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        await ask(clinic, clinic.issuer.issue(demo.subject(RoleName.ADMIN, clinic.identity), "org"))
        (row,) = await trail(auditor, clinic)
        assert row["user_id"] == clinic.person_id(RoleName.ADMIN)

    @pytest.mark.parametrize(
        "change",
        [
            "UPDATE users SET is_active = false WHERE id = $1",
            "UPDATE users SET deleted_at = now() WHERE id = $1",
            (
                "UPDATE organizations SET is_active = false"
                " WHERE id = (SELECT organization_id FROM users WHERE id = $1)"
            ),
            (
                "UPDATE organizations SET deleted_at = now()"
                " WHERE id = (SELECT organization_id FROM users WHERE id = $1)"
            ),
        ],
    )
    async def test_who_may_no_longer_is_named_with_their_role(
        self, clinic: Clinic, auditor: asyncpg.Connection, change: str
    ) -> None:
        person = clinic.person_id(RoleName.CLINICIAN)
        await auditor.execute(change, person)
        answer = await ask(clinic, clinic.token(RoleName.CLINICIAN))
        assert answer.status_code == 403
        row = (await trail(auditor, clinic))[-1]
        assert (row["outcome"], row["user_id"]) == ("denied", person)
        assert row["actor_role"] == "clinician"
        assert json.loads(row["details"])["permission"] == "view_assessments"

    @pytest.mark.parametrize(
        ("method", "path", "table"),
        [
            ("DELETE", "/api/records/assessments/{}", "assessments"),
            ("POST", "/api/records/assessments/{}/review", "assessments"),
            ("GET", "/api/uploads/{}", "uploaded_files"),
            ("DELETE", "/api/uploads/{}", "uploaded_files"),
            ("POST", "/api/uploads/{}/complete", "uploaded_files"),
        ],
    )
    async def test_a_missing_permission_names_the_record_and_the_role(
        self, clinic: Clinic, auditor: asyncpg.Connection, method: str, path: str, table: str
    ) -> None:
        key = uuid7()
        async with clinic.client(RoleName.RESEARCHER) as client:
            answer = await client.request(method, path.format(key), json={})
        assert answer.status_code == 403
        (row,) = await trail(auditor, clinic)
        assert (row["outcome"], row["actor_role"]) == ("denied", "researcher")
        assert (row["resource_type"], row["resource_id"]) == (table, key)

    @pytest.mark.parametrize("is_named", [True, False])
    async def test_a_token_that_no_longer_holds_names_who_sent_it(
        self, clinic: Clinic, auditor: asyncpg.Connection, *, is_named: bool
    ) -> None:
        person = clinic.person_id(RoleName.CLINICIAN)
        subject = demo.subject(RoleName.CLINICIAN, clinic.identity)
        organization = clinic.identity if is_named else None
        expired = clinic.issuer.issue(subject, organization, ttl=timedelta(minutes=-1))
        assert (await ask(clinic, expired)).status_code == 401
        (row,) = await trail(auditor, clinic)
        assert (row["outcome"], row["user_id"]) == ("denied", person)
        assert row["actor_role"] == "clinician"
        assert (row["action"], json.loads(row["details"])) == ("read", {"code": "unauthenticated"})

    async def test_a_token_that_nobody_signed_names_nobody(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        header, claims, signature = clinic.token(RoleName.CLINICIAN).split(".")
        forged = ".".join((header, claims, signature[:-8] + "AAAAAAAA"))
        assert (await ask(clinic, forged)).status_code == 401
        assert await trail(auditor, clinic) == []

    @pytest.mark.parametrize("path", ["assessments", "statistics", "biomarkers/heart_rate/history"])
    async def test_another_tenants_person_leaves_a_row_with_role_and_person(
        self, clinic: Clinic, elsewhere: Clinic, auditor: asyncpg.Connection, path: str
    ) -> None:
        await stored(elsewhere)
        before = await trail(auditor, elsewhere)
        person = elsewhere.person_id(RoleName.PATIENT)
        async with clinic.client(RoleName.CLINICIAN) as client:
            answer = await client.get(f"/api/records/{path}", params={"subject_id": str(person)})
        assert answer.status_code == 404
        (row,) = await trail(auditor, clinic)
        assert (row["outcome"], row["actor_role"]) == ("denied", "clinician")
        assert (row["resource_type"], row["resource_id"]) == ("users", person)
        assert await trail(auditor, elsewhere) == before

    async def test_a_refusal_that_cannot_be_recorded_is_503(
        self, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def unreachable(*_: object, **__: object) -> None:
            raise Unavailable("The database does not answer.")

        monkeypatch.setattr(transaction, "audit_denial", unreachable)
        caller = clinic.caller(RoleName.PATIENT)
        with pytest.raises(Unavailable):
            async with transaction.begin(caller, Permission.MANAGE_ROLES):
                pass
