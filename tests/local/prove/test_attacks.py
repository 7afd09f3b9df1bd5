"""Every attack is tried on the code as it is, and holds."""

import pytest

from local.prove.attacks import Outcome, every_attack, tried, try_attack
from local.prove.stand import Stand
from shared import settings
from tests.nonempty import nonempty

# What the tests' server lacks; each is tried below or by a stranger.
ELSEWHERE = {
    "limits.requests_without_end": "nothing limits requests here",
    "uploads.a_signed_address": "it takes a store",
    "uploads.a_signed_part": "it takes a store",
    "uploads.other_bytes": "it takes a store",
}


async def test_every_attack_is_held(stand: Stand) -> None:
    """One run as the command makes it, after which nothing is left but what cannot be removed."""
    chosen = [attack for attack in every_attack() if attack.name not in ELSEWHERE]
    results = nonempty([result async for result in tried(stand, chosen)])
    assert [
        (result.attack.name, result.came_back)
        for result in results
        if result.outcome is not Outcome.HELD
    ] == []
    await stand.clean_up()
    assert stand.stays == []


async def test_requests_without_end_are_held(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDILENS_RATE_LIMIT_BURST", "20")
    monkeypatch.setenv("MEDILENS_RATE_LIMIT_PER_S", "0.5")
    settings.load.cache_clear()
    (attack,) = (it for it in every_attack() if it.name == "limits.requests_without_end")

    result = await try_attack(stand, attack)

    assert (result.outcome, result.came_back[:3]) == (Outcome.HELD, "429")
