"""Decode, analyze in a thread, store: one transaction."""

from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Literal

from shared.caller import Caller
from shared.errors import UnreadableUpload
from shared.examination.examine import examine
from shared.examination.pipeline import Method
from shared.examination.request import Order
from shared.pipelines import Pipeline
from shared.recording import RecordingFile
from shared.schemas import AssessmentRead
from shared.settings import SpeechSettings, load
from shared.vocabulary import Findings, StageMarker

if TYPE_CHECKING:
    from functions.speech.model_slot import VoiceModel

VERSION = "2.0.0"

# Praat keeps its state for the whole process: one analysis at a time.
ONE_AT_A_TIME = Lock()


class TooManyRecordings(UnreadableUpload):
    """More files than a recording and the vowel that goes with it."""

    code = "too-many-files"

    def __init__(self, found: int) -> None:
        super().__init__(f"{found} files came; expected the recording and at most one vowel.")


@dataclass(frozen=True)
class SpeechFields:
    """What was said, and by whom."""

    task: Literal["sustained_vowel", "speech", "corner_vowels", "diadochokinesis"]
    sex: Literal["female", "male"] | None
    age_years: int | None


async def analyze(
    caller: Caller, order: Order, files: tuple[RecordingFile, ...], fields: SpeechFields
) -> AssessmentRead:
    return await examine(caller, order, method(), files, fields, measure)


@cache
def method() -> Method:
    from functions.speech import norms, unreadable

    return Method(
        Pipeline.SPEECH,
        VERSION,
        formats=unreadable.FORMATS,
        limits={
            "min_fs_hz": unreadable.MIN_FS_HZ,
            "max_fs_hz": unreadable.MAX_FS_HZ,
            "min_duration_s": unreadable.MIN_DURATION_S,
            "max_duration_s": unreadable.MAX_DURATION_S,
        },
        biomarkers=norms.BIOMARKERS,
        ranges={name: [limit] for name, limit in norms.LIMITS.items()},
        sources=norms.SOURCES,
    )


def measure(files: tuple[RecordingFile, ...], fields: SpeechFields, stage: StageMarker) -> Findings:
    """Measure one recording; Praat loads here, so that a health check never pays for it."""
    from functions.speech import analysis, decode
    from functions.speech.task import Task

    model = installed_model()
    with stage("decode"):
        if len(files) > 2:
            raise TooManyRecordings(len(files))
        sound, *vowel = [decode.decode_sound(file) for file in files]
    with ONE_AT_A_TIME:
        return analysis.analyze(
            sound,
            task=Task(fields.task),
            sex=fields.sex,
            age_years=fields.age_years,
            vowel=vowel[0] if vowel else None,
            model=model,
            stage=stage,
        )


@cache
def installed_model() -> "VoiceModel | None":
    """The operator's model, if the settings name one; a wrong one ends the analysis.

    Raises
    ------
    SettingsMissing, UnusableModel
    """
    from functions.speech.model_slot import read_model

    settings = load(SpeechSettings)
    if settings.speech_model is None or settings.speech_model_sha256 is None:
        return None
    return read_model(settings.speech_model.read_bytes(), settings.speech_model_sha256)
