"""Vessels against the first observer of DRIVE, which nothing here was fitted on."""

from functools import cache

import numpy as np
import pytest

from functions.retinal.canvas import Canvas, Floats
from functions.retinal.networks import network
from functions.retinal.training.scores import Score, score
from functions.retinal.vessels import measure_vessels, vessel_map
from tests.accuracy import fundus
from tests.accuracy.sets import needs

pytestmark = needs("retinal/drive")


def predicted(canvas: Canvas) -> Floats:
    return vessel_map(canvas, network("vessels"))


@cache
def scores() -> list[Score]:
    return [
        score(fundus.on_file(predicted(canvas), canvas, photo), truth, field)
        for photo, canvas, truth, field in fundus.drive()
    ]


def mean(name: str) -> float:
    return float(np.mean([getattr(item, name) for item in scores()]))


class TestVessels:
    def test_there_are_all_twenty(self) -> None:
        assert len(scores()) == 20

    @pytest.mark.parametrize(
        ("figure", "floor"), [("auc", 0.967), ("dice", 0.775), ("specificity", 0.968)]
    )
    def test_agreement(self, figure: str, floor: float) -> None:
        assert mean(figure) >= floor

    @pytest.mark.parametrize(
        ("figure", "limit"), [("density_error", 0.013), ("fractal_error", 0.033)]
    )
    def test_error(self, figure: str, limit: float) -> None:
        assert np.mean([abs(getattr(item, figure)) for item in scores()]) <= limit

    def test_specks_left_out_change_little(self) -> None:
        photo, canvas, truth, field = next(iter(fundus.drive()))
        vessels = measure_vessels(predicted(canvas), canvas.inside)
        drawn = (fundus.on_file(vessels.mask.astype(np.float32), canvas, photo) > 0.5) & field
        assert 2 * (drawn & truth).sum() / (drawn.sum() + (truth & field).sum()) >= 0.7
