"""A picture as an operator's network takes it."""

import numpy as np
import numpy.typing as npt
from PIL import Image

from shared.science.images.luminance import luminance
from shared.science.models.manifest import Frame, Input, Scale

type Floats = npt.NDArray[np.float32]

IMAGENET_MEAN = np.array([0.485, 0.456, 0.406], np.float32)
IMAGENET_SD = np.array([0.229, 0.224, 0.225], np.float32)
XRV_RANGE = 1024.0
GRAY_AXES = 2


def prepared(picture: Floats, wanted: Input) -> Floats:
    """Bring a picture to the shape and the values that an operator's network takes.

    Parameters
    ----------
    picture : (height, width) or (height, width, 3) ndarray of float32
        0-1. Gray is repeated for a network of three channels, color weighed (BT.601) for one of
        one.
    wanted : Input
        As the manifest states it.

    Returns
    -------
    (1, channels, height, width) ndarray of float32
        Resampled bilinearly, which Pillow widens while it shrinks a picture, against aliasing.
    """
    framed = _framed(_channels(picture, wanted.channels), wanted)
    resized = [_resized(framed[..., k], wanted) for k in range(wanted.channels)]
    scaled = _scaled(np.stack(resized, axis=-1), wanted.scale)
    return np.ascontiguousarray(scaled.transpose(2, 0, 1)[None], np.float32)


def _channels(picture: Floats, channels: int) -> Floats:
    if picture.ndim == GRAY_AXES:
        return np.repeat(picture[..., None], channels, axis=2)
    return luminance(picture)[..., None] if channels == 1 else picture


def _framed(picture: Floats, wanted: Input) -> Floats:
    height, width = picture.shape[:2]
    aspect = wanted.width / wanted.height
    if wanted.frame is Frame.CENTER:
        rows = min(height, round(width / aspect))
        columns = min(width, round(height * aspect))
        top, left = (height - rows) // 2, (width - columns) // 2
        return picture[top : top + rows, left : left + columns]
    if wanted.frame is Frame.PAD:
        rows = max(height, round(width / aspect)) - height
        columns = max(width, round(height * aspect)) - width
        sides = ((rows // 2, rows - rows // 2), (columns // 2, columns - columns // 2), (0, 0))
        return np.pad(picture, sides)
    return picture


def _resized(channel: Floats, wanted: Input) -> Floats:
    image = Image.fromarray(np.ascontiguousarray(channel, np.float32))
    size = (wanted.width, wanted.height)
    return np.asarray(image.resize(size, Image.Resampling.BILINEAR), np.float32)


def _scaled(picture: Floats, scale: Scale) -> Floats:
    if scale is Scale.XRV:
        return (2 * picture - 1) * XRV_RANGE
    if scale is Scale.IMAGENET:
        channels = picture.shape[2]
        return (picture - IMAGENET_MEAN[:channels]) / IMAGENET_SD[:channels]
    return picture
