"""Every attack is tried on the code as it is, and holds."""

from local.prove.attacks import Outcome, every_attack, tried
from local.prove.stand import Stand
from tests.nonempty import nonempty


async def test_every_attack_is_held(stand: Stand) -> None:
    """One run as the command makes it."""
    results = nonempty(await tried(stand, every_attack()))
    assert [
        (result.attack.name, result.came_back)
        for result in results
        if result.outcome is not Outcome.HELD
    ] == []
