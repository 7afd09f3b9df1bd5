"""Candidates of diabetic lesions on the maps of the lesion network."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from functions.retinal.field import Floats, Mask
from shared.science.images.distance import dilated
from shared.science.images.regions import components

PIXELS_PER_DEGREE = 16.0
KINDS = ("microaneurysm", "hemorrhage", "hard_exudate", "soft_exudate")
CUT = 0.5
# A microaneurysm is at most 125 um wide (ETDRS report 10, doi:10.1016/S0161-6420(13)38012-9), 0.43
# degrees at 0.288 mm per degree, 7 px; a mask that is a pixel wider on each side has 64 px.
MAX_MICROANEURYSM_PX = 64
MIN_AREA_PX = {"microaneurysm": 5, "hemorrhage": 12, "hard_exudate": 8, "soft_exudate": 30}
DISC_MARGIN = 1.2  # disc diameters wide: bright or dark spots on the disc are its vessels and cup


@dataclass(frozen=True)
class Candidates:
    """Candidates of one kind: where each is, its area, and the certainty of the network.

    `mask` is on the canvas of 16 pixels per degree, as are rows, columns and areas.
    """

    mask: Mask
    rows_px: npt.NDArray[np.float64]
    columns_px: npt.NDArray[np.float64]
    areas_px: npt.NDArray[np.int_]
    peaks: npt.NDArray[np.float64]

    @property
    def count(self) -> int:
        return len(self.areas_px)


type Lesions = dict[str, Candidates]


def find_lesions(maps: Floats, inside: Mask, disc: Mask | None) -> Lesions:
    """Take the parts of each map above one half as candidates.

    Parameters
    ----------
    maps : ndarray of float32, shape (4, height, width)
        Probabilities in the order of `KINDS`.
    inside : ndarray of bool
        The field of view.
    disc : ndarray of bool or None
        The optic disc with its margin: nothing on it counts.
    """
    allowed = inside if disc is None else inside & ~disc
    found = {
        kind: _candidates(probable, allowed, MIN_AREA_PX[kind])
        for kind, probable in zip(KINDS, maps, strict=True)
    }
    small = found["microaneurysm"].areas_px <= MAX_MICROANEURYSM_PX
    found["microaneurysm"] = _selected(
        replace(
            found["microaneurysm"], mask=components(found["microaneurysm"].mask).selected(small)
        ),
        small,
    )
    return found


def _candidates(probable: Floats, allowed: Mask, min_area_px: int) -> Candidates:
    parts = components((probable > CUT) & allowed)
    n = parts.count + 1
    labels = parts.labels.ravel()
    rows, columns = np.divmod(np.arange(labels.size), probable.shape[1])
    areas = np.maximum(np.bincount(labels, minlength=n)[1:], 1)
    peaks = np.zeros(n)
    np.maximum.at(peaks, labels, probable.ravel())
    whole = Candidates(
        mask=parts.labels > 0,
        rows_px=np.bincount(labels, rows, n)[1:] / areas,
        columns_px=np.bincount(labels, columns, n)[1:] / areas,
        areas_px=areas,
        peaks=peaks[1:],
    )
    large = parts.areas_px >= min_area_px
    return _selected(replace(whole, mask=parts.selected(large)), large)


def _selected(found: Candidates, chosen: npt.NDArray[np.bool_]) -> Candidates:
    return Candidates(
        found.mask,
        found.rows_px[chosen],
        found.columns_px[chosen],
        found.areas_px[chosen],
        found.peaks[chosen],
    )


def with_margin(disc: Mask, diameter_px: float) -> Mask:
    return dilated(disc, round((DISC_MARGIN - 1) / 2 * diameter_px))
