"""One chest film: the steps in order.

`analyze(film, view=...) -> Findings`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from functions.radiology import findings
from functions.radiology.burned_in import WARNING as TEXT_WARNING
from functions.radiology.burned_in import has_text
from functions.radiology.film import Film, View
from functions.radiology.heart_size import HALF_WIDTH, HeartSize, heart_size
from functions.radiology.norms import NORMS
from functions.radiology.organs import Organs, outline
from functions.radiology.pictures import draw, shown
from functions.radiology.plausibility import ImplausibleFilm, require_plausible
from functions.radiology.quality import Quality, judge, require_size
from functions.radiology.zones import LEVELS, Zones, zones
from shared.norms import Circumstances, reference_range
from shared.record import Absence, Findings, Measured, StageMarker, unmarked
from shared.science.images.modality import Likeness, Modality, require_modality
from shared.science.models.slot import OperatorModel

PERCENT = 100.0
SUPINE = "supine"


@dataclass(frozen=True)
class Taking:
    """How the film was taken, and of whom: as the form says, else as the file does."""

    view: View | None = None
    position: str | None = None
    age_years: float | None = None

    def completed(self, film: Film) -> "Taking":
        age_years = film.age_years if self.age_years is None else self.age_years
        return replace(self, view=self.view or film.view, age_years=age_years)

    @property
    def magnifying(self) -> str | None:
        """Name what makes the heart look larger than on an upright PA film; None if nothing."""
        if self.view is View.AP:
            return "AP"
        return SUPINE if self.position == SUPINE else None


@dataclass(frozen=True)
class Measures:
    """Everything measured on one film."""

    organs: Organs
    quality: Quality
    size: HeartSize
    zones: Zones


def analyze(
    film: Film,
    *,
    taking: Taking,
    model: OperatorModel | None = None,
    stage: StageMarker = unmarked,
) -> Findings:
    """Measure one film; `taking` is what the form says, and the file fills in the rest.

    Stages: modality, outlines, measures, findings, pictures.

    Raises
    ------
    WrongModality, ImplausibleFilm, PictureTooSmall, FlatFilm
        Where nothing honest can be measured.
    UnusableModel
        Where the operator's model is not what its manifest says.
    """
    taken = taking.completed(film)
    with stage("modality"):
        require_size(film)
        likeness = require_modality(seen(film), Modality.CHEST)
        if taken.view is View.LATERAL:
            raise ImplausibleFilm(["it is stated to be a lateral film"])
    with stage("outlines"):
        organs = outline(film)
        require_plausible(organs)
    with stage("measures"):
        measures = Measures(
            organs, judge(film, organs), heart_size(film, organs), zones(film, organs)
        )
    with stage("findings"):
        named = None if model is None else model.findings(film.gray)
    with stage("pictures"):
        ratio = None if taken.magnifying else measures.size.ratio
        pictures = draw(film, organs, measures.size, ratio, measures.zones)
    return replace(
        reported(film, taken, measures, likeness),
        warnings=tuple(warnings(film, taking, taken, model)),
        models=(likeness.used, organs.used, *(() if model is None else (model.used,))),
        pictures=pictures,
        result=result(taken, measures, likeness, named),
        absent=tuple(absent(taken, measures, model)),
    )


def seen(film: Film) -> npt.NDArray[np.uint8]:
    """Return the film as the modality network takes it.

    Parameters
    ----------
    film : Film

    Returns
    -------
    (height, width, 3) ndarray of uint8
        As it was sent where it was sent in color, so that a photo of something else is told by its
        color; else three times its gray.
    """
    return film.color if film.color is not None else np.repeat(shown(film)[..., None], 3, axis=2)


def reported(film: Film, taken: Taking, measures: Measures, likeness: Likeness) -> Findings:
    """Return the findings without what is drawn and what is said in words."""
    judgment = judged(taken, measures)
    quality = measures.quality
    reasons = [*quality.concerns]
    if judgment == "enlarged":
        reasons.append("The cardiothoracic ratio is above 0.55")
    organs = measures.organs
    parts = organs.right_lung, organs.left_lung, organs.heart
    return Findings(
        result={},
        biomarkers=tuple(biomarkers(taken, measures)),
        quality_score=quality.score,
        confidence=min(likeness.probabilities[Modality.CHEST], *(part.certainty for part in parts)),
        risk=findings.risk(judgment),
        review_reason="; ".join(reasons) or None,
        parameters={
            "view": taken.view,
            "position": taken.position,
            "age_years": taken.age_years,
            "file_format": film.file_format,
            "size_px": list(film.size_px),
            "spacing_mm": film.spacing_mm,
            "ratio_half_width": HALF_WIDTH,
        },
    )


def judged(taken: Taking, measures: Measures) -> str | None:
    if taken.magnifying:
        return None
    return findings.judged(measures.size, taken.view, taken.age_years)


def biomarkers(taken: Taking, measures: Measures) -> Iterator[Measured]:
    """Yield what was measured, in the units of the catalog."""
    given = Circumstances(age_years=taken.age_years, task=taken.view)
    certainty = measures.organs.heart.certainty
    if not taken.magnifying:
        name = "cardiothoracic_ratio"
        limits = reference_range(NORMS, name, given)
        yield Measured(name, measures.size.ratio, certainty, limits)
    for name, value in plain(measures).items():
        if value is not None:
            yield Measured(name, value)


def plain(measures: Measures) -> dict[str, float | None]:
    """Return the values that have no limits; None where a value is missing.

    Returns
    -------
    dict of str to float or None
        Widths in pixels as sent and in millimeters at the detector, where the heart is larger than
        in the body: nothing corrects the magnification. Areas in percent of the film, opacities in
        percentiles. A zone that was too small has no entry.
    """
    size, organs = measures.size, measures.organs
    right, left = organs.right_lung.area, organs.left_lung.area
    return {
        "heart_width_px": size.heart_width_px,
        "thorax_width_px": size.thorax_width_px,
        "heart_right_px": size.heart_right_px,
        "heart_left_px": size.heart_left_px,
        "heart_width_mm": size.mm(size.heart_width_px),
        "thorax_width_mm": size.mm(size.thorax_width_px),
        "right_lung_area": PERCENT * right,
        "left_lung_area": PERCENT * left,
        "lung_area_ratio": left / right,
        **{f"{s}_{level}_opacity": value for (s, level), value in measures.zones.opacity.items()},
        **{f"{level}_opacity_asymmetry": measures.zones.asymmetry(level) for level in LEVELS},
    }


def absent(taken: Taking, measures: Measures, model: OperatorModel | None) -> Iterator[Absence]:
    if taken.magnifying:
        yield findings.missing_ratio(taken.magnifying)
    if measures.size.spacing_mm is None:
        yield from findings.missing_millimeters()
    for side in ("right", "left"):
        for level in LEVELS:
            if (side, level) not in measures.zones.opacity:
                detail = "The zone has too few pixels."
                yield Absence(f"{side}_{level}_opacity", "too-small", detail)
    for level in LEVELS:
        if measures.zones.asymmetry(level) is None:
            detail = "One of the two zones has too few pixels."
            yield Absence(f"{level}_opacity_asymmetry", "too-small", detail)
    if model is None:
        yield Absence("findings", "no-model", findings.NO_MODEL)


def warnings(
    film: Film, stated: Taking, taken: Taking, model: OperatorModel | None
) -> Iterator[str]:
    yield from film.warnings
    if has_text(film.gray):
        yield TEXT_WARNING
    yield from findings.view_conflict(stated.view, film)
    yield from findings.view_warnings(taken.view, taken.age_years)
    if model is not None:
        yield model.attribution


def result(
    taken: Taking, measures: Measures, likeness: Likeness, named: list[dict[str, Any]] | None
) -> Mapping[str, Any]:
    """Columns of `radiology_results`: words and evidence, for the numbers are biomarkers."""
    size, quality = measures.size, measures.quality
    return {
        "view_position": taken.view,
        "heart_size": judged(taken, measures),
        "ratio_interval": None if taken.magnifying else list(size.interval),
        "measured_lines": {
            line.name: {"from_px": list(line.start), "to_px": list(line.end)} for line in size.lines
        },
        "image_quality": "limited" if quality.concerns else "good",
        "quality_numbers": {
            "focus": quality.focus,
            "contrast": quality.contrast,
            "glare_share": quality.glare_share,
            "tilt_deg": quality.tilt_deg,
            "concerns": list(quality.concerns),
        },
        "likeness": {str(kind): share for kind, share in likeness.probabilities.items()},
        "findings": named,
    }
