"""Zones of lungs whose gray is painted: percentiles among all lung pixels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.radiology.film import Film, Floats
from functions.radiology.zones import Zones, percentile_of, thirds, zone_masks, zones
from tests.functions.radiology.outlines import SHAPE, organs, rectangle


def film_of(gray: Floats) -> Film:
    return Film(gray, (SHAPE[1], SHAPE[0]), "PNG")


EVEN = np.full(SHAPE, 0.5, np.float32)


class TestZones:
    def test_even_lungs_are_at_the_middle_everywhere(self) -> None:
        measured = zones(film_of(EVEN), organs())
        assert set(measured.opacity.values()) == {50.0}
        assert len(measured.opacity) == 6

    def test_dense_zone_has_the_highest_percentile(self) -> None:
        gray = EVEN.copy()
        gray[50:70, 20:80] = 0.9
        measured = zones(film_of(gray), organs(heart=rectangle((80, 90), (85, 135))))
        assert measured.opacity["right", "lower"] == pytest.approx(100 - 100 / 12)
        assert measured.asymmetry("lower") == pytest.approx(50)
        assert measured.asymmetry("upper") == 0

    def test_exposure_leaves_percentiles_as_they_are(self) -> None:
        gray = np.tile(np.linspace(0.2, 0.8, SHAPE[1], dtype=np.float32), (SHAPE[0], 1))
        darker = zones(film_of(0.5 * gray + np.float32(0.1)), organs())
        assert darker.opacity == pytest.approx(zones(film_of(gray), organs()).opacity)

    def test_heart_is_no_lung(self) -> None:
        gray = EVEN.copy()
        gray[10:70, 20:60] = 1.0
        covered = organs(heart=rectangle((10, 70), (20, 60)))
        assert zones(film_of(gray), covered).opacity["right", "middle"] == 50

    @pytest.mark.parametrize(("width", "asymmetry"), [(24, None), (25, 0)])
    def test_zone_of_less_than_fifty_pixels_is_not_measured(
        self, width: int, asymmetry: float | None
    ) -> None:
        measured = zones(film_of(EVEN), organs(right=rectangle((10, 16), (20, 20 + width))))
        assert (("right", "upper") in measured.opacity) is (asymmetry is not None)
        assert measured.asymmetry("upper") == asymmetry

    def test_asymmetry_is_right_less_left(self) -> None:
        pair = {("right", "upper"): 60.0, ("left", "upper"): 45.0}
        assert Zones(pair, {}).asymmetry("upper") == 15


class TestThirds:
    def test_edges_part_the_height_evenly(self) -> None:
        assert thirds(rectangle((10, 70), (20, 80))) == (10, 30, 50, 70)

    def test_masks_are_the_lung_without_overlap(self) -> None:
        lung = rectangle((10, 72), (20, 80))
        masks = zone_masks(lung, np.ones(SHAPE, bool))
        assert (np.sum(masks, axis=0) == lung.mask).all()


class TestPercentile:
    @given(st.lists(st.floats(0, 1, width=32), min_size=1, max_size=30))
    def test_lowest_and_highest_lie_evenly_from_the_ends(self, grays: list[float]) -> None:
        ordered = np.sort(np.array(grays, np.float32))
        mirrored = np.sort(-ordered)
        low = percentile_of(float(ordered[0]), ordered)
        assert percentile_of(float(-ordered[0]), mirrored) == pytest.approx(100 - low)
        assert 0 < low <= 50
