"""What the numbers say in words, and what the operator's model says, if there is one."""

from collections.abc import Iterator

from functions.radiology.film import Film, View
from functions.radiology.heart_size import HeartSize
from functions.radiology.norms import ADULT_YEARS, ENLARGED, INDETERMINATE
from shared.record import Absence, Risk, RiskPoint
from shared.vocabulary import RiskLevel

ENLARGED_SCORE = 40.0  # should be looked at; the same scale as in cardiology
NO_MODEL = (
    "No finding is named: no model of the operator is installed, and MediLens ships none that "
    "names a disease (docs/models.md)."
)


def judged(size: HeartSize, view: View | None, age_years: float | None) -> str | None:
    """Name the size of the heart by the bands of Simkus 2021; None where they do not apply."""
    if view is not View.PA or (age_years is not None and age_years < ADULT_YEARS):
        return None
    if size.ratio < INDETERMINATE:
        return "normal"
    return "enlarged" if size.ratio > ENLARGED else "indeterminate"


def risk(judgment: str | None) -> Risk | None:
    if judgment is None:
        return None
    if judgment != "enlarged":
        return Risk(0.0, RiskLevel.LOW, ())
    point = RiskPoint("cardiothoracic ratio above 0.55", ENLARGED_SCORE, "simkus-2021")
    return Risk(ENLARGED_SCORE, RiskLevel.MODERATE, (point,))


def view_warnings(view: View | None, age_years: float | None) -> Iterator[str]:
    """Say why the ratio is not held against its limit."""
    if view is None:
        yield (
            "The view is not stated: the cardiothoracic ratio is given without its limit, which "
            "holds for PA films."
        )
    if view is View.PA and age_years is None:
        yield "The age is not stated: the limit of the cardiothoracic ratio is that of adults."
    if age_years is not None and age_years < ADULT_YEARS:
        yield "The limit of the cardiothoracic ratio is that of adults and is not applied."


def view_conflict(stated: View | None, film: Film) -> Iterator[str]:
    if stated and film.view and stated is not film.view:
        yield f"The form says {stated} and the file {film.view}: the form is taken."


def missing_millimeters() -> tuple[Absence, ...]:
    detail = "The file does not state how far its pixels are apart (DICOM Imager Pixel Spacing)."
    names = ("heart_width_mm", "thorax_width_mm")
    return tuple(Absence(name, "no-scale", detail) for name in names)


def missing_ratio(view: str) -> Absence:
    return Absence(
        "cardiothoracic_ratio",
        "not-in-this-view",
        f"On {view} films the heart is magnified more than the thorax; the ratio is that of "
        "upright PA films.",
    )
