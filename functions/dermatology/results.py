"""The row of `dermatology_results`: words and evidence; numbers are biomarkers."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from functions.dermatology.clinical import abcde
from functions.dermatology.earlier import Earlier
from functions.dermatology.evolution import lab_on_standard_skin
from functions.dermatology.findings import Measures


@dataclass(frozen=True)
class Asked:
    """What the form says of the picture."""

    image_source: Literal["dermoscopy", "clinical"] | None = None
    mm_per_px: float | None = None
    body_location: str | None = None
    fitzpatrick_type: int | None = None
    lesion_key: str | None = None


def result_columns(
    measures: Measures,
    asked: Asked,
    earlier: Earlier | None,
    classes: Mapping[str, float] | None,
) -> dict[str, Any]:
    """Columns of the results table, by name."""
    lesion, scale, points = measures.lesion, measures.scale, measures.points
    numbers = asdict(measures.quality)
    del numbers["warnings"]
    return {
        "lesion_key": asked.lesion_key,
        "body_location": asked.body_location,
        "fitzpatrick_type": asked.fitzpatrick_type,
        "image_source": measures.source.kind,
        "image_source_decided_by": measures.source.decided_by,
        "scale_origin": scale.origin if scale else None,
        "mm_per_px": scale.mm_per_px if scale else None,
        "image_quality": numbers,
        "border_agreement": round(lesion.border.agreement, 3),
        "axes": [asdict(axis) for axis in lesion.asymmetry.axes],
        "sectors": [asdict(sector) for sector in lesion.sectors],
        "color_shares": dict(lesion.shares),
        "structures": dict(lesion.evidence),
        "dermoscopy_grade": str(points.grade) if points else None,
        "abcde_flags": dict(abcde(lesion, measures.diameter_mm, measures.change)),
        "lesion_lab": list(lab_on_standard_skin(lesion.mean_absorbance)),
        "compared_with": earlier.assessment_id if earlier else None,
        "outline_overlap": measures.change.outline_overlap if measures.change else None,
        "classes": dict(classes) if classes is not None else None,
    }
