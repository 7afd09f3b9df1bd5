"""What the lesion candidates say about diabetic retinopathy, and what they cannot say.

The International Clinical Diabetic Retinopathy scale (Wilkinson et al. 2003,
doi:10.1016/S0161-6420(03)00475-5) calls microaneurysms alone mild, more than that moderate; severe
needs the 4-2-1 rule, proliferative new vessels. Venous beading, intraretinal microvascular
abnormalities and new vessels are not measured here, so the grade ends at 2.
"""

from dataclasses import dataclass

import numpy as np

from functions.retinal.lesions import Candidates, Lesions
from functions.retinal.macula import Eye, Landmarks

HIGHEST_GRADE = 2
SEVERITIES = ("no apparent retinopathy", "mild", "moderate or worse")
# Fewer candidates than these are found in eyes graded 0 too; chosen on photos of IDRiD.
MIN_MICROANEURYSMS = 2
MIN_HEMORRHAGES = 2
MIN_EXUDATES = 2
QUADRANT_HEMORRHAGES = 20  # the rule says "more than 20 in each of four quadrants"
QUADRANTS = ("superior_nasal", "superior_temporal", "inferior_nasal", "inferior_temporal")
DME_RISKS = ("no hard exudate", "hard exudate", "hard exudate within a disc diameter of the fovea")


@dataclass(frozen=True)
class Grading:
    """A lesion-based grade with its evidence.

    Attributes
    ----------
    grade : int
        0, 1 or 2; 2 stands for 2 or more.
    evidence : tuple of str
    dme_risk : int or None
        0, 1 or 2 by the rule of IDRiD; None where the fovea's place is unknown and decides.
    exudate_near_fovea : bool or None
    hemorrhages_in_4_quadrants : bool or None
        The first item of the 4-2-1 rule; None where the quadrants are unknown.
    """

    grade: int
    evidence: tuple[str, ...]
    dme_risk: int | None
    exudate_near_fovea: bool | None
    hemorrhages_in_4_quadrants: bool | None


def grade(lesions: Lesions, landmarks: Landmarks) -> Grading:
    """Grade the candidates; the landmarks are on their canvas."""
    counts = {kind: found.count for kind, found in lesions.items()}
    exudates = counts["hard_exudate"] >= MIN_EXUDATES
    more = counts["hemorrhage"] >= MIN_HEMORRHAGES or exudates
    mild = counts["microaneurysm"] >= MIN_MICROANEURYSMS
    near = _near_fovea(lesions["hard_exudate"], landmarks)
    return Grading(
        grade=2 if more else int(mild),
        evidence=tuple(
            f"{number} {kind.replace('_', ' ')} candidates"
            for kind, number in counts.items()
            if number
        ),
        dme_risk=0 if not exudates else None if near is None else 1 + near,
        exudate_near_fovea=near,
        hemorrhages_in_4_quadrants=_in_all_quadrants(lesions["hemorrhage"], landmarks),
    )


def _near_fovea(exudates: Candidates, landmarks: Landmarks) -> bool | None:
    """Whether an exudate's nearest pixel lies within a disc diameter of the fovea."""
    fovea, reach = landmarks.fovea, landmarks.disc_diameter_px
    if fovea is None or reach is None:
        return None
    rows, columns = np.nonzero(exudates.mask)
    if not len(rows):
        return False
    return bool(np.hypot(rows - fovea.row_px, columns - fovea.column_px).min() <= reach)


def quadrant_counts(found: Candidates, landmarks: Landmarks) -> dict[str, int] | None:
    """Candidates by quadrant around the fovea; None where eye or fovea is unknown."""
    fovea = landmarks.fovea
    if landmarks.eye is Eye.UNKNOWN or fovea is None:
        return None
    inferior = found.rows_px > fovea.row_px
    right = found.columns_px > fovea.column_px
    temporal = ~right if landmarks.eye is Eye.RIGHT else right
    numbers = np.bincount(2 * inferior + temporal, minlength=len(QUADRANTS))
    return dict(zip(QUADRANTS, numbers.tolist(), strict=True))


def _in_all_quadrants(found: Candidates, landmarks: Landmarks) -> bool | None:
    counts = quadrant_counts(found, landmarks)
    return None if counts is None else min(counts.values()) > QUADRANT_HEMORRHAGES
