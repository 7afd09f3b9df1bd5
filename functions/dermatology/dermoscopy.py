"""The dermoscopy rule: asymmetry, border, color, structure, and their weighted total.

Nachbar et al. 1994, doi:10.1016/S0190-9622(94)70061-3: 1.3 A + 0.1 B + 0.5 C + 0.5 D, made for
melanocytic lesions under a dermatoscope. Below 4.75 benign, above 5.45 highly suspicious.

Deviations: what an observer judges by eye is measured here (`asymmetry.py`, `sectors.py`,
`colors.py`, `structures.py`), each by its own limits; a lesion in which no color or structure was
told has one of each, the least that the rule knows.
"""

from dataclasses import dataclass
from enum import StrEnum

WEIGHTS = (1.3, 0.1, 0.5, 0.5)  # of asymmetry, border, color, structure
SUSPICIOUS_FROM, HIGHLY_SUSPICIOUS_ABOVE = 4.75, 5.45


class Grade(StrEnum):
    """The rule's own words for its total."""

    BENIGN = "benign"
    SUSPICIOUS = "suspicious"
    HIGHLY_SUSPICIOUS = "highly suspicious"


@dataclass(frozen=True)
class Points:
    """A 0-2, B 0-8, C 1-6, D 1-5; a lesion has at least one color and one structure."""

    asymmetry: int
    border: int
    color: int
    structure: int

    @property
    def total(self) -> float:
        parts = self.asymmetry, self.border, self.color, self.structure
        return round(sum(w * n for w, n in zip(WEIGHTS, parts, strict=True)), 2)

    @property
    def grade(self) -> Grade:
        if self.total > HIGHLY_SUSPICIOUS_ABOVE:
            return Grade.HIGHLY_SUSPICIOUS
        return Grade.SUSPICIOUS if self.total >= SUSPICIOUS_FROM else Grade.BENIGN


def points(asymmetry: int, abrupt_sectors: int, colors: int, structures: int) -> Points:
    """Clip the counts of colors and structures at one, below which the rule has no points.

    Parameters
    ----------
    asymmetry : int
        Axes across which the halves differ, 0-2.
    abrupt_sectors : int
        Of the eight sectors of the border, 0-8.
    colors, structures : int
        How many were found; a lesion in which none was told has the least that the rule knows.

    Returns
    -------
    Points

    Examples
    --------
    >>> points(asymmetry=2, abrupt_sectors=3, colors=4, structures=0).total
    5.4
    """
    return Points(asymmetry, abrupt_sectors, max(1, colors), max(1, structures))
