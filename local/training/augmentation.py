"""What a camera and a hand may change about a picture without changing what it shows."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

type Floats = npt.NDArray[np.float32]
type Matrix = npt.NDArray[np.float64]

BLUR_SHARE = 0.4
BLUR_SIGMA_PX = (0.4, 1.1)


@dataclass(frozen=True)
class Photometry:
    """Half-widths of what is drawn uniformly; gamma and gains in natural logarithms."""

    gamma: float = 0.35
    channel_gain: float = 0.2
    gain: float = 0.15
    slope: float = 0.2
    noise: float = 0.03


def photometric(image: Floats, rng: np.random.Generator, limits: Photometry) -> Floats:
    """Change gamma, gain, color, the fall of light, focus and noise of a picture.

    Parameters
    ----------
    image : (height, width, channels) ndarray of float32
        0-1; a negative value would have no power.
    rng : Generator
    limits : Photometry

    Returns
    -------
    (height, width, channels) ndarray of float32
        0-1.
    """
    height, width, channels = image.shape
    changed = image ** np.float32(np.exp(_within(rng, limits.gamma)))
    gains = np.exp(_within(rng, limits.channel_gain, channels) + _within(rng, limits.gain))
    down, across = _within(rng, limits.slope, 2)
    light = 1 + np.add.outer(
        down * np.linspace(-1, 1, height), across * np.linspace(-1, 1, width)
    ).astype(np.float32)
    changed = changed * light[..., None] * gains.astype(np.float32)
    if rng.random() < BLUR_SHARE:
        changed = cv2.GaussianBlur(changed, (0, 0), rng.uniform(*BLUR_SIGMA_PX))
        changed = changed.reshape(image.shape)  # a channel alone loses its axis
    noise = rng.standard_normal(image.shape, dtype=np.float32)
    return np.clip(changed + noise * np.float32(rng.uniform(0, limits.noise)), 0, 1)


def _within(
    rng: np.random.Generator, half_width: float, size: int | None = None
) -> npt.NDArray[np.float64]:
    return np.asarray(rng.uniform(-half_width, half_width, size))


@dataclass(frozen=True)
class Geometry:
    """Limits of turn, zoom, shift and aspect; a chest film is never mirrored."""

    turn_deg: float = 180.0
    zoom: tuple[float, float] = (0.75, 1.3)
    shift: float = 0.1  # of the side of the output
    aspect: float = 0.0  # half-width of the logarithm of width over height
    mirror: bool = True


def draw_affine(
    rng: np.random.Generator,
    center_xy: tuple[float, float],
    size_hw: tuple[int, int],
    limits: Geometry,
    scale: float = 1.0,
) -> Matrix:
    """Draw the map from an input's pixels to those of an output.

    Parameters
    ----------
    rng : Generator
    center_xy : tuple of float
        Of the input; comes to lie at the middle of the output, but for the shift.
    size_hw : tuple of int
        Of the output.
    limits : Geometry
    scale : float
        Times the drawn zoom, the output's pixels per pixel of the input.

    Returns
    -------
    (2, 3) ndarray of float64
        As OpenCV takes it: x and y, not rows and columns.
    """
    turn = np.deg2rad(rng.uniform(-limits.turn_deg, limits.turn_deg))
    zoom = scale * np.exp(rng.uniform(*np.log(limits.zoom)))
    stretch = np.exp(_within(rng, limits.aspect) / 2)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    linear = zoom * np.diag([stretch, 1 / stretch]) @ rotation
    if limits.mirror and rng.random() < 1 / 2:
        linear = linear @ np.diag([-1.0, 1.0])
    height, width = size_hw
    middle = np.array([width, height]) * (1 / 2 + _within(rng, limits.shift, 2))
    return np.column_stack([linear, middle - linear @ np.asarray(center_xy)])


def warp(
    image: npt.NDArray[np.uint8],
    matrix: Matrix,
    size_hw: tuple[int, int],
    border: int | None = None,
) -> Floats:
    """Resample a picture of 8 bits through a map.

    Parameters
    ----------
    image : (height, width) or (height, width, n) ndarray of uint8
        Of four channels at most, OpenCV's limit.
    matrix : (2, 3) ndarray of float64
        From the picture to the output. Bilinear without averaging: a map that shrinks aliases.
    size_hw : tuple of int
    border : int or None
        Gray value outside the picture; None reflects it.

    Returns
    -------
    (height, width, n) ndarray of float32
        0-1; one channel keeps its axis.
    """
    mode = cv2.BORDER_REFLECT_101 if border is None else cv2.BORDER_CONSTANT
    value = (border or 0,) * 4
    warped = cv2.warpAffine(
        image, matrix, size_hw[::-1], flags=cv2.INTER_LINEAR, borderMode=mode, borderValue=value
    )
    return warped.reshape(*size_hw, -1).astype(np.float32) / 255


def stack(patches: list[Floats]) -> Floats:
    """Make a batch of pictures.

    Parameters
    ----------
    patches : list of (height, width, channels) ndarray of float32
        Of one size.

    Returns
    -------
    (n, channels, height, width) ndarray of float32
    """
    return np.ascontiguousarray(np.stack(patches).transpose(0, 3, 1, 2))


type Batch = tuple[Floats, Floats, Floats]
"""Pictures, truth and weight of the pixels, `(n, channels, height, width)` each."""
type DrawBatch = Callable[[np.random.Generator], Batch]
