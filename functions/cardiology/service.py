"""Decode, analyze in a thread, store: one transaction."""

from dataclasses import dataclass
from functools import cache

from shared.caller import Caller
from shared.examination.examine import examine
from shared.examination.pipeline import Method
from shared.examination.request import Order
from shared.pipelines import Pipeline
from shared.recording import RecordingFile
from shared.schemas import AssessmentRead
from shared.vocabulary import Findings, StageMarker

VERSION = "1.0.0"


@dataclass(frozen=True)
class EcgFields:
    """What a file may not say about itself, and what sharpens the reference ranges."""

    fs_hz: float | None
    lead: str | None
    unit: str | None
    sex: str | None
    age_years: int | None


async def analyze(
    caller: Caller, order: Order, files: tuple[RecordingFile, ...], fields: EcgFields
) -> AssessmentRead:
    return await examine(caller, order, method(), files, fields, measure)


@cache
def method() -> Method:
    from functions.cardiology import norms, unreadable

    return Method(
        Pipeline.CARDIOLOGY,
        VERSION,
        formats=unreadable.FORMATS,
        limits={
            "min_fs_hz": unreadable.MIN_FS_HZ,
            "max_fs_hz": unreadable.MAX_FS_HZ,
            "min_duration_s": unreadable.MIN_DURATION_S,
            "max_duration_s": unreadable.MAX_DURATION_S,
        },
        biomarkers=norms.BIOMARKERS,
        ranges={name: [norm.range for norm in known] for name, known in norms.NORMS.items()},
        sources=norms.SOURCES,
    )


def measure(files: tuple[RecordingFile, ...], fields: EcgFields, stage: StageMarker) -> Findings:
    """Measure one recording; numpy loads here, so that a health check never pays for it."""
    from functions.cardiology import analysis, decode

    with stage("decode"):
        ecg = decode.decode(files, fs_hz=fields.fs_hz, lead=fields.lead, unit=fields.unit)
    return analysis.analyze(ecg, sex=fields.sex, age_years=fields.age_years, stage=stage)
