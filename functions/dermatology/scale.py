"""Millimeters: from the form, else from a ruler in the picture, else none."""

from dataclasses import dataclass

from functions.dermatology.ruler import Ruler


@dataclass(frozen=True)
class Scale:
    """Millimeters per pixel of the picture as it was sent; `origin` is "declared" or "ruler"."""

    mm_per_px: float
    origin: str


def scale_of(declared_mm_per_px: float | None, ruler: Ruler | None, sent_px: float) -> Scale | None:
    """Choose the scale: what a person states is believed before a ruler that was read.

    Parameters
    ----------
    declared_mm_per_px : float or None
        Of the picture as it was sent.
    ruler : Ruler or None
        Read on the working picture.
    sent_px : float
        Pixels as sent for one of the working picture.

    Returns
    -------
    Scale or None

    Examples
    --------
    >>> scale_of(None, Ruler(spacing_px=25.0, ticks=12, regularity=1.0, missing=0), sent_px=4.0)
    Scale(mm_per_px=0.01, origin='ruler')
    """
    if declared_mm_per_px is not None:
        return Scale(declared_mm_per_px, "declared")
    return Scale(1 / (ruler.spacing_px * sent_px), "ruler") if ruler else None
