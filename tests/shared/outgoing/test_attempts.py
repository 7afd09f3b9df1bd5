"""What becomes of a message after an attempt: over, or tried again, and when."""

import random
from types import SimpleNamespace
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.outgoing import attempts
from shared.outgoing.attempts import DELIVERED, Outcome, attempt, delay_s

KEY = UUID("0199b0f4-8a6e-7c35-9d1e-2f6a40c8b712")


async def again_in_s(outcome: Outcome, before: int = 0) -> float | None:
    async def send() -> Outcome:
        return outcome

    return (await attempt(KEY, before, send)).again_in_s


class TestAttempt:
    async def test_says_how_it_ended(self) -> None:
        async def send() -> Outcome:
            return Outcome("refused", 503)

        made = await attempt(KEY, 0, send)
        assert (made.id, made.outcome, made.status) == (KEY, "refused", 503)
        assert made.at.tzinfo is not None

    async def test_says_how_many_milliseconds_it_took(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def send() -> Outcome:
            return Outcome("timed-out")

        clock = SimpleNamespace(perf_counter=iter([10.0, 12.25]).__next__)
        monkeypatch.setattr(attempts, "time", clock)
        assert (await attempt(KEY, 0, send)).duration_ms == 2250

    @pytest.mark.parametrize(
        "outcome",
        [
            Outcome(DELIVERED, 204),
            Outcome("refused", 410),
            Outcome("no-patient", is_last=True),
        ],
    )
    async def test_what_is_delivered_gone_or_in_vain_is_over(self, outcome: Outcome) -> None:
        assert await again_in_s(outcome) is None

    @pytest.mark.parametrize(
        "outcome",
        [
            *(Outcome("refused", status) for status in (301, 400, 404, 409, 500)),
            *(Outcome("timed-out"), Outcome("no-public-address")),
        ],
    )
    async def test_whatever_else_is_tried_again(self, outcome: Outcome) -> None:
        again = await again_in_s(outcome)
        assert again is not None
        assert 22.5 <= again <= 37.5

    @pytest.mark.parametrize(("before", "usual_s"), [(1, 120), (2, 480), (4, 7680), (6, 28_800)])
    async def test_waits_longer_the_more_often_it_was_tried(
        self, before: int, usual_s: float
    ) -> None:
        again = await again_in_s(Outcome("refused", 500), before)
        assert again is not None
        assert 0.75 * usual_s <= again <= 1.25 * usual_s


class TestDelay:
    @settings(max_examples=30)
    @given(st.integers(0, 500), st.randoms(use_true_random=False))
    def test_is_never_longer_than_ten_hours_however_often(
        self, before: int, jitter: random.Random
    ) -> None:
        assert 22.5 <= delay_s(before, jitter) <= 36_000
