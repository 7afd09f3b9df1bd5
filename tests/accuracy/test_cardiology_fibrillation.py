"""Atrial fibrillation in people and by a recorder that the models never saw (CPSC 2021)."""

import numpy as np
import pytest

from functions.cardiology.analysis import analyze
from functions.cardiology.fibrillation import WINDOW
from functions.cardiology.trained import load_model
from functions.cardiology.training.fibrillation import (
    FEATURES,
    SHORT_TRAINING_WINDOW,
    counts,
    figures,
    windows,
)
from tests.accuracy.recordings import cpsc2021, cpsc2021_records, ludb, ludb_records, require_data


class TestFibrillationModels:
    @pytest.mark.parametrize(
        ("name", "length", "least_f1"),
        [("fibrillation", WINDOW, 0.91), ("fibrillation_short", SHORT_TRAINING_WINDOW, 0.91)],
    )
    def test_windows_of_another_recorder_are_told(
        self, name: str, length: int, least_f1: float
    ) -> None:
        require_data()
        model = load_model(name)
        total = np.zeros(4, np.int64)
        for record in cpsc2021_records():
            part = windows(cpsc2021(record), record, None, length)
            columns = {feature: part.table[:, i] for i, feature in enumerate(FEATURES)}
            total += counts(part, model.probability(columns))

        assert figures(total)["f1"] >= least_f1

    def test_card_states_what_was_measured_on_patients_left_out(self) -> None:
        assert load_model("fibrillation").card["held_out_mitdb"]["f1"] >= 0.85

    def test_strips_of_ten_seconds_in_sinus_rhythm_are_not_fibrillation(self) -> None:
        require_data()
        called, sinus = 0, 0
        for name in ludb_records():
            record = ludb(name)
            words = " ".join(record.comments)
            if "Rhythm: Sinus" not in words or "Pacemaker" in words:
                continue
            sinus += 1
            types = analyze(record.ecg).result["arrhythmia_types"]
            called += "atrial fibrillation possible" in types

        assert sinus > 70
        assert called <= 2
