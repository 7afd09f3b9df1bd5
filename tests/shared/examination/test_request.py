"""What comes in beside a recording: whose it is, its moment, and how the answer is wanted."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from shared.errors import InvalidRequest
from shared.examination.request import (
    CLOCK_SKEW,
    MAX_FILES,
    AnalysisRequest,
    analysis_request,
    wants_no_answer,
)
from shared.examination.subject import IDENTIFIER, Subject, subject

SELF = Subject(None, None)
FIRST, SECOND = UUID(int=1), UUID(int=2)


async def asked(person: Subject = SELF, **fields: Any) -> AnalysisRequest:
    return await analysis_request(person, **fields)


class TestPreference:
    @pytest.mark.parametrize(
        "prefer",
        [
            "respond-async",
            "Respond-Async",
            "respond-async, wait=10",
            "return=minimal,respond-async",
            "wait=10, respond-async; foo",
        ],
    )
    def test_an_answer_at_once_is_not_wanted(self, prefer: str) -> None:
        assert wants_no_answer(prefer)

    @pytest.mark.parametrize(
        "prefer", [None, "", "return=minimal", "respond-asynchronously", "x-respond-async", "wait"]
    )
    def test_any_other_preference_waits(self, prefer: str | None) -> None:
        assert not wants_no_answer(prefer)


class TestMoment:
    async def test_left_out_it_is_the_arrival(self) -> None:
        requested = await asked()
        assert abs(datetime.now(UTC) - requested.recorded_at) < timedelta(minutes=1)
        assert requested.moment_of == {"source": "arrival"}

    async def test_what_the_request_says_is_taken(self) -> None:
        at = datetime(2026, 1, 1, tzinfo=UTC)
        requested = await asked(recorded_at=at)
        assert requested.recorded_at == at
        assert requested.moment_of == {"source": "request"}

    async def test_a_clock_may_run_ahead_a_little(self) -> None:
        at = datetime.now(UTC) + CLOCK_SKEW - timedelta(minutes=1)
        assert (await asked(recorded_at=at)).recorded_at == at

    async def test_nothing_was_recorded_in_the_future(self) -> None:
        at = datetime.now(UTC) + CLOCK_SKEW + timedelta(minutes=1)
        with pytest.raises(InvalidRequest, match="recorded_at"):
            await asked(recorded_at=at)


class TestUploads:
    async def test_the_same_one_twice_is_one_file(self) -> None:
        requested = await asked(upload_id=[SECOND, FIRST, SECOND])
        assert requested.upload_ids == (SECOND, FIRST)

    @pytest.mark.parametrize("number", [0, 1, MAX_FILES])
    async def test_as_many_as_any_format_has(self, number: int) -> None:
        requested = await asked(upload_id=[uuid4() for _ in range(number)])
        assert len(requested.upload_ids) == number

    async def test_more_than_any_format_has(self) -> None:
        with pytest.raises(InvalidRequest, match=f"at most {MAX_FILES}"):
            await asked(upload_id=[uuid4() for _ in range(MAX_FILES + 1)])


class TestSubject:
    async def test_by_default_nobody_is_named(self) -> None:
        assert await subject(None, None) == SELF

    async def test_by_our_id(self) -> None:
        assert await subject(FIRST, None) == Subject(FIRST, None)

    async def test_by_an_identifier_of_the_clinic(self) -> None:
        named = await subject(None, "urn:oid:1.2.3|MRN 7")
        assert named == Subject(None, ("urn:oid:1.2.3", "MRN 7"))

    async def test_both_are_one_too_many(self) -> None:
        with pytest.raises(InvalidRequest, match="subject_identifier"):
            await subject(FIRST, "mrn|7")

    async def test_whoever_is_named_is_asked_for(self) -> None:
        requested = await asked(Subject(None, ("mrn", "7")), order_reference="A-1", prefer=None)
        assert (requested.subject_id, requested.subject_identifier) == (None, ("mrn", "7"))
        assert requested.order_reference == "A-1"


class TestIdentifier:
    @pytest.mark.parametrize("written", ["mrn|7", "a|b c", f"{'s' * 200}|{'v' * 100}"])
    def test_is_a_system_a_bar_and_a_value(self, written: str) -> None:
        assert re.fullmatch(IDENTIFIER, written)

    @pytest.mark.parametrize(
        "written", ["mrn", "|7", "mrn|", "m rn|7", "mrn|7|8", "mrn| 7", "mrn|7 ", "a|" + "v" * 101]
    )
    def test_anything_else_is_none(self, written: str) -> None:
        assert not re.fullmatch(IDENTIFIER, written)
