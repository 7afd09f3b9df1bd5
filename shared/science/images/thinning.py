"""Center lines: a mask thinned to lines one pixel wide."""

from functools import cache

import numpy as np
import numpy.typing as npt

type Mask = npt.NDArray[np.bool_]

# The eight neighbors in order around a pixel, from the one above clockwise: (row, column).
AROUND = ((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1))
# A pixel with fewer neighbors is an end, one with more lies inside: neither is taken away.
MIN_NEIGHBORS, MAX_NEIGHBORS = 2, 6
# Each pass takes from two sides: of these triples of neighbors one must be blank.
SOUTH_EAST = ((0, 2, 4), (2, 4, 6))
NORTH_WEST = ((0, 2, 6), (0, 4, 6))


def thin(mask: Mask) -> Mask:
    """Thin a mask until only its center lines are left.

    The rules of the published method are a table of the 256 neighborhoods here, and only the pixels
    still marked are looked at.

    Parameters
    ----------
    mask : (height, width) ndarray of bool

    Returns
    -------
    (height, width) ndarray of bool
        A subset of the mask, joined where the mask is. A part that shrinks to a square of two by
        two pixels vanishes, as it does by the published rule.

    References
    ----------
    Zhang, Suen 1984, doi:10.1145/357994.358023.
    """
    framed = np.pad(mask, 1).astype(np.uint8)
    flat = framed.ravel()
    width = framed.shape[1]
    offsets = [row * width + column for row, column in AROUND]
    marked = np.flatnonzero(flat)
    is_stable = False
    while not is_stable:
        is_stable = True
        for table in removals():
            codes = np.zeros(len(marked), np.uint8)
            for bit, offset in enumerate(offsets):
                codes |= flat[marked + offset] << bit
            is_removed = table[codes]
            if is_removed.any():
                flat[marked[is_removed]] = 0
                marked = marked[~is_removed]
                is_stable = False
    return framed[1:-1, 1:-1].astype(np.bool_)


@cache
def removals() -> tuple[Mask, Mask]:
    """Which of the 256 neighborhoods lose their pixel, in each of the two passes."""
    codes = np.arange(256)
    around = (codes[:, None] >> np.arange(8)) & 1
    count = around.sum(axis=1)
    rises = ((around == 0) & (np.roll(around, -1, axis=1) == 1)).sum(axis=1)
    is_edge = (count >= MIN_NEIGHBORS) & (count <= MAX_NEIGHBORS) & (rises == 1)
    south_east, north_west = (
        is_edge & np.all([around[:, triple].prod(axis=1) == 0 for triple in triples], axis=0)
        for triples in (SOUTH_EAST, NORTH_WEST)
    )
    return south_east, north_west
