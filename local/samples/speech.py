"""The voices that the demo shows: name, age in days, task, and how to make the files."""

from collections.abc import Callable, Sequence

from local.samples.voice import SyntheticVoice, reading, repetition, sustained_vowel, wav_bytes
from local.samples.voice_files import encoded
from local.samples.voice_kinds import corner_vowels
from shared.recording import RecordingFile

F0_HZ = 195.0  # of a woman
CORNERS_FS_HZ = 44_100


def _file(name: str, voice: SyntheticVoice) -> Sequence[RecordingFile]:
    suffix = name.partition("_")[0]
    return [RecordingFile(f"voice.{suffix}", encoded(name, voice.samples, voice.fs_hz))]


def _vowel() -> Sequence[RecordingFile]:
    return _file("wav", sustained_vowel(f0_hz=F0_HZ, silence_s=0.5, hnr_db=38, seed=1))


def _hoarse() -> Sequence[RecordingFile]:
    voice = sustained_vowel(
        f0_hz=F0_HZ - 15, jitter_percent=2, shimmer_percent=9, hnr_db=8, tremor_hz=5, seed=2
    )
    return _file("flac", voice)


def _browser() -> Sequence[RecordingFile]:
    voice = sustained_vowel(f0_hz=F0_HZ, silence_s=0.5, hnr_db=38, fs_hz=48_000, seed=3)
    return _file("webm_live", voice)


def _reading() -> Sequence[RecordingFile]:
    return _file("wav", reading(phrases=6, f0_hz=F0_HZ, seed=4))


def _repetition() -> Sequence[RecordingFile]:
    return _file("wav", repetition(seed=5))


def _corner_vowels() -> Sequence[RecordingFile]:
    return [
        RecordingFile("voice.wav", wav_bytes(corner_vowels(fs_hz=CORNERS_FS_HZ), CORNERS_FS_HZ))
    ]


SAMPLES: list[tuple[str, int, str, Callable[[], Sequence[RecordingFile]]]] = [
    ("vowel, WAV", 65, "sustained_vowel", _vowel),
    ("reading, WAV", 64, "speech", _reading),
    ("syllables, WAV", 63, "diadochokinesis", _repetition),
    ("corner vowels, WAV", 62, "corner_vowels", _corner_vowels),
    ("hoarse vowel, FLAC", 25, "sustained_vowel", _hoarse),
    ("vowel as browsers record it, WebM", 4, "sustained_vowel", _browser),
]
