"""The optic disc: where it is, its outline and its diameter."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from functions.retinal.canvas import Canvas, Floats, Segmenter, between, bring_to_scale
from functions.retinal.field import Mask
from shared.science.images.outlines import hull_mask
from shared.science.images.regions import components, fill_holes
from shared.science.images.turns import mean_over_turns

CUT = 0.5
PIXELS_PER_DEGREE = 4.0  # that the network sees
# A disc measures 1.8 mm, 6.2 degrees at 0.288 mm per degree (Bengtsson 1976 finds 1.0 to 2.2 mm
# between people); what is far from it is no disc.
DIAMETER_DEG = (3.0, 11.0)
MIN_ROUNDNESS = 0.75  # of the area against that of its convex hull
MIN_CERTAINTY = 0.6  # mean probability within the outline
STEP_PX = 0.5  # along a ray, when the outline is read


@dataclass(frozen=True)
class OpticDisc:
    """The disc on the canvas it was looked for on.

    Attributes
    ----------
    mask : ndarray of bool
        On the canvas.
    row_px, column_px, diameter_px : float
        Center and diameter of the circle of the same area, in pixels of the canvas.
    certainty : float
        Mean probability of the network within the outline.
    """

    mask: Mask
    row_px: float
    column_px: float
    diameter_px: float
    certainty: float

    def outline(self, n_points: int) -> list[tuple[float, float]]:
        """Points of the outline around the center, (x, y) in pixels of the canvas from it."""
        points = []
        reach = np.arange(0.0, 2 * self.diameter_px, STEP_PX)
        for turn in np.linspace(0, 2 * np.pi, n_points, endpoint=False):
            rows = np.round(self.row_px + reach * np.sin(turn)).astype(int)
            columns = np.round(self.column_px + reach * np.cos(turn)).astype(int)
            last = len(self.mask) - 1
            on_disc = self.mask[np.clip(rows, 0, last), np.clip(columns, 0, last)]
            radius = float(reach[np.flatnonzero(on_disc).max(initial=0)])
            points.append((radius * float(np.cos(turn)), radius * float(np.sin(turn))))
        return points

    def on_photo(self, canvas: Canvas) -> tuple[float, float, float]:
        """Column, row and diameter in pixels of the photo."""
        middle = len(canvas.rgb) / 2
        return (
            canvas.field.x_px + (self.column_px + 1 / 2 - middle) * canvas.photo_px,
            canvas.field.y_px + (self.row_px + 1 / 2 - middle) * canvas.photo_px,
            self.diameter_px * canvas.photo_px,
        )


def locate_disc(
    photo: Image.Image, canvas: Canvas, degrees: float, network: Segmenter
) -> OpticDisc | None:
    """Find the disc at a coarse scale, and outline it on the canvas of the vessels.

    The map is the mean over all turns and mirror images: no way to hold the photo moves the disc.

    Parameters
    ----------
    photo : Image
    canvas : Canvas
    degrees : float
        Of the camera's field of view. A wrong one scales everything: the disc's size is refused.
    network : callable of (1, 3, height, width) ndarray
        Of 0-1; gives probabilities (1, 1, height, width).

    Returns
    -------
    OpticDisc or None
        Its mask of shape (height, width) on `canvas`; None where nothing is a disc by its shape.
    """
    coarse = bring_to_scale(photo, canvas.field, degrees * PIXELS_PER_DEGREE)
    probable = mean_over_turns(network, coarse.rgb)[0]
    scale = canvas.field_px / degrees
    on_canvas = between(probable, PIXELS_PER_DEGREE / scale, len(canvas.rgb))
    return find_disc(on_canvas, canvas.inside, scale)


def find_disc(probable: Floats, inside: Mask, pixels_per_degree: float) -> OpticDisc | None:
    """Take the part with the largest sum of probability; None where it is no disc by its shape.

    Parameters
    ----------
    probable : (height, width) ndarray of float32
        The network's map on a canvas.
    inside : (height, width) ndarray of bool
        The field of view on it.
    pixels_per_degree : float

    Returns
    -------
    OpticDisc or None
        Its mask of shape (height, width).
    """
    parts = components((probable > CUT) & inside)
    if not parts.count:
        return None
    sums = np.bincount(parts.labels.ravel(), probable.ravel(), parts.count + 1)[1:]
    mask = fill_holes(parts.labels == 1 + int(np.argmax(sums)))
    area = int(mask.sum())
    diameter = 2 * float(np.sqrt(area / np.pi))
    rows, columns = np.nonzero(mask)
    disc = OpticDisc(
        mask, float(rows.mean()), float(columns.mean()), diameter, float(probable[mask].mean())
    )
    plausible = (
        DIAMETER_DEG[0] <= diameter / pixels_per_degree <= DIAMETER_DEG[1]
        and area >= MIN_ROUNDNESS * int(hull_mask(mask).sum())
        and disc.certainty >= MIN_CERTAINTY
    )
    return disc if plausible else None
