"""The field of view of a fundus photo, and the photo brought to a fixed scale around it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

type Bytes = npt.NDArray[np.uint8]
type Floats = npt.NDArray[np.float32]
type Mask = npt.NDArray[np.bool_]

SEARCH_PX = 384  # the longer side while the field is looked for
SPECKLE_PX = 5
# Lit is what exceeds a share of the bright parts; cameras leave up to 11 of 255 outside the field.
LIT_SHARE = 0.15
LIT_LIMITS = (12.0, 40.0)
BRIGHT_PERCENTILE = 95
MIN_RIM_POINTS = 24
FIT_ROUNDS = 8
RIM_TOLERANCE = 0.02  # of the radius
PIXELS_PER_DEGREE = 12.0  # 45 degrees are 540 px, the field of DRIVE
MULTIPLE = 16  # of canvas sizes: networks of up to five levels halve it four times
CANVAS_MARGIN_PX = 8
RIM_PX = 5  # the rim of the field is blurred by the aperture: colors are not taken from there
REDUCING_GAP = 2.0


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


@dataclass(frozen=True)
class Canvas:
    """A photo at a fixed scale, its field in the middle of a square.

    `photo_px` is the number of the photo's pixels per pixel of the canvas; `rgb` is of 0 to 1,
    with the surround filled from the field; `inside` is the part of the field within the frame.
    """

    rgb: Floats
    inside: Mask
    photo_px: float
    field: Field

    @property
    def field_px(self) -> float:
        return self.field.diameter_px / self.photo_px


def find_field(photo: Image.Image) -> Field | None:
    """Fit a circle to the rim of what is lit; None where nothing round is lit.

    The circle is Kåsa's least squares (1976, doi:10.1109/TIM.1976.6312298), repeated without the
    points that lie off it; points on the frame are no rim: many cameras cut the circle.
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
    """Pixels whose center lies in a circle; `x` and `y` count from the corner of the picture."""
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    inside: Mask = (columns + 0.5 - x) ** 2 + (rows + 0.5 - y) ** 2 <= (diameter / 2) ** 2
    return inside


def canvas_px(field_px: float) -> int:
    return MULTIPLE * int(np.ceil((field_px + CANVAS_MARGIN_PX) / MULTIPLE))


def bring_to_scale(photo: Image.Image, field: Field, field_px: float) -> Canvas:
    """Resample the photo so that its field measures `field_px`, and fill the surround."""
    size = canvas_px(field_px)
    photo_px = field.diameter_px / field_px
    rgb = resample(photo, field, photo_px, size)
    middle = size / 2
    rows = np.arange(size) + 0.5
    in_height = np.abs(field.y_px + (rows - middle) * photo_px - photo.height / 2)
    in_width = np.abs(field.x_px + (rows - middle) * photo_px - photo.width / 2)
    frame = np.logical_and.outer(
        in_height <= photo.height / 2 - photo_px, in_width <= photo.width / 2 - photo_px
    )
    inside = disc((size, size), middle, middle, field_px) & frame
    core = disc((size, size), middle, middle, field_px - 2 * RIM_PX) & frame
    return Canvas(fill_outside(rgb, core), inside, photo_px, field)


def trimmed(inside: Mask) -> tuple[slice, slice]:
    """Rows and columns of a canvas that hold the field and a margin: what a network has to see.

    Cameras cut the round field above and below. Both ends are cut in whole multiples of
    `MULTIPLE`, so that a photo is trimmed alike however it is held.
    """
    spans = []
    for axis in (1, 0):
        places = np.flatnonzero(inside.any(axis=axis))
        before = max(0, int(places[0]) - MULTIPLE) // MULTIPLE * MULTIPLE
        after = max(0, len(inside) - 1 - int(places[-1]) - MULTIPLE) // MULTIPLE * MULTIPLE
        spans.append(slice(before, len(inside) - after))
    return spans[0], spans[1]


def resample(picture: Image.Image, field: Field, photo_px: float, size: int) -> Floats:
    """Cut a square of `size` around the field, `photo_px` of the picture's pixels per pixel."""
    side = size * photo_px
    left, top = field.x_px - side / 2, field.y_px - side / 2
    corner = (int(np.floor(left)), int(np.floor(top)))
    far = (int(np.ceil(left + side)), int(np.ceil(top + side)))
    x, y = left - corner[0], top - corner[1]
    box = (x, y, x + side, y + side)
    square = picture.crop((*corner, *far)).resize(
        (size, size), Image.Resampling.BICUBIC, box=box, reducing_gap=REDUCING_GAP
    )
    scaled: Floats = np.asarray(square, np.float32) / np.float32(255)
    return scaled


def fill_outside(image: Floats, known: Mask) -> Floats:
    """Continue an image `(height, width, channels)` beyond what is known, by a pyramid of means.

    Gortler et al. 1996, doi:10.1145/237170.237200 (pull-push). Networks then meet no edge at the
    rim of the field.
    """
    if known.all() or not known.any():
        return image
    height, width = known.shape
    padded = (-height % 2, -width % 2)
    weight = np.pad(known, ((0, padded[0]), (0, padded[1]))).astype(np.float32)
    held = np.pad(image, ((0, padded[0]), (0, padded[1]), (0, 0))) * weight[..., None]
    count = _quarters(weight)
    mean: Floats = np.asarray(_quarters(held) / np.maximum(count, 1)[..., None], np.float32)
    coarse = fill_outside(mean, count > 0)
    fine = coarse.repeat(2, axis=0).repeat(2, axis=1)[:height, :width]
    return np.where(known[..., None], image, fine)


def _quarters(image: Floats) -> Floats:
    return image[::2, ::2] + image[1::2, ::2] + image[::2, 1::2] + image[1::2, 1::2]


def on_photo(image: Floats, canvas: Canvas, size: tuple[int, int]) -> Floats:
    """Bring values on the canvas, `(height, width)`, back to a photo of `(width, height)`.

    Outside the canvas lies 0.
    """
    zoom = 1 / canvas.photo_px
    half = len(image) / 2
    coefficients = (
        zoom, 0.0, half - zoom * canvas.field.x_px,
        0.0, zoom, half - zoom * canvas.field.y_px,
    )  # fmt: skip
    resampled = Image.fromarray(image).transform(
        size, Image.Transform.AFFINE, coefficients, Image.Resampling.BILINEAR
    )
    return np.asarray(resampled, np.float32)


def between(image: Floats, pixels: float, size: int) -> Floats:
    """Bring values on a canvas, `(height, width)`, to another of `size` around the same middle.

    `pixels` is the number of the first canvas' pixels per pixel of the second.
    """
    shift = (len(image) - pixels * size) / 2
    coefficients = (pixels, 0.0, shift, 0.0, pixels, shift)
    resampled = Image.fromarray(image).transform(
        (size, size), Image.Transform.AFFINE, coefficients, Image.Resampling.BILINEAR
    )
    return np.asarray(resampled, np.float32)
