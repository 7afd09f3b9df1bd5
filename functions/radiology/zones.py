"""How dense the lungs look in six zones: a description of the film, no finding.

A zone is a third of a lung's height. Its opacity is the percentile, among all lung pixels of the
film, of its median gray: 50 in every zone of even lungs. The asymmetry of a level is the right
zone's percentile less the left's. Exposure and windowing leave both as they are.
"""

import itertools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from functions.radiology.film import Film, Mask
from functions.radiology.organs import Organ, Organs

LEVELS = ("upper", "middle", "lower")
# The outermost pixels of a lung are rib cage and heart at times.
MIN_ZONE_PX = 50


@dataclass(frozen=True)
class Zones:
    """Percentiles by the side and the level, such as ("right", "upper"); edges in rows."""

    opacity: dict[tuple[str, str], float]
    edges: dict[str, tuple[float, ...]]

    def asymmetry(self, level: str) -> float | None:
        """Right less left; None where a zone is too small."""
        pair = self.opacity.get(("right", level)), self.opacity.get(("left", level))
        return None if pair[0] is None or pair[1] is None else pair[0] - pair[1]


def zones(film: Film, organs: Organs) -> Zones:
    """Measure the six zones; the heart's pixels are no lung.

    Parameters
    ----------
    film : Film
    organs : Organs
        Neither lung's mask may be empty.

    Returns
    -------
    Zones
        Zones below `MIN_ZONE_PX` are left out of `opacity`.
    """
    free = ~organs.heart.mask
    everything = np.sort(film.gray[organs.lungs & free])
    opacity: dict[tuple[str, str], float] = {}
    edges: dict[str, tuple[float, ...]] = {}
    for side, lung in (("right", organs.right_lung), ("left", organs.left_lung)):
        edges[side] = thirds(lung)
        for level, zone in zip(LEVELS, zone_masks(lung, free), strict=True):
            if np.count_nonzero(zone) >= MIN_ZONE_PX:
                opacity[side, level] = percentile_of(float(np.median(film.gray[zone])), everything)
    return Zones(opacity, edges)


def thirds(lung: Organ) -> tuple[float, ...]:
    first, end = lung.rows
    return tuple(np.linspace(first, end, len(LEVELS) + 1).tolist())


def zone_masks(lung: Organ, free: Mask) -> list[Mask]:
    """The thirds of a lung's height from above, each without what is not `free`.

    Parameters
    ----------
    lung : Organ
    free : (height, width) ndarray of bool
        What is not heart.

    Returns
    -------
    list of (height, width) ndarray of bool
        In the order of `LEVELS`. Thirds of the height, not of the area.
    """
    edges = [round(edge) for edge in thirds(lung)]
    masks = []
    for first, end in itertools.pairwise(edges):
        zone = np.zeros_like(free)
        zone[first:end] = (lung.mask & free)[first:end]
        masks.append(zone)
    return masks


def percentile_of(value: float, ordered: npt.NDArray[np.float32]) -> float:
    """Middle rank of a value among ordered ones, in percent.

    Parameters
    ----------
    value : float
    ordered : (n,) ndarray of float32
        Rising; must not be empty.

    Returns
    -------
    float

    Examples
    --------
    >>> percentile_of(2.0, np.array([1.0, 2.0, 2.0, 3.0], np.float32))
    50.0
    """
    ranks = np.searchsorted(ordered, value, "left") + np.searchsorted(ordered, value, "right")
    return float(50 * ranks / len(ordered))
