"""The one way to write a moment, and everything that is taken for one elsewhere."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from pydantic import TypeAdapter, ValidationError

from functions.records.assessments.queries import Filters
from local.samples.ecg import Episode, Rhythm, synthesize
from local.samples.ecg_files import csv_file
from shared.caller import Caller
from shared.examination.request import CLOCK_SKEW
from shared.http import cursor
from shared.http.cursor import InvalidCursor
from shared.moment import Moment
from shared.permissions import RoleName
from tests.conftest import Clinic
from tests.nonempty import nonempty

MOMENT: TypeAdapter[datetime] = TypeAdapter(Moment)
CALLER = Caller("user_ada", "org_clinic", "request-0")

NO_MOMENTS = [
    *("20240115", "2024", "0", "-1", "1705310000", "1e9", "2024-01-15", "2024-01-15T09:30"),
    *(
        "2024-01-15T09:30:00",
        "2024-02-30T09:30:00Z",
        "2024-01-15T24:00:00Z",
        "2024-W03-1T09:30:00Z",
    ),
    *("2024-01-15T09:30:60Z", "2024-01-15 09:30:00Z", "2024-01-15T09:30:00+25:00", " now", ""),
    *("0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "1849-12-31T23:59:59Z"),
    *(
        "2200-01-01T00:00:00Z",
        "+2024-01-15T09:30:00Z",
        "٢٠٢٤-01-15T09:30:00Z",
        "2024-01-15T09:30:00z\n",
    ),
]


class TestMoment:
    @pytest.mark.parametrize(
        "written",
        [
            "2024-01-15T09:30:00Z",
            "2024-01-15T10:30:00+01:00",
            "2024-01-15t09:30:00.000000z",
            "2024-01-14T23:45:00-09:45",
        ],
    )
    def test_rfc_3339_is_read_and_kept_in_utc(self, written: str) -> None:
        moment = MOMENT.validate_python(written)
        assert moment == datetime(2024, 1, 15, 9, 30, tzinfo=UTC)
        assert moment.utcoffset() == timedelta(0)

    @pytest.mark.parametrize("written", [*NO_MOMENTS, 20240115, 1.5e9, True, None, [], {}])
    def test_anything_else_is_refused(self, written: Any) -> None:
        with pytest.raises(ValidationError):
            MOMENT.validate_python(written)

    def test_time_without_a_zone_is_none(self) -> None:
        with pytest.raises(ValidationError):
            MOMENT.validate_python(datetime(2024, 1, 15))  # noqa: DTZ001  # that is the point


class TestRequests:
    @pytest.mark.parametrize("name", ["created_from", "created_to"])
    async def test_filters_take_moments_alone(self, clinic: Clinic, name: str) -> None:
        async with clinic.client(RoleName.CLINICIAN) as client:
            for written in nonempty(NO_MOMENTS):
                answer = await client.get("/api/records/assessments", params={name: written})
                assert answer.status_code == 422, written
                assert answer.json()["detail"].startswith(f"{name}: ")

    async def test_recording_from_before_birth_or_from_the_future_is_refused(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        person = clinic.person_id(RoleName.PATIENT)
        await auditor.execute("UPDATE users SET date_of_birth = '1990-05-17' WHERE id = $1", person)
        soon = datetime.now(UTC) + CLOCK_SKEW + timedelta(minutes=1)
        expected = {
            "1849-12-31T00:00:00Z": 422,
            "1990-05-15T00:00:00Z": 422,
            "1990-05-16T09:59:59Z": 422,
            "1990-05-16T10:00:00Z": 201,  # the day had begun on Kiritimati
            soon.isoformat(): 422,
        }
        file = csv_file(synthesize([Episode(Rhythm.SINUS, 12)], fs_hz=100, leads=("I",)))
        async with clinic.client(RoleName.CLINICIAN) as client:
            for written, status in expected.items():
                answer = await client.post(
                    "/api/cardiology/analyze",
                    files={"file": (file.name, file.content)},
                    data={"subject_id": str(person), "recorded_at": written},
                )
                assert answer.status_code == status, (written, answer.text)
        rows = await auditor.fetch("SELECT recorded_at FROM assessments WHERE user_id = $1", person)
        assert [row["recorded_at"] for row in rows] == [datetime(1990, 5, 16, 10, tzinfo=UTC)]


@pytest.mark.usefixtures("configured")
class TestCursor:
    def test_leads_back_to_its_place(self) -> None:
        place = datetime(2024, 1, 15, 9, 30, 0, 123456, tzinfo=UTC), str(uuid4())
        assert cursor.decode(cursor.encode(*place, CALLER, Filters()), CALLER, Filters()) == place

    def test_every_changed_letter_is_refused(self) -> None:
        word = cursor.encode(datetime.now(UTC), uuid4(), CALLER, Filters())
        for place in nonempty(range(0, len(word), 7)):
            other = "A" if word[place] != "A" else "B"
            with pytest.raises(InvalidCursor):
                cursor.decode(word[:place] + other + word[place + 1 :], CALLER, Filters())

    def test_other_caller_and_other_filters_are_refused(self) -> None:
        word = cursor.encode(datetime.now(UTC), uuid4(), CALLER, Filters())
        for caller, filters in (
            (Caller("user_eve", "org_clinic", "request-0"), Filters()),
            (Caller("user_ada", "org_elsewhere", "request-0"), Filters()),
            (CALLER, Filters(status="failed")),
        ):
            with pytest.raises(InvalidCursor):
                cursor.decode(word, caller, filters)

    def test_other_deployment_signs_otherwise(self, monkeypatch: pytest.MonkeyPatch) -> None:
        word = cursor.encode(datetime.now(UTC), uuid4(), CALLER, Filters())
        monkeypatch.setattr(cursor, "_key", lambda _: b"another")
        with pytest.raises(InvalidCursor):
            cursor.decode(word, CALLER, Filters())

    @pytest.mark.parametrize("word", ["", "A", "AAAA", "漢", "=" * 9, "\ud800", "A" * 512])
    def test_what_is_no_cursor_is_refused(self, word: str) -> None:
        with pytest.raises(InvalidCursor):
            cursor.decode(word, CALLER, Filters())
