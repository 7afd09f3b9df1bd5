"""Which values get a reference range and how far they can be trusted."""

from collections.abc import Mapping
from dataclasses import dataclass

from functions.speech.codecs import CHANGED_BY_CODECS, SPEECH_CODED, keeps
from functions.speech.norms import ADULT_YEARS, BIOMARKERS, NORMS
from functions.speech.praat import CPPS_RANGE_HZ
from functions.speech.quality import MAX_CLIPPED_PERCENT, MIN_FS_HZ, MIN_SNR_DB, Quality
from functions.speech.sound import Sound, Stream
from functions.speech.task import Task
from functions.speech.voice import is_above_cepstrum
from shared.norms import Circumstances, reference_range
from shared.record import Measured
from shared.vocabulary import Sex

CHANGED_BY_NOISE = CHANGED_BY_CODECS
NOT_GRADED_BY_NOISE = (
    "Jitter, shimmer, HNR and CPPS are not graded: the recording is too noisy, its rests were "
    "silenced, or it is clipped or sampled too slowly for the published limits."
)
NOT_GRADED_BY_HEIGHT = (
    "CPPS is not graded: the voice is too high for the range in which its limit was found "
    f"({CPPS_RANGE_HZ[0]:g} to {CPPS_RANGE_HZ[1]:g} Hz); its peak was searched near its own pitch."
)
# Own choice, an order rather than probabilities: below 1 after any lossy codec, and least where it
# changes the measure.
KEPT_CONFIDENCE, CHANGED_CONFIDENCE = 0.8, 0.5


@dataclass(frozen=True)
class Context:
    """Everything beside the values that decides what they mean.

    Attributes
    ----------
    sound : Sound
        The recording, with what its coding left of it.
    task : Task
        What was spoken.
    quality : Quality
        Whether it is good enough, and for what.
    sex, age_years : Sex or None, float or None
        As stated; they choose the limits.
    """

    sound: Sound
    task: Task
    quality: Quality
    sex: Sex | None = None
    age_years: float | None = None

    @property
    def is_child(self) -> bool:
        return self.age_years is not None and self.age_years < ADULT_YEARS

    @property
    def is_noisy(self) -> bool:
        """Too noisy, cleaned, clipped or sampled too slowly for the published limits."""
        quality = self.quality
        noisy = quality.snr_db is not None and quality.snr_db < MIN_SNR_DB
        clipped = quality.clipped_percent > MAX_CLIPPED_PERCENT
        return noisy or quality.silenced_rests or clipped or self.sound.fs_hz < MIN_FS_HZ


def biomarkers_of(
    values: Mapping[str, float], context: Context, confidences: Mapping[str, float]
) -> tuple[Measured, ...]:
    """Give every measured value its confidence and, where one applies, its range.

    Parameters
    ----------
    values : mapping of str to float
    context : Context
    confidences : mapping of str to float
        Of measures that are less sure than the recording is.

    Returns
    -------
    tuple of Measured
        In the order of the catalog. The confidence is the least of the recording's, the codec's and
        the measure's own.
    """
    given = Circumstances(context.sex, context.age_years, context.task)
    return tuple(
        Measured(
            name,
            value,
            min(confidence_in(name, context), confidences.get(name, 1.0)),
            None if is_ungraded(name, values, context) else reference_range(NORMS, name, given),
        )
        for name, value in in_catalog_order(values)
    )


def in_catalog_order(values: Mapping[str, float]) -> list[tuple[str, float]]:
    """As they are read back from the database."""
    return [(name, values[name]) for name in BIOMARKERS if name in values]


def confidence_in(name: str, context: Context) -> float:
    """The recording's quality, or less where the codec is known to change this measure."""
    stream = context.sound.stream
    if stream is None or name not in CHANGED_BY_CODECS:
        return context.quality.score
    codec = KEPT_CONFIDENCE if keeps(name, stream) else CHANGED_CONFIDENCE
    return min(context.quality.score, codec)


def is_ungraded(name: str, values: Mapping[str, float], context: Context) -> bool:
    """Whether a value cannot be held against its limit, which was found by other means."""
    if (stream := context.sound.stream) is not None and not keeps(name, stream):
        return True
    if name == "cpps" and is_above_cepstrum(values["f0_mean"]):
        return True
    return context.is_noisy and name in CHANGED_BY_NOISE


def ungraded_warnings(values: Mapping[str, float], context: Context) -> tuple[str, ...]:
    """Why some values stand without a grade."""
    stream = context.sound.stream
    lost = [name for name in values if stream is not None and not keeps(name, stream)]
    f0_hz = values.get("f0_mean")
    observations = (
        (
            bool(lost),
            not_graded_by_codec(lost, stream),
        ),
        (
            "cpps" in values and f0_hz is not None and is_above_cepstrum(f0_hz),
            NOT_GRADED_BY_HEIGHT,
        ),
        (context.is_noisy, NOT_GRADED_BY_NOISE),
        (context.is_child, "Nothing is graded: the published limits are those of adults."),
    )
    return tuple(sentence for is_found, sentence in observations if is_found)


def not_graded_by_codec(names: list[str], stream: Stream | None) -> str:
    speech_coded = stream is not None and stream.speech_coded > SPEECH_CODED
    encoding = f"{stream}, coded as speech" if speech_coded else f"{stream}"
    return f"Not graded, because their encoding ({encoding}) changes them: {', '.join(names)}."
