"""A record on its way: from what was measured to what is stored and answered."""

from dataclasses import fields, replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from pydantic import ValidationError

from shared.biomarkers import BiomarkerStatus
from shared.norms import ReferenceRange
from shared.record import Created, Examination, Measured, StoredPicture
from shared.schemas import AssessmentRead, AssessmentSummary, BiomarkerRead
from tests.factories.examinations import examination, value

PATIENT, CLINICIAN = UUID(int=1), UUID(int=2)
AT = datetime(2026, 11, 27, 9, 30, tzinfo=UTC)
CREATED = Created(UUID(int=3), PATIENT, CLINICIAN, AT)
RATE = replace(value("heart_rate", 70), normal_range_min=60.0, normal_range_max=100.0)


class TestValue:
    @pytest.mark.parametrize(
        ("status", "number", "direction"),
        [
            (BiomarkerStatus.CRITICAL, 35, "low"),
            (BiomarkerStatus.CRITICAL, 160, "high"),
            (BiomarkerStatus.LOW, 55, None),
            (BiomarkerStatus.HIGH, 110, None),
            (BiomarkerStatus.NORMAL, 70, None),
        ],
    )
    def test_only_a_critical_one_lies_beyond_a_limit_that_is_named(
        self, status: BiomarkerStatus, number: float, direction: str | None
    ) -> None:
        assert replace(RATE, status=status, value=number).critical_direction == direction

    def test_without_a_lower_limit_it_is_too_high(self) -> None:
        critical = replace(RATE, status=BiomarkerStatus.CRITICAL, value=9, normal_range_min=None)
        assert critical.critical_direction == "high"

    def test_what_has_no_range_is_not_judged(self) -> None:
        assert Measured("heart_rate", 500).status is BiomarkerStatus.UNCLASSIFIED

    def test_what_has_one_is(self) -> None:
        measured = Measured("heart_rate", 500, range=ReferenceRange(60, 100, "a", "adults"))
        assert measured.status is BiomarkerStatus.HIGH


class TestStored:
    def test_nothing_of_the_examination_is_lost(self) -> None:
        made = examination(biomarkers=(RATE,), warnings=("a",), predecessor_id=UUID(int=9))
        stored = CREATED.examination(made)
        assert {part.name: getattr(stored, part.name) for part in fields(Examination)} == vars(made)

    def test_whose_it_is_and_who_made_it(self) -> None:
        stored = CREATED.examination(examination())
        assert (stored.user_id, stored.created_by) == (PATIENT, CLINICIAN)
        assert (stored.revision, stored.reviewed_by, stored.deleted_at) == (1, None, None)


class TestAnswer:
    def test_is_about_the_person_examined(self) -> None:
        answer = AssessmentRead.of(CREATED.examination(examination()))
        assert (answer.subject_id, answer.created_by) == (PATIENT, CLINICIAN)

    def test_says_where_each_picture_lies(self) -> None:
        made = examination(pictures=(StoredPicture("strip", "image/png", "A strip."),))
        (picture,) = AssessmentRead.of(CREATED.examination(made)).pictures
        assert picture.href == f"/api/cardiology/assessments/{made.id}/pictures/strip"

    def test_tells_in_which_direction_a_value_is_critical(self) -> None:
        critical = replace(RATE, status=BiomarkerStatus.CRITICAL, value=160)
        answer = AssessmentRead.of(CREATED.examination(examination(biomarkers=(critical,))))
        assert answer.biomarkers[0].critical_direction == "high"

    def test_in_a_list_is_the_same_as_far_as_it_goes(self) -> None:
        stored = CREATED.examination(examination(risk_score=15.0))
        listed = AssessmentSummary.model_validate(stored, extra="ignore")
        assert AssessmentRead.of(stored).model_dump().items() >= listed.model_dump().items()

    def test_lets_no_unknown_column_slip_through(self) -> None:
        told = vars(RATE) | {"critical_direction": None, "note": "of the clinic's own"}
        with pytest.raises(ValidationError, match="note"):
            BiomarkerRead.model_validate(told)
