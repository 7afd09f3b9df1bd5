"""Acts that take a second factor of the last minutes."""

import pytest
from fastapi import Request

from functions.accounts.step_up import StepUpRequired, recent_second_factor, require_second_factor
from shared.caller import Caller
from shared.http.auth import Token
from tests.conftest import Configure

CALLER = Caller("user_ada", "org_clinic", "request")


def asked_with(age_s: float | None) -> Request:
    token = Token("user_ada", "org_clinic", None, second_factor_age_s=age_s)
    return Request({"type": "http", "state": {"token": token}})


def asked_with_a_service_key() -> Request:
    return Request({"type": "http", "state": {}})


def is_let_in(request: Request, minutes: int) -> bool:
    try:
        require_second_factor(request, within_minutes=minutes)
    except StepUpRequired:
        return False
    return True


class TestRequireSecondFactor:
    @pytest.mark.parametrize(("age_s", "minutes"), [(0, 1), (59, 1), (60, 1), (3600, 60)])
    def test_shown_within_the_minutes(self, age_s: float, minutes: int) -> None:
        assert is_let_in(asked_with(age_s), minutes)

    @pytest.mark.parametrize("age_s", [600.5, 86_400.0, None])
    def test_shown_before_or_never_is_refused_with_the_minutes(self, age_s: float | None) -> None:
        with pytest.raises(StepUpRequired, match="last 10 minutes") as refusal:
            require_second_factor(asked_with(age_s), within_minutes=10)
        assert (refusal.value.status, refusal.value.code) == (403, "step-up-required")

    def test_service_key_never_shows_any(self) -> None:
        assert not is_let_in(asked_with_a_service_key(), 10**6)


class TestRecentSecondFactor:
    async def test_deployment_that_asks_for_none(self, configure: Configure) -> None:
        request = asked_with(None)
        configure(token_issuer="https://issuer.test", step_up_minutes=None)
        await recent_second_factor(request, CALLER)
        configure(token_issuer="https://issuer.test", step_up_minutes="5")
        with pytest.raises(StepUpRequired):
            await recent_second_factor(request, CALLER)

    async def test_deployment_says_how_many_minutes(self, configure: Configure) -> None:
        configure(token_issuer="https://issuer.test", step_up_minutes="5")
        await recent_second_factor(asked_with(300), CALLER)
        with pytest.raises(StepUpRequired, match="last 5 minutes"):
            await recent_second_factor(asked_with(301), CALLER)
