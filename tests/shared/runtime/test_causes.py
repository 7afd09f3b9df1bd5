"""What the log says of a failure: types and places, and no words but our own."""

from collections.abc import Callable

import pytest

from shared.errors import Unavailable
from shared.runtime.causes import SHOWN_FRAMES, causes
from shared.settings import SettingsMissing

CANARY = "Ada-Lovelace-1815"


def raised(act: Callable[[], object]) -> Exception:
    with pytest.raises((Unavailable, ValueError)) as refusal:
        act()
    return refusal.value


def fail(failure: Exception) -> None:
    raise failure


def away() -> None:
    try:
        fail(ConnectionRefusedError(CANARY))
    except ConnectionRefusedError as failure:
        raise Unavailable("The database does not answer.") from failure


def while_handling() -> None:
    try:
        fail(KeyError(CANARY))
    except KeyError:
        raise ValueError(CANARY)  # noqa: B904  # the implicit way is what is tested


def hidden() -> None:
    try:
        fail(KeyError(CANARY))
    except KeyError:
        raise ValueError(CANARY) from None


def deep(levels: int) -> None:
    if levels == 0:
        raise ValueError(CANARY)
    deep(levels - 1)


class TestChain:
    @pytest.mark.parametrize(
        ("act", "types"),
        [
            (away, ["shared.errors.Unavailable", "builtins.ConnectionRefusedError"]),
            (while_handling, ["builtins.ValueError", "builtins.KeyError"]),
            (hidden, ["builtins.ValueError"]),
        ],
    )
    def test_leads_from_the_failure_to_what_caused_it(
        self, act: Callable[[], None], types: list[str]
    ) -> None:
        assert [cause["type"] for cause in causes(raised(act))] == types

    def test_type_within_a_class_is_named_with_it(self) -> None:
        class Odd(Exception):
            pass

        (cause,) = causes(Odd())
        assert cause["type"].endswith("test_type_within_a_class_is_named_with_it.<locals>.Odd")


class TestMessage:
    def test_our_own_words_are_told_and_no_others(self) -> None:
        ours, theirs = causes(raised(away))
        assert ours["message"] == "The database does not answer."
        assert theirs["message"] is None
        assert CANARY not in str(causes(raised(away)))

    def test_settings_that_are_missing_are_named(self) -> None:
        (cause,) = causes(SettingsMissing("MEDILENS_DATABASE_URL is missing."))
        assert "MEDILENS_DATABASE_URL" in cause["message"]

    @pytest.mark.parametrize("act", [while_handling, hidden, lambda: deep(3)])
    def test_words_of_libraries_may_quote_a_row(self, act: Callable[[], object]) -> None:
        assert CANARY not in str(causes(raised(act)))


class TestPlaces:
    def test_last_is_where_it_was_raised(self) -> None:
        (cause,) = causes(raised(lambda: deep(0)))
        assert cause["at"][-1] == f"{__file__}:{deep.__code__.co_firstlineno + 2}"

    def test_innermost_are_shown_of_many(self) -> None:
        (cause,) = causes(raised(lambda: deep(50)))
        assert len(cause["at"]) == SHOWN_FRAMES
        assert cause["at"][-1] == f"{__file__}:{deep.__code__.co_firstlineno + 2}"
        assert cause["at"][0] == f"{__file__}:{deep.__code__.co_firstlineno + 3}"

    def test_failure_that_was_never_raised_has_none(self) -> None:
        assert causes(ValueError())[0]["at"] == []


class TestSqlstate:
    def test_is_told_where_the_database_refused(self) -> None:
        class Refusal(Exception):
            sqlstate = "23514"

        assert [cause["sqlstate"] for cause in causes(Refusal())] == ["23514"]
        assert causes(ValueError())[0]["sqlstate"] is None
