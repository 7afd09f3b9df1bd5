"""An operator's model has a say where the organization allows it, by its name."""

from dataclasses import dataclass

import pytest

from shared.examination.operator_model import admitted, withheld
from shared.record import Absence, Findings


@dataclass(frozen=True)
class Model:
    name: str = "chest-2"


@pytest.mark.parametrize("allowed", [None, frozenset({"chest-2"}), frozenset({"a", "chest-2"})])
def test_allowed_model_has_a_say(allowed: frozenset[str] | None) -> None:
    model = Model()
    assert admitted(model, allowed) is model


@pytest.mark.parametrize("allowed", [frozenset(names) for names in ((), ("chest",), ("Chest-2",))])
def test_another_name_or_none_withholds_it(allowed: frozenset[str]) -> None:
    assert admitted(Model(), allowed) is None


@pytest.mark.parametrize("allowed", [None, frozenset({"chest-2"})])
def test_none_is_installed(allowed: frozenset[str] | None) -> None:
    assert admitted(None, allowed) is None


def test_its_place_is_absent_for_that_reason_and_no_other() -> None:
    other, former = Absence("age", "not-told", "."), Absence("findings", "no-model", ".")
    told = withheld(
        Findings({}, (), None, None, None, absent=(former, other)), "findings", "chest-2"
    )
    assert [(absence.name, absence.code) for absence in told.absent] == [
        ("age", "not-told"),
        ("findings", "model-not-allowed"),
    ]
    assert "chest-2" in told.absent[1].detail
