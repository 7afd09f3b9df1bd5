"""What the database says beside its answers, and to whom it is told."""

from http import HTTPStatus
from uuid import UUID

import pytest

from shared import notices
from shared.notices import BREAK_GLASS_HEADER, Heard

FIRST, SECOND = UUID(int=1), UUID(int=2)


def told(notice: str) -> Heard:
    heard = Heard()
    heard.hear(notice)
    return heard


def test_messages_are_kept_in_their_order() -> None:
    heard = told(f"NOTICE:  medilens.message {SECOND}")
    heard.hear(f"NOTICE:  medilens.message {FIRST}")
    assert heard.messages == [SECOND, FIRST]


def test_other_notices_are_no_messages() -> None:
    heard = told('NOTICE:  relation "a" already exists, skipping')
    assert (heard.messages, heard.break_glass) == ([], None)
    assert heard.headers(HTTPStatus.OK) == {}


@pytest.mark.parametrize("status", [HTTPStatus.OK, HTTPStatus.NOT_FOUND])
def test_an_open_emergency_is_told_with_every_answer(status: HTTPStatus) -> None:
    heard = told("NOTICE:  medilens.break_glass 2026-11-27T09:30:00Z")
    assert heard.headers(status) == {BREAK_GLASS_HEADER: "2026-11-27T09:30:00Z"}


@pytest.mark.parametrize("status", [HTTPStatus.OK, HTTPStatus.FORBIDDEN, HTTPStatus.CONFLICT])
def test_that_one_may_be_opened_is_told_only_where_nobody_is_found(status: HTTPStatus) -> None:
    heard = told("NOTICE:  medilens.break_glass offered")
    assert heard.headers(HTTPStatus.NOT_FOUND) == {BREAK_GLASS_HEADER: "offered"}
    assert heard.headers(status) == {}


def test_each_request_listens_for_itself() -> None:
    before = notices.begin_request()
    heard = notices.begin_request()
    assert notices.current() is heard
    assert heard is not before
