"""Organs as rectangles on a small film, whose measures are known by counting."""

import numpy as np

from functions.radiology.film import Mask
from functions.radiology.organs import Organ, Organs
from shared.record import ModelUsed

SHAPE = (100, 200)
type Span = tuple[int, int]


def rectangle(rows: Span, columns: Span) -> Organ:
    mask: Mask = np.zeros(SHAPE, bool)
    mask[slice(*rows), slice(*columns)] = True
    return Organ(mask, dominance=1.0, certainty=1.0)


def organs(
    right: Organ | None = None, left: Organ | None = None, heart: Organ | None = None
) -> Organs:
    """The right lung in columns 20-80, the left in 120-180, the heart in 85-135."""
    return Organs(
        right or rectangle((10, 70), (20, 80)),
        left or rectangle((10, 70), (120, 180)),
        heart or rectangle((50, 80), (85, 135)),
        ModelUsed("drawn", "0" * 64),
    )
