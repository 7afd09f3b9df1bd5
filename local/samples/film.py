"""A chest film drawn with known truth: the widths of heart and thorax, and where the lungs are.

Gray is bright where the body is dense, as on a film. The lungs are bounded by the ribs, the
diaphragm and the heart; ribs, clavicles, spine and noise are drawn over them.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

type Floats = npt.NDArray[np.float64]
type Mask = npt.NDArray[np.bool_]

TISSUE, LUNG, HEART, BONE = 0.62, 0.22, 0.72, 0.14
CENTER, LUNG_TOP, LUNG_END = 0.5, 0.14, 0.78
DOME = 0.07  # the diaphragm rises in the middle of a lung
MEDIASTINUM = 0.085  # half its width
RIBS = 9
GROUND = 0.03  # outside the body
SPINE, FLANK = 0.05, 0.42  # ribs are drawn between, from the middle


@dataclass(frozen=True)
class ChestFilm:
    """What is drawn; lengths are shares of the film's side.

    `haze` is added to the lower third of the right lung, as fluid would.
    """

    side_px: int = 1024
    thorax_width: float = 0.74
    heart_width: float = 0.36
    heart_offset: float = 0.045  # of its middle to the person's left
    haze: float = 0.0
    noise: float = 0.012
    seed: int = 1


@dataclass(frozen=True)
class DrawnFilm:
    """A film, shape (side, side), 0-1, and the masks that are true of it."""

    gray: npt.NDArray[np.float32]
    right_lung: Mask
    left_lung: Mask
    heart: Mask

    @property
    def cardiothoracic_ratio(self) -> float:
        heart = np.flatnonzero(self.heart.any(axis=0))
        lungs = np.flatnonzero((self.right_lung | self.left_lung).any(axis=0))
        return float(np.ptp(heart) + 1) / float(np.ptp(lungs) + 1)


def draw(film: ChestFilm) -> DrawnFilm:
    """Draw a film; the same description gives the same film.

    Returns
    -------
    DrawnFilm
        True are the masks, and the ratio by their outermost columns: it differs a little from
        `heart_width / thorax_width`.
    """
    rng = np.random.default_rng(film.seed)
    rows, columns = (np.indices((film.side_px, film.side_px)) + 0.5) / film.side_px
    heart = _heart(film, rows, columns)
    right = _lung(film, rows, columns, side=-1) & ~heart
    left = _lung(film, rows, columns, side=1) & ~heart
    gray = _body(rows, columns)
    gray = np.where(right | left, LUNG + 0.10 * rows, gray)
    gray = np.where(heart, HEART, gray)
    lower = right & (rows > LUNG_TOP + (LUNG_END - LUNG_TOP) * 2 / 3)
    gray = gray + film.haze * lower + _bones(rows, columns) * (gray > 2 * GROUND)
    image = Image.fromarray((255 * np.clip(gray, 0, 1)).astype(np.uint8))
    soft = np.asarray(image.filter(ImageFilter.GaussianBlur(film.side_px / 200)), float) / 255
    noisy = soft + film.noise * rng.standard_normal(soft.shape)
    return DrawnFilm(np.clip(noisy, 0, 1).astype(np.float32), right, left, heart)


def _body(rows: Floats, columns: Floats) -> Floats:
    """Shoulders and trunk on a black ground; the abdomen is denser."""
    half = 0.30 + 0.17 * np.clip((rows - 0.02) / 0.14, 0, 1)
    inside = np.abs(columns - CENTER) < half
    spine = 0.10 * np.exp(-(((columns - CENTER) / 0.035) ** 2))
    return np.where(inside, TISSUE + 0.12 * (rows > LUNG_END) + spine, GROUND)


def _lung(film: ChestFilm, rows: Floats, columns: Floats, side: int) -> Mask:
    """One lung: widest above the diaphragm, narrow at the apex; `side` -1 is the person's right."""
    across = (columns - CENTER) * side
    height = (rows - LUNG_TOP) / (LUNG_END - LUNG_TOP)
    outer = film.thorax_width / 2 * np.sqrt(np.clip(1 - (1 - np.clip(height, 0, 1)) ** 2.6, 0, 1))
    place = across / (film.thorax_width / 2)
    bottom = LUNG_END - DOME * np.cos(np.pi * np.clip(place - 0.45, -0.5, 0.5))
    lower_right = 0.02 if side < 0 else 0.0
    inside = (across > MEDIASTINUM * (0.55 + 0.45 * height)) & (across < outer)
    return inside & (rows > LUNG_TOP) & (rows < bottom - lower_right + 0.05)


def _heart(film: ChestFilm, rows: Floats, columns: Floats) -> Mask:
    """An oblique ellipse on the diaphragm."""
    x = columns - CENTER - film.heart_offset
    y = rows - (LUNG_END - 0.165)
    turn = np.deg2rad(28)
    along, beside = x * np.cos(turn) + y * np.sin(turn), -x * np.sin(turn) + y * np.cos(turn)
    long_axis = film.heart_width / 2 / 0.95
    inside: Mask = (along / long_axis) ** 2 + (beside / (0.72 * long_axis)) ** 2 < 1
    return inside


def _bones(rows: Floats, columns: Floats) -> Floats:
    """Ribs that fall away from the spine, and two clavicles."""
    across = np.abs(columns - CENTER)
    bones = np.zeros_like(rows)
    for k in range(RIBS):
        arch = 0.10 + 0.072 * k + 0.9 * (across - 0.16) ** 2 + 0.12 * across
        bones = np.maximum(bones, BONE * np.exp(-(((rows - arch) / 0.008) ** 2)))
    clavicle = 0.17 - 0.12 * across
    bones = np.maximum(bones, BONE * 1.3 * np.exp(-(((rows - clavicle) / 0.011) ** 2)))
    return bones * (across > SPINE) * (across < FLANK)
