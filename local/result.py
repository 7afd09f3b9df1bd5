"""The one line that each pipeline's result comes down to, read from a typed result."""

from collections.abc import Mapping
from types import MappingProxyType

from pydantic import BaseModel, ConfigDict

from functions.cognitive.validity import Verdict
from shared.pipelines import PipelineName
from shared.schemas import AssessmentRead

VOICE_QUALITY = MappingProxyType(
    {
        True: "voice quality outside the cited limits",
        False: "voice quality within the cited limits",
        None: "voice quality not screened",
    }
)


class Result(BaseModel):
    """The part of a results table that a headline needs; the rest is left alone."""

    model_config = ConfigDict(extra="ignore")

    @property
    def headline(self) -> str:
        raise NotImplementedError


class CardiologyResult(Result):
    rhythm_classification: str | None

    @property
    def headline(self) -> str:
        return self.rhythm_classification or "rhythm not classified"


class SittingValidity(Result):
    verdict: Verdict


class CognitiveResult(Result):
    validity: SittingValidity

    @property
    def headline(self) -> str:
        return f"{self.validity.verdict} session"


class SpeechResult(Result):
    dysphonia_flag: bool | None

    @property
    def headline(self) -> str:
        return VOICE_QUALITY[self.dysphonia_flag]


class RadiologyResult(Result):
    heart_size: str | None

    @property
    def headline(self) -> str:
        return f"heart size {self.heart_size}" if self.heart_size else "heart size not judged"


class DermatologyResult(Result):
    image_source: str | None

    @property
    def headline(self) -> str:
        return f"lesion outlined, {self.image_source or 'source unknown'}"


class RetinalResult(Result):
    eye_laterality: str
    referable_dr_flag: bool

    @property
    def headline(self) -> str:
        eye = "eye not told" if self.eye_laterality == "unknown" else f"{self.eye_laterality} eye"
        return f"{eye}, referable retinopathy {'likely' if self.referable_dr_flag else 'unlikely'}"


# What a result comes down to; of a pipeline without an entry the status is told.
RESULTS: Mapping[PipelineName, type[Result]] = MappingProxyType(
    {
        PipelineName.CARDIOLOGY: CardiologyResult,
        PipelineName.COGNITIVE: CognitiveResult,
        PipelineName.DERMATOLOGY: DermatologyResult,
        PipelineName.RADIOLOGY: RadiologyResult,
        PipelineName.RETINAL: RetinalResult,
        PipelineName.SPEECH: SpeechResult,
    }
)


def headline(assessment: AssessmentRead) -> str:
    """Return the one line that the assessment's result comes down to; without one, its status.

    Raises
    ------
    ValidationError
        If the result is of a release whose shape this one does not know.
    """
    kind = RESULTS.get(PipelineName(assessment.pipeline))
    if assessment.result is None or kind is None:
        return assessment.status
    return kind.model_validate(assessment.result).headline
