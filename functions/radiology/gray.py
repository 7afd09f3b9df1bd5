"""Stored values to a gray film at the size that it is measured at."""

import numpy as np
import numpy.typing as npt
from PIL import Image

from functions.radiology.film import Floats

WORK_PX = 1024
# Shares of pixels that may be blacker than black and whiter than white: markers, collimation.
TAILS_PERCENT = (0.2, 99.8)


def spread(values: npt.NDArray[np.float32] | npt.NDArray[np.uint16]) -> Floats:
    """Bring values of any range to 0-1, between the tails of their distribution.

    Parameters
    ----------
    values : (height, width) ndarray of float32 or uint16
        In any unit; a fourth of the rows and columns is enough for the tails.

    Returns
    -------
    (height, width) ndarray of float32
        All 0 where the tails meet: a film of one gray, which `quality.judge` refuses.

    Examples
    --------
    >>> spread(np.full((8, 8), 1000, np.uint16)).max().item()
    0.0
    """
    low, high = np.percentile(values[::4, ::4].astype(np.float32), TAILS_PERCENT)
    if not high > low:
        return np.zeros(values.shape, np.float32)
    scaled: Floats = np.clip((values.astype(np.float32) - low) / (high - low), 0, 1)
    return scaled.astype(np.float32)


def at_working_size(gray: Floats) -> Floats:
    """Average a film down to `WORK_PX` on its longer side; a smaller one stays as it is.

    Parameters
    ----------
    gray : (height, width) ndarray of float32

    Returns
    -------
    (n, m) ndarray of float32
        The array itself, not a copy, where it is small enough.
    """
    height, width = gray.shape
    scale = WORK_PX / max(height, width)
    if scale >= 1:
        return gray
    size = round(width * scale), round(height * scale)
    return np.asarray(Image.fromarray(gray).resize(size, Image.Resampling.BOX), np.float32)
