"""The largest region of an organ, and where it lies."""

import numpy as np
import pytest

from functions.radiology.film import Floats
from functions.radiology.organs import organ
from tests.functions.radiology.outlines import SHAPE, organs, rectangle


def logits(*spans: tuple[slice, slice], inside: float = 2.0) -> Floats:
    values = np.full(SHAPE, -3.0, np.float32)
    for span in spans:
        values[span] = inside
    return values


SMALL, LARGE = (slice(0, 10), slice(0, 10)), (slice(20, 50), slice(50, 60))


class TestOrgan:
    def test_largest_region_alone(self) -> None:
        lung = organ(logits(SMALL, LARGE))
        assert lung.mask[LARGE].all()
        assert lung.mask.sum() == 300

    def test_dominance_is_the_share_of_all_its_pixels(self) -> None:
        assert organ(logits(SMALL, LARGE)).dominance == pytest.approx(300 / 400)

    def test_certainty_is_the_mean_probability_inside(self) -> None:
        assert organ(logits(LARGE, inside=0.0001)).certainty == pytest.approx(0.5, abs=1e-3)
        assert organ(logits(LARGE, inside=2.0)).certainty == pytest.approx(0.881, abs=1e-3)

    def test_nothing_likelier_than_not(self) -> None:
        lung = organ(logits(LARGE, inside=0.0))
        assert not lung.mask.any()
        assert (lung.dominance, lung.certainty) == (0.0, 0.0)

    def test_hole_is_filled_and_lowers_no_certainty(self) -> None:
        values = logits((slice(20, 50), slice(50, 80)))
        values[30:40, 60:70] = -8.0
        lung = organ(values)
        assert lung.area == pytest.approx(900 / (100 * 200))
        assert lung.certainty == pytest.approx(0.881, abs=1e-3)


class TestPlace:
    def test_center_is_in_shares_of_width_and_height(self) -> None:
        assert rectangle((0, 50), (150, 200)).center == pytest.approx((0.875, 0.25))

    def test_ends_lie_behind_the_last_pixel(self) -> None:
        lung = rectangle((10, 70), (20, 80))
        assert (lung.rows, lung.columns) == ((10, 70), (20, 80))

    def test_both_lungs_and_no_heart(self) -> None:
        lungs = organs().lungs
        assert lungs.sum() == 2 * 60 * 60
        assert not lungs[75, 100]
