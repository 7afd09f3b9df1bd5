from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy import ndimage

from shared.science.images.regions import (
    Mask,
    border_touch,
    components,
    fill_holes,
    largest_component,
    without_specks,
)

MASKS = arrays(np.bool_, array_shapes(min_dims=2, max_dims=2, max_side=24))
CONNECTIVITY = {4: ndimage.generate_binary_structure(2, 1), 8: np.ones((3, 3))}


@given(MASKS, st.sampled_from([4, 8]))
def test_components_are_those_of_scipy_in_the_same_order(
    mask: Mask, neighbors: Literal[4, 8]
) -> None:
    expected, count = ndimage.label(mask, CONNECTIVITY[neighbors])
    parts = components(mask, neighbors)
    assert parts.count == count
    assert np.array_equal(parts.labels > 0, mask)
    # Each label of the reference is one label here, and the other way round.
    pairs = set(zip(expected[mask].tolist(), parts.labels[mask].tolist(), strict=True))
    assert len(pairs) == count
    assert parts.areas_px.tolist() == np.bincount(parts.labels[mask], minlength=1)[1:].tolist()


def test_a_spiral_is_a_single_part() -> None:
    mask = np.zeros((101, 101), np.bool_)
    row, column, length = 50, 50, 0
    for turn in range(96):
        length = turn + 2
        step = ((0, 1), (1, 0), (0, -1), (-1, 0))[turn % 4]
        for _ in range(length if turn < 94 else 1):
            if 0 <= row < 101 and 0 <= column < 101:
                mask[row, column] = True
            row, column = row + step[0], column + step[1]
    expected, count = ndimage.label(mask, np.ones((3, 3)))
    assert components(mask).count == count
    assert components(mask).areas_px.sum() == np.count_nonzero(expected)


@pytest.mark.parametrize("density", [0.08, 0.41, 0.6])
def test_speckle_of_a_whole_picture_is_labeled_as_by_scipy(density: float) -> None:
    mask = np.random.default_rng(7).random((301, 517)) < density
    _, count = ndimage.label(mask, np.ones((3, 3)))
    assert components(mask).count == count


@given(MASKS)
def test_holes_are_filled_as_by_scipy(mask: Mask) -> None:
    assert np.array_equal(fill_holes(mask), ndimage.binary_fill_holes(mask))


@given(MASKS)
def test_the_largest_part_is_the_largest(mask: Mask) -> None:
    expected, count = ndimage.label(mask, np.ones((3, 3)))
    largest = largest_component(mask)
    areas = np.bincount(expected[mask], minlength=count + 1)
    assert np.count_nonzero(largest) == areas.max(initial=0)
    assert not np.any(largest & ~mask)


def test_specks_go_and_regions_stay() -> None:
    mask = np.zeros((20, 20), np.bool_)
    mask[2:6, 2:6] = True
    mask[10, 10] = True
    assert np.array_equal(
        np.argwhere(without_specks(mask, 2)), np.argwhere(largest_component(mask))
    )
    assert np.array_equal(without_specks(mask, 1), mask)


def test_corners_join_parts_only_among_eight_neighbors() -> None:
    mask = np.eye(5, dtype=np.bool_)
    assert components(mask, 8).areas_px.tolist() == [5]
    assert components(mask, 4).areas_px.tolist() == [1] * 5


def test_the_touched_share_of_the_border() -> None:
    mask = np.zeros((10, 12), np.bool_)
    mask[1:-1, 1:-1] = True
    assert border_touch(mask) == 0
    mask[0] = True
    assert border_touch(mask) == pytest.approx(12 / (2 * 12 + 2 * 8))


def test_nothing_has_no_parts() -> None:
    empty = np.zeros((4, 5), np.bool_)
    assert components(empty).count == 0
    assert not largest_component(empty).any()
    assert not fill_holes(empty).any()
