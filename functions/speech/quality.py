"""Whether a recording is good enough, and for what.

`judge(sound, course, level, task) -> Quality`; `refuse_noise(quality, task)` stops what is hardly
voiced at all.

The score is that of the weakest link: a clipped recording is not saved by its silence. Each link is
1 at the recommended value and falls in a straight line to 0 where nothing can be measured. Limits:
noise by Deliyski, Shaw & Evans (2005), doi:10.1016/j.jvoice.2004.07.003 (42 dB recommended, 30 dB
acceptable for perturbation); rate by the same authors, doi:10.1080/1401543051006721 (26 kHz
recommended for perturbation). Every other point of a link, and a score that stands for a state, is
this project's own, set on the recordings that the method card names: it orders recordings and is
no probability.

Deviations: noise is heard in the rests of the voice rather than known, so a steady noise counts as
the authors' does and one that comes and goes is missed.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from functions.speech import praat
from functions.speech.clipping import clipped_percent
from functions.speech.contour import Contour
from functions.speech.course import EDGE_S, Course
from functions.speech.no_voice import NoiseNotVoice, WhisperNotVoice
from functions.speech.noise import noise_between
from functions.speech.passes import Passes
from functions.speech.periodicity import (
    CHANCE_CPPS_DB,
    MIN_SHARE,
    is_melody,
    simultaneous_pitches,
)
from functions.speech.prosody import mean_level_db, silence_threshold_db, voiced_at
from functions.speech.sound import Flags, Sound
from functions.speech.task import Task
from functions.speech.turns import has_several_speakers
from functions.speech.voice import MAX_CEPSTRUM_S

# Points of each link: (values, scores).
NOISE_LINK = ((10.0, 30.0, 42.0), (0.0, 0.5, 1.0))  # dB
LEVEL_LINK = ((-60.0, -40.0), (0.0, 1.0))  # dB of full scale; 16 bits round at -101 dB
CLIPPING_LINK = ((0.1, 5.0), (1.0, 0.0))  # percent
RATE_LINK = ((8_000.0, 16_000.0, 26_000.0), (0.3, 0.7, 1.0))  # Hz
VOWEL_VOICED_LINK = ((0.5, 0.95), (0.0, 1.0))  # of a held vowel nearly all is voiced
SPEECH_VOICED_LINK = ((0.1, 0.3), (0.0, 1.0))  # voiceless sounds and pauses belong to speech
VOWEL_DURATION_LINK = ((0.5, 1.0, 3.0), (0.2, 0.3, 1.0))  # s
CEPSTRUM_LINK = ((CHANCE_CPPS_DB, 5.0), (0.2, 1.0))  # dB; speech with noise at 5 dB has 3.5
UNSURE_PITCH_SCORE = 0.4  # where it is not known which pitch is the voice's
SILENCED_SCORE = 0.6  # where the noise cannot be heard, because something took it away
SPEECH_DURATION_LINK = ((1.0, 10.0), (0.3, 1.0))  # s

# Where a link begins to fall, or the authors call it acceptable: below it a professional looks.
MIN_SNR_DB, MAX_CLIPPED_PERCENT, MIN_LEVEL_DB = 30.0, 0.1, -40.0
MIN_FS_HZ = 16_000.0
LOSSY_SCORE = 0.9  # own choice: below any uncompressed recording that lacks nothing
RECOMMENDED_VOWEL_S = 3.0  # as much as is analyzed, `voice.MAX_ANALYZED_S`
MIN_VOICED_SHARES = {
    Task.SUSTAINED_VOWEL: 0.3,  # half of a hoarse vowel may be lost, not nearly all
    Task.SPEECH: 0.1,
    Task.CORNER_VOWELS: 0.3,
    Task.DIADOCHOKINESIS: 0.05,  # devoiced vowels are usual
}
MIN_VOWEL_VOICED_SHARE = 0.8  # less is a voice without clear periods (type 3 of Titze 1995)

TWO_PITCHES = (
    "Two pitches sound at the same time: more than one voice, or one voice with two pitches "
    "(diplophonia)"
)
MELODY = "The vowel is not held on one pitch: it moves like a melody or like speech"
SILENCED_RESTS = (
    "The rests are silent as no room is: a noise gate, an editor or a codec removed the noise, so "
    "the signal-to-noise ratio is not known"
)


@dataclass(frozen=True)
class Quality:
    """How good a recording is.

    Attributes
    ----------
    score : float
        0-1, the weakest link.
    snr_db : float or None
        Level of the voice over that of its rests; None where it never rests, or where its rests
        were silenced.
    silenced_rests : bool
        Whether a noise gate, an editor or a codec took away what could be heard in the rests.
    noise_hides_pauses : bool
        Whether the noise lies above the level that counts as silence.
    cepstral_peak_db : float
        CPPS from the first voiced frame on.
    several_speakers : bool
        Whether running speech alternates between two groups of pitch.
    two_pitches : bool
        Whether two pitches sound at the same time: two voices, or one that is diplophonic.
    melody : bool
        Whether what should be one held vowel moves from note to note.
    concerns : tuple of str
        Why a professional should look, in sentences.
    """

    score: float
    clipped_percent: float
    level_db: float
    snr_db: float | None
    silenced_rests: bool
    voiced_share: float
    noise_hides_pauses: bool
    cepstral_peak_db: float
    several_speakers: bool
    two_pitches: bool
    melody: bool
    concerns: tuple[str, ...]

    @property
    def pitch_is_one(self) -> bool:
        """Whether there is one pitch to measure."""
        return not (self.two_pitches or self.melody)


def judge(
    sound: Sound, course: Course, level: Contour, task: Task, passes: Passes | None = None
) -> Quality:
    """Judge a recording whose pitch and level are known; `passes` of a vowel."""
    voiced = voiced_at(course.f0, level.times_s)
    voice_db = mean_level_db(level.values[voiced]) if voiced.any() else float(level.values.max())
    is_vowel = task is Task.SUSTAINED_VOWEL
    rests = noise_between(level, extent(course, level) if is_vowel else voiced, voice_db)
    noise_db = rests.noise_db
    first_s, last_s = course.extent_s
    measures = Quality(
        score=0.0,
        clipped_percent=clipped_percent(sound.samples),
        level_db=voice_db,
        snr_db=None if noise_db is None else voice_db - noise_db,
        silenced_rests=rests.silenced,
        voiced_share=voiced_share(course, level, task),
        noise_hides_pauses=noise_db is not None and noise_db > silence_threshold_db(level.values),
        cepstral_peak_db=cepstral_peak_db(sound, course),
        several_speakers=task is Task.SPEECH and has_several_speakers(course.f0),
        two_pitches=simultaneous_pitches(sound.part(first_s, last_s), sound.fs_hz) >= MIN_SHARE,
        melody=is_vowel and is_melody(course.f0.within(first_s + EDGE_S, last_s - EDGE_S)),
        concerns=(),
    )
    return Quality(
        **{
            **vars(measures),
            "score": min(links(sound, course, measures, task, passes)),
            "concerns": tuple(concerns(sound, course, measures, task, passes)),
        }
    )


def cepstral_peak_db(sound: Sound, course: Course) -> float:
    """Measure CPPS over at most `MAX_CEPSTRUM_S` from the first voiced frame on."""
    first_s, last_s = course.extent_s
    part = praat.part(sound, first_s, min(last_s, first_s + MAX_CEPSTRUM_S))
    return praat.cpps_db(part)


def links(
    sound: Sound, course: Course, quality: Quality, task: Task, passes: Passes | None
) -> list[float]:
    """Score of every link, 0-1."""
    first_s, last_s = course.extent_s
    is_vowel = task is Task.SUSTAINED_VOWEL
    is_unsure = not quality.pitch_is_one or (passes is not None and passes.disagree)
    scores = [
        linked(quality.level_db, LEVEL_LINK),
        linked(quality.clipped_percent, CLIPPING_LINK),
        linked(sound.fs_hz, RATE_LINK),
        linked(quality.voiced_share, VOWEL_VOICED_LINK if is_vowel else SPEECH_VOICED_LINK),
        linked(last_s - first_s, VOWEL_DURATION_LINK if is_vowel else SPEECH_DURATION_LINK),
        linked(quality.cepstral_peak_db, CEPSTRUM_LINK),
        UNSURE_PITCH_SCORE if is_unsure else 1.0,
        SILENCED_SCORE if quality.silenced_rests else 1.0,
        1.0 if sound.stream is None else LOSSY_SCORE,
    ]
    return scores if quality.snr_db is None else [*scores, linked(quality.snr_db, NOISE_LINK)]


def linked(value: float, link: tuple[tuple[float, ...], tuple[float, ...]]) -> float:
    return float(np.interp(value, *link))


def concerns(
    sound: Sound, course: Course, quality: Quality, task: Task, passes: Passes | None
) -> list[str]:
    """What a professional should know before using the numbers."""
    observations = [
        (sound.missing_end is not None, sound.missing_end or ""),
        (quality.two_pitches, TWO_PITCHES),
        (quality.melody, MELODY),
        (passes is not None and passes.disagree, passes.sentence if passes is not None else ""),
        *of_the_room(sound, quality),
        *(of_a_vowel(course, quality) if task is Task.SUSTAINED_VOWEL else ()),
        (quality.several_speakers, "More than one voice may be speaking"),
    ]
    return [sentence for holds, sentence in observations if holds]


def of_the_room(sound: Sound, quality: Quality) -> Iterator[tuple[bool, str]]:
    """What room and recorder did to the sound."""
    yield quality.silenced_rests, SILENCED_RESTS
    clipped = quality.clipped_percent
    yield clipped > MAX_CLIPPED_PERCENT, f"{clipped:.1f} % of the samples are clipped"
    is_noisy = quality.snr_db is not None and quality.snr_db < MIN_SNR_DB
    yield is_noisy, f"The voice is less than {MIN_SNR_DB:g} dB above the noise"
    yield quality.level_db < MIN_LEVEL_DB, "The recording is very quiet"
    yield sound.fs_hz < MIN_FS_HZ, f"The sampling rate is below {MIN_FS_HZ:g} Hz"


def of_a_vowel(course: Course, quality: Quality) -> Iterator[tuple[bool, str]]:
    first_s, last_s = course.extent_s
    is_short = last_s - first_s < RECOMMENDED_VOWEL_S
    yield is_short, f"The vowel is shorter than {RECOMMENDED_VOWEL_S:g} s"
    yield quality.voiced_share < MIN_VOWEL_VOICED_SHARE, "The vowel breaks off"


def extent(course: Course, level: Contour) -> Flags:
    """Frames of a vowel: a part that lost its voice is breath, not the noise of the room."""
    first_s, last_s = course.extent_s
    return (level.times_s >= first_s) & (level.times_s <= last_s)


def voiced_share(course: Course, level: Contour, task: Task) -> float:
    """Of a vowel from its first to its last voiced frame; of speech, of the frames that sound."""
    if task is Task.SUSTAINED_VOWEL:
        return float(course.f0.within(*course.extent_s).present.mean())
    loud = level.values > silence_threshold_db(level.values)
    return float(voiced_at(course.f0, level.times_s[loud]).mean())


def refuse_noise(quality: Quality, task: Task) -> None:
    """Refuse a recording in which hardly anything is voiced, or nothing is periodic.

    Raises
    ------
    NoiseNotVoice, WhisperNotVoice
    """
    if quality.voiced_share < MIN_VOICED_SHARES[task]:
        raise NoiseNotVoice(quality.voiced_share, MIN_VOICED_SHARES[task])
    if quality.cepstral_peak_db < CHANCE_CPPS_DB and task is not Task.DIADOCHOKINESIS:
        raise WhisperNotVoice(quality.cepstral_peak_db)
