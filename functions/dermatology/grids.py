"""Small tools on pictures as arrays: resize, moving boxes, opening of gaps."""

import numpy as np
import numpy.typing as npt
from PIL import Image

type Bytes = npt.NDArray[np.uint8]
type Floats32 = npt.NDArray[np.float32]
type Mask = npt.NDArray[np.bool_]


def resized(picture: Bytes, side_px: int) -> Bytes:
    """Bring the longer side to `side_px`.

    Parameters
    ----------
    picture : (height, width, 3) ndarray of uint8
    side_px : int
        Smaller than the longer side: areas are averaged against aliasing. Larger: bilinear.

    Returns
    -------
    (n, m, 3) ndarray of uint8
    """
    height, width = picture.shape[:2]
    scale = side_px / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(Image.fromarray(picture).resize(size, _filter(scale)))


def resized_map(values: Floats32, shape: tuple[int, int]) -> Floats32:
    """Bring a map of any values to another size.

    Parameters
    ----------
    values : (height, width) ndarray of float32
    shape : tuple of int
        The new (height, width). Whether areas are averaged is told by the heights alone: both sides
        are to grow, or both to shrink.

    Returns
    -------
    (n, m) ndarray of float32
    """
    scale = shape[0] / len(values)
    image = Image.fromarray(values).resize((shape[1], shape[0]), _filter(scale))
    return np.asarray(image, np.float32)


def _filter(scale: float) -> Image.Resampling:
    return Image.Resampling.BOX if scale <= 1 else Image.Resampling.BILINEAR


def box_mean(values: Floats32, radius_px: int) -> Floats32:
    """Mean over a square of 2 radius + 1, the edge repeated; per channel if there are several.

    By running sums, so that the time does not grow with the radius.

    Parameters
    ----------
    values : (height, width) or (height, width, n) ndarray of float32
    radius_px : int

    Returns
    -------
    (height, width) or (height, width, n) ndarray of float32
    """
    width = 2 * radius_px + 1
    for axis in (0, 1):
        ends = [(0, 0)] * values.ndim
        ends[axis] = (radius_px + 1, radius_px)
        sums = np.cumsum(np.pad(values, ends, mode="edge"), axis=axis, dtype=np.float64)
        upper = np.take(sums, range(width, sums.shape[axis]), axis)
        lower = np.take(sums, range(sums.shape[axis] - width), axis)
        values = ((upper - lower) / width).astype(np.float32)
    return values


def closed(values: Floats32, radius_px: int) -> Floats32:
    """Gray closing by a square: dark things narrower than it take the gray around them.

    Parameters
    ----------
    values : (height, width) or (height, width, n) ndarray of float32
        Channels are closed by themselves.
    radius_px : int
        The square's side is 2 radius + 1.

    Returns
    -------
    (height, width) or (height, width, n) ndarray of float32
        Nowhere darker than `values`.
    """
    return _extreme(_extreme(values, radius_px, np.maximum), radius_px, np.minimum)


def _extreme(values: Floats32, radius_px: int, choose: np.ufunc) -> Floats32:
    """Running maximum or minimum along both axes, by doubling windows."""
    width = 2 * radius_px + 1
    for axis in (0, 1):
        ends = [(0, 0)] * values.ndim
        ends[axis] = (radius_px, radius_px)
        framed = np.moveaxis(np.pad(values, ends, mode="edge"), axis, 0)
        span = 1
        while span < width:
            step = min(span, width - span)
            framed = choose(framed[:-step], framed[step:])
            span += step
        values = np.moveaxis(framed, 0, axis)
    return values


def dice(first: Mask, second: Mask) -> float:
    """Overlap of two masks, twice the common area over the sum of both.

    Parameters
    ----------
    first, second : (height, width) ndarray of bool

    Returns
    -------
    float
        0-1; 1 where both are empty.
    """
    total = int(first.sum()) + int(second.sum())
    return 2 * int((first & second).sum()) / total if total else 1.0
