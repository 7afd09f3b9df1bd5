import numpy as np
import pytest

from functions.speech.contour import Contour
from functions.speech.vowel_space import (
    Corner,
    NotCornerVowels,
    NotThreeVowels,
    held_vowels,
    vowel_space,
)

# Means of 33 men (Peterson & Barney 1952).
LOW, FRONT, BACK = Corner(730, 1090), Corner(270, 2290), Corner(300, 870)


class TestVowelSpace:
    def test_area_and_ratio_are_those_of_their_formulas(self) -> None:
        space = vowel_space(LOW, FRONT, BACK)

        assert space.area_khz2 == pytest.approx(0.3086, abs=1e-4)
        assert space.centralization_ratio == pytest.approx((870 + 1090 + 270 + 300) / (2290 + 730))

    @pytest.mark.parametrize(
        "vowels", [(FRONT, LOW, BACK), (BACK, FRONT, LOW), (LOW, BACK, FRONT), (LOW, LOW, LOW)]
    )
    def test_other_order_is_refused(self, vowels: tuple[Corner, Corner, Corner]) -> None:
        with pytest.raises(NotCornerVowels):
            vowel_space(*vowels)

    def test_central_vowels_have_a_small_space(self) -> None:
        def central(corner: Corner) -> Corner:
            return Corner((corner.f1_hz + 500) / 2, (corner.f2_hz + 1500) / 2)

        wide, narrow = (
            vowel_space(LOW, FRONT, BACK),
            vowel_space(central(LOW), central(FRONT), central(BACK)),
        )

        assert narrow.area_khz2 == pytest.approx(wide.area_khz2 / 4)
        assert narrow.centralization_ratio > wide.centralization_ratio


class TestHeldVowels:
    def test_middle_of_each_is_taken(self) -> None:
        f0_hz = np.full(400, np.nan)
        for start in (20, 150, 280):
            f0_hz[start : start + 101] = 120.0

        spans = held_vowels(Contour(np.arange(400) / 100, f0_hz))

        assert np.array(spans) == pytest.approx(np.array([(0.4, 1.0), (1.7, 2.3), (3.0, 3.6)]))

    @pytest.mark.parametrize("count", [1, 2, 4])
    def test_other_numbers_are_refused(self, count: int) -> None:
        f0_hz = np.tile(np.r_[np.full(50, 120.0), np.full(20, np.nan)], count)

        with pytest.raises(NotThreeVowels, match=f"Found {count} held vowels"):
            held_vowels(Contour(np.arange(len(f0_hz)) / 100, f0_hz))
