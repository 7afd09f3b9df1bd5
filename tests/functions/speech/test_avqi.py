import numpy as np
import pytest

from functions.speech.avqi import (
    TooLittleVoicedSpeech,
    acoustic_voice_quality_index,
    voiced_windows,
    zero_crossings_hz,
)
from functions.speech.sound import Sound
from local.samples.voice import reading, sustained_vowel
from tests.functions.speech.encoding import sound_of

FS_HZ = 22_050


def index_at(hnr_db: float) -> float:
    speech = sound_of(reading(phrases=3, fs_hz=FS_HZ))
    noise = np.random.default_rng(1).standard_normal(len(speech.samples))
    scale = np.sqrt(np.mean(speech.samples**2) / 10 ** (hnr_db / 10))
    noisy = Sound(np.clip(speech.samples + scale * noise, -1, 1), FS_HZ, "pcm_s16le")
    vowel = sound_of(sustained_vowel(duration_s=2, hnr_db=hnr_db, fs_hz=FS_HZ))
    return acoustic_voice_quality_index(noisy, vowel)


class TestAcousticVoiceQualityIndex:
    def test_index_grows_with_hoarseness(self) -> None:
        clear, hoarse = index_at(35), index_at(10)

        assert 0 < clear < 4
        assert hoarse > clear + 1

    def test_little_speech_is_refused(self) -> None:
        vowel = sound_of(sustained_vowel(duration_s=2, fs_hz=FS_HZ))

        with pytest.raises(TooLittleVoicedSpeech, match="needs 1 s"):
            acoustic_voice_quality_index(sound_of(reading(phrases=1, syllables=4)), vowel)


class TestVoicedWindows:
    def test_weak_and_hissing_windows_are_left_out(self) -> None:
        times_s = np.arange(FS_HZ) / FS_HZ
        voice = np.sin(2 * np.pi * 150 * times_s)
        hiss = np.sin(2 * np.pi * 6_000 * times_s)

        windows = voiced_windows(np.r_[voice, 0.1 * voice, hiss], FS_HZ)

        assert len(windows) / FS_HZ == pytest.approx(1, abs=0.1)


class TestZeroCrossings:
    def test_sine_crosses_twice_a_period(self) -> None:
        window = np.sin(2 * np.pi * 500 * np.arange(661) / FS_HZ + 0.1)

        assert zero_crossings_hz(window, FS_HZ) == pytest.approx(1000, rel=0.01)

    def test_window_without_crossing_does_not_count(self) -> None:
        assert zero_crossings_hz(np.ones(661), FS_HZ) == np.inf
