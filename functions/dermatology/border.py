"""The lesion's border: a small network looks twice, a threshold has a third of the say.

First the whole picture, then the lesion's surround alone, so that the outline is as fine whatever
share of the picture the lesion takes. Each look is the mean over the eight turns and mirror images,
so that a turned or mirrored picture has the same border.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from functions.dermatology.grids import Bytes, Floats32, Mask, dice, resized, resized_map
from functions.dermatology.hair import thin_lines, without_lines
from functions.dermatology.threshold import by_threshold
from shared.science.images.regions import components, fill_holes
from shared.science.images.turns import mean_over_turns

type Network = Callable[[Floats32], Floats32]
type Frame = tuple[slice, slice]

WORKING_SIDE_PX = 512
NETWORK_SIDE_PX = 192
MULTIPLE_PX = 16  # what the network's sides are multiples of
HALF = 0.5
CONSIDERED = 0.1  # chance from which a pixel counts for the certainty
# Where the threshold sees the same lesion it has a third of the say: the network's outline is cut
# at a chance of 0.25 inside of the threshold's and of 0.75 outside. Set before it was measured.
LEAST_AGREEMENT, OPINION_WEIGHT = 0.5, np.float32(1 / 3)
# The second look's frame, in diameters of the lesion; the first where that is no smaller.
LOOK_DIAMETERS, LOOK_LENGTHS = 2.2, 1.5
MAX_SECOND_LOOK = 0.85  # of the picture's longer side


@dataclass(frozen=True)
class CloseUp:
    """The lesion's surround at the working size of 512 px on the longer side.

    Attributes
    ----------
    picture, bare : ndarray of uint8, shape (height, width, 3)
        As it is, and with its hairs painted over.
    hair : ndarray of bool, shape (height, width)
    frame : tuple of slice
        Rows and columns of the whole picture.
    """

    picture: Bytes
    bare: Bytes
    hair: Mask
    frame: Frame

    @property
    def scale(self) -> float:
        """Pixels of the whole picture for one of this."""
        rows: int = self.frame[0].stop - self.frame[0].start
        return rows / len(self.picture)


@dataclass(frozen=True)
class Border:
    """A lesion's outline.

    Attributes
    ----------
    close_up : CloseUp
    mask : ndarray of bool, shape (height, width) of the close-up
    certainty : float
        Mean distance of the network's answer from undecided within and around the outline, 0-1.
    agreement : float
        Dice overlap of the network's outline with that by threshold, 0-1.
    """

    close_up: CloseUp
    mask: Mask
    certainty: float
    agreement: float

    def placed(self, shape: tuple[int, int]) -> Mask:
        """The outline in the whole picture, which is `shape` large."""
        rows, columns = self.close_up.frame
        size = rows.stop - rows.start, columns.stop - columns.start
        whole = np.zeros(shape, np.bool_)
        whole[rows, columns] = resized_map(self.mask.astype(np.float32), size) > HALF
        return whole


def find_border(picture: Bytes, network: Network) -> Border | None:
    """Outline the lesion of a picture by two looks of the network and a threshold's opinion.

    Parameters
    ----------
    picture : (height, width, 3) ndarray of uint8
        Of any size; each look brings it to `WORKING_SIDE_PX`.
    network : callable of (1, 3, height, width) ndarray
        Of 0-1; gives chances (1, 1, height, width) of being lesion.

    Returns
    -------
    Border or None
        None where no pixel is more likely lesion than skin, in the first look or in the second.
    """
    whole = (slice(0, picture.shape[0]), slice(0, picture.shape[1]))
    first = _outlined(_close_up(picture, whole), network)
    if first is None:
        return None
    frame = _surround(first)
    return first if frame is None else _outlined(_close_up(picture, frame), network)


def _close_up(picture: Bytes, frame: Frame) -> CloseUp:
    close = resized(picture[frame], WORKING_SIDE_PX)
    hair = thin_lines(close).mask
    return CloseUp(close, without_lines(close, hair), hair, frame)


def _outlined(close_up: CloseUp, network: Network) -> Border | None:
    chance = look(close_up.bare, network)
    by_network = main_part(chance)
    if by_network is None:
        return None
    zone = (chance > CONSIDERED) | by_network
    certainty = float(np.mean(np.abs(2 * chance[zone] - 1)))
    opinion = by_threshold(close_up.bare)
    agreement = dice(by_network, opinion)
    if agreement < LEAST_AGREEMENT:
        return Border(close_up, by_network, certainty, agreement)
    together = main_part(chance + OPINION_WEIGHT * (opinion - chance))
    return Border(close_up, by_network if together is None else together, certainty, agreement)


def look(picture: Bytes, network: Network) -> Floats32:
    """Chance of each pixel to be lesion, the mean over all turns and mirror images.

    Parameters
    ----------
    picture : (height, width, 3) ndarray of uint8
        Reduced to `NETWORK_SIDE_PX` and reflected at its edges up to a multiple of `MULTIPLE_PX`.
    network : callable of (1, 3, height, width) ndarray
        As `find_border` takes it.

    Returns
    -------
    (height, width) ndarray of float32
        Of 0-1, at the size of the picture.
    """
    small = resized(picture, NETWORK_SIDE_PX).astype(np.float32) / 255
    height, width = small.shape[:2]
    top, left = ((-n % MULTIPLE_PX) // 2 for n in (height, width))
    ends = ((top, -height % MULTIPLE_PX - top), (left, -width % MULTIPLE_PX - left), (0, 0))
    framed: Floats32 = np.pad(small, ends, mode="reflect")
    chance = mean_over_turns(network, framed)[0, top : top + height, left : left + width]
    return resized_map(chance, picture.shape[:2])


def main_part(chance: Floats32) -> Mask | None:
    """The part with the largest summed chance, its holes filled; None where none is likely."""
    parts = components(chance > HALF)
    if not parts.count:
        return None
    sums = np.bincount(parts.labels.ravel(), chance.ravel())[1:]
    return fill_holes(parts.labels == 1 + int(np.argmax(sums)))


def _surround(first: Border) -> Frame | None:
    """A square frame about the lesion, cut at the picture's edge; None where it is no smaller."""
    mask = first.mask
    diameter = 2 * float(mask.sum() / np.pi) ** HALF
    sides = [np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0)]
    longest = max(np.ptp(side) for side in sides) + 1
    half = max(LOOK_DIAMETERS * diameter, LOOK_LENGTHS * longest) / 2
    if 2 * half > MAX_SECOND_LOOK * max(mask.shape):
        return None
    rows, columns = (
        _around((side[0] + side[-1]) / 2, half, size, whole.stop)
        for side, size, whole in zip(sides, mask.shape, first.close_up.frame, strict=True)
    )
    return rows, columns


def _around(middle: float, half: float, size: int, whole_px: int) -> slice:
    """A stretch of a side of `size` pixels, in the pixels of the whole picture's side."""
    scale = whole_px / size
    first, last = max(0.0, middle - half), min(float(size), middle + half)
    return slice(round(scale * first), round(scale * last))
