"""Regions of a mask: components, holes, the border of the frame.

Components are found on runs, the stretches of marked pixels of a row: a mask of a megapixel has
some thousands of them, so that no step visits the pixels one by one.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

type Mask = npt.NDArray[np.bool_]
type Labels = npt.NDArray[np.int32]
type Indices = npt.NDArray[np.intp]

# How far beyond its ends a run touches those of the next row.
CORNER_REACH_PX = {4: 0, 8: 1}


@dataclass(frozen=True)
class Components:
    """The connected parts of a mask.

    Attributes
    ----------
    labels : ndarray of int32, shape (height, width)
        0 outside the mask; the parts count from 1 in the order of their first pixel, row by row.
    areas_px : ndarray of int, shape (n_components,)
        Pixels of each part; that of label k is at k - 1.
    """

    labels: Labels
    areas_px: Indices

    @property
    def count(self) -> int:
        return len(self.areas_px)

    def selected(self, is_selected: npt.NDArray[np.bool_]) -> Mask:
        """Mask of the parts marked in `is_selected`, shape (n_components,)."""
        chosen: Mask = np.concatenate(([False], is_selected))[self.labels]
        return chosen


def components(mask: Mask, neighbors: Literal[4, 8] = 8) -> Components:
    """Label the connected parts of a mask.

    Parameters
    ----------
    mask : (height, width) ndarray of bool
    neighbors : 4 or 8
        Whether pixels that touch at a corner alone belong together (8) or not (4).

    Returns
    -------
    Components
        `labels` of shape (height, width), `areas_px` of shape (n_components,).

    Examples
    --------
    >>> corners = np.eye(2, dtype=bool)
    >>> components(corners).count, components(corners, neighbors=4).count
    (1, 2)
    """
    height, width = mask.shape
    stride = width + 1  # a blank column ends each row's last run
    starts, ends = _runs(mask, stride)
    parents = _joined(starts, ends, stride, reach=CORNER_REACH_PX[neighbors])
    is_root = parents == np.arange(len(parents))
    numbers = np.cumsum(is_root)[parents]
    areas_px = np.bincount(numbers, weights=ends - starts, minlength=1)[1:].astype(np.intp)
    steps = np.zeros(height * stride, np.int32)
    steps[starts] = numbers
    steps[ends] = -numbers
    labels = np.cumsum(steps, dtype=np.int32).reshape(height, stride)[:, :width]
    return Components(labels, areas_px)


def _runs(mask: Mask, stride: int) -> tuple[Indices, Indices]:
    """First pixels of the runs and the pixels after their last, in a frame of `stride` columns."""
    framed = np.zeros((mask.shape[0], stride), np.bool_)
    framed[:, :-1] = mask
    flat = np.concatenate(([False], framed.ravel()))
    edges = np.flatnonzero(flat[1:] != flat[:-1])
    return edges[::2], edges[1::2]


def _joined(starts: Indices, ends: Indices, stride: int, reach: int) -> Indices:
    """For each run, the first run of its part: overlaps of neighboring rows, joined by the lower.

    Each round hangs the roots of touching runs under the lower root and shortens every way to a
    root to a single step, so that the rounds grow with the logarithm of a part's windings.
    """
    first = np.searchsorted(ends, starts + (stride - reach), side="right")
    after = np.searchsorted(starts, ends + (stride + reach), side="left")
    counts = np.maximum(after - first, 0)
    upper = np.repeat(np.arange(len(starts)), counts)
    lower = np.arange(counts.sum()) + np.repeat(first - (np.cumsum(counts) - counts), counts)
    parents = np.arange(len(starts))
    while len(upper):
        roots, others = parents[upper], parents[lower]
        differs = roots != others
        upper, lower = upper[differs], lower[differs]
        roots, others = roots[differs], others[differs]
        np.minimum.at(parents, np.maximum(roots, others), np.minimum(roots, others))
        while not np.array_equal(shortened := parents[parents], parents):
            parents = shortened
    return parents


def largest_component(mask: Mask, neighbors: Literal[4, 8] = 8) -> Mask:
    """The part with the most pixels, the first of equals; nothing of an empty mask.

    Parameters
    ----------
    mask : (height, width) ndarray of bool
    neighbors : 4 or 8
        As `components` takes it.

    Returns
    -------
    (height, width) ndarray of bool
    """
    parts = components(mask, neighbors)
    if not parts.count:
        return np.zeros_like(mask)
    largest: Mask = parts.labels == 1 + np.argmax(parts.areas_px)
    return largest


def without_specks(mask: Mask, min_area_px: int, neighbors: Literal[4, 8] = 8) -> Mask:
    """Leave out small parts of a mask.

    Parameters
    ----------
    mask : (height, width) ndarray of bool
    min_area_px : int
        A part of exactly so many pixels stays.
    neighbors : 4 or 8
        As `components` takes it.

    Returns
    -------
    (height, width) ndarray of bool
    """
    parts = components(mask, neighbors)
    return parts.selected(parts.areas_px >= min_area_px)


def fill_holes(mask: Mask) -> Mask:
    """Mark what a mask encloses: background that reaches no border by 4-neighbors.

    Parameters
    ----------
    mask : (height, width) ndarray of bool

    Returns
    -------
    (height, width) ndarray of bool
        A bay that the frame closes is no hole.
    """
    background = components(~mask, neighbors=4)
    is_open = np.zeros(background.count + 1, np.bool_)
    is_open[_border(background.labels)] = True
    is_open[0] = False
    filled: Mask = ~is_open[background.labels]
    return filled


def border_touch(mask: Mask) -> float:
    """Share of the frame's border pixels that a mask covers.

    Parameters
    ----------
    mask : (height, width) ndarray of bool

    Returns
    -------
    float
        0-1.
    """
    return float(np.mean(_border(mask)))


def _border[Pixel: np.generic](image: npt.NDArray[Pixel]) -> npt.NDArray[Pixel]:
    sides = (image[0], image[-1], image[1:-1, 0], image[1:-1, -1])
    return np.concatenate(sides)
