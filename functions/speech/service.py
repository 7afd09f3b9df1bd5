"""The pipeline of voices, declared."""

from dataclasses import dataclass, replace
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import Form

from functions.speech.clock import recording_time
from shared.errors import UnreadableUpload
from shared.examination.method_card import MethodCard
from shared.examination.operator_model import admitted, withheld
from shared.examination.pipeline import Pipeline
from shared.model_settings import SpeechSettings
from shared.pipelines import PipelineName
from shared.record import Findings, StageMarker
from shared.recording import RecordingFile
from shared.settings import load
from shared.vocabulary import Sex

if TYPE_CHECKING:
    from functions.speech.model_slot import VoiceModel

VERSION = "2.0.0"

# Praat keeps its state for the whole process: one analysis at a time.
ONE_AT_A_TIME = Lock()


class TooManyRecordings(UnreadableUpload):
    """More files came than a recording and the vowel that goes with it."""

    code = "too-many-files"

    def __init__(self, files: int) -> None:
        super().__init__(f"{files} files came; expected the recording and at most one vowel.")


@dataclass(frozen=True)
class SpeechFields:
    """What was said, and by whom."""

    task: Annotated[
        Literal["sustained_vowel", "speech", "corner_vowels", "diadochokinesis"],
        Form(description="What the person was asked to do"),
    ]
    sex: Annotated[Sex | None, Form(description="Formant settings differ by it")] = None
    age_years: Annotated[int | None, Form(ge=0, le=130)] = None


@cache
def card() -> MethodCard:
    from functions.speech import norms, unreadable

    return MethodCard(
        pipeline=PipelineName.SPEECH,
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
        takes_operator_model=True,
    )


def analyze(
    files: tuple[RecordingFile, ...],
    fields: SpeechFields,
    stage: StageMarker,
    models_allowed: frozenset[str] | None = None,
) -> Findings:
    """Measure one recording; Praat loads here, so that a health check never pays for it."""
    from functions.speech import analysis, decode
    from functions.speech.task import Task

    installed = installed_model()
    model = admitted(installed, models_allowed)
    with stage("decode"):
        if len(files) > 2:
            raise TooManyRecordings(len(files))
        sound, *vowel = [decode.decode_sound(file) for file in files]
    with ONE_AT_A_TIME:
        findings = analysis.analyze(
            sound,
            task=Task(fields.task),
            sex=fields.sex,
            age_years=fields.age_years,
            vowel=vowel[0] if vowel else None,
            model=model,
            stage=stage,
        )
    if installed is None or model:
        return findings
    warnings = tuple(warning for warning in findings.warnings if warning != analysis.NO_MODEL)
    return withheld(replace(findings, warnings=warnings), installed.target, installed.name)


@cache
def installed_model() -> "VoiceModel | None":
    """Return the operator's model, if the settings name one; a wrong one ends the analysis.

    Raises
    ------
    SettingsMissing, UnusableModel
    """
    from functions.speech.model_slot import read_model

    settings = load(SpeechSettings)
    if settings.speech_model is None or settings.speech_model_sha256 is None:
        return None
    return read_model(settings.speech_model.read_bytes(), settings.speech_model_sha256)


PIPELINE = Pipeline(
    name=PipelineName.SPEECH,
    summary="Voices: pitch, perturbation, noise, resonance, timing, tremor",
    description=(
        "Measure a voice and store what was found.\n\n"
        "For running speech, a second file may hold a sustained vowel of the same person: the voice"
        "\nquality index needs both."
    ),
    fields=SpeechFields,
    card=card,
    analyze=analyze,
    clock=recording_time,
    settings=(SpeechSettings,),
)
