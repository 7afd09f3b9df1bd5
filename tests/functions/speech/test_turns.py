import numpy as np
import pytest

from functions.speech.contour import Contour
from functions.speech.turns import has_several_speakers

STEP_S = 0.01


def contour(f0_hz: np.ndarray) -> Contour:
    return Contour(np.arange(len(f0_hz), dtype=np.float64) * STEP_S, f0_hz)


def voiced(f0_hz: float, duration_s: float, seed: int = 0) -> np.ndarray:
    spread = np.random.default_rng(seed).normal(0, 0.7, round(duration_s / STEP_S))
    return np.asarray(f0_hz * 2 ** (spread / 12))


class TestHasSeveralSpeakers:
    def test_two_people_take_turns(self) -> None:
        rest = np.full(40, np.nan)
        talk = np.r_[voiced(105, 2), rest, voiced(215, 2.5), rest, voiced(105, 1.5)]

        assert has_several_speakers(contour(talk))

    def test_one_lively_voice_is_one(self) -> None:
        spread = np.random.default_rng(0).normal(0, 3, 1000)

        assert not has_several_speakers(contour(120 * 2 ** (spread / 12)))

    @pytest.mark.parametrize("ratio", [0.5, 2.0])
    @pytest.mark.parametrize("length_s", [0.05, 0.2, 0.5])
    def test_octave_errors_and_creak_within_phrases_are_one_voice(
        self, ratio: float, length_s: float
    ) -> None:
        f0_hz = voiced(120, 12)
        for start in range(60, len(f0_hz), 120):  # up to two fifths of the time
            f0_hz[start : start + round(length_s / STEP_S)] *= ratio

        assert not has_several_speakers(contour(f0_hz))

    def test_constant_pitch_is_one_voice(self) -> None:
        assert not has_several_speakers(contour(np.full(10, 100.0)))

    def test_nothing_voiced_is_no_crowd(self) -> None:
        assert not has_several_speakers(contour(np.full(10, np.nan)))
