"""The lesion's border and the total dermoscopy score on PH2, which is measured and never fitted.

Run with `-s` for the figures of the method card. Of 28 pictures an AUC is worth 0.15 either way.
"""

import csv
import sys
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from functions.dermatology.analysis import BORDER_NETWORK
from functions.dermatology.border import find_border
from functions.dermatology.grids import Bytes, Mask, dice
from functions.dermatology.lesion import Lesion, measure
from shared.science.models.network import load_network
from tests.accuracy.sets import DATA, needs

PH2 = DATA / "dermatology" / "ph2"
MELANOMA = "2"
# Pairs of a melanoma and a nevus whose shares of the picture differ by no more.
MATCHED_WITHIN = 1.3
DICE_FLOOR, WORST_FLOOR = 0.92, 0.6
FAILED_BELOW = 0.6
# Of 35 pairs one picture is in several: its points may differ by one between processors.
AUC_FLOOR, MATCHED_FLOOR = 0.86, 0.80

type Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Measured:
    """One picture with its expert's border and labels."""

    name: str
    picture: Bytes
    truth: Mask
    is_melanoma: bool
    asymmetry: int
    overlap: float
    lesion: Lesion


@cache
def measured() -> tuple[Measured, ...]:
    with (PH2 / "labels.csv").open(encoding="utf-8") as table:
        return tuple(_measured(row) for row in csv.DictReader(table))


def _measured(row: dict[str, str]) -> Measured:
    path = PH2 / row["image"]
    picture = np.asarray(Image.open(path).convert("RGB"))
    truth = np.asarray(Image.open(path.with_stem(f"{path.stem}_lesion")).convert("L")) > 127
    border = find_border(picture, load_network(BORDER_NETWORK))
    assert border is not None, path.name
    return Measured(
        name=path.stem,
        picture=picture,
        truth=truth,
        is_melanoma=row["diagnosis"] == MELANOMA,
        asymmetry=int(row["asymmetry"]),
        overlap=dice(border.placed(truth.shape), truth),
        lesion=measure(border, truth.shape, 1.0),
    )


def auc(values: Floats, is_positive: Mask) -> float:
    higher, lower = values[is_positive][:, None], values[~is_positive][None]
    return float(np.mean((higher > lower) + (higher == lower) / 2))


def size_matched_auc(values: Floats, is_positive: Mask, shares: Floats) -> tuple[float, int]:
    """Of pairs of like size, the share in which the melanoma scores higher, and their number."""
    ratio = np.log(shares[is_positive][:, None] / shares[~is_positive][None])
    higher, lower = values[is_positive][:, None], values[~is_positive][None]
    wins = ((higher > lower) + (higher == lower) / 2)[np.abs(ratio) <= np.log(MATCHED_WITHIN)]
    return float(wins.mean()), len(wins)


def shown(**figures: float) -> None:
    sys.stdout.write(" ".join(f"{name} {value:.3f}" for name, value in figures.items()) + "\n")


@needs("dermatology/ph2")
class TestPh2:
    def test_borders_overlap_those_of_experts(self) -> None:
        overlaps = np.array([picture.overlap for picture in measured()])
        draws = np.random.default_rng(0).choice(overlaps, (2000, len(overlaps))).mean(axis=1)
        low, high = np.percentile(draws, (2.5, 97.5))
        shown(dice=overlaps.mean(), low=low, high=high, median=float(np.median(overlaps)))
        shown(worst=overlaps.min(), below_0_6=float(np.sum(overlaps < FAILED_BELOW)))
        assert overlaps.mean() >= DICE_FLOOR
        assert overlaps.min() >= WORST_FLOOR

    def test_the_total_score_ranks_melanomas_higher(self) -> None:
        pictures = measured()
        scores = np.array([picture.lesion.points.total for picture in pictures])
        is_melanoma = np.array([picture.is_melanoma for picture in pictures])
        shares = np.array([picture.truth.mean() for picture in pictures])
        matched, pairs = size_matched_auc(scores, is_melanoma, shares)
        exact = np.mean([p.lesion.asymmetry.score == p.asymmetry for p in pictures])
        shown(auc=auc(scores, is_melanoma), size_matched=matched, pairs=pairs)
        shown(frame_share=auc(shares, is_melanoma), asymmetry_exact=float(exact))
        assert auc(scores, is_melanoma) >= AUC_FLOOR
        assert matched >= MATCHED_FLOOR

    @pytest.mark.parametrize("place", [0, 9, 18, 27])
    def test_a_turned_or_mirrored_picture_has_the_same_area(self, place: int) -> None:
        picture = measured()[place]
        for moved in (np.rot90(picture.picture), picture.picture[:, ::-1]):
            border = find_border(np.ascontiguousarray(moved), load_network(BORDER_NETWORK))
            assert border is not None
            area = float(border.placed((moved.shape[0], moved.shape[1])).sum())
            assert area == pytest.approx(picture.lesion.area_px, rel=0.03)
