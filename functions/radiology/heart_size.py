"""Widths of heart and thorax, and their ratio with the lines that were measured.

The thorax is measured across the lungs' outer borders at their widest, the heart from its
rightmost to its leftmost border; the ratio is that of the horizontal widths (Danzer 1919, Am J Med
Sci 157:513). Deviations: the thorax ends where the outlines of the lungs do, not at the ribs; its
two outermost points may lie at different heights, and so may those of the heart.
"""

from dataclasses import dataclass

import numpy as np

from functions.radiology.film import Film
from functions.radiology.organs import Organs

# 95 % of the absolute errors against the ratio of the masks drawn by hand, on films that the
# network had not seen (training/outlines.py, five-fold).
HALF_WIDTH = 0.06

type Point = tuple[float, float]


@dataclass(frozen=True)
class Line:
    """A horizontal line between two points (x, y) in pixels as the film was sent."""

    name: str
    start: Point
    end: Point


@dataclass(frozen=True)
class HeartSize:
    """Widths of heart and thorax on one film.

    Attributes
    ----------
    heart_width_px, thorax_width_px : float
        Pixels as the film was sent.
    heart_right_px, heart_left_px : float
        From the middle of the thorax to the heart's borders on the person's right and left.
    spacing_mm : float or None
        Of a pixel as sent; without it nothing is known in millimeters.
    lines : tuple of Line
        What was measured, to be drawn.
    """

    heart_width_px: float
    thorax_width_px: float
    heart_right_px: float
    heart_left_px: float
    spacing_mm: float | None
    lines: tuple[Line, ...]

    @property
    def ratio(self) -> float:
        return self.heart_width_px / self.thorax_width_px

    @property
    def interval(self) -> tuple[float, float]:
        return self.ratio - HALF_WIDTH, self.ratio + HALF_WIDTH

    def mm(self, pixels: float) -> float | None:
        return None if self.spacing_mm is None else pixels * self.spacing_mm


def heart_size(film: Film, organs: Organs) -> HeartSize:
    """Measure the widths of heart and thorax, each between its outermost columns.

    The outermost points of the two lungs need not lie in one row, nor those of the heart: where
    they do not, the width is that between two upright lines through them. The lines of the picture
    are drawn in the row of the widest thorax and in the heart's middle row.

    Parameters
    ----------
    film : Film
        Its scale brings pixels of the masks to pixels as sent.
    organs : Organs
        None of the masks may be empty (`plausibility.require_plausible`).

    Returns
    -------
    HeartSize
    """
    scale = film.scale
    heart = organs.heart.columns
    thorax = organs.right_lung.columns[0], organs.left_lung.columns[1]
    middle = sum(thorax) / 2
    row_of_thorax = widest_row(organs)
    row_of_heart = sum(organs.heart.rows) / 2
    return HeartSize(
        heart_width_px=(heart[1] - heart[0]) * scale,
        thorax_width_px=(thorax[1] - thorax[0]) * scale,
        heart_right_px=(middle - heart[0]) * scale,
        heart_left_px=(heart[1] - middle) * scale,
        spacing_mm=film.spacing_mm,
        lines=(
            Line("heart", (heart[0] * scale, row_of_heart * scale),
                 (heart[1] * scale, row_of_heart * scale)),
            Line("thorax", (thorax[0] * scale, row_of_thorax * scale),
                 (thorax[1] * scale, row_of_thorax * scale)),
        ),
    )  # fmt: skip


def widest_row(organs: Organs) -> float:
    """Row at which the lungs reach farthest apart.

    Parameters
    ----------
    organs : Organs

    Returns
    -------
    float
        In pixels of the masks; the first of equals.
    """
    lungs = organs.lungs
    reach = lungs.any(axis=1)
    first = np.argmax(lungs, axis=1)
    last = lungs.shape[1] - 1 - np.argmax(lungs[:, ::-1], axis=1)
    return float(np.argmax(np.where(reach, last - first, -1)))
