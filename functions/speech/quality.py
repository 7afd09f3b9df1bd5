"""Whether a recording is good enough, and for what.

`judge(sound, course, level, task) -> Quality`; `refuse_tone(sound, course)`,
`refuse_noise(quality, task)` and `refuse_machine(jitter)` stop what is no voice at all.

The score is that of the weakest link: a clipped recording is not saved by its silence. Each link is
1 at the recommended value and falls in a straight line to 0 where nothing can be measured. Limits:
noise by Deliyski, Shaw & Evans (2005), doi:10.1016/j.jvoice.2004.07.003 (42 dB recommended, 30 dB
acceptable for perturbation); rate by the same authors, doi:10.1080/1401543051006721 (26 kHz
recommended for perturbation).
"""

from dataclasses import dataclass

import numpy as np

from functions.speech.praat import Contour
from functions.speech.prosody import mean_level_db, silence_threshold_db, voiced_at
from functions.speech.sound import Flags, Floats, Sound, peak_of
from functions.speech.task import Task
from functions.speech.voice import Course
from shared.errors import UnusableRecording
from shared.science.signals import spans

# Points of each link: (values, scores).
NOISE_LINK = ((10.0, 30.0, 42.0), (0.0, 0.5, 1.0))  # dB
LEVEL_LINK = ((-60.0, -40.0), (0.0, 1.0))  # dB of full scale; 16 bits round at -98 dB
CLIPPING_LINK = ((0.1, 5.0), (1.0, 0.0))  # percent
RATE_LINK = ((8_000.0, 16_000.0, 26_000.0), (0.3, 0.7, 1.0))  # Hz
VOWEL_VOICED_LINK = ((0.5, 0.95), (0.0, 1.0))
SPEECH_VOICED_LINK = ((0.1, 0.3), (0.0, 1.0))  # voiceless sounds and pauses belong to speech
VOWEL_DURATION_LINK = ((1.0, 3.0), (0.3, 1.0))  # s
SPEECH_DURATION_LINK = ((1.0, 10.0), (0.3, 1.0))  # s

MIN_SNR_DB, MAX_CLIPPED_PERCENT, MIN_LEVEL_DB = 30.0, 0.1, -40.0
MIN_FS_HZ, RECOMMENDED_FS_HZ = 16_000.0, 26_000.0
MIN_BIT_RATE = 96_000.0  # measured on a sustained /a/: below it shimmer moves by up to 61 %
LOSSY_SCORE, LOW_BIT_RATE_SCORE = 0.9, 0.6
RECOMMENDED_VOWEL_S = 3.0
MIN_VOICED_SHARES = {
    Task.SUSTAINED_VOWEL: 0.3,  # half of a hoarse vowel may be lost, not nearly all
    Task.SPEECH: 0.1,
    Task.DIADOCHOKINESIS: 0.05,  # devoiced vowels are usual
}
MIN_VOWEL_VOICED_SHARE = 0.8  # less is a voice without clear periods (type 3 of Titze 1995)

CLIP_STEP = 2.0**-15  # samples that differ by less are equal in a 16-bit file
CLIP_RUN = 3
MIN_CLIP_PEAK = 0.05  # below it a 16-bit step is coarse enough to make many peaks equal
QUIET_QUANTILE = 0.1  # of the frames of a pause: breath lies above
MIN_QUIET_S = 0.4  # without voice at a stretch: voiceless consonants are shorter
MAX_SNR_DB = 90.0  # digital silence has no noise at all

# Two voices: log F0 falls into two groups, apart by Ashman's D, doi:10.1086/117248
# (above 2 is separation; a split of one even spread already reaches 3.5).
MIN_VOICE_GAP_ST, MIN_ASHMAN_D, MIN_GROUP_SHARE = 6.0, 4.0, 0.2

TONE_WINDOW_S = 0.1
MAX_TONE_S = 10.0  # bounds the memory
TONE_BINS = 2  # on both sides: a Hann window's main lobe
TONE_SHARE = 0.995  # of the power in one spectral line; a sung /u/ stays below
MACHINE_JITTER_PERCENT = 0.02  # a tenth of what the steadiest voices have


class ToneNotVoice(UnusableRecording):
    """A tone of a machine: it is periodic, but no voice."""

    code = "tone-not-voice"

    def __init__(self) -> None:
        super().__init__(
            "The sound is a single frequency or steadier than any voice; expected a human voice."
        )


class NoiseNotVoice(UnusableRecording):
    """There are voiced moments, but what sounds is mostly something else."""

    code = "noise-not-voice"

    def __init__(self, found: float, expected: float) -> None:
        super().__init__(
            f"Only {100 * found:.0f} % of what sounds is voiced; expected {100 * expected:.0f} % "
            "or more. Noise and whispering cannot be measured."
        )


@dataclass(frozen=True)
class Quality:
    """How good a recording is.

    Attributes
    ----------
    score : float
        0-1, the weakest link.
    snr_db : float or None
        Level of the voice over that of its rests; None where it never rests.
    noise_hides_pauses : bool
        Whether the noise lies above the level that counts as silence.
    concerns : tuple of str
        Why a professional should look, in sentences.
    """

    score: float
    clipped_percent: float
    level_db: float
    snr_db: float | None
    voiced_share: float
    noise_hides_pauses: bool
    several_voices: bool
    low_bit_rate: bool
    concerns: tuple[str, ...]


def judge(sound: Sound, course: Course, level: Contour, task: Task) -> Quality:
    """Judge a recording whose pitch and level are known."""
    voiced = voiced_at(course.f0, level.times_s)
    voice_db = mean_level_db(level.values[voiced]) if voiced.any() else float(level.values.max())
    noise = noise_db(level, voiced if task is not Task.SUSTAINED_VOWEL else extent(course, level))
    snr_db = None if noise is None else min(MAX_SNR_DB, voice_db - noise)
    measures = Quality(
        score=0.0,
        clipped_percent=clipped_percent(sound.samples),
        level_db=voice_db,
        snr_db=snr_db,
        voiced_share=voiced_share(course, level, task),
        noise_hides_pauses=noise is not None and noise > silence_threshold_db(level.values),
        several_voices=has_several_voices(course.f0.values[course.f0.present]),
        low_bit_rate=sound.bit_rate is not None and sound.bit_rate < MIN_BIT_RATE,
        concerns=(),
    )
    return Quality(
        **{
            **vars(measures),
            "score": min(links(sound, course, measures, task)),
            "concerns": tuple(concerns(sound, course, measures, task)),
        }
    )


def links(sound: Sound, course: Course, quality: Quality, task: Task) -> list[float]:
    """Score of every link, 0-1."""
    first_s, last_s = course.extent_s
    is_vowel = task is Task.SUSTAINED_VOWEL
    codec = LOW_BIT_RATE_SCORE if quality.low_bit_rate else LOSSY_SCORE
    scores = [
        linked(quality.level_db, LEVEL_LINK),
        linked(quality.clipped_percent, CLIPPING_LINK),
        linked(sound.fs_hz, RATE_LINK),
        linked(quality.voiced_share, VOWEL_VOICED_LINK if is_vowel else SPEECH_VOICED_LINK),
        linked(last_s - first_s, VOWEL_DURATION_LINK if is_vowel else SPEECH_DURATION_LINK),
        1.0 if sound.bit_rate is None else codec,
    ]
    return scores if quality.snr_db is None else [*scores, linked(quality.snr_db, NOISE_LINK)]


def linked(value: float, link: tuple[tuple[float, ...], tuple[float, ...]]) -> float:
    return float(np.interp(value, *link))


def concerns(sound: Sound, course: Course, quality: Quality, task: Task) -> list[str]:
    """What a professional should know before using the numbers."""
    first_s, last_s = course.extent_s
    is_vowel = task is Task.SUSTAINED_VOWEL
    found = (
        (
            quality.clipped_percent > MAX_CLIPPED_PERCENT,
            f"{quality.clipped_percent:.1f} % of the samples are clipped",
        ),
        (
            quality.snr_db is not None and quality.snr_db < MIN_SNR_DB,
            f"The voice is less than {MIN_SNR_DB:g} dB above the noise",
        ),
        (quality.level_db < MIN_LEVEL_DB, "The recording is very quiet"),
        (sound.fs_hz < MIN_FS_HZ, f"The sampling rate is below {MIN_FS_HZ:g} Hz"),
        (
            is_vowel and last_s - first_s < RECOMMENDED_VOWEL_S,
            f"The vowel is shorter than {RECOMMENDED_VOWEL_S:g} s",
        ),
        (is_vowel and quality.voiced_share < MIN_VOWEL_VOICED_SHARE, "The vowel breaks off"),
        (task is Task.SPEECH and quality.several_voices, "More than one voice may be speaking"),
    )
    return [sentence for is_found, sentence in found if is_found]


def clipped_percent(samples: Floats) -> float:
    """Share of samples in runs of `CLIP_RUN` or more at the largest amplitude of the file.

    The peaks of a voice differ from period to period, so hardly one of them reaches it unclipped.
    """
    peak = peak_of(samples)
    if peak < MIN_CLIP_PEAK:
        return 0.0
    at_peak = (samples >= peak - CLIP_STEP) | (samples <= CLIP_STEP - peak)
    clipped = sum(stop - start for start, stop in spans(at_peak, at_least=CLIP_RUN))
    return float(100 * clipped / len(samples))


def extent(course: Course, level: Contour) -> Flags:
    """Frames of a vowel: a part that lost its voice is breath, not the noise of the room."""
    first_s, last_s = course.extent_s
    return (level.times_s >= first_s) & (level.times_s <= last_s)


def noise_db(level: Contour, voiced: Flags) -> float | None:
    """Level of the quiet frames; None where the voice never rests for `MIN_QUIET_S`."""
    rests = [
        level.values[start:stop]
        for start, stop in spans(~voiced)
        if (stop - start) * level.step_s >= MIN_QUIET_S
    ]
    return float(np.quantile(np.concatenate(rests), QUIET_QUANTILE)) if rests else None


def voiced_share(course: Course, level: Contour, task: Task) -> float:
    """Of a vowel from its first to its last voiced frame; of speech, of the frames that sound."""
    if task is Task.SUSTAINED_VOWEL:
        return float(course.f0.within(*course.extent_s).present.mean())
    loud = level.values > silence_threshold_db(level.values)
    return float(voiced_at(course.f0, level.times_s[loud]).mean())


def has_several_voices(f0_hz: Floats) -> bool:
    """Whether the pitch falls into two separate groups, as with two speakers."""
    semitones = 12 * np.log2(f0_hz)
    lower, upper = two_groups(semitones)
    if min(len(lower), len(upper)) < MIN_GROUP_SHARE * len(semitones):
        return False
    gap = float(upper.mean() - lower.mean())
    spread = float(np.sqrt((lower.var() + upper.var()) / 2))
    return gap > MIN_VOICE_GAP_ST and gap > MIN_ASHMAN_D * spread


def two_groups(values: Floats) -> tuple[Floats, Floats]:
    """Split at the middle of the two means, until it stays (k-means in one dimension)."""
    middle = float(values.min() + values.max()) / 2
    for _ in range(50):  # converges within a few steps
        lower, upper = values[values <= middle], values[values > middle]
        if not len(upper):
            return lower, upper
        moved = float(lower.mean() + upper.mean()) / 2
        if moved == middle:
            break
        middle = moved
    return lower, upper


def refuse_tone(sound: Sound, course: Course) -> None:
    """Refuse a recording whose power lies in one spectral line.

    Raises
    ------
    ToneNotVoice
    """
    first_s, last_s = course.extent_s
    part = sound.part(first_s, min(last_s, first_s + MAX_TONE_S))
    if tone_share(part, sound.fs_hz) > TONE_SHARE:
        raise ToneNotVoice


def refuse_noise(quality: Quality, task: Task) -> None:
    """Refuse a recording in which hardly anything is voiced.

    Raises
    ------
    NoiseNotVoice
    """
    if quality.voiced_share < MIN_VOICED_SHARES[task]:
        raise NoiseNotVoice(quality.voiced_share, MIN_VOICED_SHARES[task])


def refuse_machine(jitter_local_percent: float) -> None:
    """Refuse a vowel that is steadier than a human voice can be.

    Raises
    ------
    ToneNotVoice
    """
    if jitter_local_percent < MACHINE_JITTER_PERCENT:
        raise ToneNotVoice


def tone_share(samples: Floats, fs_hz: float) -> float:
    """Share of the power within the strongest spectral line, DC left out."""
    length = round(TONE_WINDOW_S * fs_hz)
    pieces = samples[: len(samples) // length * length].reshape(-1, length)
    pieces = pieces - pieces.mean(axis=1, keepdims=True)
    power = np.mean(np.abs(np.fft.rfft(pieces * np.hanning(length), axis=1)) ** 2, axis=0)
    strongest = int(power.argmax())
    line = power[max(0, strongest - TONE_BINS) : strongest + TONE_BINS + 1]
    return float(line.sum() / power.sum()) if power.sum() > 0 else 0.0
