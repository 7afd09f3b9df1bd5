"""The pipeline of skin lesions, declared; the same lesion's earlier assessment is known before."""

from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Annotated, Literal
from uuid import UUID

from fastapi import Form
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.dermatology import queries
from functions.dermatology.earlier import Earlier
from shared.database.repositories import pictures, stored_assessments
from shared.examination.method_card import MethodCard
from shared.examination.operator_model import admitted, withheld
from shared.examination.pipeline import Pipeline
from shared.examination.request import AnalysisRequest
from shared.examination.run import Analyze
from shared.model_settings import DermatologySettings
from shared.pipelines import PipelineName
from shared.record import Findings, StageMarker
from shared.recording import RecordingFile
from shared.science.images.camera_time import camera_time
from shared.settings import load

if TYPE_CHECKING:
    from shared.science.models.slot import OperatorModel

VERSION = "1.2.0"

BodyLocation = Literal[
    "scalp", "face", "neck", "chest", "abdomen", "back", "arm", "hand", "palm", "leg", "foot",
    "sole", "nail", "genital", "mucosa",
]  # fmt: skip


@dataclass(frozen=True)
class LesionFields:
    """What the picture cannot say of the lesion, its scale and its person."""

    image_source: Annotated[
        Literal["dermoscopy", "clinical"] | None,
        Form(description="Through a dermatoscope or not; the total score is for the former alone"),
    ] = None
    lesion_key: Annotated[
        str | None,
        Form(
            pattern=r"^[A-Za-z0-9._-]{1,64}$",
            description="Your name for this lesion of this person: compared with its last picture",
        ),
    ] = None
    mm_per_px: Annotated[
        float | None,
        Form(gt=0, le=10, description="Millimeters per pixel of the picture as it is sent"),
    ] = None
    body_location: Annotated[BodyLocation | None, Form()] = None
    fitzpatrick_type: Annotated[int | None, Form(ge=1, le=6)] = None


@cache
def card() -> MethodCard:
    from functions.dermatology import norms, refusals
    from shared.science.images import unreadable

    return MethodCard(
        pipeline=PipelineName.DERMATOLOGY,
        version=VERSION,
        formats=unreadable.FORMATS,
        limits={
            **unreadable.LIMITS,
            "min_side_px": unreadable.MIN_SIDE_PX,
            "min_lesion_px": refusals.MIN_DIAMETER_PX,
        },
        biomarkers=norms.BIOMARKERS,
        norms=norms.NORMS,
        sources=norms.SOURCES,
        takes_operator_model=True,
    )


def analyze(
    files: tuple[RecordingFile, ...],
    fields: LesionFields,
    stage: StageMarker,
    earlier: Earlier | None = None,
    models_allowed: frozenset[str] | None = None,
) -> Findings:
    """Measure one picture; the numeric libraries load here."""
    from functions.dermatology import analysis, decode
    from functions.dermatology.results import Asked

    installed = installed_model()
    model = admitted(installed, models_allowed)
    with stage("decode"):
        photograph = decode.decode(files)
    asked = Asked(
        fields.image_source,
        fields.mm_per_px,
        fields.body_location,
        fields.fitzpatrick_type,
        fields.lesion_key,
    )
    findings = analysis.analyze(photograph, asked, earlier, model, stage)
    if installed is None or model:
        return findings
    return withheld(findings, "classes", installed.name)


def installed_model() -> "OperatorModel | None":
    """Return the operator's model, if the settings name one.

    Raises
    ------
    SettingsMissing, UnusableModel
    """
    from shared.science.models.slot import installed

    settings = load(DermatologySettings)
    return installed(settings.dermatology_model, settings.dermatology_model_sha256)


async def informed(
    connection: AsyncConnection, requested: AnalysisRequest, fields: LesionFields
) -> Analyze[LesionFields]:
    """Return the analysis with the same lesion's latest earlier assessment, if there is one."""
    if fields.lesion_key is None:
        return analyze
    earlier_id = await queries.earlier_assessment_id(
        connection, requested.subject_id, fields.lesion_key, requested.recorded_at
    )
    if earlier_id is None:
        return analyze
    return partial(analyze, earlier=await _earlier(connection, earlier_id))


async def _earlier(connection: AsyncConnection, assessment_id: UUID) -> Earlier | None:
    """Read what is compared; each reading is audited as any other."""
    stored = await stored_assessments.get_assessment(connection, assessment_id)
    mask = await pictures.get_picture(connection, assessment_id, "lesion_mask")
    if stored is None or stored.result is None:
        return None
    lightness, green_red, blue_yellow = stored.result["lesion_lab"]
    areas = [value.value for value in stored.biomarkers if value.name == "lesion_area_mm2"]
    return Earlier(
        assessment_id=str(assessment_id),
        recorded_at=stored.recorded_at.isoformat(),
        version=stored.pipeline_version,
        area_mm2=areas[0] if areas else None,
        lab=(lightness, green_red, blue_yellow),
        mask_png=mask.content if mask else None,
    )


PIPELINE = Pipeline(
    name=PipelineName.DERMATOLOGY,
    summary="Skin lesions: border, asymmetry, colors, structures, change",
    description=(
        "Measure a picture of one skin lesion and store what was found.\n\n"
        "With a `lesion_key`, it is compared with the latest earlier picture of the same lesion."
    ),
    fields=LesionFields,
    card=card,
    analyze=analyze,
    clock=camera_time,
    informed=informed,
    settings=(DermatologySettings,),
)
