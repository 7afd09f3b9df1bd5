"""The scale by a ruler in the picture: a straight dark line with a tick a millimeter."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from functions.dermatology.hair import ThinLines, extents_px

type Floats = npt.NDArray[np.float64]

# At the working size of 512 px.
MIN_LENGTH_PX = 90
MAX_CANDIDATES = 6
LINE_HALF_WIDTH_PX = 3.0
MAX_TICK_LENGTH_PX = 45.0
MIN_TICKS = 7
GAP_PX = 1.5  # between ticks
MIN_SPACING_PX = 4.0
# Share of the ticks that stand within this share of a spacing from their place.
MIN_REGULARITY, TOLERANCE = 0.8, 0.18
MIN_LINE_SHARE = 0.25  # of the part's pixels lie on its line


@dataclass(frozen=True)
class Ruler:
    """A scale that was read.

    Attributes
    ----------
    spacing_px : float
        From tick to tick, in pixels of the working picture.
    ticks : int
    regularity : float
        Share of the ticks that stand where an even scale has them, 0-1.
    """

    spacing_px: float
    ticks: int
    regularity: float


def find_ruler(lines: ThinLines) -> Ruler | None:
    """Read the scale of the longest part that is a ruler; None where none is.

    A tick is taken for a millimeter, which the scales of dermatoscopes and of clinics' stickers
    have; a scale in other units is not told from it.
    """
    lengths = extents_px(lines.parts)
    for place in np.argsort(-lengths)[:MAX_CANDIDATES]:
        if lengths[place] < MIN_LENGTH_PX:
            return None
        rows, columns = np.nonzero(lines.parts.labels == 1 + place)
        ruler = _read(np.column_stack([columns, rows]).astype(float))
        if ruler is not None:
            return ruler
    return None


def _read(points: Floats) -> Ruler | None:
    along, across = _on_line(points)
    on_line = np.abs(across) <= LINE_HALF_WIDTH_PX
    if on_line.mean() < MIN_LINE_SHARE:
        return None
    rulers = [_even(along[side & ~on_line]) for side in _sides(across)]
    return max((r for r in rulers if r), key=lambda ruler: ruler.ticks, default=None)


def _sides(across: Floats) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    near = np.abs(across) <= MAX_TICK_LENGTH_PX
    return (across > 0) & near, (across < 0) & near


def _on_line(points: Floats) -> tuple[Floats, Floats]:
    """Places along the part's main line, and distances from it (the median after turning)."""
    centered = points - points.mean(axis=0)
    _, _, directions = np.linalg.svd(centered, full_matrices=False)
    turned = centered @ directions.T
    along, across = turned[:, 0], turned[:, 1]
    # Ticks on one side pull the axis: fit the densest strip again.
    counts, edges = np.histogram(across, bins=np.arange(across.min() - 1, across.max() + 2, 1.0))
    middle = edges[np.argmax(counts)] + 1 / 2
    strip = np.abs(across - middle) <= 2 * LINE_HALF_WIDTH_PX
    slope, offset = np.polyfit(along[strip], across[strip], 1)
    return along, (across - slope * along - offset) / np.hypot(1, slope)


def _even(places: Floats) -> Ruler | None:
    """Ticks as clusters of places; even spacing by the median and a straight fit."""
    if len(places) < MIN_TICKS:
        return None
    ordered = np.sort(places)
    groups = np.split(ordered, 1 + np.flatnonzero(np.diff(ordered) > GAP_PX))
    centers = np.array([group.mean() for group in groups if len(group) > 1])
    if len(centers) < MIN_TICKS:
        return None
    spacing = float(np.median(np.diff(centers)))
    if spacing < MIN_SPACING_PX:
        return None
    numbers = np.rint((centers - centers[0]) / spacing)
    spacing, start = np.polyfit(numbers, centers, 1)
    off = np.abs(centers - start - numbers * spacing) / spacing
    regular = float(np.mean(off <= TOLERANCE))
    if regular < MIN_REGULARITY or len(set(numbers)) < MIN_TICKS:
        return None
    return Ruler(float(spacing), len(centers), regular)
