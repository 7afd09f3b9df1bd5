"""One picture of a lesion: the steps in order.

`analyze(photograph, asked) -> Findings`; no database and no clock.
"""

from pathlib import Path

from functions.dermatology import evolution, findings, pictures
from functions.dermatology.border import WORKING_SIDE_PX, find_border
from functions.dermatology.earlier import Earlier
from functions.dermatology.findings import Measures
from functions.dermatology.grids import resized
from functions.dermatology.hair import thin_lines
from functions.dermatology.lesion import Lesion, measure
from functions.dermatology.quality import judge
from functions.dermatology.refusals import NoLesion
from functions.dermatology.results import Asked, result_columns
from functions.dermatology.ruler import find_ruler
from functions.dermatology.scale import Scale, scale_of
from functions.dermatology.source import image_source
from shared.record import Findings, StageMarker, unmarked
from shared.science.images.decode import Photograph
from shared.science.images.modality import Modality, require_modality
from shared.science.models.network import Network, load_network
from shared.science.models.slot import OperatorModel

BORDER_NETWORK = Path(__file__).parent / "models" / "border.onnx"


def analyze(
    photograph: Photograph,
    asked: Asked,
    earlier: Earlier | None = None,
    model: OperatorModel | None = None,
    stage: StageMarker = unmarked,
) -> Findings:
    """Measure one lesion.

    Parameters
    ----------
    photograph : Photograph
    asked : Asked
    earlier : Earlier, optional
        The latest earlier assessment of the same lesion.
    model : OperatorModel, optional
        The operator's, over the lesion's close-up.
    stage : StageMarker
        Named once for each of modality, border, measures, quality, evolution and pictures.

    Raises
    ------
    UnusableRecording
        One of those in `refusals.py`.
    """
    with stage("modality"):
        likeness = require_modality(photograph.rgb, Modality.LESION)
    network = load_network(BORDER_NETWORK)
    measures = measures_of(photograph, asked, earlier, network, stage)
    with stage("pictures"):
        drawn = pictures.draw(measures.lesion, photograph.size_px, measures.scale, measures.change)
    named = findings.classes(measures.lesion.border.close_up.picture, model)
    return Findings(
        result=result_columns(measures, asked, earlier, named),
        biomarkers=findings.biomarkers_of(measures),
        quality_score=measures.quality.score,
        confidence=measures.confidence,
        risk=findings.risk_of(measures.points),
        review_reason=findings.review_reason(measures),
        absent=findings.absences(measures, asked.lesion_key, named),
        warnings=(*measures.quality.warnings, *findings.warnings(measures, earlier, model)),
        parameters={"compared_with": earlier.assessment_id if earlier else None},
        models=(likeness.used, network.used, *((model.used,) if model else ())),
        pictures=drawn,
    )


def measures_of(
    photograph: Photograph,
    asked: Asked,
    earlier: Earlier | None,
    network: Network,
    stage: StageMarker = unmarked,
) -> Measures:
    """Outline the lesion and measure it.

    Raises
    ------
    UnusableRecording
    """
    picture, width_px = photograph.rgb, photograph.size_px[0]
    with stage("border"):
        border = find_border(picture, network)
        if border is None:
            raise NoLesion
    with stage("measures"):
        shape = picture.shape[0], picture.shape[1]
        lesion = measure(border, shape, width_px / shape[1])
        working = resized(picture, WORKING_SIDE_PX)
        source = image_source(asked.image_source, working)
        is_dermoscopy = source.kind == "dermoscopy"
        ruler = find_ruler(thin_lines(working)) if is_dermoscopy else None
        scale = scale_of(asked.mm_per_px, ruler, width_px / working.shape[1])
    with stage("quality"):
        quality = judge(picture, lesion)
    with stage("evolution"):
        change = _change(lesion, scale, earlier)
    return Measures(lesion, quality, source, scale, change)


def _change(
    lesion: Lesion, scale: Scale | None, earlier: Earlier | None
) -> evolution.Evolution | None:
    if earlier is None:
        return None
    area_mm2 = lesion.area_px * scale.mm_per_px**2 if scale else None
    lab = evolution.lab_on_standard_skin(lesion.mean_absorbance)
    return evolution.evolution(earlier, lesion.border.mask, area_mm2, lab)
