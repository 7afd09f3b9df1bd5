import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.speech import praat
from functions.speech.contour import Contour
from functions.speech.course import voice_course
from functions.speech.diadochokinesis import LEVEL_FLOOR_HZ
from functions.speech.tremor import amplitude, longest_stretch, vocal_tremor
from tests.functions.speech.encoding import quick_vowel, sound_of

TIMES_S = np.arange(0, 4, 0.01)


class TestVocalTremor:
    @settings(max_examples=30, deadline=None)
    @given(st.floats(3.2, 11.8), st.floats(0.5, 8), st.floats(0, 6.28), st.floats(-20, 20))
    def test_modulation_of_a_contour_is_found(
        self, frequency_hz: float, percent: float, phase: float, glide_hz: float
    ) -> None:
        wave = np.sin(2 * np.pi * frequency_hz * TIMES_S + phase)
        f0_hz = (150 + glide_hz * TIMES_S / 4) * (1 + percent / 100 * wave)

        tremor = vocal_tremor(Contour(TIMES_S, f0_hz))

        assert tremor is not None
        assert tremor.frequency_hz == pytest.approx(frequency_hz, abs=0.08)
        assert tremor.depth_percent == pytest.approx(percent, rel=0.12)

    @pytest.mark.parametrize(("frequency_hz", "percent"), [(4.0, 3.0), (5.5, 1.5), (8.0, 2.0)])
    def test_tremor_of_a_voice_is_found(self, frequency_hz: float, percent: float) -> None:
        voice = quick_vowel(duration_s=4, tremor_hz=frequency_hz, tremor_percent=percent)

        tremor = vocal_tremor(voice_course(sound_of(voice)).f0)

        assert tremor is not None
        assert tremor.frequency_hz == pytest.approx(frequency_hz, abs=0.1)
        # Pitch is averaged over three periods of the floor, which flattens fast tremor.
        assert tremor.depth_percent == pytest.approx(percent, rel=0.15)

    def test_steady_voice_has_no_tremor_frequency(self) -> None:
        tremor = vocal_tremor(voice_course(sound_of(quick_vowel(duration_s=4))).f0)

        assert tremor is not None
        assert tremor.frequency_hz is None
        assert tremor.depth_percent < 0.3

    @pytest.mark.parametrize("seed", range(20))
    def test_smoothed_noise_is_no_tremor(self, seed: int) -> None:
        noise = np.random.default_rng(seed).standard_normal(len(TIMES_S) + 7)
        smooth = np.convolve(noise, np.ones(8) / 8, "valid")

        tremor = vocal_tremor(Contour(TIMES_S, 150 + smooth))

        assert tremor is not None
        assert tremor.frequency_hz is None

    def test_slow_melody_is_no_tremor(self) -> None:
        f0_hz = 150 * (1 + 0.05 * np.sin(2 * np.pi * 1.0 * TIMES_S))

        tremor = vocal_tremor(Contour(TIMES_S, f0_hz))

        assert tremor is not None
        assert tremor.depth_percent < 0.01

    def test_constant_pitch_has_no_depth(self) -> None:
        tremor = vocal_tremor(Contour(TIMES_S, np.full(len(TIMES_S), 128.0)))

        assert tremor is not None
        assert tremor.depth_percent == pytest.approx(0, abs=1e-9)
        assert tremor.frequency_hz is None

    def test_short_vowel_has_no_answer(self) -> None:
        assert vocal_tremor(Contour(TIMES_S[:150], np.full(150, 120.0))) is None

    def test_broken_vowel_has_no_answer(self) -> None:
        f0_hz = np.full(len(TIMES_S), 120.0)
        f0_hz[::150] = np.nan

        assert vocal_tremor(Contour(TIMES_S, f0_hz)) is None


class TestLongestStretch:
    def test_unvoiced_contour_is_empty(self) -> None:
        times_s, f0_hz = longest_stretch(Contour(TIMES_S, np.full(len(TIMES_S), np.nan)))

        assert len(times_s) == len(f0_hz) == 0


class TestAmplitude:
    @pytest.mark.parametrize(("frequency_hz", "percent"), [(4.0, 20.0), (5.5, 8.0), (9.0, 15.0)])
    @pytest.mark.parametrize("f0_hz", [110.0, 220.0])
    def test_tremor_of_the_loudness_is_found(
        self, f0_hz: float, frequency_hz: float, percent: float
    ) -> None:
        voice = quick_vowel(
            f0_hz=f0_hz, duration_s=4, tremor_hz=frequency_hz, loudness_tremor_percent=percent
        )
        course = voice_course(sound_of(voice))
        level = praat.intensity_contour(course.whole, LEVEL_FLOOR_HZ)

        tremor = vocal_tremor(amplitude(level, course.f0).within(0.2, 3.8))

        assert tremor is not None
        assert tremor.frequency_hz == pytest.approx(frequency_hz, abs=0.1)
        # The level is averaged over 32 ms, which flattens fast tremor.
        assert tremor.depth_percent == pytest.approx(percent, rel=0.15)

    def test_steady_loudness_has_no_frequency(self) -> None:
        course = voice_course(sound_of(quick_vowel(duration_s=4)))
        level = praat.intensity_contour(course.whole, LEVEL_FLOOR_HZ)

        tremor = vocal_tremor(amplitude(level, course.f0).within(0.2, 3.8))

        assert tremor is not None
        assert tremor.frequency_hz is None
        assert tremor.depth_percent < 1

    def test_unvoiced_frames_have_no_amplitude(self) -> None:
        times_s = np.arange(10) / 10
        f0 = Contour(times_s, np.where(times_s < 0.5, 120.0, np.nan))

        contour = amplitude(Contour(times_s, np.full(10, -20.0)), f0)

        assert contour.values[:5] == pytest.approx(0.1)
        assert np.isnan(contour.values[5:]).all()
