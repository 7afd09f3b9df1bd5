import numpy as np
from hypothesis import given
from hypothesis.extra.numpy import array_shapes, arrays
from scipy import ndimage

from shared.science.images.regions import without_specks
from shared.science.images.thinning import AROUND, Mask, thin

MASKS = arrays(np.bool_, array_shapes(min_dims=2, max_dims=2, max_side=14))


def thin_pixel_by_pixel(mask: Mask) -> Mask:
    """The paper's text, word by word."""
    image = np.pad(mask, 1).astype(int)
    changed = True
    while changed:
        changed = False
        for triples in (((0, 2, 4), (2, 4, 6)), ((0, 2, 6), (0, 4, 6))):
            removed = []
            for row, column in np.argwhere(image):
                around = [image[row + down, column + right] for down, right in AROUND]
                rises = sum(
                    a == 0 and b == 1 for a, b in zip(around, around[1:] + around[:1], strict=True)
                )
                if (
                    2 <= sum(around) <= 6
                    and rises == 1
                    and all(0 in [around[bit] for bit in triple] for triple in triples)
                ):
                    removed.append((row, column))
            for place in removed:
                image[place] = 0
            changed = changed or bool(removed)
    return image[1:-1, 1:-1].astype(np.bool_)


@given(MASKS)
def test_thinning_is_the_published_rule(mask: Mask) -> None:
    assert np.array_equal(thin(mask), thin_pixel_by_pixel(mask))


def test_a_bar_becomes_its_center_line() -> None:
    mask = np.zeros((21, 60), np.bool_)
    mask[8:13, 5:55] = True
    line = thin(mask)
    assert set(np.flatnonzero(line.any(axis=1))) <= {9, 10, 11}
    assert line.sum(axis=0).max() == 1
    assert 44 <= line.sum() <= 50


def test_branches_stay_joined() -> None:
    rng = np.random.default_rng(3)
    blurred = ndimage.gaussian_filter(rng.standard_normal((200, 200)), 3)
    mask = without_specks(blurred > 0.02, 60)
    line = thin(mask)
    structure = np.ones((3, 3))
    assert not np.any(line & ~mask)
    assert ndimage.label(line, structure)[1] == ndimage.label(mask, structure)[1]
