"""What of a lesion's measures becomes a biomarker, what is absent and why."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from functions.dermatology.dermoscopy import Grade, Points
from functions.dermatology.earlier import Earlier
from functions.dermatology.evolution import Evolution
from functions.dermatology.grids import Bytes
from functions.dermatology.lesion import Lesion
from functions.dermatology.norms import BIOMARKERS, NORMS
from functions.dermatology.quality import MIN_AGREEMENT, Quality
from functions.dermatology.scale import Scale
from functions.dermatology.source import Source
from shared.norms import Circumstances, reference_range
from shared.record import Absence, Measured, Risk, RiskPoint
from shared.science.models.slot import OperatorModel
from shared.vocabulary import RiskLevel

NO_SCALE = (
    "The picture has no known scale: give `mm_per_px`. (A ruler is read in dermoscopy alone, where"
    " the width of the field tells its unit.)"
)
NOT_DERMOSCOPY = (
    "The rule holds for pictures taken through a dermatoscope, and the source of this one is {}."
    " Send `image_source` as dermoscopy if it is one."
)
NO_KEY = "No `lesion_key` names the lesion, so no earlier assessment was looked for."
NO_EARLIER = "There is no earlier assessment of this lesion that could be compared."
UNKNOWN_SCALE = "The scale of this picture or of the earlier one is unknown."
NO_MODEL = (
    "No class such as melanoma is named: no validated model is installed, and the pictures that may"
    " be used here train none."
)
# The scores only order the rule's grades by urgency.
URGENCY = {
    Grade.BENIGN: (10.0, RiskLevel.LOW),
    Grade.SUSPICIOUS: (40.0, RiskLevel.MODERATE),
    Grade.HIGHLY_SUSPICIOUS: (75.0, RiskLevel.HIGH),
}
# Structures are proxies that no expert's list was held against.
LOW_CONFIDENCE = 0.4
BY_STRUCTURES = frozenset({"structure_count", "total_dermoscopy_score"})
LEVELS = 255
DERMOSCOPY_ONLY = ("structure_count", "total_dermoscopy_score")


@dataclass(frozen=True)
class Measures:
    """All that an analysis knows of a lesion.

    Attributes
    ----------
    lesion : Lesion
        Its border, view and measures.
    quality : Quality
        Of the picture, each number with its limit.
    source : Source
        Whether it was taken through a dermatoscope.
    scale : Scale or None
        Without it nothing is known in millimeters.
    change : Evolution or None
        Since the earlier picture; None where there is none.
    """

    lesion: Lesion
    quality: Quality
    source: Source
    scale: Scale | None
    change: Evolution | None

    @property
    def confidence(self) -> float:
        """How sure the outline is, behind all numbers: certainty times agreement's root."""
        border = self.lesion.border
        return round(border.certainty * math.sqrt(border.agreement), 3)

    @property
    def points(self) -> Points | None:
        return self.lesion.points if self.source.kind == "dermoscopy" else None

    @property
    def diameter_mm(self) -> float | None:
        return self.lesion.longest_px * self.scale.mm_per_px if self.scale else None

    @cached_property
    def values(self) -> Mapping[str, float | None]:
        """By the names of the catalog."""
        lesion, points, change = self.lesion, self.points, self.change
        first, second = lesion.asymmetry.axes
        return {
            "lesion_area": lesion.area_px,
            "lesion_diameter": lesion.longest_px,
            "lesion_area_mm2": lesion.area_px * self.scale.mm_per_px**2 if self.scale else None,
            "lesion_diameter_mm": self.diameter_mm,
            "asymmetry_index_first": first.shape_difference,
            "asymmetry_index_second": second.shape_difference,
            "color_asymmetry_first": first.color_difference,
            "color_asymmetry_second": second.color_difference,
            "asymmetry_score": float(lesion.asymmetry.score),
            "border_score": float(lesion.points.border),
            "compactness": lesion.compactness,
            "color_count": float(len(lesion.colors)),
            "structure_count": float(points.structure) if points else None,
            "total_dermoscopy_score": points.total if points else None,
            "lesion_area_ratio": change.area_ratio if change else None,
            "lesion_color_shift": change.color_shift if change else None,
        }


def warnings(
    measures: Measures, earlier: Earlier | None, model: OperatorModel | None
) -> Iterator[str]:
    """What people should know beside the picture's quality."""
    if measures.source.kind == "dermoscopy":
        yield (
            "The total dermoscopy score holds for melanocytic lesions alone, not for those of"
            " nails, face, palms or soles; its structures are counted by proxies."
        )
    if measures.scale and measures.scale.origin == "ruler":
        yield "The scale was read off a ruler in the picture: check it."
    if measures.change and measures.change.area_ratio is None:
        yield "Areas of the two visits are not compared: a scale is unknown."
    if earlier is not None and measures.change is None:
        yield "The earlier assessment left nothing to compare with."
    if model is not None:
        told = model.manifest
        yield f"Classes are those of the operator's model {told.name}: {told.intended_use}"


def classes(picture: Bytes, model: OperatorModel | None) -> Mapping[str, float] | None:
    """What the operator's model says of the lesion's close-up; None without a model.

    Parameters
    ----------
    picture : (height, width, 3) ndarray of uint8
        The close-up with its hairs; the model's own manifest says to which size it is brought.
    model : OperatorModel or None

    Returns
    -------
    mapping of str to float, or None
        Probability of each label.

    Raises
    ------
    UnusableModel
        If the network answers with something else.
    """
    if model is None:
        return None
    return model.probabilities(picture.astype(np.float32) / np.float32(LEVELS))


def biomarkers_of(measures: Measures) -> tuple[Measured, ...]:
    """Return what was measured, with limits where there are any."""
    sure = measures.confidence
    return tuple(
        Measured(
            name,
            value,
            min(sure, LOW_CONFIDENCE) if name in BY_STRUCTURES else sure,
            reference_range(NORMS, name, Circumstances()),
        )
        for name in BIOMARKERS
        if (value := measures.values[name]) is not None
    )


def absences(
    measures: Measures, lesion_key: str | None, named: Mapping[str, float] | None
) -> tuple[Absence, ...]:
    """Name what is absent, with the reason."""
    reasons = dict(_reasons(measures, lesion_key))
    missing = [name for name in BIOMARKERS if measures.values[name] is None]
    unnamed = (Absence("classes", "no-model", NO_MODEL),) if named is None else ()
    return (*(Absence(name, *reasons[name]) for name in missing), *unnamed)


def _reasons(measures: Measures, lesion_key: str | None) -> Iterator[tuple[str, tuple[str, str]]]:
    for name in ("lesion_area_mm2", "lesion_diameter_mm"):
        yield name, ("no-scale", NO_SCALE)
    for name in DERMOSCOPY_ONLY:
        yield name, ("not-dermoscopy", NOT_DERMOSCOPY.format(measures.source.kind))
    reason = ("no-lesion-key", NO_KEY)
    if lesion_key is not None:
        reason = ("no-earlier-assessment", NO_EARLIER)
        if measures.change is not None:
            reason = ("no-scale", UNKNOWN_SCALE)
    yield "lesion_area_ratio", reason
    yield "lesion_color_shift", reason


def risk_of(points: Points | None) -> Risk | None:
    """Translate the grade of the dermoscopy rule to an urgency; None where the rule does not apply.

    Parameters
    ----------
    points : Points or None
        None for a picture that is not known to be of a dermatoscope.

    Returns
    -------
    Risk or None
        Its single point names the rule and the total.
    """
    if points is None:
        return None
    score, level = URGENCY[points.grade]
    rule = f"total dermoscopy score {points.total:.2f}: {points.grade}"
    return Risk(score, level, (RiskPoint(rule, score, "nachbar-1994"),))


def review_reason(measures: Measures) -> str | None:
    """Why a professional should look first."""
    if measures.lesion.border.agreement < MIN_AGREEMENT:
        return "The border is uncertain: two ways to find it disagree."
    points = measures.points
    if points is not None and points.grade is not Grade.BENIGN:
        return f"The total dermoscopy score is {points.total:.2f}, {points.grade} by its rule."
    if measures.quality.warnings:
        return "The picture has shortcomings that move the numbers; see the warnings."
    return None
