"""Bare skin as a picture, and the camera that takes it."""

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

type Floats = npt.NDArray[np.float64]
type Mask = npt.NDArray[np.bool_]
type Shape = tuple[int, int]
type Generator = np.random.Generator

# Patches as shares of the picture's height: light, blood, and three sizes of the skin's texture.
LIGHT, BLOOD_PATCHES, TEXTURE = 0.4, 0.15, (0.006, 0.012, 0.03)
# How far each follows the unevenness.
SLOPE, PATCHY_LIGHT, PATCHY_BLOOD = 3.0, 0.6, 0.4
BLOOD_ABSORPTION = np.array([-0.1, 1.0, 0.8])
SENSOR_NOISE = 1.5  # of 255
MIN_DEVIATION = 1e-6
LIMIT = 30.0  # beyond it a logistic function is 0 or 1


def noise(rng: Generator, shape: Shape, scale: float) -> Floats:
    """Smooth noise of unit deviation; its mean is not quite 0.

    Parameters
    ----------
    rng : Generator
    shape : tuple of int
        (height, width).
    scale : float
        Size of the patches, a share of the height.

    Returns
    -------
    (height, width) ndarray of float64
    """
    height, width = shape
    cell = max(scale * height, 1.0)
    grid = rng.standard_normal((int(height / cell) + 4, int(width / cell) + 4))
    size = (int(grid.shape[1] * cell) + 1, int(grid.shape[0] * cell) + 1)
    image = Image.fromarray(grid.astype(np.float32)).resize(size, Image.Resampling.BICUBIC)
    row, column = (int(rng.uniform(0, 2 * cell)) for _ in range(2))
    field = np.asarray(image, np.float64)[row : row + height, column : column + width]
    return field / max(float(field.std()), MIN_DEVIATION)


def logistic(values: Floats) -> Floats:
    """Logistic function, without overflow.

    Parameters
    ----------
    values : (height, width) ndarray of float64

    Returns
    -------
    (height, width) ndarray of float64
    """
    return 1 / (1 + np.exp(-np.clip(values, -LIMIT, LIMIT)))


def skin(rng: Generator, shape: Shape, rgb: Floats, unevenness: float, texture: float) -> Floats:
    """Bare skin under uneven light.

    Parameters
    ----------
    rng : Generator
    shape : tuple of int
        (height, width).
    rgb : (3,) ndarray
        Mean color, 0-1.
    unevenness, texture : float
        Of the light and of the fine structure, as shares of the color; 0 is none.

    Returns
    -------
    (height, width, 3) ndarray of float64
        1 is white; may lie beyond, which the camera clips.
    """
    rows, columns = (np.linspace(-1, 1, n) / 2 for n in shape)
    down, across = rng.uniform(-1, 1, 2) * SLOPE * unevenness
    light = 1 + down * rows[:, None] + across * columns
    light = light + PATCHY_LIGHT * unevenness * noise(rng, shape, LIGHT)
    redness = PATCHY_BLOOD * unevenness * noise(rng, shape, BLOOD_PATCHES)
    fine = texture * sum((noise(rng, shape, scale) for scale in TEXTURE), np.zeros(shape))
    picture: Floats = (
        rgb * (light + fine)[..., None] * np.exp(-redness[..., None] * BLOOD_ABSORPTION)
    )
    return picture


def through_camera(rng: Generator, picture: Floats, blur_px: float) -> npt.NDArray[np.uint8]:
    """Blur and sensor noise, then eight bits.

    Parameters
    ----------
    rng : Generator
    picture : (height, width, 3) ndarray of float64
        0-1; what is beyond is clipped before the blur.
    blur_px : float
        SD of the lens.

    Returns
    -------
    (height, width, 3) ndarray of uint8
    """
    pixels = np.clip(255 * picture, 0, 255).astype(np.uint8)
    image = Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(blur_px))
    noisy = np.asarray(image, np.float64) + rng.normal(0, SENSOR_NOISE, (*pixels.shape[:2], 1))
    return np.clip(np.rint(noisy), 0, 255).astype(np.uint8)
