import json
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from shared.science.logistic import Feature, LogisticModel, probability, read_model

RATE = Feature("rate", mean=70.0, scale=10.0, weight=2.0, low=40.0, high=120.0)
SHARE = Feature("share", mean=0.5, scale=0.1, weight=-1.0)


@pytest.fixture
def model() -> LogisticModel:
    return LogisticModel((RATE, SHARE), -0.5, 0.4, {}, "test", "0" * 64)


class TestProbability:
    def test_mean_values_give_the_intercept_alone(self) -> None:
        given = probability((RATE, SHARE), 0.0, {"rate": 70.0, "share": 0.5})

        assert given == pytest.approx([0.5])

    def test_is_the_logistic_function_of_the_standardized_sum(self) -> None:
        given = probability((RATE, SHARE), -0.5, {"rate": 75.0, "share": 0.7})

        # 2 * (75 - 70) / 10 - (0.7 - 0.5) / 0.1 - 0.5
        assert given == pytest.approx([1 / (1 + np.exp(1.5))])

    def test_each_row_has_its_own(self) -> None:
        rows = {"rate": np.array([60.0, 70.0, 80.0]), "share": np.full(3, 0.5)}

        given = probability((RATE, SHARE), 0.0, rows)

        assert given.shape == (3,)
        assert np.all(np.diff(given) > 0)

    def test_missing_feature_is_an_error(self) -> None:
        with pytest.raises(KeyError, match="share"):
            probability((RATE, SHARE), 0.0, {"rate": 70.0})

    def test_unused_value_changes_nothing(self) -> None:
        known = {"rate": 75.0, "share": 0.7}

        given = probability((RATE, SHARE), 0.0, known | {"age": 60.0})

        assert given == pytest.approx(probability((RATE, SHARE), 0.0, known))


class TestLogisticModel:
    @pytest.mark.parametrize(("beyond", "end"), [(10.0, 40.0), (400.0, 120.0)])
    def test_value_beyond_the_training_data_counts_as_its_end(
        self, model: LogisticModel, beyond: float, end: float
    ) -> None:
        share = np.array([0.5])

        given = model.probability({"rate": np.array([beyond]), "share": share})

        assert given == pytest.approx(model.probability({"rate": np.array([end]), "share": share}))

    def test_without_a_range_no_value_is_moved(self, model: LogisticModel) -> None:
        rate = np.array([70.0, 70.0])

        near, far = model.probability({"rate": rate, "share": np.array([0.7, 1.2])})

        assert far < near


class TestReadModel:
    def test_reads_what_was_written_with_the_hash_of_its_file(self, tmp_path: Path) -> None:
        path = tmp_path / "rhythm.json"
        row = {"name": "rate", "mean": 70.0, "scale": 10.0, "weight": 2.0}
        content = {"features": [row], "intercept": 0.1, "threshold": 0.4, "card": {"n": 9}}
        path.write_text(json.dumps(content))

        model = read_model(path)

        assert model.features == (Feature("rate", 70.0, 10.0, 2.0),)
        assert (model.intercept, model.threshold, model.card) == (0.1, 0.4, {"n": 9})
        assert model.name == "rhythm"
        assert model.sha256 == sha256(path.read_bytes()).hexdigest()

    def test_file_that_lacks_a_part_is_an_error(self, tmp_path: Path) -> None:
        path = tmp_path / "broken.json"
        path.write_text(json.dumps({"features": [], "intercept": 0.0}))

        with pytest.raises(KeyError, match="threshold"):
            read_model(path)
