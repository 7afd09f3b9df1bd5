"""Numbers about a picture that say whether to measure on it: focus, fall of light, glare.

Each pipeline holds them against its own limits, with guidance for whoever takes the picture again.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

type Gray = npt.NDArray[np.uint8]
type Mask = npt.NDArray[np.bool_]

FOCUS_SIDE_PX = 512
BRIGHT, DARK = 250, 20  # of 255


@dataclass(frozen=True)
class Exposure:
    """How sharp and how evenly lit a picture is.

    Attributes
    ----------
    focus : float
        Standard deviation of the Laplacian in gray levels of 255, at 512 px on the longer side.
    illumination_ratio : float
        Mean of the darkest quadrant over that of the brightest, 0-1.
    glare_share, dark_share : float
        Share of pixels above 250 and below 20 of 255, 0-1.
    """

    focus: float
    illumination_ratio: float
    glare_share: float
    dark_share: float


def exposure(gray: Gray, mask: Mask | None = None) -> Exposure:
    """Measure sharpness and light of a gray picture.

    Parameters
    ----------
    gray : (height, width) ndarray of uint8
    mask : (height, width) ndarray of bool or None
        Where to measure; None is everywhere. The Laplacian's neighbors may lie outside: a mask's
        own rim adds to the focus where the picture ends with it.

    Returns
    -------
    Exposure
        Nothing but darkness for an empty mask.
    """
    inside = np.ones(gray.shape, bool) if mask is None else mask
    values = gray[inside]
    if not len(values):
        return Exposure(0.0, 0.0, 0.0, 1.0)
    return Exposure(
        focus=_focus(gray, inside),
        illumination_ratio=_illumination_ratio(gray, inside),
        glare_share=float((values > BRIGHT).mean()),
        dark_share=float((values < DARK).mean()),
    )


def _focus(gray: Gray, inside: Mask) -> float:
    height, width = gray.shape
    scale = FOCUS_SIDE_PX / max(height, width)
    size = max(3, round(width * scale)), max(3, round(height * scale))
    image = Image.fromarray(gray).resize(size, Image.Resampling.BOX if scale < 1 else None)
    small = np.asarray(image, np.float32)
    measured = np.asarray(Image.fromarray(inside).resize(size, Image.Resampling.NEAREST))
    middle = small[1:-1, 1:-1]
    laplacian = small[:-2, 1:-1] + small[2:, 1:-1] + small[1:-1, :-2] + small[1:-1, 2:] - 4 * middle
    values = laplacian[measured[1:-1, 1:-1]]
    return float(values.std()) if len(values) else 0.0


def _illumination_ratio(gray: Gray, inside: Mask) -> float:
    """Quadrants meet in the middle of what is inside; one without a pixel has no say."""
    rows, columns = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
    middle = (rows[0] + rows[-1] + 1) // 2, (columns[0] + columns[-1] + 1) // 2
    means = []
    for down in (slice(None, middle[0]), slice(middle[0], None)):
        for across in (slice(None, middle[1]), slice(middle[1], None)):
            part = gray[down, across][inside[down, across]]
            means += [float(part.mean())] if len(part) else []
    return min(means) / max(means) if max(means) > 0 else 0.0
