"""The outline of a region: its convex hull and its length."""

import math

import numpy as np
import numpy.typing as npt

type Mask = npt.NDArray[np.bool_]
type Floats = npt.NDArray[np.float64]
type Indices = npt.NDArray[np.intp]

# Rounding when a hull's edge runs through the center of a pixel.
TOLERANCE_PX = 1e-9


def perimeter_px(mask: Mask) -> float:
    """Length of the outline of all parts of a mask, holes included.

    By Crofton's formula: the crossings of the outline with lines in four directions, half a turn
    apart together, times their spacing. Within some 2 % on smooth outlines, 6 % short on a
    square that stands straight, and the same for a mask that is mirrored or turned by 90 degrees.

    Parameters
    ----------
    mask : (height, width) ndarray of bool
        What lies beyond the frame counts as unmarked: a part cut by the frame is closed along it.

    Returns
    -------
    float
        Pixels.

    References
    ----------
    Legland, Kieu, Devaux 2007, Computation of Minkowski measures on 2D and 3D binary images,
    doi:10.5566/ias.v26.p83-92
    """
    framed = np.pad(mask, 1)
    upright = _changes(framed[1:], framed[:-1]) + _changes(framed[:, 1:], framed[:, :-1])
    oblique = _changes(framed[1:, 1:], framed[:-1, :-1]) + _changes(
        framed[1:, :-1], framed[:-1, 1:]
    )
    return float(np.pi / 8 * (upright + oblique / math.sqrt(2)))


def _changes(pixels: Mask, neighbors: Mask) -> int:
    return int(np.count_nonzero(pixels != neighbors))


def hull_mask(mask: Mask) -> Mask:
    """Pixels whose centers lie in the convex hull of the marked pixels' centers.

    Parameters
    ----------
    mask : (height, width) ndarray of bool
        All its parts have one hull together.

    Returns
    -------
    (height, width) ndarray of bool
        Empty of an empty mask; a superset of the mask otherwise.
    """
    rows = np.flatnonzero(mask.any(axis=1))
    hull = np.zeros_like(mask)
    if not len(rows):
        return hull
    first = np.argmax(mask[rows], axis=1)
    last = mask.shape[1] - 1 - np.argmax(mask[rows, ::-1], axis=1)
    span = np.arange(rows[0], rows[-1] + 1)
    left = _side(span, rows, first)
    right = -_side(span, rows, -last)
    columns = np.arange(mask.shape[1])
    hull[span] = (columns >= left[:, None] - TOLERANCE_PX) & (
        columns <= right[:, None] + TOLERANCE_PX
    )
    return hull


def _side(span: Indices, rows: Indices, columns: Indices) -> Floats:
    """Where the hull's left side crosses each row of `span` (monotone chain over the rows)."""
    chain: list[tuple[int, int]] = []
    for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
        while len(chain) > 1 and _turns_outward(chain[-2], chain[-1], (row, column)):
            chain.pop()
        chain.append((row, column))
    corners = np.array(chain)
    side: Floats = np.interp(span, corners[:, 0], corners[:, 1])
    return side


def _turns_outward(start: tuple[int, int], middle: tuple[int, int], end: tuple[int, int]) -> bool:
    """Whether the middle lies on or to the right of the straight way from start to end."""
    rise, run = end[0] - start[0], end[1] - start[1]
    return (middle[1] - start[1]) * rise >= run * (middle[0] - start[0])
