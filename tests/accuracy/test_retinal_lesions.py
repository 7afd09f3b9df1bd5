"""Lesions and the probability they carry, on photos that the networks have not seen.

The probability is fitted on IDRiD: it is measured on HRF, another camera and clinic.
"""

from functools import cache

import numpy as np
import pytest

from functions.retinal.lesions import Lesion, Lesions
from functions.retinal.networks import network, referable_model
from functions.retinal.referable import referable_probability, trunk_features
from functions.retinal.training import photos
from functions.retinal.training.candidates import lesions_on
from functions.retinal.training.photos import Graded
from local.evaluation import auc
from tests.accuracy.sets import DATA, needs

STEP = 5  # every fifth of the 273 photos: a minute of a processor's time and not five
REFERABLE = 2
RISKS = 3


@cache
def graded() -> list[tuple[Graded, Lesions]]:
    rows = photos.graded_for_lesions(DATA)[1][::STEP]
    return [(row, lesions_on(photos.read_photo(row.path, photos.IDRID_DEG))) for row in rows]


def kappa(first: list[int], second: list[int]) -> float:
    """Cohen's kappa of the risks of 0 to 2 with quadratic weights."""
    table = np.zeros((RISKS, RISKS))
    np.add.at(table, (first, second), 1)
    ranks = np.arange(RISKS)
    weights = (ranks[:, None] - ranks) ** 2
    expected = np.outer(table.sum(1), table.sum(0)) / table.sum()
    return float(1 - (weights * table).sum() / (weights * expected).sum())


@needs("retinal/idrid_grade", "retinal/idrid_same_eye.csv")
class TestLesions:
    def test_there_are_a_fifth_of_the_unseen_photos(self) -> None:
        assert len(graded()) == 55

    def test_hemorrhages_tell_referable_eyes(self) -> None:
        counts = np.array([float(lesions.hemorrhages) for _, lesions in graded()])
        referable = np.array([row.grade >= REFERABLE for row, _ in graded()])
        assert auc(counts, referable) >= 0.88

    def test_exudate_tells_eyes_at_risk_of_edema(self) -> None:
        shares = np.array([lesions.share(Lesion.HARD_EXUDATE) for _, lesions in graded()])
        at_risk = np.array([row.edema_risk > 0 for row, _ in graded()])
        assert auc(shares, at_risk) >= 0.85

    def test_the_risk_of_edema_agrees_with_the_graders(self) -> None:
        pairs = [
            (row.edema_risk, lesions.edema_risk)
            for row, lesions in graded()
            if lesions.edema_risk is not None
        ]
        assert len(pairs) >= 50
        first, second = (list(side) for side in zip(*pairs, strict=True))
        assert kappa(first, second) >= 0.58  # 0.61 on these, 0.75 on all 266

    def test_eyes_without_retinopathy_have_few_hemorrhages(self) -> None:
        counts = [lesions.hemorrhages for row, lesions in graded() if row.grade == 0]
        assert np.median(counts) <= 3


@cache
def hrf_probabilities() -> tuple[np.ndarray, np.ndarray]:
    """Probabilities of the photos of HRF, and whether they show an eye with retinopathy."""
    given, sick = [], []
    for path in sorted((DATA / "retinal/hrf").glob("*_[dh]*.jpg")):
        photo = photos.read_photo(path, photos.HRF_DEG)
        features = trunk_features(network("trunk"), photo.image, photo.field)
        features |= lesions_on(photo).features()
        given.append(referable_probability(referable_model(), features))
        sick.append(path.stem.endswith("_dr"))
    return np.array(given), np.array(sick)


@needs("retinal/hrf")
class TestReferable:
    def test_there_are_fifteen_of_each(self) -> None:
        assert np.bincount(hrf_probabilities()[1]).tolist() == [15, 15]

    @pytest.mark.parametrize(("figure", "floor"), [("auc", 0.86), ("specificity", 0.93)])
    def test_another_camera(self, figure: str, floor: float) -> None:
        given, sick = hrf_probabilities()
        healthy = given[~sick]
        figures = {
            "auc": auc(given, sick),
            "specificity": float((healthy < referable_model().threshold).mean()),
        }
        assert figures[figure] >= floor
