"""Widths of rectangles are counted; the ratio follows from them."""

import dataclasses

import numpy as np
import pytest

from functions.radiology.film import Film
from functions.radiology.heart_size import HeartSize, heart_size, widest_row
from functions.radiology.organs import Organ
from tests.functions.radiology.outlines import SHAPE, organs, rectangle

# Each pixel of the working size is two as sent.
FILM = Film(np.zeros(SHAPE, np.float32), (400, 200), "DICOM", spacing_mm=0.5)


@pytest.fixture
def size() -> HeartSize:
    return heart_size(FILM, organs())


class TestHeartSize:
    def test_widths_are_those_of_the_film_as_sent(self, size: HeartSize) -> None:
        assert (size.heart_width_px, size.thorax_width_px) == (100, 320)
        assert size.ratio == 100 / 320

    def test_parts_on_either_side_of_the_middle_make_the_width(self, size: HeartSize) -> None:
        assert (size.heart_right_px, size.heart_left_px) == (30, 70)

    def test_interval_lies_evenly_around_the_ratio(self, size: HeartSize) -> None:
        low, high = size.interval
        assert low < size.ratio < high
        assert (low + high) / 2 == pytest.approx(size.ratio)

    def test_lines_join_the_borders(self, size: HeartSize) -> None:
        heart, thorax = size.lines
        assert (heart.start, heart.end) == ((170, 130), (270, 130))
        assert (thorax.start, thorax.end) == ((40, 20), (360, 20))

    def test_millimeters_follow_from_the_spacing(self, size: HeartSize) -> None:
        assert size.mm(100) == 50

    def test_no_spacing_no_millimeters(self) -> None:
        unspaced = dataclasses.replace(FILM, spacing_mm=None)
        assert heart_size(unspaced, organs()).mm(100) is None


class TestWidestRow:
    def test_where_the_lungs_reach_farthest_apart(self) -> None:
        right, left = rectangle((10, 70), (20, 80)).mask, rectangle((10, 70), (120, 180)).mask
        right[10:20, 20:60] = False
        left[40, 180:190] = True
        assert widest_row(organs(Organ(right, 1.0, 1.0), Organ(left, 1.0, 1.0))) == 40

    def test_a_row_without_lung_does_not_count(self) -> None:
        assert widest_row(organs(rectangle((90, 91), (0, 1)), rectangle((90, 91), (3, 4)))) == 90
