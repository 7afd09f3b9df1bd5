"""Is the photo good enough to measure: numbers, limits and what to do about them."""

from dataclasses import asdict, dataclass

import numpy as np
from PIL import Image

from functions.retinal.canvas import Canvas, Floats
from functions.retinal.field import Field, Mask
from functions.retinal.unreadable import (
    FieldTooSmall,
    NoFieldOfView,
    NotAFundusPhoto,
    TooBlurred,
    TooDark,
)
from functions.retinal.vessels import Vessels

MIN_RIM_SHARE = 0.8
MIN_LIT_INSIDE = 0.85
MAX_LIT_OUTSIDE = 0.1
MIN_FIELD_PX = 480
GOOD_FIELD_PX = 900
# The retina reflects red most and blue least; ratios of the means over the field.
MIN_RED_OVER_GREEN = 1.15
MIN_GREEN_OVER_BLUE = 1.0

FOCUS_PX = 512  # the field's diameter for the measure of focus
# Standard deviation of the Laplacian over that of the picture: half the least of 64 photos of HRF
# and IDRiD is refused, their second percentile is a concern; so with the evenness.
MIN_FOCUS = 0.05
GOOD_FOCUS = 0.12
DARK, BRIGHT = 20, 250
MIN_MEAN = 40.0  # of 255, the brightest channel; the darkest photo of IDRiD has 87
MAX_DARK_SHARE = 0.35
MAX_BRIGHT_SHARE = 0.10
MIN_EVENNESS = 0.55
# Of the field; DRIVE's manual masks have 9 to 16 %, photos clouded by cataract a third of it.
MIN_DENSITY, MAX_DENSITY = 0.02, 0.3


@dataclass(frozen=True)
class Quality:
    """Numbers of a photo, and what they ask for.

    Attributes
    ----------
    field_px : float
        Diameter of the field of view, pixels as sent.
    focus : float
        Standard deviation of the Laplacian over that of the picture, at `FOCUS_PX`.
    evenness : float
        Brightness of the darkest quarter over the brightest, 0-1.
    dark_share, bright_share : float
        Share of the field (0-1) that is nearly black, and that is overexposed.
    red_over_green : float
        Ratio of the channels' means over the field.
    """

    field_px: float
    focus: float
    evenness: float
    dark_share: float
    bright_share: float
    red_over_green: float

    @property
    def concerns(self) -> tuple[str, ...]:
        checks = (
            (
                self.field_px < GOOD_FIELD_PX,
                (
                    f"The field of view is {self.field_px:.0f} px wide; {GOOD_FIELD_PX} px or more "
                    "show small lesions: send the camera's own file."
                ),
            ),
            (
                self.focus < GOOD_FOCUS,
                (
                    f"The photo is soft (focus {self.focus:.3f}, usual from {GOOD_FOCUS:.2f}): "
                    "check focus, eyelashes and the media, and repeat it."
                ),
            ),
            (
                self.evenness < MIN_EVENNESS,
                (
                    f"The light is uneven (darkest over brightest quarter {self.evenness:.2f}): "
                    "center the pupil and repeat the photo."
                ),
            ),
            (
                self.dark_share > MAX_DARK_SHARE,
                f"{self.dark_share:.0%} of the field is nearly black: raise the flash or dilate.",
            ),
            (
                self.bright_share > MAX_BRIGHT_SHARE,
                f"{self.bright_share:.0%} of the field is overexposed: lower the flash.",
            ),
        )
        return tuple(words for fails, words in checks if fails)

    @property
    def numbers(self) -> dict[str, float]:
        return {name: round(float(value), 3) for name, value in asdict(self).items()}

    @property
    def score(self) -> float:
        """1 without a concern; each takes a fifth. A convention, no published scale."""
        return round(1 - len(self.concerns) / 5, 2)

    @property
    def word(self) -> str:
        return "good" if not self.concerns else "limited"


def plausible_field(field: Field | None, file_px: float) -> Field:
    """Refuse what has no round field of view on a dark surround.

    Parameters
    ----------
    field : Field or None
        Of `field.find_field`.
    file_px : float
        The file's pixels per pixel of the photo that the field was found on.

    Returns
    -------
    Field
        The same, now known to be one.

    Raises
    ------
    NoFieldOfView
        If there is none, or if its rim is no circle, its inside dark or its surround lit.
    FieldTooSmall
        Under `MIN_FIELD_PX`, in pixels of the file.
    """
    if field is None or (
        field.rim_share < MIN_RIM_SHARE
        or field.lit_inside < MIN_LIT_INSIDE
        or field.lit_outside > MAX_LIT_OUTSIDE
    ):
        raise NoFieldOfView
    if field.diameter_px * file_px < MIN_FIELD_PX:
        raise FieldTooSmall(field.diameter_px * file_px, MIN_FIELD_PX)
    return field


def plausible_vessels(vessels: Vessels) -> Vessels:
    """Refuse a round picture without a tree of vessels.

    Raises
    ------
    NotAFundusPhoto
    """
    if not MIN_DENSITY <= vessels.density <= MAX_DENSITY:
        raise NotAFundusPhoto(
            f"{vessels.density:.1%} of the field looks like vessels; in eyes it is "
            f"{MIN_DENSITY:.0%} to {MAX_DENSITY:.0%}"
        )
    return vessels


def judge(canvas: Canvas, file_px: float) -> Quality:
    """Measure the photo on its canvas.

    Parameters
    ----------
    canvas : Canvas
    file_px : float
        The file's pixels per pixel of the photo.

    Returns
    -------
    Quality

    Raises
    ------
    NotAFundusPhoto
        If the mean color does not fall from red to blue as a retina's does.
    TooDark
        If the brightest channel is below `MIN_MEAN` in the mean.
    TooBlurred
        Under `MIN_FOCUS`.
    """
    pixels = canvas.rgb[canvas.inside] * 255
    red, green, blue = pixels.mean(axis=0)
    brightest = pixels.max(axis=1)
    if red < MIN_RED_OVER_GREEN * green or green < MIN_GREEN_OVER_BLUE * blue:
        raise NotAFundusPhoto(
            f"the mean color of the field is {red:.0f}, {green:.0f}, {blue:.0f} (red, green, "
            "blue of 255), and a retina's falls from red to blue"
        )
    if brightest.mean() < MIN_MEAN:
        raise TooDark(float(brightest.mean()))
    quality = Quality(
        field_px=canvas.field.diameter_px * file_px,
        focus=focus_of(canvas),
        evenness=_evenness(canvas.rgb[..., 1], canvas.inside),
        dark_share=float(np.mean(brightest < DARK)),
        bright_share=float(np.mean(pixels[:, 1] > BRIGHT)),
        red_over_green=float(red / green),
    )
    if quality.focus < MIN_FOCUS:
        raise TooBlurred(quality.focus, MIN_FOCUS)
    return quality


def focus_of(canvas: Canvas) -> float:
    """Standard deviation of the Laplacian of green over that of green, inside the field.

    A ratio, unlike `shared.science.images.quality`: a photo with pale vessels is not called
    blurred.

    Parameters
    ----------
    canvas : Canvas
        Brought to a field of `FOCUS_PX`, so that a camera with more pixels is not called sharper.

    Returns
    -------
    float
    """
    size = round(len(canvas.rgb) * FOCUS_PX / canvas.field_px)
    green = Image.fromarray(canvas.rgb[..., 1]).resize((size, size), Image.Resampling.BICUBIC)
    inside = Image.fromarray(canvas.inside).resize((size, size), Image.Resampling.NEAREST)
    values, field = np.asarray(green), np.asarray(inside)[1:-1, 1:-1]
    middle = values[1:-1, 1:-1]
    laplacian = (
        values[:-2, 1:-1] + values[2:, 1:-1] + values[1:-1, :-2] + values[1:-1, 2:] - 4 * middle
    )
    return float(laplacian[field].std() / max(float(middle[field].std()), 1e-6))


def _evenness(green: Floats, inside: Mask) -> float:
    """Mean of the darkest quarter of the field over that of the brightest."""
    half = len(green) // 2
    quarters = [
        green[rows, columns][inside[rows, columns]].mean()
        for rows in (slice(0, half), slice(half, None))
        for columns in (slice(0, half), slice(half, None))
    ]
    return float(min(quarters) / max(quarters))
