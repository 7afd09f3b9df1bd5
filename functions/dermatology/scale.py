"""Millimeters: from the form, else from a ruler in the picture, else none."""

from dataclasses import dataclass

from functions.dermatology.ruler import Ruler


@dataclass(frozen=True)
class Scale:
    """Millimeters per pixel of the picture as it was sent; `origin` is "declared" or "ruler"."""

    mm_per_px: float
    origin: str


def scale_of(declared_mm_per_px: float | None, ruler: Ruler | None, sent_px: float) -> Scale | None:
    """Choose the scale; `sent_px` is how many pixels as sent make one of the ruler's picture."""
    if declared_mm_per_px is not None:
        return Scale(declared_mm_per_px, "declared")
    return Scale(1 / (ruler.spacing_px * sent_px), "ruler") if ruler else None
