"""A lesion against its own earlier assessment: area where both scales are known, color, outline."""

from dataclasses import dataclass
from io import BytesIO

import numpy as np
import numpy.typing as npt
from PIL import Image

from functions.dermatology.earlier import Earlier
from functions.dermatology.grids import Mask
from functions.dermatology.standard import axes_of

type Floats = npt.NDArray[np.float64]

# The skin on which both colors are told: whatever lamp and person, the same.
STANDARD_SKIN = np.array([0.80, 0.62, 0.53])
# D65 (IEC 61966-2-1, CIE 15).
TO_XYZ = np.array(
    [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
) / np.array([[0.9505], [1.0], [1.0890]])
LINEAR_BELOW, SLOPE, OFFSET, GAMMA = 0.04045, 12.92, 0.055, 2.4
CUBE_ABOVE, CUBE_SLOPE = 0.008856, 7.787
ALIGNED_PX = 128  # side at which turns are tried
ALIGNED_DIAMETER_PX = 64
TURN_STEP_DEG = 10
FULL_TURN_DEG = 360
HALF_LEVEL = 127


@dataclass(frozen=True)
class Evolution:
    """How a lesion has changed.

    Attributes
    ----------
    area_ratio : float or None
        Area now over area then; None where either scale is unknown.
    color_shift : float or None
        CIE 1976 difference of the mean colors, both on the same skin.
    outline_overlap : float or None
        Dice overlap of the outlines at equal size in their best turn, 0-1.
    earlier_mask : ndarray of bool or None
        The earlier outline laid over the present one, at its size.
    """

    area_ratio: float | None
    color_shift: float | None
    outline_overlap: float | None
    earlier_mask: Mask | None


def lab_on_standard_skin(absorbance: npt.NDArray[np.floating]) -> tuple[float, float, float]:
    """CIE L*a*b* (D65) of a mean absorbance, told on one skin for everybody.

    So two visits under different lamps have the same color if the lesion absorbs the same.

    Parameters
    ----------
    absorbance : (3,) ndarray of floating point
        Red, green, blue, against the person's own skin.

    Returns
    -------
    tuple of float
        L* of 0-100, a*, b*.
    """
    rgb = np.clip(STANDARD_SKIN * np.exp(-absorbance.astype(float)), 0, 1)
    linear = np.where(rgb <= LINEAR_BELOW, rgb / SLOPE, ((rgb + OFFSET) / (1 + OFFSET)) ** GAMMA)
    xyz = TO_XYZ @ linear
    x, y, z = np.where(xyz > CUBE_ABOVE, np.cbrt(xyz), CUBE_SLOPE * xyz + 16 / 116)
    return float(116 * y - 16), float(500 * (x - y)), float(200 * (y - z))


def evolution(
    earlier: Earlier, mask: Mask, area_mm2: float | None, lab: tuple[float, float, float]
) -> Evolution:
    """Compare a lesion with its earlier assessment.

    Parameters
    ----------
    earlier : Earlier
    mask : (height, width) ndarray of bool
        The outline on the present close-up, of 512 px on the longer side.
    area_mm2 : float or None
        None where the present scale is not known.
    lab : tuple of float
        The present color, of `lab_on_standard_skin`.

    Returns
    -------
    Evolution
        Every part that either visit lacks is None. Outlines are tried in turns of ten degrees about
        their centers and at equal size, and not mirrored: the overlap is of shape, not of growth.
    """
    known = area_mm2 is not None and earlier.area_mm2 is not None
    ratio = area_mm2 / earlier.area_mm2 if known and area_mm2 and earlier.area_mm2 else None
    shift = float(np.linalg.norm(np.subtract(lab, earlier.lab))) if earlier.lab else None
    past = _read(earlier.mask_png)
    if past is None:
        return Evolution(ratio, shift, None, None)
    overlap, turn_deg = _best_turn(past, mask)
    diameter_px = _diameter(mask) / (ratio or 1) ** 0.5  # at equal size where a scale is unknown
    laid = _placed(past, axes_of(mask)[:2], diameter_px, turn_deg, mask.shape)
    return Evolution(ratio, shift, overlap, laid)


def _read(png: bytes | None) -> Mask | None:
    if png is None:
        return None
    image = Image.open(BytesIO(png), formats=("PNG",))
    mask = np.asarray(image.convert("L")) > HALF_LEVEL
    return mask if mask.any() else None


def _diameter(mask: Mask) -> float:
    return float(2 * np.sqrt(mask.sum() / np.pi))


def _best_turn(past: Mask, mask: Mask) -> tuple[float, float]:
    """Overlap and turn at which two outlines of equal size agree best."""
    shape = (ALIGNED_PX, ALIGNED_PX)
    middle = (ALIGNED_PX / 2, ALIGNED_PX / 2)
    present = _placed(mask, middle, ALIGNED_DIAMETER_PX, 0, shape)
    overlaps = []
    for turn_deg in range(0, FULL_TURN_DEG, TURN_STEP_DEG):
        turned = _placed(past, middle, ALIGNED_DIAMETER_PX, turn_deg, shape)
        total = max(int(present.sum()) + int(turned.sum()), 1)
        overlaps.append((2 * int((present & turned).sum()) / total, -turn_deg))
    overlap, turn = max(overlaps)
    return overlap, float(-turn)


def _placed(
    mask: Mask,
    center: tuple[float, float],
    diameter_px: float,
    turn_deg: float,
    shape: tuple[int, ...],
) -> Mask:
    """The mask at another center and diameter, turned, in a frame of `shape`."""
    row, column, _ = axes_of(mask)
    scale = _diameter(mask) / diameter_px
    turn = np.deg2rad(turn_deg)
    linear = scale * np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    shift = np.array([column, row]) - linear @ (center[1], center[0])
    coefficients = (*linear[0], shift[0], *linear[1], shift[1])
    image = Image.fromarray(mask.astype(np.uint8) * 255).transform(
        (shape[1], shape[0]),
        Image.Transform.AFFINE,
        tuple(map(float, coefficients)),
        Image.Resampling.BILINEAR,
    )
    return np.asarray(image) > HALF_LEVEL
