"""Whether a picture was taken through a dermatoscope, and how that was decided."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from functions.dermatology.grids import Bytes
from functions.dermatology.threshold import dark_corners
from shared.science.images.regions import components

type Kind = Literal["dermoscopy", "clinical", "undetermined"]

MIN_ROUND_CORNERS = 3
# A corner that a round field leaves dark, of the picture's area.
CORNER_SHARES = (0.004, 0.12)


@dataclass(frozen=True)
class Source:
    """`decided_by` is "declared", "round-field" or "nothing"."""

    kind: Kind
    decided_by: str


def image_source(declared: Literal["dermoscopy", "clinical"] | None, picture: Bytes) -> Source:
    """Say what the form says; else a dermatoscope's round field; else undetermined.

    Parameters
    ----------
    declared : "dermoscopy", "clinical" or None
        Believed against the picture: a dermatoscope on a phone need not show a round field.
    picture : (height, width, 3) ndarray of uint8
        At the working size of 512 px, for `has_round_field`.

    Returns
    -------
    Source
    """
    if declared is not None:
        return Source(declared, "declared")
    if has_round_field(picture):
        return Source("dermoscopy", "round-field")
    return Source("undetermined", "nothing")


def has_round_field(picture: Bytes) -> bool:
    """Whether at least three corners are dark by themselves, as a round field leaves them."""
    dark = dark_corners(picture)
    parts = components(dark)
    numbers = parts.labels[[0, 0, -1, -1], [0, -1, 0, -1]]
    if np.count_nonzero(numbers) < MIN_ROUND_CORNERS:
        return False
    # All four joined by a rim count as well: the lit field is then round.
    least, most = CORNER_SHARES
    share = dark.mean()
    return bool(MIN_ROUND_CORNERS * least <= share <= 4 * most)
