"""The parts of an examination as rows: what is stored of each."""

import gzip
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.database.repositories.assessment_parts import part_rows
from shared.record import Picture, Stage
from shared.vocabulary import StageStatus
from tests.factories.examinations import examination, value

AT = datetime(2026, 11, 27, 9, 30, tzinfo=UTC)


def picture(media_type: str, content: bytes = b"<svg/>" * 50) -> dict[str, Any]:
    made = Picture("rhythm_strip", media_type, content, "Ten seconds of lead II.")
    (row,) = part_rows(examination(), [made])["assessment_pictures"]
    return row


def stored(row: dict[str, Any]) -> bytes:
    assert row["content"].startswith("\\x")
    return bytes.fromhex(row["content"][2:])


class TestPictures:
    def test_a_drawing_is_packed(self) -> None:
        row = picture("image/svg+xml")
        assert row["content_encoding"] == "gzip"
        assert gzip.decompress(stored(row)) == b"<svg/>" * 50

    def test_what_is_packed_already_is_stored_as_it_is(self) -> None:
        row = picture("image/png", b"\x89PNG")
        assert row["content_encoding"] == "identity"
        assert stored(row) == b"\x89PNG"

    def test_the_same_drawing_is_stored_as_the_same_bytes(self) -> None:
        assert stored(picture("image/svg+xml")) == stored(picture("image/svg+xml"))


class TestRows:
    def test_values_lie_at_the_moment_of_the_recording(self) -> None:
        made = examination(recorded_at=AT, biomarkers=(value("heart_rate", 70),))
        (row,) = part_rows(made)["biomarker_values"]
        assert (row["name"], row["value"]) == ("heart_rate", 70)
        assert row["measured_at"] == AT.isoformat()

    @pytest.mark.parametrize(("started_at", "told"), [(AT, AT.isoformat()), (None, None)])
    def test_a_step_that_was_never_begun_has_no_time(
        self, started_at: datetime | None, told: str | None
    ) -> None:
        step = Stage("decode", 0, StageStatus.FAILED, 0, started_at)
        (row,) = part_rows(examination(stages=(step,)))["pipeline_stages"]
        assert row["started_at"] == told

    @pytest.mark.parametrize(("result", "rows"), [(None, 0), ({"heart_rate_bpm": 70.0}, 1)])
    def test_a_failed_examination_has_no_result(
        self, result: dict[str, float] | None, rows: int
    ) -> None:
        assert len(part_rows(examination(result=result))["cardiology_results"]) == rows
