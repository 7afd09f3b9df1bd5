import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra.numpy import array_shapes, arrays
from scipy.spatial import ConvexHull, QhullError

from shared.science.images.outlines import Mask, hull_mask, perimeter_px

MASKS = arrays(np.bool_, array_shapes(min_dims=2, max_dims=2, max_side=16))


def disc(radius_px: int, size: int = 256) -> Mask:
    rows, columns = np.mgrid[:size, :size] - size / 2
    inside: Mask = np.hypot(rows, columns) <= radius_px
    return inside


@given(MASKS)
def test_the_hull_is_that_of_qhull(mask: Mask) -> None:
    points = np.argwhere(mask)
    try:
        sides = ConvexHull(points).equations
    except (QhullError, ValueError):  # fewer than three points, or all in a line
        return
    everywhere = np.argwhere(np.ones_like(mask))
    inside = np.all(everywhere @ sides[:, :2].T + sides[:, 2] <= 1e-9, axis=1)
    assert np.array_equal(hull_mask(mask), inside.reshape(mask.shape))


def test_a_line_is_its_own_hull() -> None:
    assert np.array_equal(hull_mask(np.eye(7, dtype=np.bool_)), np.eye(7, dtype=np.bool_))
    assert not hull_mask(np.zeros((3, 3), np.bool_)).any()


@pytest.mark.parametrize("radius_px", [20, 50, 100])
def test_a_disc_is_as_long_as_its_circle(radius_px: int) -> None:
    assert perimeter_px(disc(radius_px)) == pytest.approx(2 * np.pi * radius_px, rel=0.02)


def test_a_square_is_as_long_as_its_sides() -> None:
    mask = np.zeros((120, 120), np.bool_)
    mask[10:110, 10:110] = True
    assert perimeter_px(mask) == pytest.approx(400, rel=0.06)


def test_a_turned_outline_is_as_long() -> None:
    mask = disc(40) | np.roll(disc(25), 40, axis=1)
    assert perimeter_px(np.rot90(mask)) == perimeter_px(mask) == perimeter_px(mask[:, ::-1])
