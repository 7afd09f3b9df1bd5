"""How fresh a second factor is, in the words of each identity provider."""

from types import SimpleNamespace
from typing import Any

import pytest

from shared.http import second_factor
from shared.http.second_factor import second_factor_age_s

NOW = 1_790_000_000.0


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second_factor, "time", SimpleNamespace(time=lambda: NOW))


class TestMinutesOfClerk:
    @pytest.mark.parametrize(
        ("first", "second", "token_age_s", "age_s"),
        [(0, 0, 0, 0), (9, 3, 0, 180), (0, 3, 40, 220), (5, 0, 3600, 3600)],
    )
    def test_minutes_of_the_second_count_until_the_token_was_made(
        self, first: int, second: int, token_age_s: int, age_s: float
    ) -> None:
        claims: dict[str, Any] = {"fva": [first, second], "iat": NOW - token_age_s}
        assert second_factor_age_s(claims) == age_s

    def test_token_of_a_clock_that_is_ahead_is_no_younger_than_its_factor(self) -> None:
        assert second_factor_age_s({"fva": [1, 1], "iat": NOW + 30}) == 60

    @pytest.mark.parametrize(
        "fva", [[5, -1], [-1, -1], [5], [5, 1, 1], [], 5, "5,1", [5, "1"], [5, None], None]
    )
    def test_no_second_factor_is_none_shown(self, fva: Any) -> None:
        assert second_factor_age_s({"fva": fva, "iat": NOW}) is None

    @pytest.mark.parametrize("iat", [None, "1790000000"])
    def test_token_that_does_not_say_when_it_was_made_tells_nothing(self, iat: Any) -> None:
        assert second_factor_age_s({"fva": [0, 0], "iat": iat}) is None


class TestAuthTime:
    @pytest.mark.parametrize("second", ["otp", "hwk", "swk", "sms", "tel", "fpt", "iris", "sc"])
    def test_password_and_any_second_factor_of_rfc_8176(self, second: str) -> None:
        assert second_factor_age_s({"auth_time": NOW - 90, "amr": ["pwd", second]}) == 90

    @pytest.mark.parametrize(
        "methods",
        [["otp", "pwd"], ["pwd", "mfa"], ["mfa"], ["pin", "face"]],
    )
    def test_two_methods_were_shown_then(self, methods: Any) -> None:
        assert second_factor_age_s({"auth_time": NOW - 90, "amr": methods}) == 90

    @pytest.mark.parametrize(
        "methods",
        [[], ["pwd"], ["sms"], ["otp", "otp"], ["pwd", "pin"], ["pwd", ["otp"]], "mfa", None],
    )
    def test_one_method_is_no_second_factor(self, methods: Any) -> None:
        assert second_factor_age_s({"auth_time": NOW, "amr": methods}) is None

    @pytest.mark.parametrize("auth_time", [None, "yesterday", [NOW]])
    def test_time_that_is_no_number_is_none(self, auth_time: Any) -> None:
        assert second_factor_age_s({"auth_time": auth_time, "amr": ["mfa"]}) is None

    def test_clock_of_the_provider_may_be_ahead(self) -> None:
        assert second_factor_age_s({"auth_time": NOW + 30, "amr": ["mfa"]}) == 0

    def test_counts_where_clerk_says_that_there_was_no_second_factor(self) -> None:
        claims: dict[str, Any] = {"fva": [0, -1], "iat": NOW, "auth_time": NOW - 7, "amr": ["mfa"]}
        assert second_factor_age_s(claims) == 7
