"""Which eye it is, and where the fovea lies, both from the optic disc."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from PIL import Image, ImageFilter

from functions.retinal.canvas import Canvas
from functions.retinal.optic_disc import OpticDisc

# A disc nearer to the middle is that of a photo centered on it, or of a photo without macula.
MIN_OFFSET_DEG = 8.0
MAX_TILT_DEG = 35.0  # from the horizontal; beyond it the photo is turned
# The fovea lies 15.5 degrees temporal and 1.5 degrees below the center of the disc: Rohrschneider
# 2004, doi:10.1167/iovs.03-1157.
FOVEA_ACROSS_DEG = 15.5
FOVEA_DOWN_DEG = 1.5
SEARCH_DEG = 2.5
BLUR_DEG = 0.6
EDGE_DEG = 1.0  # nearer to the rim of the field the fovea counts as outside


class Eye(StrEnum):
    LEFT = "left"
    RIGHT = "right"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Fovea:
    """Row and column in pixels of the canvas of 12 pixels per degree."""

    row_px: float
    column_px: float


def eye_of(disc: OpticDisc, size_px: int, pixels_per_degree: float) -> Eye:
    """Tell the eye by the side of the disc in a photo centered on the macula.

    The disc lies nasal: on the right of the photo in a right eye. A mirrored photo gives the other
    eye; a photo turned by 90 degrees gives none.

    Parameters
    ----------
    disc : OpticDisc
    size_px : int
        Side of the canvas that the disc is on.
    pixels_per_degree : float

    Returns
    -------
    Eye
    """
    across = disc.column_px + 1 / 2 - size_px / 2
    down = disc.row_px + 1 / 2 - size_px / 2
    if abs(across) < MIN_OFFSET_DEG * pixels_per_degree:
        return Eye.UNKNOWN
    if np.degrees(np.arctan2(abs(down), abs(across))) > MAX_TILT_DEG:
        return Eye.UNKNOWN
    return Eye.RIGHT if across > 0 else Eye.LEFT


def find_fovea(canvas: Canvas, disc: OpticDisc, eye: Eye, pixels_per_degree: float) -> Fovea | None:
    """Estimate the fovea: the darkest place where the eye's anatomy has it.

    Parameters
    ----------
    canvas : Canvas
    disc : OpticDisc
        On the canvas.
    eye : Eye
    pixels_per_degree : float

    Returns
    -------
    Fovea or None
        None for an unknown eye, or where it would lie outside the field. Always within `SEARCH_DEG`
        of the anatomical place, also where a lesion there is darker than the fovea.
    """
    if eye is Eye.UNKNOWN:
        return None
    temporal = -1 if eye is Eye.RIGHT else 1
    row = disc.row_px + FOVEA_DOWN_DEG * pixels_per_degree
    column = disc.column_px + temporal * FOVEA_ACROSS_DEG * pixels_per_degree
    rows, columns = np.ogrid[: canvas.inside.shape[0], : canvas.inside.shape[1]]
    near = np.hypot(rows - row, columns - column) <= SEARCH_DEG * pixels_per_degree
    middle = len(canvas.rgb) / 2
    reach = canvas.field_px / 2 - EDGE_DEG * pixels_per_degree
    if np.hypot(row - middle, column - middle) > reach or not (near & canvas.inside).any():
        return None
    green = Image.fromarray(np.round(canvas.rgb[..., 1] * 255).astype(np.uint8))
    blurred = green.filter(ImageFilter.GaussianBlur(BLUR_DEG * pixels_per_degree))
    brightness = np.where(near & canvas.inside, np.asarray(blurred, np.float32), np.inf)
    darkest = np.argwhere(brightness <= brightness.min())
    return Fovea(*(float(value) for value in darkest.mean(axis=0)))
