"""Decode, analyze in a thread, store: one transaction, after a short one for the site's norms."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Literal

from sqlalchemy.ext.asyncio import AsyncConnection

from functions.cognitive.schemas import SiteNormCreate, SiteNormRead, SiteNorms
from shared.caller import Caller
from shared.database import transaction
from shared.examination.examine import examine
from shared.examination.pipeline import Method
from shared.examination.request import Order
from shared.permissions import Permission
from shared.pipelines import Pipeline
from shared.recording import RecordingFile
from shared.schemas import AssessmentRead
from shared.vocabulary import BiomarkerKind, Findings, StageMarker

if TYPE_CHECKING:
    from functions.cognitive.sitenorms import SiteNorm

VERSION = "1.1.0"


@dataclass(frozen=True)
class SessionFields:
    """What a log may not say about its task and its person."""

    task: str | None
    sex: Literal["female", "male"] | None
    age_years: float | None
    education_years: float | None
    mapping: str | None = None


async def analyze(
    caller: Caller, order: Order, files: tuple[RecordingFile, ...], fields: SessionFields
) -> AssessmentRead:
    """Examine one sitting; what the site expects of a person has to be known before."""
    from functions.cognitive import sites

    opened = transaction.begin(caller, Permission.CREATE_ASSESSMENT, read_only=True)
    async with opened as connection:
        norms = await sites.newest_norms(connection, VERSION)
    return await examine(caller, order, method(), files, fields, partial(measure, site_norms=norms))


@cache
def method() -> Method:
    from functions.cognitive import decode, norms, refusals

    return Method(
        Pipeline.COGNITIVE,
        VERSION,
        formats=decode.FORMATS,
        limits={"max_files": refusals.MAX_FILES},
        biomarkers={
            name: BiomarkerKind(one.unit, one.category, one.meaning)
            for name, one in norms.CATALOG.items()
        },
        ranges={},
        sources=norms.SOURCES,
    )


def measure(
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


async def create_site_norm(connection: AsyncConnection, wanted: SiteNormCreate) -> SiteNormRead:
    from functions.cognitive import sites

    return await sites.create_site_norm(connection, wanted, VERSION)


async def list_site_norms(connection: AsyncConnection) -> SiteNorms:
    from functions.cognitive import sites

    return await sites.list_site_norms(connection)
