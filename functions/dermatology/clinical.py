"""Flags of the ABCDE rule for pictures taken without a dermatoscope.

Friedman et al. 1985, doi:10.3322/canjclin.35.3.130; E was added by Abbasi et al. 2004,
doi:10.1001/jama.292.22.2771. A flag that cannot be judged is None, never False.
"""

from collections.abc import Mapping

from functions.dermatology.evolution import Evolution
from functions.dermatology.lesion import Lesion

type Verdicts = Mapping[str, bool | None]

# Squared outline over 4 pi area: 1 is a circle; drawn smooth ellipses of 2:1 have 1.2.
IRREGULAR_ABOVE = 1.35
MIN_COLORS = 3
LARGE_ABOVE_MM = 6.0
GROWN_ABOVE = 1.2  # area; turns, tilt and outline move it by less
COLOR_SHIFT_ABOVE = 8.0  # CIE 1976; two photos under different lamps differ by some 5


def abcde(lesion: Lesion, diameter_mm: float | None, evolution: Evolution | None) -> Verdicts:
    """Judge asymmetry, border, color, diameter and evolution.

    The mnemonic has a number for the diameter alone: all other limits are this module's.

    Parameters
    ----------
    lesion : Lesion
    diameter_mm : float or None
        Longest extent.
    evolution : Evolution or None
        None without an earlier assessment.

    Returns
    -------
    mapping of str to bool or None
        None where a flag cannot be judged: no scale, or nothing to compare with.
    """
    return {
        "asymmetry": lesion.asymmetry.score == 2,
        "border": lesion.compactness > IRREGULAR_ABOVE,
        "color": len(lesion.colors) >= MIN_COLORS,
        "diameter": None if diameter_mm is None else diameter_mm > LARGE_ABOVE_MM,
        "evolution": _has_changed(evolution),
    }


def _has_changed(evolution: Evolution | None) -> bool | None:
    if evolution is None:
        return None
    if evolution.color_shift is not None and evolution.color_shift > COLOR_SHIFT_ABOVE:
        return True
    return None if evolution.area_ratio is None else evolution.area_ratio > GROWN_ABOVE
