"""The scale by a ruler in the picture: a straight dark line with ticks of two lengths."""

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from functions.dermatology.hair import ThinLines, extents_px
from shared.science.signals import split_at_gaps

type Floats = npt.NDArray[np.float64]

# At the working size of 512 px. Of 720 drawn rulers, two of three under hairs, 219 are read, none
# wrong by more than 2 %, and no hair of 20 pictures is a ruler (training/ruler_limits.py). On
# 240 others, a narrower line, wider gaps within a tick and fewer ticks read wrong scales; the other
# limits change how many are read by a tenth at most, and none takes a hair.
MIN_LENGTH_PX = 90
MAX_CANDIDATES = 3
DIRECTIONS = 180
LINE_HALF_WIDTH_PX = 2.5
MAX_GAP_PX = 14.0  # in a line that hairs or a lesion interrupt
MAX_TICK_LENGTH_PX = 40.0
HEIGHTS_PX = (4.0, 5.0, 7.0, 9.0, 11.0, 14.0, 17.0, 21.0)  # above the line's middle
MIN_TICKS, MIN_COARSE_TICKS = 7, 3
NEXT_LEVEL = 1.5
# What the finer ticks may be, by how many of them make the next longer tick: 0.1, 0.5 and 1 mm on a
# dermatoscope's glass, 1, 5 and 10 mm on a sticker.
UNITS_MM = {2: (0.5, 5.0), 5: (0.1, 1.0), 10: (0.1, 1.0)}
RATIO_TOLERANCE = 0.06
MAX_MISSING = 0.5  # places without a tick for each that has one
# How wide the field of a dermatoscope's picture is; one of the two readings lies in it, or none.
FIELD_MM = (8.0, 45.0)
FIELD_PX = 512.0
GAP_PX = 1.5  # within a tick
MIN_SPACING_PX = 4.0
# Share of the ticks that stand within this share of a spacing from their place.
MIN_REGULARITY, TOLERANCE = 0.8, 0.18


@dataclass(frozen=True)
class Ruler:
    """A scale that was read.

    Attributes
    ----------
    spacing_px : float
        A millimeter, or the step between ticks before it is known what they are, in pixels of
        the working picture.
    ticks : int
    regularity : float
        Share of the ticks that stand where an even scale has them, 0-1.
    missing : int
        Places of the even scale, between its first tick and its last, that have none.
    """

    spacing_px: float
    ticks: int
    regularity: float
    missing: int


@dataclass(frozen=True)
class Line:
    """A straight line: pixels by their place along it and their distance from it."""

    along: Floats
    across: Floats

    @property
    def is_on(self) -> npt.NDArray[np.bool_]:
        return np.abs(self.across) <= LINE_HALF_WIDTH_PX


def find_ruler(lines: ThinLines) -> Ruler | None:
    """Read the scale of a ruler among a dermatoscope's dark lines; None where none is sure.

    Ticks alone do not say their unit: some scales have a tenth of a millimeter, others a whole. Two
    lengths of ticks and the width of a dermatoscope's field decide; where they leave two readings
    or none, there is no scale.

    Parameters
    ----------
    lines : ThinLines
        Of the whole picture at the working size, not of a close-up: the field's width is what
        decides.

    Returns
    -------
    Ruler or None
        Its `spacing_px` is a millimeter, in pixels of the working picture.
    """
    is_long = extents_px(lines.parts) >= MIN_LENGTH_PX
    rows, columns = np.nonzero(lines.parts.selected(is_long))
    points = np.column_stack([columns, rows]).astype(float)
    for _ in range(MAX_CANDIDATES):
        if len(points) < MIN_LENGTH_PX:
            return None
        line = _densest(points)
        ruler = _read(_longest_run(line))
        if ruler is not None:
            return ruler
        points = points[~line.is_on]
    return None


def _densest(points: Floats) -> Line:
    """The straight strip that holds the most pixels, over all directions and offsets."""
    turns = np.linspace(0, np.pi, DIRECTIONS, endpoint=False).tolist()
    best = (0, 0.0, 0.0)
    for candidate in turns:
        best = max(best, (*_fullest(points, candidate), candidate))
    _, middle, turn = best
    along = points[:, 0] * np.cos(turn) + points[:, 1] * np.sin(turn)
    across = points[:, 1] * np.cos(turn) - points[:, 0] * np.sin(turn) - middle
    near = np.abs(across) <= 2 * LINE_HALF_WIDTH_PX
    slope, offset = np.polyfit(along[near], across[near], 1)
    return Line(along, (across - slope * along - offset) / np.hypot(1, slope))


def _fullest(points: Floats, turn: float) -> tuple[int, float]:
    """Pixels in the fullest strip of one direction, and how far the strip lies off."""
    across = points[:, 1] * np.cos(turn) - points[:, 0] * np.sin(turn)
    low = float(across.min())
    counts = np.bincount(((across - low) / LINE_HALF_WIDTH_PX).astype(int))
    fullest = int(np.argmax(counts))
    return int(counts[fullest]), low + (fullest + 1 / 2) * LINE_HALF_WIDTH_PX


def _longest_run(line: Line) -> Line:
    """What lies beside the longest uninterrupted stretch of the line."""
    places = np.sort(line.along[line.is_on])
    longest = max(split_at_gaps(places, MAX_GAP_PX), key=np.ptp)
    beside = (line.along >= longest[0] - GAP_PX) & (line.along <= longest[-1] + GAP_PX)
    return Line(line.along[beside], line.across[beside])


def _read(line: Line) -> Ruler | None:
    if np.ptp(line.along) < MIN_LENGTH_PX:
        return None
    read = (_of_levels(_levels(line.along, side)) for side in (line.across, -line.across))
    return max((ruler for ruler in read if ruler), key=lambda ruler: ruler.ticks, default=None)


def _levels(along: Floats, side: Floats) -> list[Ruler]:
    """Even ticks that reach beyond each height, the shortest ticks first."""
    levels: list[Ruler] = []
    for height in HEIGHTS_PX:
        ticks = _even(along[(side > height) & (side <= MAX_TICK_LENGTH_PX)])
        if ticks and (not levels or ticks.spacing_px > NEXT_LEVEL * levels[-1].spacing_px):
            levels.append(ticks)
    return levels


def _of_levels(levels: list[Ruler]) -> Ruler | None:
    """The finest level whose next one says what it is, with the spacing of a millimeter."""
    for fine, coarse in pairwise(levels):
        ratio = coarse.spacing_px / fine.spacing_px
        for known, units_mm in UNITS_MM.items():
            if fine.ticks < MIN_TICKS or abs(ratio / known - 1) > RATIO_TOLERANCE:
                continue
            if not (_is_sure(fine, known) and _is_sure(coarse, known)):
                continue
            px_per_mm = [fine.spacing_px / unit_mm for unit_mm in units_mm]
            fitting = [px for px in px_per_mm if FIELD_MM[0] <= FIELD_PX / px <= FIELD_MM[1]]
            if len(fitting) == 1:
                return replace(fine, spacing_px=fitting[0])
    return None


def _is_sure(level: Ruler, ratio: int) -> bool:
    """Whether enough ticks stand in their places: by twos all of them, for hairs that lengthen or
    hide single ticks double a step, too.
    """
    if ratio == 2:
        return level.missing == 0 and level.regularity == 1
    return level.missing <= MAX_MISSING * level.ticks


def _even(places: Floats) -> Ruler | None:
    """Ticks as clusters of places; their spacing by the median, then by a straight fit."""
    if len(places) < MIN_COARSE_TICKS:
        return None
    ordered = np.sort(places)
    centers = np.array([group.mean() for group in split_at_gaps(ordered, GAP_PX)])
    if len(centers) < MIN_COARSE_TICKS:
        return None
    spacing: float = np.median(np.diff(centers)).item()
    if spacing < MIN_SPACING_PX:
        return None
    numbers = np.rint((centers - centers[0]) / spacing)
    if len(set(numbers)) < MIN_COARSE_TICKS:
        return None
    step, start = (float(value) for value in np.polyfit(numbers, centers, 1))
    off = np.abs(centers - start - numbers * step) / step
    regularity = float(np.mean(off <= TOLERANCE))
    if regularity < MIN_REGULARITY:
        return None
    return Ruler(step, len(centers), regularity, int(numbers[-1]) + 1 - len(set(numbers)))
