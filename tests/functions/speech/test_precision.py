import math

from functions.speech.course import voice_course
from functions.speech.precision import of_vowel_halves
from shared.science.halves import half_differences
from tests.functions.speech.encoding import quick_vowel, sound_of


class TestHalfDifferences:
    def test_half_of_the_difference_is_given(self) -> None:
        halves = half_differences({"hnr": 20.0, "cpps": 15.0}, {"hnr": 18.0, "cpps": 15.0})

        assert halves["hnr"] == {"first_half": 20, "second_half": 18, "half_difference": 1}
        assert halves["cpps"]["half_difference"] == 0

    def test_what_one_half_lacks_is_left_out(self) -> None:
        assert half_differences({"hnr": 20.0, "cpps": 1.0}, {"hnr": math.nan}) == {}


class TestOfVowelHalves:
    def test_only_measured_values_have_a_precision(self) -> None:
        sound = sound_of(quick_vowel(duration_s=2))

        halves = of_vowel_halves({"hnr": 20.0}, sound, voice_course(sound), 5000, (0.25, 1.75))

        assert set(halves) == {"hnr"}

    def test_short_part_has_none(self) -> None:
        sound = sound_of(quick_vowel(duration_s=1))

        assert of_vowel_halves({}, sound, voice_course(sound), 5000, (0.1, 0.9)) == {}
