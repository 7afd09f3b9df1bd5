import numpy as np
import pytest

from functions.speech.contour import Contour, PitchRange
from functions.speech.passes import compare, runs_of

SEARCH = PitchRange(105, 210)


def contour(*parts: tuple[float, float], step_s: float = 0.03) -> Contour:
    """Stretches of a pitch (Hz, NaN for none) and a duration (s)."""
    f0_hz = np.concatenate([np.full(round(s / step_s), hz) for hz, s in parts])
    return Contour(np.arange(len(f0_hz), dtype=np.float64) * step_s, f0_hz)


class TestCompare:
    def test_octave_jump_of_the_first_pass_is_told(self) -> None:
        first = contour((140, 1.2), (280, 0.6), (140, 1.2))
        second = contour((140, 3.0), step_s=0.005)

        passes = compare(first, second, SEARCH)

        assert passes.excursion_s == pytest.approx(0.6)
        assert passes.extremes_hz == pytest.approx((280, 280))
        assert passes.first.f0_sd_hz == pytest.approx(56, abs=1)
        assert passes.second.f0_sd_hz == 0
        assert "For 0.6 s" in passes.sentence
        assert "from 60 to 600 Hz it is 168 Hz" in passes.sentence
        assert "from 105 to 210 Hz it is 140 Hz" in passes.sentence

    @pytest.mark.parametrize(
        "first",
        [
            contour((140, 3.0)),
            contour((140, 1.0), (np.nan, 1.0), (150, 1.0)),
            contour((140, 1.0), (280, 0.06), (140, 1.0)),  # an error of two frames
            contour((np.nan, 1.0)),
        ],
    )
    def test_passes_that_agree_have_no_excursion(self, first: Contour) -> None:
        assert not compare(first, contour((140, 3.0)), SEARCH).disagree


class TestRunsOf:
    def test_only_lasting_runs_stay(self) -> None:
        flags = np.array([1, 1, 0, 1, 1, 1, 0, 1], bool)

        assert runs_of(flags, 0.1, 0.25).tolist() == [0, 0, 0, 1, 1, 1, 0, 0]
