"""Whether the picture is good enough: numbers, what is refused, what is warned of.

Refused: no skin around the lesion, too few pixels, hopeless blur. Everything else is a warning
with guidance, and lowers the quality score.
"""

from dataclasses import dataclass, replace

import numpy as np

from functions.dermatology.grids import Bytes
from functions.dermatology.lesion import Lesion
from functions.dermatology.refusals import (
    GOOD_DIAMETER_PX,
    MIN_DIAMETER_PX,
    LesionTooSmall,
    NotSkin,
    TooBlurred,
)
from functions.dermatology.standard import Floats
from shared.science.images.luminance import luminance
from shared.science.images.quality import exposure
from shared.science.images.regions import border_touch

# Standard deviation of the Laplacian at 512 px; drawn pictures behind a lens blurred over 1 % of
# the height have 1.5, all CC-0 pictures 3 and more.
MIN_FOCUS, GOOD_FOCUS = 0.8, 2.0
MAX_GLARE_SHARE, MAX_HAIR_SHARE = 0.02, 0.10  # of the lesion
MAX_EDGE_SHARE = 0.02  # of the picture's border pixels
FRAME_SHARES = (0.02, 0.70)
MIN_CONTRAST = 0.12  # absorbance
MIN_AGREEMENT = 0.5  # of both borders
# Skin under any lamp: red is strongest within a margin, and it is neither black nor vivid.
MAX_OTHER_OVER_RED = 1.06
SKIN_LEVELS = (35.0, 252.0)  # of red
MAX_SATURATION = 0.75
GLARE_LEVEL = 250
WEIGHT = 0.15  # of the score that each warning takes


@dataclass(frozen=True)
class Quality:
    """Numbers of a picture, each with its limit in this module.

    Attributes
    ----------
    focus : float
        Standard deviation of the Laplacian of the whole picture.
    illumination_ratio : float
        How even the light is over the picture (`shared.science.images.quality`).
    glare_share, hair_share : float
        Share of the lesion (0-1) under reflections and under hair.
    edge_share : float
        Share of the picture's border pixels (0-1) that belong to the lesion.
    frame_share : float
        Share of the picture (0-1) that the lesion takes.
    diameter_px : float
        Of the circle of the lesion's area.
    contrast : float
        Largest difference of the lesion from its skin over the channels, in absorbance.
    warnings : tuple of str
        What is under its limit, with what to do about it.
    """

    focus: float
    illumination_ratio: float
    glare_share: float
    hair_share: float
    edge_share: float
    frame_share: float
    diameter_px: float
    contrast: float
    warnings: tuple[str, ...]

    @property
    def score(self) -> float:
        return round(max(0.0, 1 - WEIGHT * len(self.warnings)), 2)


def judge(picture: Bytes, lesion: Lesion) -> Quality:
    """Judge a decoded picture of any size with its lesion.

    Parameters
    ----------
    picture : (height, width, 3) ndarray of uint8
        As decoded: focus and evenness of light are of the whole picture, not of the close-up.
    lesion : Lesion

    Returns
    -------
    Quality

    Raises
    ------
    NotSkin
        If what surrounds the outline has no color of skin. Asked first: the other numbers mean
        nothing of a picture of something else.
    LesionTooSmall
        Under `MIN_DIAMETER_PX`, in pixels as sent.
    TooBlurred
        Under `MIN_FOCUS`.
    """
    require_skin(lesion.view.skin_rgb)
    diameter_px = 2 * float(lesion.area_px / np.pi) ** (1 / 2)
    if diameter_px < MIN_DIAMETER_PX:
        raise LesionTooSmall(diameter_px)
    light = exposure(np.rint(luminance(picture)).astype(np.uint8))
    if light.focus < MIN_FOCUS:
        raise TooBlurred(light.focus, MIN_FOCUS)
    border = lesion.border
    whole, close_up = border.placed(lesion.shape), border.close_up.picture
    measured = Quality(
        focus=light.focus,
        illumination_ratio=light.illumination_ratio,
        glare_share=float((close_up[border.mask].min(axis=1) >= GLARE_LEVEL).mean()),
        hair_share=float(border.close_up.hair[border.mask].mean()),
        edge_share=border_touch(whole),
        frame_share=float(whole.mean()),
        diameter_px=diameter_px,
        contrast=float(np.abs(lesion.mean_absorbance).max()),
        warnings=(),
    )
    return replace(measured, warnings=_warnings(measured, border.agreement))


def require_skin(rgb: Floats) -> None:
    """Refuse a surround of a color that no skin has.

    Parameters
    ----------
    rgb : (3,) ndarray
        Median of the skin around the lesion, 0-255.

    Raises
    ------
    NotSkin
        Too dark or plain white, greener or bluer than red, or vivid.
    """
    red, green, blue = rgb.tolist()
    if not SKIN_LEVELS[0] <= red <= SKIN_LEVELS[1]:
        raise NotSkin(f"its surround is {'dark' if red < SKIN_LEVELS[0] else 'plain white'}")
    if max(green, blue) > MAX_OTHER_OVER_RED * red:
        raise NotSkin("its surround is greener or bluer than skin")
    if 1 - min(green, blue) / red > MAX_SATURATION:
        raise NotSkin("its surround is more vivid than skin")


def _warnings(quality: Quality, agreement: float) -> tuple[str, ...]:
    small, large = FRAME_SHARES
    told = {
        f"The lesion is {quality.diameter_px:.0f} pixels across; {GOOD_DIAMETER_PX} or more are"
        " better. Go nearer.": quality.diameter_px < GOOD_DIAMETER_PX,
        "The picture is not quite sharp. Hold the camera still.": quality.focus < GOOD_FOCUS,
        "Reflections lie on the lesion. Turn the lamp, or use immersion fluid.": (
            quality.glare_share > MAX_GLARE_SHARE
        ),
        "Hair covers the lesion. Part or clip it.": quality.hair_share > MAX_HAIR_SHARE,
        "The picture's edge cuts the lesion: shape and area are of the visible part.": (
            quality.edge_share > MAX_EDGE_SHARE
        ),
        f"The lesion takes {100 * quality.frame_share:.0f} % of the picture; expected"
        f" {100 * small:.0f} to {100 * large:.0f} %.": not small <= quality.frame_share <= large,
        "The lesion hardly differs from its skin: the border is uncertain.": (
            quality.contrast < MIN_CONTRAST
        ),
        "Two ways to find the border disagree: look at the outline before using any number.": (
            agreement < MIN_AGREEMENT
        ),
    }
    return tuple(words for words, is_true in told.items() if is_true)
