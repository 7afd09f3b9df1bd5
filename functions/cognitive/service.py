"""The pipeline of task logs, declared; what the site expects of a person is known before."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Annotated

from fastapi import Form
from pydantic import AfterValidator
from sqlalchemy.ext.asyncio import AsyncConnection

from functions.cognitive.clock import recording_time
from functions.cognitive.schemas import SiteNormCreate, SiteNormRead, SiteNorms
from shared.examination.method_card import MethodCard
from shared.examination.pipeline import Pipeline
from shared.examination.request import AnalysisRequest
from shared.examination.run import Analyze
from shared.pipelines import PipelineName
from shared.record import Findings, StageMarker
from shared.recording import RecordingFile
from shared.text import Prose
from shared.vocabulary import Sex

if TYPE_CHECKING:
    from functions.cognitive.sitenorms import SiteNorm

VERSION = "1.1.0"


def known_task(name: str | None) -> str | None:
    """Refuse what is the name of no task: the name is kept with the record."""
    from functions.cognitive.profiles import profile_named, profiles

    if name is None:
        return None
    profile = profile_named(name)
    if profile is None:
        raise ValueError(f"expected one of {', '.join(profile.task for profile in profiles())}")
    return profile.task


@dataclass(frozen=True)
class SessionFields:
    """What a log may not say about its task and its person."""

    task: Annotated[
        str | None,
        Form(max_length=64, description="The task, for a log that does not tell"),
        AfterValidator(known_task),
    ] = None
    sex: Annotated[Sex | None, Form()] = None
    age_years: Annotated[
        float | None, Form(ge=0, le=130, description="Without it there is no z-score")
    ] = None
    education_years: Annotated[float | None, Form(ge=0, le=40)] = None
    mapping: Annotated[
        Prose | None,
        Form(
            max_length=16_384,
            description="JSON: columns (column to role), values (column, value to meaning), unit",
        ),
    ] = None


@cache
def card() -> MethodCard:
    from functions.cognitive import decode, norms, refusals

    return MethodCard(
        pipeline=PipelineName.COGNITIVE,
        version=VERSION,
        formats=decode.FORMATS,
        limits={"max_files": refusals.MAX_FILES},
        biomarkers=norms.BIOMARKERS,
        norms=norms.NORMS,
        sources=norms.SOURCES,
    )


def analyze(
    files: tuple[RecordingFile, ...],
    fields: SessionFields,
    stage: StageMarker,
    site_norms: "Sequence[SiteNorm]" = (),
) -> Findings:
    from functions.cognitive import analysis, decode, mapping

    with stage("decode"):
        columns = mapping.read_mapping(fields.mapping)
        session = decode.decode(files, task=fields.task, mapping=columns)
    return analysis.analyze(
        session,
        age_years=fields.age_years,
        sex=fields.sex,
        education_years=fields.education_years,
        site_norms=site_norms,
        stage=stage,
    )


async def informed(
    connection: AsyncConnection, _requested: AnalysisRequest, _fields: SessionFields
) -> Analyze[SessionFields]:
    """Return the analysis with the newest norms of the caller's organization."""
    from functions.cognitive import sites

    return partial(analyze, site_norms=await sites.newest_norms(connection, VERSION))


async def create_site_norm(connection: AsyncConnection, wanted: SiteNormCreate) -> SiteNormRead:
    from functions.cognitive import sites

    return await sites.create_site_norm(connection, wanted, VERSION)


async def list_site_norms(connection: AsyncConnection) -> SiteNorms:
    from functions.cognitive import sites

    return await sites.list_site_norms(connection)


PIPELINE = Pipeline(
    name=PipelineName.COGNITIVE,
    summary="Cognitive task logs: speed, accuracy, control, memory, with their errors",
    description="Score the tasks of one sitting and store what was found.",
    fields=SessionFields,
    card=card,
    analyze=analyze,
    clock=recording_time,
    informed=informed,
)
