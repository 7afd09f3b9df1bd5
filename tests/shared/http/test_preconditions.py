"""Which If-Match headers are entity tags, and which revisions they name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import InvalidRequest
from shared.http.preconditions import (
    PreconditionFailed,
    PreconditionRequired,
    entity_tag,
    precondition,
)


async def holds(header: str, revision: int) -> bool:
    given = await precondition(header)
    assert given is not None
    return given.holds(revision)


class TestHolds:
    @given(st.integers(1, 10**9))
    async def test_tag_of_a_revision_holds_for_it_alone(self, revision: int) -> None:
        assert await holds(entity_tag(revision), revision)
        assert not await holds(entity_tag(revision), revision + 1)

    @pytest.mark.parametrize("header", ['"1", "7"', '"7","1"', ' "7" ', '"7" , W/"1"', "*", " * "])
    async def test_any_tag_of_a_list_will_do(self, header: str) -> None:
        assert await holds(header, 7)

    @pytest.mark.parametrize("header", ['W/"7"', '"07"', '"1"', '"*"', '""', '"7,7"', '"\xe9"'])
    async def test_weak_tags_and_other_tags_do_not(self, header: str) -> None:
        assert not await holds(header, 7)


class TestPrecondition:
    async def test_without_the_header_there_is_none(self) -> None:
        assert await precondition(None) is None

    @pytest.mark.parametrize(
        "header",
        ["", "7", '"7', '7"', '"7" "8"', '"7",', ', "7"', '"7", *', '"7 "', '"\n"', 'w/"7"'],
    )
    async def test_what_is_no_entity_tag_is_said_to_be_none(self, header: str) -> None:
        with pytest.raises(InvalidRequest, match="if-match"):
            await precondition(header)


class TestRefusals:
    def test_statuses_are_those_of_rfc_9110_and_6585(self) -> None:
        assert (PreconditionFailed().status, PreconditionRequired.status) == (412, 428)

    def test_record_that_has_changed_is_to_be_read_again(self) -> None:
        assert "Read the record again" in PreconditionFailed().detail

    def test_codes_are_what_programs_tell_them_by(self) -> None:
        codes = (PreconditionFailed.code, PreconditionRequired.code)
        assert codes == ("precondition-failed", "precondition-required")
