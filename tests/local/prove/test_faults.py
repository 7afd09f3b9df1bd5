"""Each fault is noticed by its attack, by name; without it the same attack holds."""

import asyncpg
import pytest

from local.prove.attacks import Attack, Outcome, every_attack, try_attack
from local.prove.stand import Stand
from tests.local.prove.faults import FAULTS, Fault

ATTACKS: dict[str, Attack] = {attack.name: attack for attack in every_attack()}


def test_twenty_faults_are_seeded() -> None:
    assert len({fault.what for fault in FAULTS}) == len(FAULTS) >= 20


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.what)
async def test_fault_is_noticed_by_its_attack(
    stand: Stand, auditor: asyncpg.Connection, fault: Fault
) -> None:
    attack = ATTACKS[fault.noticed_by]
    async with fault.seeded(auditor, stand):
        with_fault = await try_attack(stand, attack)
    without = await try_attack(stand, attack)

    assert with_fault.outcome is Outcome.FAILED, with_fault.came_back
    assert without.outcome is Outcome.HELD, without.came_back
