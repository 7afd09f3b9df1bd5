"""Center lines of the vessels: branch points, segments, tortuosity, widths.

Deviations from Hart et al. (1999): arc over chord is taken over stretches of two degrees of a
smoothed path, not over whole segments, and the median of all stretches stands for the eye.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from functions.retinal.field import Mask
from shared.science.images.distance import distance_inside
from shared.science.images.regions import components
from shared.science.images.thinning import thin

type Places = npt.NDArray[np.float64]

MAX_HALF_WIDTH_PX = 24
MIN_BRANCHES = 3
SPUR_PX = 10  # a shorter end that hangs on a branch point is an irregularity of the outline
# Chords of fewer pixels are dominated by the steps of the grid.
MIN_SEGMENT_PX = 12
SMOOTHING_PX = 7
# Tortuosity is taken over stretches of two degrees: whole segments end where the thinning happens
# to put a branch point, and their mean moved by 40 % when a photo was turned by 90 degrees.
STRETCH_PX = 24
AROUND = ((-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1))


@dataclass(frozen=True)
class Segment:
    """A stretch of vessel between branch points: `(n, 2)` rows and columns, and its widths."""

    path: Places
    widths_px: npt.NDArray[np.float64]

    @cached_property
    def smooth_path(self) -> Places:
        """The path without the steps of the pixel grid; its ends stay where they are."""
        half = SMOOTHING_PX // 2
        padded = np.concatenate([
            2 * self.path[0] - self.path[half:0:-1],
            self.path,
            2 * self.path[-1] - self.path[-2 : -half - 2 : -1],
        ])  # fmt: skip
        sums = np.cumsum(np.concatenate([np.zeros((1, 2)), padded]), axis=0)
        smooth: Places = (sums[SMOOTHING_PX:] - sums[:-SMOOTHING_PX]) / SMOOTHING_PX
        return smooth

    @property
    def windings(self) -> npt.NDArray[np.float64]:
        """Arc over chord less one of every stretch of `STRETCH_PX` steps; empty if shorter."""
        path = self.smooth_path
        along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))])
        chords = np.hypot(*(path[STRETCH_PX:] - path[:-STRETCH_PX]).T)
        arcs = along[STRETCH_PX:] - along[:-STRETCH_PX]
        return np.asarray(arcs[chords > 0] / chords[chords > 0] - 1)


@dataclass(frozen=True)
class VesselTree:
    """Center lines of a vessel mask, their branch points and segments."""

    center_line: Mask
    branch_points: Places
    segments: tuple[Segment, ...]

    @property
    def tortuosity(self) -> float | None:
        """Median over all stretches of two degrees of arc over chord less one; None without any.

        Arc over chord is that of Hart et al. 1999, doi:10.1016/S1386-5056(98)00163-4.
        """
        windings = [part.windings for part in self.segments]
        if not sum(map(len, windings)):
            return None
        return float(np.median(np.concatenate(windings)))


def vessel_tree(mask: Mask) -> VesselTree:
    """Trace the center lines of a vessel mask.

    Parameters
    ----------
    mask : (height, width) ndarray of bool
        At 12 pixels per degree: all lengths of this module are pixels of that.

    Returns
    -------
    VesselTree
        Center line of shape (height, width), branch points (n, 2) as row and column, and the
        segments of at least `MIN_SEGMENT_PX`. A width is twice the distance to the nearest unmarked
        pixel less one: that of the pixels across.
    """
    distance = distance_inside(mask, MAX_HALF_WIDTH_PX)
    line = without_spurs(thin(mask))
    branching = branch_pixels(line)
    paths = [path for path in _paths(line & ~_grown(branching)) if len(path) >= MIN_SEGMENT_PX]
    segments = [
        Segment(path.astype(float), np.float64(2) * distance[path[:, 0], path[:, 1]] - 1)
        for path in paths
    ]
    return VesselTree(line, _branch_points(branching), tuple(segments))


def _branch_points(branching: Mask) -> Places:
    """Centers of the clusters in which branching pixels lie together."""
    clusters = components(branching)
    places, owners = np.argwhere(branching), clusters.labels[branching] - 1
    sums = [np.bincount(owners, places[:, axis], clusters.count) for axis in (0, 1)]
    return np.column_stack(sums) / clusters.areas_px[:, None]


def branch_pixels(line: Mask) -> Mask:
    """Pixels of a center line at which three or more branches meet.

    Branches are counted by the crossing number: the changes from unmarked to marked on the way
    around the pixel. Neighbors alone would count the corner of a line as a branch.

    Parameters
    ----------
    line : (height, width) ndarray of bool
        One pixel wide.

    Returns
    -------
    (height, width) ndarray of bool
    """
    around = _around(line)
    rises = np.count_nonzero(around & ~np.roll(around, 1, axis=0), axis=0)
    met: Mask = line & (rises >= MIN_BRANCHES)
    return met


def without_spurs(line: Mask) -> Mask:
    """Remove ends shorter than `SPUR_PX` that hang on a branch point.

    Parameters
    ----------
    line : (height, width) ndarray of bool
        One pixel wide.

    Returns
    -------
    (height, width) ndarray of bool
        Thinned again: where a spur was, its branch point is one no more.
    """
    branching = _grown(branch_pixels(line))
    parts = components(line & ~branching)
    ends = line & (np.count_nonzero(_around(line), axis=0) <= 1)
    has_end = np.zeros(parts.count + 1, bool)
    has_end[parts.labels[ends]] = True
    meets = np.zeros(parts.count + 1, bool)
    meets[np.unique(parts.labels[_grown(branching & line) & line])] = True
    spurs = (parts.areas_px < SPUR_PX) & has_end[1:] & meets[1:]
    return thin(line & ~parts.selected(spurs))


def _around(mask: Mask) -> Mask:
    framed = np.pad(mask, 1)
    height, width = mask.shape
    return np.stack([
        framed[1 + row : 1 + row + height, 1 + column : 1 + column + width]
        for row, column in AROUND
    ])  # fmt: skip


def _grown(mask: Mask) -> Mask:
    grown: Mask = mask | _around(mask).any(axis=0)
    return grown


def _paths(line: Mask) -> list[npt.NDArray[np.intp]]:
    """Pixels of each unbranched part, in order from one end to the other; rings are left out."""
    waiting = {(int(row), int(column)) for row, column in np.argwhere(line)}
    ends = np.argwhere(line & (np.count_nonzero(_around(line), axis=0) == 1))
    paths = []
    for row, column in ends.tolist():
        if (row, column) in waiting:
            paths.append(_walk((row, column), waiting))
    return paths


def _walk(start: tuple[int, int], waiting: set[tuple[int, int]]) -> npt.NDArray[np.intp]:
    path = [start]
    waiting.discard(start)
    while True:
        row, column = path[-1]
        near = [
            (row + down, column + right)
            for down, right in AROUND
            if (row + down, column + right) in waiting
        ]
        if not near:
            return np.array(path)
        # Straight neighbors before diagonal ones: corners of the line are not skipped.
        following = min(near, key=lambda point: abs(point[0] - row) + abs(point[1] - column))
        path.append(following)
        waiting.discard(following)
