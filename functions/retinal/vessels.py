"""Vessels of a fundus photo: the mask, its density and dimension, calibers near the disc.

Deviations from Knudtson et al. (2003): one equivalent stands for arterioles and venules together,
by the venules' constant; a width is that of the network's mask along the whole way through the
zone, not of profiles that a grader places.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from functions.retinal.canvas import Canvas, Floats, Segmenter, trimmed
from functions.retinal.field import Mask
from functions.retinal.fractal import box_dimension
from functions.retinal.optic_disc import OpticDisc
from functions.retinal.vessel_tree import Segment, VesselTree, vessel_tree
from shared.science.images.regions import without_specks
from shared.science.images.turns import mean_over_turns
from shared.science.signals import spans

CUT = 0.5
MIN_PART_PX = 20  # a stretch of 20 pixels at 12 px per degree; smaller parts are noise
# Zone B: half a disc diameter from the margin to one, by Knudtson 2003.
ZONE_B = (1.0, 1.5)  # disc diameters from the center
MIN_IN_ZONE_PX = 8
N_CALIBERS = 6
VENULE_CONSTANT = 0.95


@dataclass(frozen=True)
class Vessels:
    """What the map of vessel probabilities shows.

    Attributes
    ----------
    mask : ndarray of bool
        On the canvas of 12 pixels per degree.
    density : float
        Share of the field that is vessel, 0 to 1.
    fractal_dimension : float or None
        Box-counting dimension of the mask.
    tree : VesselTree
    """

    mask: Mask
    density: float
    fractal_dimension: float | None
    tree: VesselTree


def vessels_of(canvas: Canvas, network: Segmenter) -> Vessels:
    """Measure the vessels of a canvas.

    Parameters
    ----------
    canvas : Canvas
        At 12 pixels per degree, the scale that the network was trained at.
    network : callable of (1, 3, height, width) ndarray
        Of 0-1; gives probabilities (1, 1, height, width).

    Returns
    -------
    Vessels
        Its mask of shape (height, width) on the canvas.
    """
    return measure_vessels(vessel_map(canvas, network), canvas.inside)


def vessel_map(canvas: Canvas, network: Segmenter) -> Floats:
    """Probability of each pixel to be vessel: the mean over four turns, mirrors cost too much."""
    rows, columns = trimmed(canvas.inside)
    probable = np.zeros(canvas.inside.shape, np.float32)
    part = canvas.rgb[rows, columns]
    probable[rows, columns] = mean_over_turns(network, part, mirrors=False)[0]
    return probable


def measure_vessels(probable: Floats, inside: Mask) -> Vessels:
    """Cut the network's map at one half, and measure what is left.

    Parameters
    ----------
    probable : (height, width) ndarray of float32
    inside : (height, width) ndarray of bool
        The field of view; density is a share of it.

    Returns
    -------
    Vessels
        Its mask of shape (height, width).
    """
    mask = without_specks((probable > CUT) & inside, MIN_PART_PX)
    return Vessels(mask, float(mask.sum() / inside.sum()), box_dimension(mask), vessel_tree(mask))


def calibers_in_zone_b(tree: VesselTree, disc: OpticDisc) -> npt.NDArray[np.float64]:
    """Widths of the vessels that cross zone B, the widest first.

    A vessel's width is the mean along its way through the zone; branches of one vessel that part
    inside the zone count by themselves, as in the protocol of Knudtson et al. 2003,
    doi:10.1076/ceyr.27.3.143.16049.

    Parameters
    ----------
    tree : VesselTree
    disc : OpticDisc
        On the canvas of the tree.

    Returns
    -------
    (n,) ndarray of float64
        In disc diameters, so that neither the camera's angle nor the eye's length enters.
    """
    widths = [width for segment in tree.segments for width in _widths_in_zone_b(segment, disc)]
    return np.sort(np.array(widths))[::-1]


def _widths_in_zone_b(segment: Segment, disc: OpticDisc) -> Iterator[float]:
    """Yield a width for every crossing: a center line may lead through the disc, too."""
    away = segment.path - (disc.row_px, disc.column_px)
    radius = np.hypot(*away.T) / disc.diameter_px
    in_zone = (radius >= ZONE_B[0]) & (radius <= ZONE_B[1])
    for start, stop in spans(in_zone, at_least=MIN_IN_ZONE_PX):
        yield float(segment.widths_px[start:stop].mean()) / disc.diameter_px


def caliber_equivalent(widths: npt.NDArray[np.float64]) -> float | None:
    """Knudtson's equivalent of the six widest vessels; None with fewer.

    The widest is paired with the narrowest, round after round, by 0.95 times the root of the sum
    of squares. Arterioles and venules are not told apart here, and the six widest are venules for
    the most part: the venules' constant is taken for all.

    Parameters
    ----------
    widths : (n,) ndarray of float64
        The widest first, in any unit.

    Returns
    -------
    float or None
        In the unit of `widths`.
    """
    if len(widths) < N_CALIBERS:
        return None
    left = sorted(widths[:N_CALIBERS].tolist())
    while len(left) > 1:
        left = sorted(_paired(left))
    return float(left[0])


def _paired(widths: list[float]) -> Iterator[float]:
    """Yield what the outer pairs stand for; of an odd number the middle one stays."""
    half = len(widths) // 2
    for index in range(half):
        yield VENULE_CONSTANT * float(np.hypot(widths[index], widths[-1 - index]))
    yield from widths[half : len(widths) - half]
