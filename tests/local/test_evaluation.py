import numpy as np
import pytest
from sklearn.metrics import brier_score_loss, roc_auc_score

from local.evaluation import auc, evaluate, tenths


def labelled(n: int = 300, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    probabilities = np.round(rng.random(n), 2)
    return probabilities, rng.random(n) < probabilities


class TestEvaluation:
    def test_area_is_that_of_scikit_learn_with_ties(self) -> None:
        probabilities, has_finding = labelled()
        assert auc(probabilities, has_finding) == pytest.approx(
            roc_auc_score(has_finding, probabilities)
        )

    def test_brier_score_is_that_of_scikit_learn(self) -> None:
        probabilities, has_finding = labelled()
        measured = evaluate(probabilities, has_finding)
        assert measured.brier == pytest.approx(brier_score_loss(has_finding, probabilities))

    def test_interval_holds_the_area(self) -> None:
        measured = evaluate(*labelled())
        assert measured.auc_low < measured.auc < measured.auc_high
        assert measured.auc_high - measured.auc_low < 0.15

    def test_honest_probabilities_are_calibrated(self) -> None:
        measured = evaluate(*labelled(4000))
        assert measured.calibration_error < 0.03
        assert sum(row.n for row in measured.bins) == 4000

    def test_boasting_probabilities_are_not(self) -> None:
        probabilities, has_finding = labelled(4000)
        boasting = np.where(probabilities > 0.5, 1.0, 0.0)
        assert evaluate(boasting, has_finding).calibration_error > 0.2

    @pytest.mark.parametrize("value", [True, False])
    def test_one_kind_of_picture_is_not_enough(self, *, value: bool) -> None:
        with pytest.raises(ValueError, match="pictures without"):
            evaluate(np.linspace(0, 1, 10), np.full(10, value))


class TestTenths:
    def test_each_picture_lies_in_one_bin_and_empty_ones_are_left_out(self) -> None:
        probabilities = np.array([0.0, 0.05, 0.1, 0.95, 1.0])
        bins = tenths(probabilities, np.array([False, True, False, True, True]))
        assert [row.n for row in bins] == [2, 1, 2]
        assert [row.share_with for row in bins] == [0.5, 0.0, 1.0]
        assert [row.mean_probability for row in bins] == pytest.approx([0.025, 0.1, 0.975])


class TestArea:
    @pytest.mark.parametrize(
        ("probabilities", "area"),
        [([0.1, 0.2, 0.8, 0.9], 1.0), ([0.9, 0.8, 0.2, 0.1], 0.0), ([0.5, 0.5, 0.5, 0.5], 0.5)],
    )
    def test_is_one_in_order_and_half_where_nothing_is_told(
        self, probabilities: list[float], area: float
    ) -> None:
        assert auc(np.array(probabilities), np.array([False, False, True, True])) == area

    def test_same_pictures_have_the_same_interval(self) -> None:
        first, second = evaluate(*labelled(60)), evaluate(*labelled(60))
        assert (first.auc_low, first.auc_high) == (second.auc_low, second.auc_high)
        assert evaluate(*labelled(60), seed=1).auc_low != first.auc_low
