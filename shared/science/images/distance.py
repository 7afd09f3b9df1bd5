"""How far a pixel lies from the nearest one that is not marked."""

import numpy as np
import numpy.typing as npt

type Mask = npt.NDArray[np.bool_]
type Floats32 = npt.NDArray[np.float32]
type Columns = npt.NDArray[np.int32]


def distance_inside(mask: Mask, limit_px: int) -> Floats32:
    """Euclidean distance of marked pixels to the nearest unmarked pixel, exact up to a limit.

    Parameters
    ----------
    mask : (height, width) ndarray of bool
        What lies beyond the frame counts neither as marked nor as unmarked.
    limit_px : int
        Farther distances are given as this one. The time grows with the widest distance, at most
        with the limit.

    Returns
    -------
    (height, width) ndarray of float32
        Pixels between centers: 1 at the edge of the mask, 0 where nothing is marked.

    Examples
    --------
    >>> distance_inside(np.array([[False, True, True, True]]), limit_px=2).tolist()
    [[0.0, 1.0, 2.0, 2.0]]
    """
    across = _squared(_distance_along_rows(mask, limit_px))
    nearest = across.copy()
    for shift in range(1, min(limit_px, len(mask) - 1) + 1):
        if shift * shift >= nearest.max():
            break
        rise = np.int32(shift * shift)
        np.minimum(nearest[shift:], across[:-shift] + rise, out=nearest[shift:])
        np.minimum(nearest[:-shift], across[shift:] + rise, out=nearest[:-shift])
    return np.minimum(np.sqrt(nearest, dtype=np.float32), np.float32(limit_px))


def _distance_along_rows(mask: Mask, limit_px: int) -> Columns:
    """Distance to the nearest unmarked pixel of the same row, at most the limit plus one."""
    width = mask.shape[1]
    columns = np.arange(width, dtype=np.int32)
    beyond = np.int32(width + limit_px + 1)
    left = np.maximum.accumulate(np.where(mask, -beyond, columns), axis=1)
    right = np.minimum.accumulate(np.where(mask, 2 * beyond, columns)[:, ::-1], axis=1)[:, ::-1]
    nearest = np.minimum(columns - left, right - columns)
    return np.minimum(nearest, np.int32(limit_px + 1))


def _squared(lengths: Columns) -> Columns:
    return lengths * lengths


def dilated(mask: Mask, radius_px: int) -> Mask:
    """Grow a mask by a disc.

    Parameters
    ----------
    mask : (height, width) ndarray of bool
    radius_px : int
        A pixel at exactly this distance is marked.

    Returns
    -------
    (height, width) ndarray of bool
    """
    grown: Mask = distance_inside(~mask, radius_px + 1) <= radius_px
    return grown if mask.any() else mask.copy()
