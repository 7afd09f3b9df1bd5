"""docs/security.md lists the attacks that there are."""

from local.prove.attacks import every_attack
from local.prove.page import PAGE, table, with_table
from tests.nonempty import nonempty


def test_the_table_is_of_today() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text == with_table(text), "run `./medilens prove table`"


def test_every_attack_has_a_line_of_six_cells() -> None:
    attacks = every_attack()
    lines = nonempty(table(attacks).splitlines()[2:])
    assert len(lines) == len(attacks)
    assert {line.count(" | ") for line in lines} == {5}


def test_every_attack_maps_to_a_rule() -> None:
    for attack in nonempty(every_attack()):
        assert attack.rules, attack.name
