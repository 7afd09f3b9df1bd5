"""What a request is told of its limit, and what counts towards it."""

import pytest

from shared import rates, settings
from shared.rates import Standing


@pytest.fixture(autouse=True)
def limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDILENS_RATE_LIMIT_BURST", "20")
    monkeypatch.setenv("MEDILENS_RATE_LIMIT_PER_S", "0.5")
    settings.load.cache_clear()


def begun() -> Standing:
    standing = rates.begin_request()
    assert standing is not None
    return standing


class TestStanding:
    def test_nothing_is_told_before_the_database_has_let_anybody_in(self) -> None:
        assert begun().headers() == {}

    def test_what_is_left_is_told_with_the_limit(self) -> None:
        standing = begun()
        standing.hear("NOTICE: medilens.rate 7")
        assert standing.headers() == {
            "ratelimit-policy": '"person";q=20;w=40',
            "ratelimit": '"person";r=7;t=2',
        }

    def test_nothing_is_left_below_none(self) -> None:
        standing = begun()
        standing.hear("medilens.rate -3")
        assert standing.left == 0

    def test_other_notices_say_nothing_of_it(self) -> None:
        standing = begun()
        standing.hear("medilens.message 0199b0f4-5c11-7a02-8f3e-6d1b2c3a4e5f")
        assert standing.left is None


class TestCounting:
    def test_a_request_is_sealed_with_the_limit(self) -> None:
        begun()
        assert rates.limit() == {"rate": {"burst": 20, "per_s": 0.5}}

    def test_without_a_burst_nothing_is_counted(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("MEDILENS_RATE_LIMIT_BURST", "0")
        settings.load.cache_clear()
        assert rates.begin_request() is None
        assert rates.limit() == {}

    def test_a_worker_counts_nothing(self) -> None:
        begun()
        rates.nobody_waits()
        assert rates.current() is None
        assert rates.limit() == {}

    def test_what_was_paid_for_is_not_counted_twice(self) -> None:
        standing = begun()
        with rates.counted_already():
            assert rates.limit() == {}
        assert rates.current() is standing

    def test_counting_goes_on_after_a_failure(self) -> None:
        standing = begun()
        with pytest.raises(OSError, match="lost"), rates.counted_already():
            raise OSError("lost")
        assert rates.current() is standing
