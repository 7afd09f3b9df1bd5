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
from functions.dermatology.refusals import NotSkin
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
    """Resample a lesion to the fixed diameter with its long axis horizontal.

    Parameters
    ----------
    picture : (height, width, 3) ndarray of uint8
        Its hairs painted over.
    mask : (height, width) ndarray of bool
        The lesion; must not be empty.

    Returns
    -------
    Standard
        Its picture is black where the source has no pixel, which `visible` says.

    Raises
    ------
    NotSkin
        If the lesion leaves no skin in the picture to hold its colors against.
    """
    row, column, axis_rad = axes_of(mask)
    scale = DIAMETER_PX / (2 * float(mask.sum() / np.pi) ** 0.5)
    matrix = _matrix((row, column), axis_rad, scale)
    upright = _warped(picture, matrix, scale)
    inside = _warped(mask.astype(np.uint8) * 255, matrix, scale) > VALID // 2
    visible = _warped(np.full(mask.shape, 255, np.uint8), matrix, scale) > VALID
    ring = skin_ring(inside, visible)
    if not ring.any():
        raise NotSkin("no skin is visible around it")
    skin_rgb = np.median(upright[ring], axis=0).astype(float)
    absorbance = absorbance_of(upright, skin_rgb)
    return Standard(
        upright, inside & visible, visible, absorbance, skin_rgb, (row, column), axis_rad, scale
    )


def axes_of(mask: Mask) -> tuple[float, float, float]:
    """Center and long axis of a mask, by the second moments of its area.

    Parameters
    ----------
    mask : (height, width) ndarray of bool
        Must not be empty.

    Returns
    -------
    row, column : float
        Of the center, in pixels.
    axis_rad : float
        From the direction of the columns, clockwise as the picture is seen, within a quarter turn.
        Without meaning for a circle, which has no long axis.

    Examples
    --------
    >>> row, column, axis_rad = axes_of(np.eye(5, dtype=bool))
    >>> row, column, round(np.degrees(axis_rad))
    (2.0, 2.0, 45)
    """
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
    """Skin near the lesion; all that is no lesion where too little of the ring is visible.

    The ring begins at a distance, for pigment fades beyond the outline.

    Parameters
    ----------
    inside, visible : (384, 384) ndarray of bool
        The lesion at the fixed diameter, and what lies in the picture.

    Returns
    -------
    (384, 384) ndarray of bool
        Empty where the picture shows the lesion and nothing else.
    """
    limit = int(RING[1] * DIAMETER_PX)
    outward = distance_inside(~inside, limit + 1)
    ring = (outward > RING[0] * DIAMETER_PX) & (outward <= limit) & visible
    return ring if ring.sum() >= MIN_RING_PX else visible & ~inside


def absorbance_of(picture: Bytes, skin_rgb: Floats) -> Floats32:
    """Natural logarithm of skin over picture, per channel (Beer and Lambert).

    Gray levels are taken as proportional to light, though cameras bend them: absorbance is
    therefore compared within a picture and with limits of this project, and not with a
    spectrometer's.

    Parameters
    ----------
    picture : (384, 384, 3) ndarray of uint8
    skin_rgb : (3,) ndarray
        0-255.

    Returns
    -------
    (384, 384, 3) ndarray of float32
        0 is skin, positive is darker; smoothed over `SMOOTHING_PX`.
    """
    smooth = box_mean(picture.astype(np.float32), SMOOTHING_PX)
    return np.log(np.maximum(skin_rgb, DARKEST) / np.maximum(smooth, DARKEST)).astype(np.float32)
