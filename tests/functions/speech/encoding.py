"""Synthetic voices as the tests of this folder want them."""

from functools import cache
from typing import Any

from functions.speech.sound import Sound
from local.samples.voice import SyntheticVoice, sustained_vowel
from local.samples.voice_files import encoded
from shared.recording import RecordingFile


def sound_of(voice: SyntheticVoice) -> Sound:
    """A synthetic voice as if decoded from a WAV file, without its rounding."""
    return Sound(voice.samples, float(voice.fs_hz), "pcm_s16le")


def quick_vowel(*, duration_s: float = 2.0, **truth: Any) -> SyntheticVoice:
    """A vowel at 16 kHz, where Praat's cross-correlation costs a sixth."""
    return sustained_vowel(duration_s=duration_s, fs_hz=16_000, **truth)


@cache
def vowel_file(name: str) -> RecordingFile:
    """A steady /a/ of two seconds at 48 kHz in a format."""
    voice = sustained_vowel(duration_s=2, hnr_db=30, fs_hz=48_000)
    return RecordingFile("voice", encoded(name, voice.samples, voice.fs_hz))
