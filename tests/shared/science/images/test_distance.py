import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy import ndimage

from shared.science.images.distance import Mask, dilated, distance_inside

MASKS = arrays(np.bool_, array_shapes(min_dims=2, max_dims=2, max_side=24)).filter(
    lambda mask: not mask.all()
)


@given(MASKS, st.integers(1, 40))
def test_distances_are_exact_up_to_the_limit(mask: Mask, limit_px: int) -> None:
    exact = np.minimum(ndimage.distance_transform_edt(mask), limit_px)
    assert distance_inside(mask, limit_px) == pytest.approx(exact, rel=1e-6)


def test_without_background_all_is_as_far_as_the_limit() -> None:
    assert np.all(distance_inside(np.ones((5, 9), np.bool_), 4) == 4)


@given(MASKS, st.integers(1, 5))
def test_a_disc_grows_a_mask(mask: Mask, radius_px: int) -> None:
    outward = ndimage.distance_transform_edt(~mask) if mask.any() else np.full(mask.shape, 99.0)
    assert np.array_equal(dilated(mask, radius_px), outward <= radius_px)
