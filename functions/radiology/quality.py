"""Whether a film is sharp, whole and large enough, in numbers with their limits.

A film under a hard limit is refused with guidance; under a soft one it is measured and sent to
review. Focus and contrast are cut at the second percentile of the films of Wingspan.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from functions.radiology.film import Film
from functions.radiology.organs import Organs
from functions.radiology.plausibility import EDGE
from shared.errors import UnusableRecording
from shared.science.images.quality import Exposure, exposure
from shared.science.images.unreadable import PictureTooSmall

MIN_SIDE_PX = 400
MIN_FOCUS = 4.5  # gray levels of 255
MIN_CONTRAST = 0.022  # standard deviation of gray inside the lungs and the heart, 0-1
MAX_GLARE = 0.2  # share of the film that is white
REDUCTION = 0.25  # of the score by each concern


class FlatFilm(UnusableRecording):
    """Nothing on the film stands out from the rest."""

    code = "too-little-contrast"
    title = "Too little contrast"

    def __init__(self, contrast: float) -> None:
        super().__init__(
            f"The film is almost of one gray (spread {contrast:.3f} of 1, expected "
            f"{MIN_CONTRAST / 3:.3f} or more). Export it anew with the window of the chest."
        )


@dataclass(frozen=True)
class Quality:
    """Numbers and what they leave to be wished for.

    Attributes
    ----------
    focus : float
        Standard deviation of the Laplacian, gray levels of 255.
    contrast : float
        Standard deviation of gray (0-1) inside the lungs and the heart.
    glare_share : float
        Share of the film (0-1) that is white.
    tilt_deg : float
        Turn of the line between the centers of the lungs out of the horizontal.
    concerns : tuple of str
        What is beyond its limit; each lowers the score.
    """

    focus: float
    contrast: float
    glare_share: float
    tilt_deg: float
    concerns: tuple[str, ...]

    @property
    def score(self) -> float:
        return max(0.0, 1 - REDUCTION * len(self.concerns))


def require_size(film: Film) -> None:
    """Refuse a film too small to measure a width on.

    Raises
    ------
    PictureTooSmall
        If either side as sent is below `MIN_SIDE_PX`; the picture's own decoder asks for less.
    """
    if min(film.size_px) < MIN_SIDE_PX:
        raise PictureTooSmall(*film.size_px, expected_px=MIN_SIDE_PX)


def judge(film: Film, organs: Organs) -> Quality:
    """Measure a film whose organs were found.

    Parameters
    ----------
    film : Film
    organs : Organs
        Contrast is taken inside of them, for the frame around a body makes any film look contrasty.

    Returns
    -------
    Quality

    Raises
    ------
    FlatFilm
        Below a third of the contrast from which a film counts as usual.
    """
    light = exposure(np.round(film.gray * 255).astype(np.uint8))
    contrast = float(film.gray[organs.lungs | organs.heart.mask].std())
    if contrast < MIN_CONTRAST / 3:
        raise FlatFilm(contrast)
    concerns = (*_concerns(light, contrast), *cut_off(organs))
    return Quality(light.focus, contrast, light.glare_share, tilt_deg(organs), concerns)


def _concerns(light: Exposure, contrast: float) -> Iterator[str]:
    if light.focus < MIN_FOCUS:
        yield f"The film is blurred: focus {light.focus:.1f}, usual {MIN_FOCUS:g}"
    if contrast < MIN_CONTRAST:
        yield f"The film has little contrast: {contrast:.3f}, usual {MIN_CONTRAST:g}"
    if light.glare_share > MAX_GLARE:
        yield f"{light.glare_share:.0%} of the film is white: overexposed or cropped"


def cut_off(organs: Organs) -> list[str]:
    """Say where the lungs meet the edge of the film."""
    height, width = organs.lungs.shape
    rows = np.flatnonzero(organs.lungs.any(axis=1))
    columns = np.flatnonzero(organs.lungs.any(axis=0))
    rooms = {
        "top": rows[0] / height,
        "bottom": 1 - (rows[-1] + 1) / height,
        "left side": columns[0] / width,
        "right side": 1 - (columns[-1] + 1) / width,
    }
    return [
        f"The lungs reach the {edge} of the film: they may be cut off"
        for edge, room in rooms.items()
        if room < EDGE
    ]


def tilt_deg(organs: Organs) -> float:
    height, width = organs.lungs.shape
    right, left = organs.right_lung.center, organs.left_lung.center
    down, across = (left[1] - right[1]) * height, (left[0] - right[0]) * width
    return float(np.degrees(np.arctan2(down, across)))
