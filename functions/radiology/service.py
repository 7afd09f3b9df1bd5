"""The pipeline of chest films, declared."""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import Form

from functions.radiology.clock import recording_time
from shared.examination.method_card import MethodCard
from shared.examination.operator_model import admitted, withheld
from shared.examination.pipeline import Pipeline
from shared.model_settings import RadiologySettings
from shared.pipelines import PipelineName
from shared.record import Findings, StageMarker
from shared.recording import RecordingFile
from shared.settings import load

if TYPE_CHECKING:
    from shared.science.models.slot import OperatorModel

VERSION = "1.0.0"


@dataclass(frozen=True)
class RadiologyFields:
    """How the film was taken, and of whom; what is left out is read from a DICOM file."""

    view: Annotated[
        Literal["PA", "AP", "lateral"] | None,
        Form(description="How the person stood to the tube; limits hold for PA alone"),
    ] = None
    position: Annotated[
        Literal["upright", "supine"] | None, Form(description="Supine: no cardiothoracic ratio")
    ] = None
    age_years: Annotated[int | None, Form(ge=0, le=130)] = None


@cache
def card() -> MethodCard:
    from functions.radiology import decode, norms, quality
    from shared.science.images.unreadable import LIMITS

    return MethodCard(
        pipeline=PipelineName.RADIOLOGY,
        version=VERSION,
        formats=decode.FORMATS,
        limits={"min_side_px": quality.MIN_SIDE_PX, **LIMITS},
        biomarkers=norms.BIOMARKERS,
        norms=norms.NORMS,
        sources=norms.SOURCES,
        takes_operator_model=True,
    )


def analyze(
    files: tuple[RecordingFile, ...],
    fields: RadiologyFields,
    stage: StageMarker,
    models_allowed: frozenset[str] | None = None,
) -> Findings:
    """Measure one film; numeric libraries load here, so that a health check never pays for them."""
    from functions.radiology import analysis, decode
    from functions.radiology.film import View
    from shared.science.images.decode import only_file

    installed = installed_model()
    model = admitted(installed, models_allowed)
    with stage("decode"):
        film = decode.decode_film(only_file(files))
    taking = analysis.Taking(
        View(fields.view) if fields.view else None, fields.position, fields.age_years
    )
    findings = analysis.analyze(film, taking=taking, model=model, stage=stage)
    if installed is None or model:
        return findings
    return withheld(findings, "findings", installed.name)


def installed_model() -> "OperatorModel | None":
    """Return the operator's model, if the settings name one.

    Raises
    ------
    SettingsMissing, UnusableModel
    """
    from shared.science.models.slot import installed

    settings = load(RadiologySettings)
    return installed(settings.radiology_model, settings.radiology_model_sha256)


PIPELINE = Pipeline(
    name=PipelineName.RADIOLOGY,
    summary="Chest films: outlines of lungs and heart, cardiothoracic ratio, density by zone",
    description="Measure one frontal chest film and store what was found.",
    fields=RadiologyFields,
    card=card,
    analyze=analyze,
    clock=recording_time,
    settings=(RadiologySettings,),
)
