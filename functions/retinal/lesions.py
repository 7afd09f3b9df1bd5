"""Lesions of diabetic retinopathy on a fundus photo: candidates on the maps of a network."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from PIL import Image

from functions.retinal.canvas import Canvas, Floats, Segmenter, bring_to_scale, trimmed
from functions.retinal.field import Mask, disc
from functions.retinal.macula import Fovea
from functions.retinal.optic_disc import OpticDisc
from shared.science.images.regions import components

PIXELS_PER_DEGREE = 16.0  # that the network sees
# Of wider fields fewer, which keeps the time of a photo: 60 degrees are seen at 0.83 of the scale,
# and the network was trained on 0.8 to 1.25 of it.
MAX_FIELD_PX = 800.0
# A candidate is a part above one half whose peak reaches the second: eyes without retinopathy then
# have a median of two candidates of hemorrhages and not six, and eyes are told apart as well.
CUT, PEAK = 0.5, 0.7
DISC_MARGIN = 1.2  # disc diameters: its rim is bright as exudate, and the vessels on it are dark
# Square degrees of hard exudate (a square degree is 0.08 mm²), from folds over photos of IDRiD
# (training/edema.py). The scale's rule: any within a disc diameter of the fovea is risk 2.
MACULAR_EXUDATE_DEG2 = 1.0
EXUDATE_DEG2 = 0.6
PER_TEN_THOUSAND = 1e4


class Lesion(StrEnum):
    """In the order of the network's maps."""

    MICROANEURYSM = "microaneurysm"
    HEMORRHAGE = "hemorrhage"
    HARD_EXUDATE = "hard exudate"
    SOFT_EXUDATE = "soft exudate"


@dataclass(frozen=True)
class Lesions:
    """Candidates of lesions of one photo.

    Attributes
    ----------
    canvas : Canvas
        The photo at 16 pixels per degree, or fewer of a wide field.
    px_per_degree : float
    masks : dict of Lesion to ndarray of bool
        On the canvas; nothing lies on the optic disc.
    hemorrhages : int
        Parts of the hemorrhages' mask.
    macular_exudate_px : int or None
        Pixels of hard exudate within a disc diameter of the fovea; None where that is not placed.
    """

    canvas: Canvas
    px_per_degree: float
    masks: dict[Lesion, Mask]
    hemorrhages: int
    macular_exudate_px: int | None

    def share(self, lesion: Lesion) -> float:
        """Share of the field that is marked, 0 to 1."""
        return float(self.masks[lesion].sum() / self.canvas.inside.sum())

    @property
    def macular_exudate_share(self) -> float | None:
        if self.macular_exudate_px is None:
            return None
        return self.macular_exudate_px / int(self.canvas.inside.sum())

    @property
    def edema_risk(self) -> int | None:
        """Risk of macular edema, 0 to 2 as IDRiD grades it; None without the fovea."""
        if self.macular_exudate_px is None:
            return None
        px_per_deg2 = self.px_per_degree**2
        if self.macular_exudate_px > MACULAR_EXUDATE_DEG2 * px_per_deg2:
            return 2
        return int(self.masks[Lesion.HARD_EXUDATE].sum() > EXUDATE_DEG2 * px_per_deg2)

    def features(self) -> dict[str, float]:
        """Logarithm of each lesion's area, in parts of ten thousand of the field plus one."""
        shares = {lesion.name.lower(): self.share(lesion) for lesion in Lesion}
        return {
            f"lesion_{name}": float(np.log10(1 + PER_TEN_THOUSAND * share))
            for name, share in shares.items()
        }


def lesions_of(
    photo: Image.Image,
    canvas: Canvas,
    degrees: float,
    anatomy: tuple[OpticDisc | None, Fovea | None],
    network: Segmenter,
) -> Lesions:
    """Find candidates of lesions at a finer scale than that of the vessels.

    Parameters
    ----------
    photo : Image
    canvas : Canvas
        That of the vessels, on which disc and fovea are told.
    degrees : float
        Of the camera's field of view.
    anatomy : tuple of OpticDisc or None, Fovea or None
        Without a disc the network sees the photo as it lies, and bright parts of the disc may count
        as exudate; without the fovea nothing is told of edema.
    network : callable of (1, 3, height, width) ndarray
        Of 0-1; gives probabilities (1, 4, height, width) in the order of `Lesion`.

    Returns
    -------
    Lesions
        With masks of shape (height, width) on a canvas of their own.
    """
    fine = bring_to_scale(photo, canvas.field, min(degrees * PIXELS_PER_DEGREE, MAX_FIELD_PX))
    optic_disc, fovea = anatomy
    zoom = fine.field_px / canvas.field_px

    def moved(row_px: float, column_px: float) -> tuple[float, float]:
        """Across and down from the middle, in pixels of the fine canvas."""
        middle = len(canvas.rgb) / 2
        return zoom * (column_px + 1 / 2 - middle), zoom * (row_px + 1 / 2 - middle)

    px_per_degree = fine.field_px / degrees
    if optic_disc is None:
        probable = lesion_maps(fine, (0, False), network)
        return measure_lesions(probable, fine, px_per_degree, None, None)
    across, down = moved(optic_disc.row_px, optic_disc.column_px)
    probable = lesion_maps(fine, upright(across, down), network)
    diameter = zoom * optic_disc.diameter_px
    place = None if fovea is None else moved(fovea.row_px, fovea.column_px)
    macula = None if place is None else _circle(fine, *place, 2 * diameter)
    covered = _circle(fine, across, down, DISC_MARGIN * diameter)
    return measure_lesions(probable, fine, px_per_degree, covered, macula)


def _circle(canvas: Canvas, across: float, down: float, diameter: float) -> Mask:
    middle = len(canvas.rgb) / 2
    return disc(canvas.inside.shape, middle + across, middle + down, diameter)


def upright(across: float, down: float) -> tuple[int, bool]:
    """Quarter turns, and whether to mirror upside down, to bring a place to the right and above.

    A photo has eight ways to be held. With the disc to the right of the middle, and above it, all
    of them are the same picture: the network sees it once, and answers the same.
    """
    turns = 0
    while across < abs(down):
        across, down = down, -across
        turns += 1
    return turns, down > 0


def lesion_maps(canvas: Canvas, held: tuple[int, bool], network: Segmenter) -> Floats:
    """Let the network see a canvas turned, and turn its maps back.

    Parameters
    ----------
    canvas : Canvas
    held : tuple of int and bool
        Quarter turns, and whether to mirror upside down after them, as `upright` tells.
    network : callable of (1, 3, height, width) ndarray
        As `lesions_of` takes it.

    Returns
    -------
    (4, height, width) ndarray of float32
        Probabilities, in the order of `Lesion`; 0 outside of what was seen.
    """
    rows, columns = trimmed(canvas.inside)
    turns, is_mirrored = held
    turned = np.rot90(canvas.rgb[rows, columns], turns)
    straight = turned[::-1] if is_mirrored else turned
    maps = network(np.ascontiguousarray(straight.transpose(2, 0, 1)[None]))[0]
    back = maps[:, ::-1] if is_mirrored else maps
    probable = np.zeros((len(Lesion), *canvas.inside.shape), np.float32)
    probable[:, rows, columns] = np.rot90(back, -turns, axes=(1, 2))
    return probable


def measure_lesions(
    probable: Floats,
    canvas: Canvas,
    px_per_degree: float,
    optic_disc: Mask | None,
    macula: Mask | None,
) -> Lesions:
    """Take the candidates on the maps, within the field and off the disc, and measure them."""
    free = canvas.inside if optic_disc is None else canvas.inside & ~optic_disc
    parts = {
        lesion: candidates((probable[index] > CUT) & free, probable[index])
        for index, lesion in enumerate(Lesion)
    }
    masks = {lesion: mask for lesion, (mask, _) in parts.items()}
    exudate = masks[Lesion.HARD_EXUDATE]
    macular = None if macula is None else int((exudate & macula).sum())
    return Lesions(canvas, px_per_degree, masks, parts[Lesion.HEMORRHAGE][1], macular)


def candidates(mask: Mask, probable: Floats) -> tuple[Mask, int]:
    """Keep the parts of a mask whose peak is certain enough, and count them.

    Parameters
    ----------
    mask : (height, width) ndarray of bool
    probable : (height, width) ndarray of float32
        A part stays if any of its pixels reaches `PEAK`.

    Returns
    -------
    (height, width) ndarray of bool
    int
    """
    parts = components(mask)
    is_certain = np.zeros(parts.count, bool)
    is_certain[parts.labels[mask & (probable >= PEAK)] - 1] = True
    return parts.selected(is_certain), int(is_certain.sum())
