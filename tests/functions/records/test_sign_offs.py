"""Who signed which state off, and which state a caller has seen."""

from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from httpx import AsyncClient, Response

from shared.permissions import RoleName
from shared.vocabulary import AssessmentStatus
from tests.conftest import Clinic
from tests.factories.examinations import stored

RECORD = "/api/records/assessments/{}"
SIGNATURES = (
    "SELECT action, resource_type, resource_id, subject_id, details::text FROM audit_events"
    " WHERE request_id = $1 AND resource_type = 'sign_offs'"
)


async def sign(client: AsyncClient, key: UUID, note: str | None = None, **headers: str) -> Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await client.post(
        RECORD.format(key) + "/review", json={"note": note} if note else {}, headers=named
    )


async def changed(client: AsyncClient, key: UUID, act: str, tags: str) -> Response:
    """Review, delete or restore an assessment, if it is in the state that the tags name."""
    asked: dict[str, Any] = {"headers": {"If-Match": tags}}
    match act:
        case "review":
            return await client.post(RECORD.format(key) + "/review", json={}, **asked)
        case "delete":
            return await client.delete(RECORD.format(key), **asked)
        case _:
            return await client.post(RECORD.format(key) + "/restore", **asked)


class TestSignOffs:
    async def test_second_opinion_leaves_the_first_readable(self, clinic: Clinic) -> None:
        key = await stored(clinic)
        async with (
            clinic.client(RoleName.CLINICIAN) as clinician,
            clinic.client(RoleName.ADMIN) as admin,
        ):
            first = await sign(clinician, key, "read by hand")
            second = await sign(admin, key, if_match=first.headers["etag"])
            body = (await clinician.get(RECORD.format(key))).json()

        assert (first.status_code, second.status_code) == (200, 200)
        assert [
            (sign_off["note"], sign_off["status"], sign_off["revision"])
            for sign_off in body["sign_offs"]
        ] == [("read by hand", "completed", 1), (None, "completed", 2)]
        assert [sign_off["signed_by"] for sign_off in body["sign_offs"]] == [
            str(clinic.person_id(RoleName.CLINICIAN)),
            str(clinic.person_id(RoleName.ADMIN)),
        ]
        assert body["sign_offs"][0]["signed_at"] <= body["sign_offs"][1]["signed_at"]
        assert body["reviewed_by"] == str(clinic.person_id(RoleName.ADMIN))
        assert body["review_note"] is None

    @pytest.mark.parametrize("status", [AssessmentStatus.PENDING, AssessmentStatus.PROCESSING])
    async def test_unfinished_is_409_and_stays_unsigned(
        self, clinic: Clinic, status: AssessmentStatus
    ) -> None:
        key = await stored(clinic, status=status)
        async with clinic.client(RoleName.CLINICIAN) as client:
            answer = await sign(client, key)
            body = (await client.get(RECORD.format(key))).json()

        assert (answer.status_code, answer.json()["code"]) == (409, "analysis-unfinished")
        assert (body["reviewed_at"], body["sign_offs"]) == (None, [])

    async def test_failed_may_be_signed_off(self, clinic: Clinic) -> None:
        key = await stored(clinic, status=AssessmentStatus.FAILED)
        async with clinic.client(RoleName.CLINICIAN) as client:
            answer = await sign(client, key, "electrode fell off")

        assert answer.status_code == 200
        assert answer.json()["sign_offs"][0]["status"] == "failed"

    async def test_deleted_is_410_and_unknown_404(self, clinic: Clinic) -> None:
        key = await stored(clinic)
        async with clinic.client(RoleName.ADMIN) as client:
            await client.delete(RECORD.format(key))
            assert (await sign(client, key)).status_code == 410
            assert (await sign(client, uuid4())).status_code == 404

    async def test_each_leaves_its_audit_row_without_the_note(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        key = await stored(clinic)
        async with clinic.client(RoleName.CLINICIAN) as client:
            answer = await sign(client, key, "of Jane Doe")
        (row,) = await auditor.fetch(SIGNATURES, answer.headers["x-request-id"])
        assert (row["action"], row["resource_id"]) == ("create", key)
        assert row["subject_id"] == clinic.person_id(RoleName.PATIENT)
        assert "Jane" not in row["details"]

    async def test_are_never_changed_or_removed(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        key = await stored(clinic)
        async with clinic.client(RoleName.CLINICIAN) as client:
            await sign(client, key)
        with pytest.raises(asyncpg.RaiseError, match="sign_offs is never changed that way"):
            await auditor.execute("UPDATE sign_offs SET note = 'x' WHERE assessment_id = $1", key)
        granted = await auditor.fetch(
            "SELECT privilege_type FROM information_schema.role_table_grants"
            " WHERE table_name = 'sign_offs' AND grantee = 'medilens_app'"
        )
        assert {row["privilege_type"] for row in granted} == {"SELECT", "INSERT"}


class TestPreconditions:
    async def test_every_answer_about_an_assessment_names_its_state(self, clinic: Clinic) -> None:
        key = await stored(clinic)
        path = RECORD.format(key)
        async with clinic.client(RoleName.ADMIN) as client:
            tags = [
                (await client.get(path)).headers["etag"],
                (await sign(client, key)).headers["etag"],
            ]
            tags.append((await client.get(path)).headers["etag"])
            await client.delete(path)
            tags.append((await client.post(f"{path}/restore")).headers["etag"])
        assert tags == ['"1"', '"2"', '"2"', '"4"']

    async def test_signed_before_asks_which_state_was_seen(self, clinic: Clinic) -> None:
        key = await stored(clinic)
        async with clinic.client(RoleName.CLINICIAN) as client:
            await sign(client, key)
            answer = await sign(client, key)
        assert (answer.status_code, answer.json()["code"]) == (428, "precondition-required")

    @pytest.mark.parametrize(
        ("tags", "status"),
        [
            ('"1"', 200),
            ("*", 200),
            ('"0", "1"', 200),
            ('"2"', 412),
            ('W/"1"', 412),
            ('"one"', 412),
            ("1", 422),
            ('"1', 422),
            ("", 422),
        ],
    )
    @pytest.mark.parametrize("act", ["review", "delete", "restore"])
    async def test_if_match_is_compared_as_rfc_9110_says(
        self, clinic: Clinic, tags: str, status: int, act: str
    ) -> None:
        key = await stored(clinic)
        async with clinic.client(RoleName.ADMIN) as client:
            answer = await changed(client, key, act, tags)
        assert answer.status_code == (204 if act == "delete" and status == 200 else status)

    async def test_refused_change_leaves_the_record_as_it_was(self, clinic: Clinic) -> None:
        key = await stored(clinic)
        async with clinic.client(RoleName.ADMIN) as client:
            before = (await client.get(RECORD.format(key))).json()
            await sign(client, key, if_match='"7"')
            await client.delete(RECORD.format(key), headers={"If-Match": '"7"'})
            assert (await client.get(RECORD.format(key))).json() == before

    async def test_other_tenants_state_is_not_told(self, clinic: Clinic, elsewhere: Clinic) -> None:
        key = await stored(clinic)
        async with elsewhere.client(RoleName.ADMIN) as client:
            for tags in ('"1"', '"2"'):
                assert (await sign(client, key, if_match=tags)).status_code == 404


class TestResearchers:
    async def test_free_text_of_the_clinic_is_withheld(self, clinic: Clinic) -> None:
        key = await stored(clinic, session_id="visit-of-jane")
        async with clinic.client(RoleName.CLINICIAN) as client:
            await sign(client, key, "Jane Doe, ward 3")
        async with clinic.client(RoleName.RESEARCHER) as client:
            whole = await client.get(RECORD.format(key))
            listed = await client.get("/api/records/assessments")
            answer = await client.get("/api/records/assessments?session_id=visit-of-jane")
        body = whole.json()
        assert (body["session_id"], body["review_note"], body["sign_offs"]) == (None, None, [])
        assert [item["id"] for item in listed.json()["items"]] == [str(key)]
        assert "jane" not in (whole.text + listed.text).lower()
        assert answer.json()["items"] == []
