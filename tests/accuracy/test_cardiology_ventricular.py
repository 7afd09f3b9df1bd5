"""Ventricular beats of people whom the model never saw.

The figures of the method card come from leaving out one patient at a time, which
`functions/cardiology/training/ventricular.py` does; here a fifth of the patients at a time is
judged by a model of the others, which is harder and quicker.
"""

import pytest

from functions.cardiology.shapes import beat_shapes
from functions.cardiology.trained import load_model
from functions.cardiology.training.ventricular import (
    LEFT_OUT,
    Labelled,
    counts,
    figures,
    judged_by_others,
    training_set,
)
from functions.cardiology.ventricular import ventricular_probability
from tests.accuracy.recordings import mitdb, require_data


@pytest.fixture(scope="module")
def parts() -> list[Labelled]:
    require_data()
    return training_set(n_leads=2)


class TestVentricularModel:
    def test_patients_are_judged_by_a_model_of_the_others(self, parts: list[Labelled]) -> None:
        patients = sorted({part.patient for part in parts})
        threshold = load_model("ventricular").threshold
        folds = [patients[fold::FOLDS] for fold in range(FOLDS)]

        measured = figures([counts(judged_by_others(parts, held), threshold) for held in folds])

        assert measured["sensitivity"] >= MIN_SENSITIVITY
        assert measured["positive_predictive_value"] >= MIN_PREDICTIVE_VALUE

    def test_person_outside_every_training_has_one_ventricular_beat(self) -> None:
        require_data()
        person = mitdb(LEFT_OUT)
        shapes = beat_shapes(person.ecg, person.quality.beats, person.quality.usable)

        called = ventricular_probability(shapes) > load_model("ventricular").threshold

        # Annotated: one ventricular beat among 2,273.
        assert 1 <= called.sum() <= 3

    def test_card_states_what_was_measured(self) -> None:
        held_out = load_model("ventricular").card["held_out"]

        assert held_out["sensitivity"] >= 0.95
        assert held_out["positive_predictive_value"] >= 0.95


FOLDS = 5
# Measured: 0.878 and 0.947. 339 of the 466 missed beats are of one person (record 223), whose fold
# holds record 207, too; without 223 it is 0.962 and 0.945, with a third left out 0.947 and 0.950.
MIN_SENSITIVITY = 0.86
MIN_PREDICTIVE_VALUE = 0.93
