"""A fundus photo brought to a fixed scale around its field of view, and values brought back."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from functions.retinal.field import Field, Mask, disc

type Floats = npt.NDArray[np.float32]
type Segmenter = Callable[[Floats], Floats]  # from pictures of 0 to 1 to maps of probabilities

PIXELS_PER_DEGREE = 12.0  # 45 degrees are 540 px, the field of DRIVE
MULTIPLE = 16  # of canvas sizes: networks of up to five levels halve it four times
CANVAS_MARGIN_PX = 8
RIM_PX = 5  # the rim of the field is blurred by the aperture: colors are not taken from there
REDUCING_GAP = 2.0


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


def canvas_px(field_px: float) -> int:
    return MULTIPLE * int(np.ceil((field_px + CANVAS_MARGIN_PX) / MULTIPLE))


def bring_to_scale(photo: Image.Image, field: Field, field_px: float) -> Canvas:
    """Resample the photo so that its field measures `field_px`, and fill the surround.

    Parameters
    ----------
    photo : Image
        RGB.
    field : Field
        In pixels of `photo`.
    field_px : float
        Diameter on the canvas: degrees of the camera times pixels per degree.

    Returns
    -------
    Canvas
        A square of a multiple of `MULTIPLE` pixels.
    """
    size = canvas_px(field_px)
    photo_px = field.diameter_px / field_px
    rgb = resample(photo, field, photo_px, size)
    frame = _frame(photo, field, photo_px, size)
    inside = disc((size, size), size / 2, size / 2, field_px) & frame
    core = disc((size, size), size / 2, size / 2, field_px - 2 * RIM_PX) & frame
    return Canvas(fill_outside(rgb, core), inside, photo_px, field)


def _frame(photo: Image.Image, field: Field, photo_px: float, size: int) -> Mask:
    """Where a canvas shows the photo, whose outermost pixels are left out."""
    places = np.arange(size) + 0.5 - size / 2
    in_height = np.abs(field.y_px + places * photo_px - photo.height / 2)
    in_width = np.abs(field.x_px + places * photo_px - photo.width / 2)
    return np.logical_and.outer(
        in_height <= photo.height / 2 - photo_px, in_width <= photo.width / 2 - photo_px
    )


def trimmed(inside: Mask) -> tuple[slice, slice]:
    """Rows and columns of a canvas that hold the field and a margin: what a network has to see.

    Cameras cut the round field above and below. Both ends are cut in whole multiples of
    `MULTIPLE`, so that a photo is trimmed alike however it is held.

    Parameters
    ----------
    inside : (size, size) ndarray of bool
        Must not be empty.

    Returns
    -------
    tuple of slice
    """
    spans = []
    for axis in (1, 0):
        places = np.flatnonzero(inside.any(axis=axis))
        before = max(0, int(places[0]) - MULTIPLE) // MULTIPLE * MULTIPLE
        after = max(0, len(inside) - 1 - int(places[-1]) - MULTIPLE) // MULTIPLE * MULTIPLE
        spans.append(slice(before, len(inside) - after))
    return spans[0], spans[1]


def resample(picture: Image.Image, field: Field, photo_px: float, size: int) -> Floats:
    """Cut a square around the field.

    Parameters
    ----------
    picture : Image
        RGB; black where the square reaches beyond it.
    field : Field
    photo_px : float
        The picture's pixels per pixel of the square.
    size : int
        Side of the square, in its own pixels.

    Returns
    -------
    (size, size, 3) ndarray of float32
        0-1.
    """
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
    """Continue an image beyond what is known, by a pyramid of means.

    Gortler et al. 1996, doi:10.1145/237170.237200 (pull-push), without its interpolation between
    levels: the fill is in squares. Networks then meet no edge at the rim of the field.

    Parameters
    ----------
    image : (height, width, channels) ndarray of float32
    known : (height, width) ndarray of bool

    Returns
    -------
    (height, width, channels) ndarray of float32
        As it is where known; the image itself where all or nothing is known.
    """
    if known.all() or not known.any():
        return image
    height, width = known.shape
    to_even = ((0, -height % 2), (0, -width % 2))
    weight = np.pad(known, to_even).astype(np.float32)
    held = np.pad(image, (*to_even, (0, 0))) * weight[..., None]
    count = _quarters(weight)
    mean: Floats = np.asarray(_quarters(held) / np.maximum(count, 1)[..., None], np.float32)
    fine = fill_outside(mean, count > 0).repeat(2, axis=0).repeat(2, axis=1)
    return np.where(known[..., None], image, fine[:height, :width])


def _quarters(image: Floats) -> Floats:
    return image[::2, ::2] + image[1::2, ::2] + image[::2, 1::2] + image[1::2, 1::2]


def on_photo(image: Floats, canvas: Canvas, size: tuple[int, int]) -> Floats:
    """Bring values on the canvas back to a photo.

    Parameters
    ----------
    image : (size, size) ndarray of float32
    canvas : Canvas
    size : tuple of int
        (width, height) of the photo, as Pillow has it.

    Returns
    -------
    (height, width) ndarray of float32
        0 outside the canvas.
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
    """Bring values on a canvas to another canvas around the same middle.

    Parameters
    ----------
    image : (n, n) ndarray of float32
    pixels : float
        The first canvas' pixels per pixel of the second.
    size : int
        Side of the second, in its own pixels.

    Returns
    -------
    (size, size) ndarray of float32
        0 where the first does not reach.
    """
    shift = (len(image) - pixels * size) / 2
    coefficients = (pixels, 0.0, shift, 0.0, pixels, shift)
    resampled = Image.fromarray(image).transform(
        (size, size), Image.Transform.AFFINE, coefficients, Image.Resampling.BILINEAR
    )
    return np.asarray(resampled, np.float32)
