"""The pipeline of fundus photos, declared."""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import Form

from shared.examination.method_card import MethodCard
from shared.examination.operator_model import admitted, withheld
from shared.examination.pipeline import Pipeline
from shared.model_settings import RetinalSettings
from shared.pipelines import PipelineName
from shared.record import Findings, StageMarker
from shared.recording import RecordingFile
from shared.science.images.camera_time import camera_time
from shared.settings import load

if TYPE_CHECKING:
    from shared.science.models.slot import OperatorModel

VERSION = "1.2.0"


@dataclass(frozen=True)
class RetinalFields:
    """What a photo does not say about itself."""

    eye: Annotated[
        Literal["left", "right"] | None,
        Form(description="The eye; without it the side of the optic disc tells"),
    ] = None
    field_of_view_deg: Annotated[
        float | None,
        Form(ge=20, le=70, description="Angle of the camera's field; 45 degrees if not stated"),
    ] = None


@cache
def card() -> MethodCard:
    from functions.retinal import norms, quality
    from shared.science.images.unreadable import FORMATS, LIMITS

    return MethodCard(
        pipeline=PipelineName.RETINAL,
        version=VERSION,
        formats=FORMATS,
        limits={"min_field_px": quality.MIN_FIELD_PX, **LIMITS},
        biomarkers=norms.BIOMARKERS,
        norms=norms.NORMS,
        sources=norms.SOURCES,
        takes_operator_model=True,
    )


def analyze(
    files: tuple[RecordingFile, ...],
    fields: RetinalFields,
    stage: StageMarker,
    models_allowed: frozenset[str] | None = None,
) -> Findings:
    """Measure one photo; numpy and the networks load here, not at a health check."""
    from functions.retinal import analysis, decode
    from functions.retinal.macula import Eye

    installed = installed_model()
    model = admitted(installed, models_allowed)
    with stage("decode"):
        photo = decode.decode_photo(files)
    findings = analysis.analyze(
        photo,
        eye=None if fields.eye is None else Eye(fields.eye),
        field_of_view_deg=fields.field_of_view_deg,
        model=model,
        stage=stage,
    )
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

    settings = load(RetinalSettings)
    return installed(settings.retinal_model, settings.retinal_model_sha256)


PIPELINE = Pipeline(
    name=PipelineName.RETINAL,
    summary="Fundus photos: vessels, optic disc, signs of diabetic retinopathy",
    description=(
        "Measure a color photo of the fundus and store what was found.\n\n"
        "The photo is the camera's own: a round field on a dark surround, the macula in it."
    ),
    fields=RetinalFields,
    card=card,
    analyze=analyze,
    clock=camera_time,
    settings=(RetinalSettings,),
)
