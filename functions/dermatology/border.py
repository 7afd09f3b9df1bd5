"""The lesion's border: a small network looks twice, a threshold is the second opinion.

First the whole picture, then the lesion's surround alone, so that the outline is as fine whatever
share of the picture the lesion takes. Each look is the mean over the eight turns and mirror images,
so that a turned or mirrored picture has the same border.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from functions.dermatology.grids import Bytes, Floats32, Mask, dice, resized, resized_map
from functions.dermatology.threshold import by_threshold
from shared.science.images.regions import components, fill_holes

type Network = Callable[[Floats32], Floats32]

NETWORK_SIDE_PX = 192
MULTIPLE_PX = 16  # what the network's sides are multiples of
HALF = 0.5
# The second look's frame, in diameters of the lesion; the first where that is no smaller.
LOOK_DIAMETERS = 2.2
MAX_SECOND_LOOK = 0.85  # of the picture's longer side
TURNS, MIRRORS = 4, 2


@dataclass(frozen=True)
class Border:
    """A lesion's outline.

    Attributes
    ----------
    mask : ndarray of bool, shape (height, width) of the working picture
    certainty : float
        Mean distance of the network's answer from undecided within and around the outline, 0-1.
    agreement : float
        Dice overlap with the border by threshold, 0-1.
    """

    mask: Mask
    certainty: float
    agreement: float


def find_border(picture: Bytes, network: Network) -> Border | None:
    """Outline the lesion of a picture at the working size, its hairs painted over.

    Returns None where the network sees no lesion at all.
    """
    chance = look(picture, network)
    lesion = main_part(chance)
    if lesion is None:
        return None
    frame = _surround(lesion)
    if frame is not None:
        closer = look(picture[frame], network)
        chance = np.zeros_like(chance)
        chance[frame] = closer
        lesion = main_part(chance)
        if lesion is None:
            return None
    zone = chance > 1 - HALF * 1.8
    certainty = float(np.mean(np.abs(2 * chance[zone | lesion] - 1)))
    return Border(lesion, certainty, dice(lesion, by_threshold(picture)))


def look(picture: Bytes, network: Network) -> Floats32:
    """Chance of each pixel to be lesion, the mean over all turns and mirror images."""
    small = resized(picture, NETWORK_SIDE_PX).astype(np.float32) / 255
    height, width = small.shape[:2]
    top, left = ((-n % MULTIPLE_PX) // 2 for n in (height, width))
    ends = ((top, -height % MULTIPLE_PX - top), (left, -width % MULTIPLE_PX - left), (0, 0))
    framed = np.pad(small, ends, mode="reflect")
    total = np.zeros(framed.shape[:2], np.float32)
    for mirror in range(MIRRORS):
        for turn in range(TURNS):
            turned = np.rot90(framed[:, ::-1] if mirror else framed, turn)
            seen = network(np.ascontiguousarray(turned.transpose(2, 0, 1)[None]))[0, 0]
            back = np.rot90(seen, -turn)
            total += back[:, ::-1] if mirror else back
    mean = total[top : top + height, left : left + width] / (TURNS * MIRRORS)
    return resized_map(mean, picture.shape[:2])


def main_part(chance: Floats32) -> Mask | None:
    """The part with the largest summed chance, its holes filled; None where none is likely."""
    parts = components(chance > HALF)
    if not parts.count:
        return None
    sums = np.bincount(parts.labels.ravel(), chance.ravel())[1:]
    return fill_holes(parts.labels == 1 + int(np.argmax(sums)))


def _surround(lesion: Mask) -> tuple[slice, slice] | None:
    """A square frame about the lesion, cut at the picture's edge; None where it is no smaller."""
    diameter = 2 * (lesion.sum() / np.pi) ** 0.5
    rows, columns = (np.flatnonzero(lesion.any(axis=axis)) for axis in (1, 0))
    longest = max(np.ptp(rows), np.ptp(columns)) + 1
    half = max(LOOK_DIAMETERS * diameter, 1.5 * longest) / 2
    if 2 * half > MAX_SECOND_LOOK * max(lesion.shape):
        return None
    frame = []
    for places, size in ((rows, lesion.shape[0]), (columns, lesion.shape[1])):
        middle = (places[0] + places[-1]) / 2
        frame.append(slice(max(0, round(middle - half)), min(size, round(middle + half))))
    return frame[0], frame[1]
