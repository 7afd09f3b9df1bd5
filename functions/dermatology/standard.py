"""The lesion as every score sees it: at a fixed diameter, upright on its axes, against its skin.

No score may know how large the lesion is in the picture: whoever holds the camera chooses that. So
the lesion is resampled to one diameter, and its colors are told as absorbance against the skin
around it, the natural logarithm of skin over lesion in each channel: light and skin tone drop out.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from functions.dermatology.grids import Bytes, Floats32, Mask, box_mean
from shared.science.images.distance import distance_inside

type Floats = npt.NDArray[np.float64]

DIAMETER_PX = 160  # of the circle as large as the lesion
SIDE_PX = 384
# Skin is taken from a ring about the lesion, as shares of its diameter.
RING = (0.06, 0.30)
MIN_RING_PX = 200
DARKEST = 2.0  # gray levels: what is darker absorbs no more
SMOOTHING_PX = 2  # removes noise and skin texture before colors are told
VALID = 250  # of 255: the pixel lies wholly in the picture


@dataclass(frozen=True)
class Standard:
    """A lesion at the fixed diameter.

    Attributes
    ----------
    picture : ndarray of uint8, shape (384, 384, 3)
    mask, visible : ndarray of bool, shape (384, 384)
        The lesion; what lies within the picture.
    absorbance : ndarray of float32, shape (384, 384, 3)
        Against the skin, smoothed; red, green, blue.
    skin_rgb : ndarray, shape (3,)
        Median of the ring about the lesion, 0-255.
    center : tuple of float
        Row and column of the lesion's center in the source picture.
    axis_rad : float
        From the source's columns to the lesion's long axis.
    scale : float
        Pixels here for one of the source.
    """

    picture: Bytes
    mask: Mask
    visible: Mask
    absorbance: Floats32
    skin_rgb: Floats
    center: tuple[float, float]
    axis_rad: float
    scale: float


def standardized(picture: Bytes, mask: Mask) -> Standard:
    """Resample a lesion to the fixed diameter with its long axis along the columns."""
    row, column, axis_rad = axes_of(mask)
    scale = DIAMETER_PX / (2 * float(mask.sum() / np.pi) ** 0.5)
    matrix = _matrix((row, column), axis_rad, scale)
    upright = _warped(picture, matrix, scale)
    inside = _warped(mask.astype(np.uint8) * 255, matrix, scale) > VALID // 2
    visible = _warped(np.full(mask.shape, 255, np.uint8), matrix, scale) > VALID
    skin_rgb = np.median(upright[skin_ring(inside, visible)], axis=0).astype(float)
    absorbance = absorbance_of(upright, skin_rgb)
    return Standard(
        upright, inside & visible, visible, absorbance, skin_rgb, (row, column), axis_rad, scale
    )


def axes_of(mask: Mask) -> tuple[float, float, float]:
    """Center (row, column) and angle of the long axis, by the second moments of the area."""
    rows, columns = np.nonzero(mask)
    row, column = float(rows.mean()), float(columns.mean())
    down, right = rows - row, columns - column
    angle = np.arctan2(2 * np.mean(down * right), np.mean(right**2) - np.mean(down**2)) / 2
    return row, column, float(angle)


def _matrix(center: tuple[float, float], axis_rad: float, scale: float) -> Floats:
    """From pixels here to pixels of the source: x' = a x + b y + c, y' = d x + e y + f."""
    cosine, sine = np.cos(axis_rad) / scale, np.sin(axis_rad) / scale
    middle = (SIDE_PX - 1) / 2
    linear = np.array([[cosine, -sine], [sine, cosine]])
    shift = np.array(center[::-1]) - linear @ (middle, middle)
    return np.column_stack([linear, shift])


def _warped(source: Bytes, matrix: Floats, scale: float) -> Bytes:
    """Resample by an affine map; a source much finer than that is averaged first."""
    finer = max(1, int(1 / scale))
    image = Image.fromarray(source)
    if finer > 1:
        image = image.reduce(finer)
    linear, shift = matrix[:, :2] / finer, (matrix[:, 2] + (1 - finer) / 2) / finer
    # Pillow's maps are from the corners of pixels, those here from their centers.
    shift = shift + (1 - linear.sum(axis=1)) / 2
    coefficients = (*linear[0], shift[0], *linear[1], shift[1])
    return np.asarray(
        image.transform(
            (SIDE_PX, SIDE_PX),
            Image.Transform.AFFINE,
            tuple(map(float, coefficients)),
            Image.Resampling.BILINEAR,
        )
    )


def skin_ring(inside: Mask, visible: Mask) -> Mask:
    """Skin near the lesion; all that is no lesion where too little of the ring is visible."""
    limit = int(RING[1] * DIAMETER_PX)
    outward = distance_inside(~inside, limit + 1)
    ring = (outward > RING[0] * DIAMETER_PX) & (outward <= limit) & visible
    return ring if ring.sum() >= MIN_RING_PX else visible & ~inside | (inside & ~visible.any())


def absorbance_of(picture: Bytes, skin_rgb: Floats) -> Floats32:
    """Natural logarithm of skin over picture, per channel."""
    smooth = box_mean(picture.astype(np.float32), SMOOTHING_PX)
    return np.log(np.maximum(skin_rgb, DARKEST) / np.maximum(smooth, DARKEST)).astype(np.float32)
