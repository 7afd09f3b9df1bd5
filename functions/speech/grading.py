"""Which values get a reference range and how far they can be trusted."""

from collections.abc import Mapping
from dataclasses import dataclass

from functions.speech.norms import ADULT_YEARS, NORMS
from functions.speech.quality import (
    MAX_CLIPPED_PERCENT,
    MIN_BIT_RATE,
    MIN_FS_HZ,
    MIN_SNR_DB,
    Quality,
)
from functions.speech.sound import Sound
from functions.speech.task import Task
from shared.biomarkers import Circumstances, reference_range
from shared.record import Measured
from shared.vocabulary import Sex

# Measured on one healthy /a/ through eight encoders: F0 and jitter survive all but the lowest rate,
# these change (shimmer by up to 61 %, HNR by up to 2.8 dB and CPPS by up to 1.7 dB).
CHANGED_BY_CODECS = frozenset(
    {"shimmer_local", "shimmer_apq3", "shimmer_apq11", "shimmer_local_db", "hnr", "cpps", "avqi"}
)
CHANGED_BY_NOISE = CHANGED_BY_CODECS | {"jitter_local", "jitter_rap", "jitter_ppq5"}
NOT_GRADED_BY_CODEC = "Shimmer, HNR and CPPS are not graded, too few bits a second change them:"
NOT_GRADED_BY_NOISE = (
    "Jitter, shimmer, HNR and CPPS are not graded: the recording is too noisy, clipped or sampled "
    "too slowly for the published limits."
)
LOSSY_CONFIDENCE, LOW_BIT_RATE_CONFIDENCE = 0.8, 0.5


@dataclass(frozen=True)
class Context:
    """Everything beside the sound that decides what its values mean."""

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
        """Too noisy, too clipped or sampled too slowly for the published limits."""
        quality = self.quality
        noisy = quality.snr_db is not None and quality.snr_db < MIN_SNR_DB
        clipped = quality.clipped_percent > MAX_CLIPPED_PERCENT
        return noisy or clipped or self.sound.fs_hz < MIN_FS_HZ


def biomarkers_of(values: Mapping[str, float], context: Context) -> tuple[Measured, ...]:
    """Every measured value with its confidence and, where one applies, its range."""
    given = Circumstances(context.sex, context.age_years, context.task)
    return tuple(
        Measured(
            name,
            value,
            confidence_in(name, context),
            None if is_ungraded(name, context) else reference_range(NORMS, name, given),
        )
        for name, value in values.items()
    )


def confidence_in(name: str, context: Context) -> float:
    """The recording's quality, or less where the codec is known to change this measure."""
    if context.sound.bit_rate is None or name not in CHANGED_BY_CODECS:
        return context.quality.score
    codec = LOW_BIT_RATE_CONFIDENCE if context.quality.low_bit_rate else LOSSY_CONFIDENCE
    return min(context.quality.score, codec)


def is_ungraded(name: str, context: Context) -> bool:
    """Whether the recording is too poor to hold a value against its limit."""
    if context.quality.low_bit_rate and name in CHANGED_BY_CODECS:
        return True
    return context.is_noisy and name in CHANGED_BY_NOISE


def ungraded_warnings(context: Context) -> tuple[str, ...]:
    """Why some values stand without a grade."""
    found = (
        (
            context.quality.low_bit_rate,
            f"{NOT_GRADED_BY_CODEC} {context.sound.codec}, {MIN_BIT_RATE / 1000:g} kbit/s needed.",
        ),
        (
            context.is_noisy,
            NOT_GRADED_BY_NOISE,
        ),
        (context.is_child, "Nothing is graded: the published limits are those of adults."),
    )
    return tuple(sentence for is_found, sentence in found if is_found)
