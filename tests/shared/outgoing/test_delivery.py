"""How long a message waits for its next attempt."""

import random

from shared.outgoing.attempts import delay_s

THREE_DAYS_S = 3 * 24 * 3600


def test_attempts_grow_rarer_and_are_a_dozen_within_three_days() -> None:
    jitter = random.Random(1)
    waited, attempts = 0.0, 0
    while (waited := waited + delay_s(attempts, jitter)) < THREE_DAYS_S:
        attempts += 1
    assert 10 <= attempts <= 18


def test_jitter_keeps_receivers_of_one_outage_apart() -> None:
    jitter = random.Random(1)
    delays = [delay_s(3, jitter) for _ in range(200)]
    assert len(set(delays)) == 200
    assert 0.75 <= min(delays) / 1920 <= max(delays) / 1920 <= 1.25
