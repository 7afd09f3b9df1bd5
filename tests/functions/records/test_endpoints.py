"""Reading back what was measured, over HTTP and with real commits."""

from typing import Any
from uuid import UUID

import asyncpg
import pytest
from httpx import AsyncClient

from shared.examination.retest import UNKNOWN_RETEST_ERROR
from shared.permissions import RoleName
from tests.conftest import Clinic
from tests.factories.examinations import stored

pytestmark = pytest.mark.clock


async def denials(auditor: asyncpg.Connection, record: UUID) -> list[asyncpg.Record]:
    rows: list[asyncpg.Record] = await auditor.fetch(
        "SELECT * FROM audit_events WHERE resource_id = $1 AND outcome = 'denied'", record
    )
    return rows


async def history(
    client: AsyncClient, clinic: Clinic, biomarker: str = "heart_rate", **params: str
) -> dict[str, Any]:
    """The values of the clinic's patient over time."""
    told = {"subject_id": str(clinic.person_id(RoleName.PATIENT))} | params
    answer = await client.get(f"/api/records/biomarkers/{biomarker}/history", params=told)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


class TestGetAssessment:
    async def test_stored_comes_back_whole(self, clinic: Clinic) -> None:
        key = await stored(clinic, heart_rate=72.5)
        async with clinic.client(RoleName.CLINICIAN) as client:
            answer = await client.get(f"/api/records/assessments/{key}")
        body = answer.json()
        assert answer.status_code == 200
        assert body["subject_id"] == str(clinic.person_id(RoleName.PATIENT))
        assert body["created_by"] == str(clinic.person_id(RoleName.CLINICIAN))
        assert body["result"]["heart_rate_bpm"] == 72.5
        assert body["biomarkers"] == [
            {
                "name": "heart_rate",
                "value": 72.5,
                "unit": "/min",
                "category": "rhythm",
                "normal_range_min": 60,
                "normal_range_max": 100,
                "status": "normal",
                "critical_direction": None,
                "confidence": None,
                "source": "somebody-1996",
                "citation": "Somebody (1996). A range.",
                "population": "adults",
            }
        ]
        assert body["stages"][0]["stage_name"] == "decode"

    async def test_other_tenant_is_404_and_leaves_a_denied_row(
        self, clinic: Clinic, elsewhere: Clinic, auditor: asyncpg.Connection
    ) -> None:
        key = await stored(clinic)
        async with elsewhere.client(RoleName.ADMIN) as client:
            answer = await client.get(f"/api/records/assessments/{key}")
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
        (denied,) = await denials(auditor, key)
        assert denied["user_id"] == elsewhere.person_id(RoleName.ADMIN)
        assert denied["action"] == "read"

    async def test_read_leaves_one_row_about_the_patient(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        key = await stored(clinic)
        async with clinic.client(RoleName.CLINICIAN) as client:
            client.headers["User-Agent"] = "a test"
            answer = await client.get(f"/api/records/assessments/{key}")
        events = "SELECT * FROM audit_events WHERE request_id = $1"
        (row,) = await auditor.fetch(events, answer.headers["x-request-id"])
        assert row["action"] == "read"
        assert row["resource_id"] == key
        assert row["subject_id"] == clinic.person_id(RoleName.PATIENT)
        assert row["user_agent"] == "a test"
        assert row["phi_accessed"]


class TestDelete:
    async def test_deleted_is_410_everywhere_absent_and_restorable(self, clinic: Clinic) -> None:
        key = await stored(clinic)
        path = f"/api/records/assessments/{key}"
        async with clinic.client(RoleName.ADMIN) as client:
            assert (await client.delete(path)).status_code == 204
            assert (await client.get(path)).status_code == 410
            assert (await client.delete(path)).status_code == 410
            assert (await client.get("/api/records/assessments")).json()["items"] == []
            assert (await client.get("/api/records/statistics")).json()["total"] == 0
            assert (await history(client, clinic))["points"] == []
            assert (await client.post(f"{path}/restore")).status_code == 200
            assert (await client.get(path)).status_code == 200

    async def test_patient_may_not(self, clinic: Clinic) -> None:
        key = await stored(clinic)
        async with clinic.client(RoleName.PATIENT) as client:
            assert (await client.delete(f"/api/records/assessments/{key}")).status_code == 403


class TestList:
    async def test_pages_cover_everything_once_newest_first(self, clinic: Clinic) -> None:
        keys = [await stored(clinic) for _ in range(5)]
        outcomes: list[str] = []
        cursor = None
        async with clinic.client(RoleName.CLINICIAN) as client:
            while True:
                params = {"limit": 2} | ({"cursor": cursor} if cursor else {})
                page = (await client.get("/api/records/assessments", params=params)).json()
                outcomes += [item["id"] for item in page["items"]]
                cursor = page["next_cursor"]
                if cursor is None:
                    break
        assert outcomes == [str(key) for key in reversed(keys)]

    async def test_cursor_of_another_list_is_refused(
        self, clinic: Clinic, elsewhere: Clinic
    ) -> None:
        for _ in range(2):
            await stored(clinic)
        async with clinic.client(RoleName.CLINICIAN) as client:
            page = (await client.get("/api/records/assessments", params={"limit": 1})).json()
        async with elsewhere.client(RoleName.CLINICIAN) as client:
            answer = await client.get(
                "/api/records/assessments", params={"cursor": page["next_cursor"]}
            )
        assert answer.status_code == 400
        assert answer.json()["code"] == "invalid-cursor"

    async def test_filters_narrow(self, clinic: Clinic) -> None:
        waiting = await stored(clinic, requires_review=True, review_reason="noisy")
        await stored(clinic)
        async with clinic.client(RoleName.CLINICIAN) as client:
            wanted = {"requires_review": "true", "pipeline": "cardiology", "status": "completed"}
            page = (await client.get("/api/records/assessments", params=wanted)).json()
        assert [item["id"] for item in page["items"]] == [str(waiting)]


class TestReview:
    async def test_signed_off_leaves_the_queue(self, clinic: Clinic) -> None:
        key = await stored(clinic, requires_review=True, review_reason="noisy")
        async with clinic.client(RoleName.CLINICIAN) as client:
            answer = await client.post(
                f"/api/records/assessments/{key}/review", json={"note": "read by hand"}
            )
            queue = await client.get("/api/records/assessments", params={"requires_review": True})
        assert answer.json()["reviewed_by"] == str(clinic.person_id(RoleName.CLINICIAN))
        assert answer.json()["review_note"] == "read by hand"
        assert queue.json()["items"] == []

    async def test_unknown_field_is_refused(self, clinic: Clinic) -> None:
        key = await stored(clinic)
        async with clinic.client(RoleName.CLINICIAN) as client:
            answer = await client.post(
                f"/api/records/assessments/{key}/review", json={"risk_score": 0}
            )
        assert answer.status_code == 422


class TestHistory:
    async def test_values_in_order_with_band_and_trend(self, clinic: Clinic) -> None:
        for days_ago, heart_rate in ((30, 60), (20, 70), (10, 80)):
            await stored(clinic, heart_rate=heart_rate, days_ago=days_ago)
        await stored(clinic, heart_rate=200, days_ago=400)
        async with clinic.client(RoleName.CLINICIAN) as client:
            body = await history(client, clinic, days="90")
        assert [point["value"] for point in body["points"]] == [60, 70, 80]
        assert body["reference"] == {"low": 60, "high": 100, "source": "somebody-1996"}
        assert body["trend"] == {"slope_per_day": 1.0, "points": 3}

    async def test_unknown_retest_error_gives_no_verdict_and_says_why(self, clinic: Clinic) -> None:
        for days_ago in (20, 10):
            await stored(clinic, days_ago=days_ago)
        async with clinic.client(RoleName.CLINICIAN) as client:
            body = await history(client, clinic)
        assert [point["change"] for point in body["points"]] == [None, None]
        assert body["retest"] is None
        assert body["warnings"] == [UNKNOWN_RETEST_ERROR]

    async def test_known_retest_error_gives_each_point_its_verdict(self, clinic: Clinic) -> None:
        for days_ago, method in ((30, "1.0.0"), (20, "1.0.0"), (10, "2.0.0")):
            await stored(clinic, "stroop_effect", days_ago=days_ago, method=method)
        async with clinic.client(RoleName.CLINICIAN) as client:
            body = await history(client, clinic, "stroop_effect")
        assert [point["change"]["verdict"] for point in body["points"]] == [
            "first measurement",
            "no reliable change",
            "not comparable",
        ]
        assert body["warnings"] == []

    async def test_practice_is_not_expected_of_who_was_measured_before_the_days_asked_for(
        self, clinic: Clinic
    ) -> None:
        for days_ago in (63, 42, 21):
            await stored(clinic, "stroop_effect", days_ago=days_ago)
        expected = []
        async with clinic.client(RoleName.CLINICIAN) as client:
            for days in ("90", "50"):
                body = await history(client, clinic, "stroop_effect", days=days)
                expected.append([point["change"]["expected"] for point in body["points"]])

        assert expected == [[None, -16.8, 0], [None, 0]]

    @pytest.mark.parametrize("path", ["history", "history/chart"])
    async def test_person_of_another_organization_is_404_and_leaves_a_denied_row(
        self, clinic: Clinic, elsewhere: Clinic, auditor: asyncpg.Connection, path: str
    ) -> None:
        await stored(clinic)
        person = clinic.person_id(RoleName.PATIENT)
        async with elsewhere.client(RoleName.ADMIN) as client:
            answer = await client.get(
                f"/api/records/biomarkers/heart_rate/{path}", params={"subject_id": str(person)}
            )

        assert answer.status_code == 404
        (row,) = await denials(auditor, person)
        assert row["resource_type"] == "users"

    async def test_another_patient_is_404_for_a_patient(self, clinic: Clinic) -> None:
        async with clinic.client(RoleName.PATIENT) as client:
            answer = await client.get(
                "/api/records/biomarkers/heart_rate/history",
                params={"subject_id": str(clinic.person_id(RoleName.CLINICIAN))},
            )
        assert answer.status_code == 404

    async def test_known_person_without_values_has_an_empty_history(self, clinic: Clinic) -> None:
        for role in (RoleName.CLINICIAN, RoleName.RESEARCHER):
            async with clinic.client(role) as client:
                assert (await history(client, clinic))["points"] == [], role

    async def test_chart_is_drawn(self, clinic: Clinic) -> None:
        await stored(clinic)
        async with clinic.client(RoleName.CLINICIAN) as client:
            answer = await client.get(
                "/api/records/biomarkers/heart_rate/history/chart",
                params={"subject_id": str(clinic.person_id(RoleName.PATIENT))},
            )
        assert answer.headers["content-type"] == "image/svg+xml"
        assert "reference range" in answer.text

    async def test_patient_sees_their_own_by_default(self, clinic: Clinic) -> None:
        await stored(clinic, heart_rate=66)
        async with clinic.client(RoleName.PATIENT) as client:
            answer = await client.get("/api/records/biomarkers/heart_rate/history")
        assert [point["value"] for point in answer.json()["points"]] == [66]

    async def test_unknown_name_is_404(self, clinic: Clinic) -> None:
        async with clinic.client(RoleName.PATIENT) as client:
            answer = await client.get("/api/records/biomarkers/happiness/history")
        assert answer.status_code == 404


class TestStatistics:
    async def test_mean_of_nothing_is_null(self, clinic: Clinic) -> None:
        await stored(clinic, quality_score=0.5)
        async with clinic.client(RoleName.CLINICIAN) as client:
            (row,) = (await client.get("/api/records/statistics")).json()["pipelines"]
        assert row["total"] == row["completed"] == 1
        assert row["mean_quality_score"] == 0.5
        assert row["mean_risk_score"] is None
