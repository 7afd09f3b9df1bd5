"""The pipeline of electrocardiograms, declared."""

from dataclasses import dataclass
from functools import cache
from typing import Annotated

from fastapi import Form
from pydantic import AfterValidator

from functions.cardiology.clock import recording_time
from shared.examination.method_card import MethodCard
from shared.examination.pipeline import Pipeline
from shared.pipelines import PipelineName
from shared.record import Findings, StageMarker
from shared.recording import RecordingFile
from shared.vocabulary import Sex

VERSION = "2.3.0"
_STEPS = r"[-+]?[0-9.]{1,18}([eE][-+]?[0-9]{1,3})?"
UNIT = rf"^({_STEPS}(\({_STEPS}\))?/)?(V|mV|uV|µV|μV|nV)$"


def known_lead(name: str | None) -> str | None:
    """Refuse what is the name of no lead: the name is kept with the record."""
    from functions.cardiology.leads import is_lead, lead_name

    if name is None:
        return None
    if not name.isprintable() or not is_lead(name):
        raise ValueError("expected the name of a lead, such as II, V5 or MLII")
    return lead_name(name)


@dataclass(frozen=True)
class EcgFields:
    """What a file may not say about itself, and what sharpens the reference ranges."""

    fs_hz: Annotated[
        float | None,
        Form(gt=0, le=100_000, description="Sampling rate, for a file that does not state one"),
    ] = None
    lead: Annotated[
        str | None,
        Form(max_length=16, description="The lead to analyze, or the name of a single unnamed one"),
        AfterValidator(known_lead),
    ] = None
    unit: Annotated[
        str | None,
        Form(
            max_length=32,
            pattern=UNIT,
            description="Unit of the samples (V, mV, uV, nV) or steps a unit (200/mV), for a file "
            "that does not state one",
        ),
    ] = None
    sex: Annotated[Sex | None, Form(description="Limits of QTc differ by it")] = None
    age_years: Annotated[int | None, Form(ge=0, le=130)] = None


@cache
def card() -> MethodCard:
    from functions.cardiology import norms, unreadable

    return MethodCard(
        pipeline=PipelineName.CARDIOLOGY,
        version=VERSION,
        formats=unreadable.FORMATS,
        limits={
            "min_fs_hz": unreadable.MIN_FS_HZ,
            "max_fs_hz": unreadable.MAX_FS_HZ,
            "min_duration_s": unreadable.MIN_DURATION_S,
            "max_duration_s": unreadable.MAX_DURATION_S,
        },
        biomarkers=norms.BIOMARKERS,
        norms=norms.NORMS,
        sources=norms.SOURCES,
    )


def analyze(files: tuple[RecordingFile, ...], fields: EcgFields, stage: StageMarker) -> Findings:
    """Measure one recording; numpy loads here, so that a health check never pays for it."""
    from functions.cardiology import analysis, decode

    with stage("decode"):
        ecg = decode.decode(files, fs_hz=fields.fs_hz, lead=fields.lead, unit=fields.unit)
    return analysis.analyze(ecg, sex=fields.sex, age_years=fields.age_years, stage=stage)


PIPELINE = Pipeline(
    name=PipelineName.CARDIOLOGY,
    summary="Electrocardiograms: beats, rhythm, intervals, variability",
    description="Measure an electrocardiogram and store what was found.",
    fields=EcgFields,
    card=card,
    analyze=analyze,
    clock=recording_time,
)
