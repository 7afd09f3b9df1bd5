from importlib import import_module

import pytest

from local.prove import attacks
from local.prove.stand import Stand

INSIDE = ("trail",)
for s in INSIDE:
    import_module(f"local.prove.{s}")
ALL = [a for a in attacks._joined.values() if a.subject in INSIDE]


@pytest.mark.parametrize("chosen", ALL, ids=lambda a: a.name)
async def test_it_holds(stand: Stand, chosen) -> None:
    result = await attacks.try_attack(stand, chosen)
    print(result.duration_ms, result.sent, result.came_back)
    assert result.outcome == "held", result.came_back
