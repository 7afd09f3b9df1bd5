"""One picture of a lesion: the steps in order.

`analyze(photograph, asked) -> Findings`; no database and no clock.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from functions.dermatology import clinical, evolution, pictures
from functions.dermatology.border import WORKING_SIDE_PX, find_border
from functions.dermatology.earlier import Earlier
from functions.dermatology.findings import Measures, absences, biomarkers_of, review_reason, risk_of
from functions.dermatology.grids import resized
from functions.dermatology.hair import thin_lines
from functions.dermatology.lesion import Lesion, measure
from functions.dermatology.quality import judge
from functions.dermatology.refusals import NoLesion
from functions.dermatology.ruler import find_ruler
from functions.dermatology.scale import Scale, scale_of
from functions.dermatology.source import image_source
from shared.record import Findings, StageMarker, unmarked
from shared.science.images.decode import Photograph
from shared.science.models.network import load_network

BORDER_NETWORK = Path(__file__).parent / "models" / "border.onnx"


@dataclass(frozen=True)
class Asked:
    """What the form says of the picture."""

    image_source: Literal["dermoscopy", "clinical"] | None = None
    mm_per_px: float | None = None
    body_location: str | None = None
    fitzpatrick_type: int | None = None
    lesion_key: str | None = None


def analyze(
    photograph: Photograph,
    asked: Asked,
    earlier: Earlier | None = None,
    stage: StageMarker = unmarked,
) -> Findings:
    """Measure one lesion.

    Parameters
    ----------
    photograph : Photograph
    asked : Asked
    earlier : Earlier, optional
        The latest earlier assessment of the same lesion.
    stage : StageMarker
        Named once for each of border, measures, quality, evolution and pictures.

    Raises
    ------
    UnusableRecording
        One of those in `refusals.py`.
    """
    network = load_network(BORDER_NETWORK)
    picture = photograph.rgb
    shape = picture.shape[0], picture.shape[1]
    sent_per_px = photograph.size_px[0] / shape[1]
    with stage("border"):
        border = find_border(picture, network)
        if border is None:
            raise NoLesion
    with stage("measures"):
        lesion = measure(border, shape, sent_per_px)
        working = resized(picture, WORKING_SIDE_PX)
        source = image_source(asked.image_source, working)
        is_dermoscopy = source.kind == "dermoscopy"
        ruler = find_ruler(thin_lines(working)) if is_dermoscopy else None
        scale = scale_of(asked.mm_per_px, ruler, photograph.size_px[0] / working.shape[1])
    with stage("quality"):
        quality = judge(picture, lesion)
    with stage("evolution"):
        change = _change(lesion, scale, earlier)
    with stage("pictures"):
        drawn = pictures.draw(lesion, photograph.size_px, scale, change)
    measures = Measures(lesion, quality, source, scale, change)
    points = measures.points
    return Findings(
        result=result_columns(measures, asked, earlier),
        biomarkers=biomarkers_of(measures),
        quality_score=quality.score,
        confidence=measures.confidence,
        risk=risk_of(points),
        review_reason=review_reason(measures),
        absent=absences(measures, asked.lesion_key),
        warnings=(*quality.warnings, *measures.warnings(earlier)),
        parameters={
            "image_source": measures.source.kind,
            "mm_per_px": scale.mm_per_px if scale else None,
            "compared_with": earlier.assessment_id if earlier else None,
        },
        models=(network.used,),
        pictures=drawn,
    )


def _change(
    lesion: Lesion, scale: Scale | None, earlier: Earlier | None
) -> evolution.Evolution | None:
    if earlier is None:
        return None
    area_mm2 = lesion.area_px * scale.mm_per_px**2 if scale else None
    lab = evolution.lab_on_standard_skin(lesion.mean_absorbance)
    return evolution.evolution(earlier, lesion.border.mask, area_mm2, lab)


def result_columns(measures: Measures, asked: Asked, earlier: Earlier | None) -> dict[str, Any]:
    """Columns of `dermatology_results`: words and evidence; numbers are biomarkers."""
    lesion, quality, points = measures.lesion, measures.quality, measures.points
    return {
        "lesion_key": asked.lesion_key,
        "body_location": asked.body_location,
        "fitzpatrick_type": asked.fitzpatrick_type,
        "image_source": measures.source.kind,
        "image_source_decided_by": measures.source.decided_by,
        "scale_origin": measures.scale.origin if measures.scale else None,
        "mm_per_px": measures.scale.mm_per_px if measures.scale else None,
        "image_quality": {k: v for k, v in asdict(quality).items() if k != "warnings"},
        "border_agreement": round(lesion.border.agreement, 3),
        "axes": [asdict(axis) for axis in lesion.asymmetry.axes],
        "sectors": [asdict(sector) for sector in lesion.sectors],
        "color_shares": dict(lesion.shares),
        "structures": dict(lesion.evidence),
        "dermoscopy_grade": str(points.grade) if points else None,
        "abcde_flags": dict(
            clinical.abcde(
                lesion.asymmetry,
                lesion.compactness,
                len(lesion.colors),
                measures.diameter_mm,
                measures.change,
            )
        ),
        "lesion_lab": list(evolution.lab_on_standard_skin(lesion.mean_absorbance)),
        "compared_with": earlier.assessment_id if earlier else None,
        "outline_overlap": measures.change.outline_overlap if measures.change else None,
        "classes": None,
    }
