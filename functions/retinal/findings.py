"""From what was found on a photo to what is stored."""

from typing import Any

from functions.retinal.absences import absences
from functions.retinal.canvas import PIXELS_PER_DEGREE
from functions.retinal.decode import FundusPhoto
from functions.retinal.eyeground import ASSUMED_DEG, Eyeground
from functions.retinal.lesions import Lesion
from functions.retinal.macula import Eye
from functions.retinal.networks import network, referable_model
from functions.retinal.vessels import caliber_equivalent, calibers_in_zone_b
from shared.record import Findings, Measured, ModelUsed, Picture
from shared.science.models.slot import OperatorModel

NETWORKS = ("vessels", "disc", "lesions", "trunk")
NO_GRADE = (
    "No grade of retinopathy is given: eyes of grade 1 are not told from eyes without retinopathy. "
    "The probability stands for grade 2 or more, and does not tell which."
)
OUTLINE_POINTS = 36
HIGHEST_EDEMA_RISK = 2


def written(
    photo: FundusPhoto,
    ground: Eyeground,
    pictures: tuple[Picture, ...],
    model: OperatorModel | None,
) -> Findings:
    values = values_of(photo, ground)
    return Findings(
        result=result_columns(photo, ground),
        biomarkers=tuple(
            Measured(name, value) for name, value in values.items() if value is not None
        ),
        quality_score=ground.quality.score,
        confidence=None,  # no measured relation between a photo's numbers and their errors
        risk=None,  # the probability is a screening flag; no cited rule makes a score of it
        review_reason=review_reason(ground),
        absent=absences(ground, {name for name, value in values.items() if value is None}),
        warnings=warnings(ground, model),
        parameters=parameters(photo, ground),
        models=models(ground, model),
        pictures=pictures,
    )


def values_of(photo: FundusPhoto, ground: Eyeground) -> dict[str, float | None]:
    """Biomarkers by name in the catalog's units; None for what could not be measured."""
    vessels, disc, lesions = ground.vessels, ground.anatomy.disc, ground.lesions
    macular, risk = lesions.macular_exudate_share, lesions.edema_risk
    caliber = None if disc is None else caliber_equivalent(calibers_in_zone_b(vessels.tree, disc))
    return {
        "vessel_density": 100 * vessels.density,
        "fractal_dimension": vessels.fractal_dimension,
        "tortuosity_index": vessels.tree.tortuosity,
        "branching_count": float(len(vessels.tree.branch_points)),
        "caliber_equivalent": None if caliber is None else 100 * caliber,
        "av_ratio": None,
        "disc_diameter": None if disc is None else _disc_on_file(photo, ground)[2],
        "vcdr": None,
        "microaneurysm_count": None,
        "hemorrhage_count": float(lesions.hemorrhages),
        "hard_exudate_area": 100 * lesions.share(Lesion.HARD_EXUDATE),
        "referable_dr_probability": ground.referable,
        "macular_exudate_area": None if macular is None else 100 * macular,
        "edema_risk": None if risk is None else float(risk),
    }


def _disc_on_file(photo: FundusPhoto, ground: Eyeground) -> tuple[float, float, float]:
    """Column, row and diameter of the disc in pixels of the file."""
    assert ground.anatomy.disc is not None
    column, row, diameter = ground.anatomy.disc.on_photo(ground.canvas)
    return column * photo.file_px, row * photo.file_px, diameter * photo.file_px


def result_columns(photo: FundusPhoto, ground: Eyeground) -> dict[str, Any]:
    """Columns of `retinal_results`."""
    return {
        "eye_laterality": str(ground.anatomy.eye),
        "image_quality": ground.quality.word,
        "quality": ground.quality.numbers,
        "referable_dr_flag": is_referable(ground),
        "optic_disc": disc_table(photo, ground),
        "fovea": fovea_table(photo, ground),
        "findings": ground.findings,
    }


def is_referable(ground: Eyeground) -> bool:
    """Whether the probability reaches the threshold of 90 % sensitivity."""
    return ground.referable >= referable_model().threshold


def disc_table(photo: FundusPhoto, ground: Eyeground) -> dict[str, Any] | None:
    """Center, diameter and outline in pixels of the file; None without a disc."""
    disc = ground.anatomy.disc
    if disc is None:
        return None
    column, row, diameter = _disc_on_file(photo, ground)
    scale = ground.canvas.photo_px * photo.file_px
    outline = [
        [round(column + scale * x, 1), round(row + scale * y, 1)]
        for x, y in disc.outline(OUTLINE_POINTS)
    ]
    return {
        "center_px": [round(column, 1), round(row, 1)],
        "diameter_px": round(diameter, 1),
        "outline_px": outline,
        "certainty": round(disc.certainty, 3),
    }


def fovea_table(photo: FundusPhoto, ground: Eyeground) -> dict[str, list[float]] | None:
    """Place in pixels of the file; None where the fovea was not placed."""
    fovea, canvas = ground.anatomy.fovea, ground.canvas
    if fovea is None:
        return None
    middle = len(canvas.rgb) / 2
    x = canvas.field.x_px + (fovea.column_px + 1 / 2 - middle) * canvas.photo_px
    y = canvas.field.y_px + (fovea.row_px + 1 / 2 - middle) * canvas.photo_px
    return {"center_px": [round(x * photo.file_px, 1), round(y * photo.file_px, 1)]}


def review_reason(ground: Eyeground) -> str | None:
    anatomy = ground.anatomy
    reasons = list(ground.quality.concerns)
    if is_referable(ground):
        reasons.append(f"Probability of referable retinopathy {ground.referable:.2f}")
    if ground.lesions.edema_risk == HIGHEST_EDEMA_RISK:
        reasons.append("Candidates of hard exudate within a disc diameter of the fovea")
    if anatomy.by_disc not in {Eye.UNKNOWN, anatomy.eye}:
        reasons.append(
            f"Stated as the {anatomy.eye} eye, but the disc lies as in a {anatomy.by_disc} eye"
        )
    return "; ".join(reasons) or None


def warnings(ground: Eyeground, model: OperatorModel | None) -> tuple[str, ...]:
    assumed = (
        f"The camera's angle was not stated: {ASSUMED_DEG:.0f} degrees were assumed, and vessel "
        "figures hold for that."
    )
    return (
        NO_GRADE,
        *(() if ground.scale.stated else (assumed,)),
        *ground.quality.concerns,
        *(() if model is None else (model.attribution,)),
    )


def parameters(photo: FundusPhoto, ground: Eyeground) -> dict[str, Any]:
    """What changes the numbers, for the provenance."""
    field = ground.canvas.field
    return {
        "file_format": photo.file_format,
        "size_px": list(photo.size_px),
        "field_of_view_deg": ground.scale.degrees,
        "field_of_view_stated": ground.scale.stated,
        "field_center_px": [round(v * photo.file_px, 1) for v in (field.x_px, field.y_px)],
        "field_diameter_px": round(field.diameter_px * photo.file_px, 1),
        "pixels_per_degree": PIXELS_PER_DEGREE,
        "eye_seen": str(ground.anatomy.by_disc),
    }


def models(ground: Eyeground, model: OperatorModel | None) -> tuple[ModelUsed, ...]:
    screening = referable_model()
    return (
        ground.likeness.used,
        *(network(name).used for name in NETWORKS),
        ModelUsed(screening.name, screening.sha256),
        *(() if model is None else (model.used,)),
    )
