import io
import wave

import numpy as np
import pytest

from local.samples.voice import reading, repetition, sustained_vowel, wav_bytes
from tests.nonempty import nonempty


class TestSustainedVowel:
    @pytest.mark.parametrize(("jitter", "shimmer"), [(0.0, 0.0), (0.5, 2.0), (2.0, 8.0)])
    def test_pulses_have_the_wanted_perturbation(self, jitter: float, shimmer: float) -> None:
        pulses = sustained_vowel(
            duration_s=6, jitter_percent=jitter, shimmer_percent=shimmer
        ).pulses

        assert pulses.jitter_percent == pytest.approx(jitter, rel=0.1, abs=1e-9)
        assert pulses.shimmer_percent == pytest.approx(shimmer, rel=0.1, abs=1e-9)

    def test_noise_has_the_wanted_power(self) -> None:
        clean = sustained_vowel(hnr_db=None).samples
        noise = sustained_vowel(hnr_db=20).samples - clean

        ratio_db = 10 * np.log10(np.mean(clean**2) / np.mean(noise**2))

        assert ratio_db == pytest.approx(20, abs=0.1)

    def test_period_is_that_of_the_pitch(self) -> None:
        times_s = sustained_vowel(f0_hz=200, jitter_percent=0).pulses.times_s

        np.testing.assert_allclose(np.diff(times_s), 1 / 200)

    def test_same_seed_gives_the_same_voice(self) -> None:
        first, second = (sustained_vowel(duration_s=1, seed=5).samples for _ in range(2))

        assert (first == second).all()


class TestReading:
    def test_pauses_are_silent_and_syllables_sound(self) -> None:
        voice = reading(pause_s=0.8)
        level = np.abs(voice.samples)

        for start_s, end_s in nonempty(voice.pauses):
            assert level[round(start_s * voice.fs_hz) : round(end_s * voice.fs_hz)].max() < 0.02
        for time_s in nonempty(voice.syllables_s):
            center = round(time_s * voice.fs_hz)
            assert level[center - 400 : center + 400].max() > 0.1


class TestRepetition:
    def test_intervals_have_the_wanted_mean(self) -> None:
        voice = repetition(rate=5, variation_percent=0)

        np.testing.assert_allclose(np.diff(voice.syllables_s), 0.2)


class TestWavBytes:
    def test_file_holds_the_samples(self) -> None:
        samples = np.stack([np.linspace(-1, 1, 100), np.zeros(100)], axis=1)

        with wave.open(io.BytesIO(wav_bytes(samples, 8_000))) as file:
            assert (file.getnchannels(), file.getframerate(), file.getnframes()) == (2, 8_000, 100)
            pcm = np.frombuffer(file.readframes(100), "<i2").reshape(-1, 2)
        np.testing.assert_allclose(pcm / 32_767, samples, atol=1e-4)
