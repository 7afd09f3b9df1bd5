"""What an earlier assessment of the same lesion left; free of numeric libraries."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Earlier:
    """What an earlier assessment of the same lesion left.

    Attributes
    ----------
    assessment_id, recorded_at : str
    version : str
        Of the pipeline that made it.
    area_mm2 : float or None
        None where its scale was not known.
    lab : tuple of float or None
        Mean color of the lesion on the standard skin.
    mask_png : bytes or None
    """

    assessment_id: str
    recorded_at: str
    version: str
    area_mm2: float | None
    lab: tuple[float, float, float] | None
    mask_png: bytes | None
