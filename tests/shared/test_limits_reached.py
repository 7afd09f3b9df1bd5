import pytest

from shared.limits_reached import QuotaUsedUp, TooManyRequests


def test_how_long_to_wait_is_told_to_people_and_to_programs() -> None:
    refusal = TooManyRequests(7)
    assert "7 s" in refusal.detail
    assert refusal.answer_headers == {"Retry-After": "7"}


@pytest.mark.parametrize(
    ("wait_s", "said"),
    [(59, "0 h 0 min"), (3_599, "0 h 59 min"), (3_600, "1 h 0 min"), (86_399, "23 h 59 min")],
)
def test_next_day_of_an_organization_is_told_in_hours_and_minutes(wait_s: int, said: str) -> None:
    refusal = QuotaUsedUp(500, "Europe/Berlin", wait_s)
    assert said in refusal.detail
    assert "500" in refusal.detail
    assert "Europe/Berlin" in refusal.detail


def test_quota_is_told_to_programs_as_the_draft_writes_it() -> None:
    assert QuotaUsedUp(500, "UTC", 90).answer_headers == {
        "Retry-After": "90",
        "RateLimit-Policy": '"analyses";q=500;w=86400',
        "RateLimit": '"analyses";r=0;t=90',
    }
