"""Dermoscopic structures by simple measures: proxies of low confidence, and said to be so.

All at the fixed diameter, on the absorbance's mean, as what is darker than its neighborhood.
Deviations from Nachbar et al. (1994): a narrow dark part that touches the edge zone is a streak,
whether it branches or not; dots and globules are told apart by their area. Limits that the rule
does not give were set on drawn lesions (`local/samples/lesion_scenes.py`).
"""

from collections.abc import Mapping

import numpy as np

from functions.dermatology.grids import Floats32, Mask, box_mean
from functions.dermatology.hair import extents_px
from functions.dermatology.standard import DIAMETER_PX, Standard
from shared.science.images.distance import distance_inside
from shared.science.images.regions import Components, components

NAMES = ("network", "structureless", "streaks", "dots", "globules")
# Neighborhoods at a diameter of 160 px.
SURROUND_PX = 5
TEXTURE_PX = 5
SLIVER = 1e-3  # of a neighborhood: none of it lies in the lesion
DARKER_BY, LINE_DARKER_BY = 0.10, 0.03  # absorbance: of a part, of a network's lines
EVEN_BELOW = 0.045  # deviation of absorbance: no structure
MIN_EVEN_SHARE = 0.10  # of the lesion, by the rule
DOT_AREAS_PX = (3, 14)
GLOBULE_AREAS_PX = (15, 130)
MIN_COUNT = 3  # more than two, by the rule
ROUND = 0.45  # of the square of the extent that a round part fills
MESH_LENGTH_PX, MESH_FILL = 40, 0.30  # a network's lines reach far and fill little
MIN_MESH_SHARE = 0.08
LEAST = {
    "network": MIN_MESH_SHARE,
    "structureless": MIN_EVEN_SHARE,
    **dict.fromkeys(("streaks", "dots", "globules"), float(MIN_COUNT)),
}
EDGE_ZONE = 0.12  # of the diameter
STREAK_LENGTH_PX, STREAK_FILL = 10, 0.35


def structure_evidence(lesion: Standard) -> Mapping[str, float]:
    """Measure what each of the five structures leaves in a picture.

    Parameters
    ----------
    lesion : Standard

    Returns
    -------
    mapping of str to float
        By `NAMES`: counts of streaks, dots and globules; of the others the lesion's share (0-1).
    """
    gray = lesion.absorbance.mean(axis=2)
    darker = gray - _mean_within(gray, lesion.mask, SURROUND_PX)
    parts = components((darker > DARKER_BY) & lesion.mask)
    lengths = np.maximum(extents_px(parts), 1)
    fill = 2 * parts.areas_px / lengths**2
    is_round = fill >= ROUND
    area = max(int(lesion.mask.sum()), 1)
    return {
        "network": _mesh_area(darker, lesion.mask) / area,
        "structureless": float((_deviation(gray, lesion.mask) < EVEN_BELOW)[lesion.mask].mean()),
        "streaks": float(_streaks(lesion, parts, lengths, fill).sum()),
        "dots": float((is_round & _within(parts, DOT_AREAS_PX)).sum()),
        "globules": float((is_round & _within(parts, GLOBULE_AREAS_PX)).sum()),
    }


def present(evidence: Mapping[str, float]) -> tuple[str, ...]:
    """The structures that the rule counts."""
    return tuple(name for name in NAMES if evidence[name] >= LEAST[name])


def _mesh_area(darker: Floats32, mask: Mask) -> int:
    lines = components((darker > LINE_DARKER_BY) & mask)
    lengths = np.maximum(extents_px(lines), 1)
    is_mesh = (lengths >= MESH_LENGTH_PX) & (2 * lines.areas_px / lengths**2 < MESH_FILL)
    return int(lines.areas_px[is_mesh].sum())


def _within(parts: Components, limits: tuple[int, int]) -> Mask:
    return (parts.areas_px >= limits[0]) & (parts.areas_px <= limits[1])


def _mean_within(gray: Floats32, mask: Mask, radius_px: int) -> Floats32:
    """Mean over a square, of what of it lies in the lesion."""
    covered = box_mean(mask.astype(np.float32), radius_px)
    mean = box_mean(gray * mask, radius_px) / np.maximum(covered, np.float32(SLIVER))
    return mean.astype(np.float32)


def _deviation(gray: Floats32, mask: Mask) -> Floats32:
    mean = _mean_within(gray, mask, TEXTURE_PX)
    return np.sqrt(np.maximum(_mean_within(gray * gray, mask, TEXTURE_PX) - mean * mean, 0))


def _streaks(lesion: Standard, parts: Components, lengths: Floats32, fill: Floats32) -> Mask:
    """Narrow dark parts that begin within the edge zone."""
    zone = int(EDGE_ZONE * DIAMETER_PX)
    near = (distance_inside(lesion.mask, zone + 1) <= zone) & lesion.mask
    touched = np.bincount(parts.labels[near], minlength=parts.count + 1)[1:] > 0
    is_narrow: Mask = (lengths >= STREAK_LENGTH_PX) & (fill < STREAK_FILL) & touched
    return is_narrow & (lengths < MESH_LENGTH_PX)
