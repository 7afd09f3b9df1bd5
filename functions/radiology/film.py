"""One chest film, as every step of the analysis takes it."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

type Floats = npt.NDArray[np.float32]
type Mask = npt.NDArray[np.bool_]


class View(StrEnum):
    """How the person stood to the beam."""

    PA = "PA"
    AP = "AP"
    LATERAL = "lateral"


@dataclass(frozen=True)
class Film:
    """A film upright, bright where the body is dense.

    Attributes
    ----------
    gray : ndarray of float32, shape (height, width)
        0-1, at most `WORK_PX` on the longer side.
    size_px : tuple of int
        (width, height) as it was sent.
    color : ndarray of uint8, shape (n, m, 3), or None
        As it was sent, where it was sent in color: a film hardly is.
    spacing_mm : float or None
        Millimeters at the detector per pixel as it was sent, across the film.
    view : View or None
        As the file says.
    age_years : float or None
        As the file says; 90 for all above 89.
    """

    gray: Floats
    size_px: tuple[int, int]
    file_format: str
    color: npt.NDArray[np.uint8] | None = None
    spacing_mm: float | None = None
    view: View | None = None
    age_years: float | None = None
    warnings: tuple[str, ...] = ()

    @property
    def scale(self) -> float:
        """Pixels as sent per pixel of `gray`."""
        return self.size_px[0] / int(self.gray.shape[1])
