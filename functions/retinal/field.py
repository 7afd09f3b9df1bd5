"""The field of view of a fundus photo: the circle of the camera's aperture."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

type Bytes = npt.NDArray[np.uint8]
type Mask = npt.NDArray[np.bool_]

# None of these numbers is delicate (training/field_limits.py): over 150 photos of DRIVE, HRF and
# IDRiD, whose fields take 80 to 95 % of the width, the smaller and larger ones that were tried move
# the diameter by 0.3 % at most.
SEARCH_PX = 384  # the longer side while the field is looked for
SPECKLE_PX = 5
# Lit is what exceeds a share of the bright parts; cameras leave up to 11 of 255 outside the field.
LIT_SHARE = 0.15
LIT_LIMITS = (12.0, 40.0)
BRIGHT_PERCENTILE = 95
MIN_RIM_POINTS = 24
FIT_ROUNDS = 8  # four give those photos the same circle
RIM_TOLERANCE = 0.02  # of the radius


@dataclass(frozen=True)
class Field:
    """The circle of the aperture in pixels of the photo, and how well it fits.

    `rim_share` is the share of its rim points on the circle, `lit_inside` and `lit_outside` are
    the lit shares of the frame within and beyond it.
    """

    x_px: float
    y_px: float
    diameter_px: float
    rim_share: float
    lit_inside: float
    lit_outside: float


def find_field(photo: Image.Image) -> Field | None:
    """Fit a circle to the rim of what is lit; None where nothing round is lit.

    The circle is Kåsa's least squares (1976, doi:10.1109/TIM.1976.6312298). Deviations: the fit is
    repeated without the points that lie off it, and points on the frame are no rim, for many
    cameras cut the circle.

    Parameters
    ----------
    photo : Image
        RGB, of any size; the circle is looked for at `SEARCH_PX`.

    Returns
    -------
    Field or None
        In pixels of `photo`. Any circle is returned; `quality.plausible_field` refuses a bad one.
    """
    small = photo.copy()
    small.thumbnail((SEARCH_PX, SEARCH_PX), Image.Resampling.BOX)
    scale = photo.width / small.width
    bright = np.asarray(small, np.uint8).max(axis=2)
    cut = np.clip(LIT_SHARE * np.percentile(bright, BRIGHT_PERCENTILE), *LIT_LIMITS)
    raw = Image.fromarray(((bright > cut) * 255).astype(np.uint8))
    lit = np.asarray(raw.filter(ImageFilter.MedianFilter(SPECKLE_PX))) > 0
    x, y = _rim(lit)
    if len(x) < MIN_RIM_POINTS:
        return None
    on_circle = np.ones(len(x), bool)
    for _ in range(FIT_ROUNDS):
        center_x, center_y, radius = _circle(x[on_circle], y[on_circle])
        off = np.abs(np.hypot(x - center_x, y - center_y) - radius)
        on_circle = off <= max(np.median(off), RIM_TOLERANCE * radius)
    within = disc(lit.shape, center_x, center_y, 2 * radius)
    if not within.any():
        return None
    return Field(
        x_px=center_x * scale,
        y_px=center_y * scale,
        diameter_px=2 * radius * scale,
        rim_share=float(np.mean(off <= RIM_TOLERANCE * radius)),
        lit_inside=float(lit[within].mean()),
        lit_outside=float(lit[~within].mean()) if not within.all() else 0.0,
    )


def _rim(lit: Mask) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """First and last lit pixel of every row and column, but for those on the frame."""
    edges = []
    for mask, swapped in ((lit, False), (lit.T, True)):
        lines = np.flatnonzero(mask.any(axis=1))
        first = mask[lines].argmax(axis=1)
        last = mask.shape[1] - 1 - mask[lines, ::-1].argmax(axis=1)
        for edge, shift, frame in ((first, 0, 0), (last, 1, mask.shape[1] - 1)):
            free = edge != frame
            points = np.column_stack([edge[free] + shift, lines[free] + 0.5])
            edges.append(points[:, ::-1] if swapped else points)
    points = np.concatenate(edges)
    return points[:, 0], points[:, 1]


def _circle(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> tuple[float, float, float]:
    design = np.column_stack([2 * x, 2 * y, np.ones(len(x))])
    (center_x, center_y, rest), *_ = np.linalg.lstsq(design, x * x + y * y, rcond=None)
    return float(center_x), float(center_y), float(np.sqrt(rest + center_x**2 + center_y**2))


def disc(shape: tuple[int, ...], x: float, y: float, diameter: float) -> Mask:
    """Pixels whose center lies in a circle.

    Parameters
    ----------
    shape : tuple of int
        (height, width).
    x, y, diameter : float
        Pixels; `x` and `y` count from the corner of the picture, so that its middle is half its
        side.

    Returns
    -------
    (height, width) ndarray of bool
    """
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    inside: Mask = (columns + 0.5 - x) ** 2 + (rows + 0.5 - y) ** 2 <= (diameter / 2) ** 2
    return inside
