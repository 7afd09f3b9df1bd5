"""All measures of one outlined lesion."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from functions.dermatology import colors, structures
from functions.dermatology.asymmetry import Asymmetry, asymmetry
from functions.dermatology.border import Border
from functions.dermatology.dermoscopy import Points, points
from functions.dermatology.grids import Mask
from functions.dermatology.sectors import Sector, sectors
from functions.dermatology.standard import Floats, Standard, axes_of, standardized
from shared.science.images.outlines import perimeter_px
from shared.science.images.regions import fill_holes

DIRECTIONS = 36


@dataclass(frozen=True)
class Lesion:
    """What was measured; lengths and areas are of the picture as it was sent.

    `shape` is (height, width) of the decoded picture, `sent_per_close_up` the pixels as sent for
    one of the close-up.
    """

    border: Border
    shape: tuple[int, int]
    sent_per_close_up: float
    view: Standard
    asymmetry: Asymmetry
    sectors: tuple[Sector, ...]
    shares: Mapping[str, float]
    evidence: Mapping[str, float]
    area_px: float
    longest_px: float
    compactness: float

    @property
    def mean_absorbance(self) -> Floats:
        """Of red, green and blue, over the lesion."""
        return np.mean(self.view.absorbance[self.view.mask], axis=0, dtype=np.float64)

    @property
    def colors(self) -> tuple[str, ...]:
        return colors.present(self.shares)

    @property
    def structures(self) -> tuple[str, ...]:
        return structures.present(self.evidence)

    @property
    def points(self) -> Points:
        """Of the dermoscopy rule."""
        abrupt = sum(sector.is_abrupt for sector in self.sectors)
        return points(self.asymmetry.score, abrupt, len(self.colors), len(self.structures))


def measure(border: Border, shape: tuple[int, int], sent_per_px: float) -> Lesion:
    """Measure an outlined lesion: lengths on its close-up, all scores at the fixed diameter.

    Parameters
    ----------
    border : Border
    shape : tuple of int
        (height, width) of the decoded picture.
    sent_per_px : float
        Pixels as sent for one of the decoded picture; a large JPEG is decoded at a fraction.

    Returns
    -------
    Lesion
        `area_px` and `longest_px` in pixels as sent. The compactness is of the outline with its
        holes filled, cut where the picture ends.
    """
    view = standardized(border.close_up.bare, border.mask)
    scale = border.close_up.scale * sent_per_px
    solid = fill_holes(view.mask)
    return Lesion(
        border=border,
        shape=shape,
        sent_per_close_up=scale,
        view=view,
        asymmetry=asymmetry(view),
        sectors=sectors(view),
        shares=colors.color_shares(view),
        evidence=structures.structure_evidence(view),
        area_px=float(border.mask.sum()) * scale**2,
        longest_px=_longest(border.mask) * scale,
        compactness=perimeter_px(solid) ** 2 / (4 * np.pi * max(int(solid.sum()), 1)),
    )


def _longest(mask: Mask) -> float:
    """The longest extent of a mask over directions five degrees apart, in its pixels."""
    row, column, _ = axes_of(mask)
    rows, columns = np.nonzero(mask)
    turns = np.linspace(0, np.pi, DIRECTIONS, endpoint=False)
    along = np.outer(np.cos(turns), columns - column) + np.outer(np.sin(turns), rows - row)
    return float(np.ptp(along, axis=1).max()) + 1
