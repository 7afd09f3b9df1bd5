import numpy as np
import pytest

from functions.speech import praat
from functions.speech.diadochokinesis import (
    LEVEL_FLOOR_HZ,
    Repetition,
    TooFewSyllables,
    longest_train,
    repetition,
)
from local.samples import voice
from tests.functions.speech.encoding import sound_of


def level_of(sample: voice.SyntheticVoice) -> praat.Contour:
    sound = sound_of(sample)
    return praat.intensity_contour(praat.praat_sound(sound.samples, sound.fs_hz), LEVEL_FLOOR_HZ)


class TestRepetition:
    @pytest.mark.parametrize(
        ("rate", "variation_percent"), [(3.0, 4.0), (5.0, 8.0), (6.5, 5.0), (7.5, 12.0)]
    )
    def test_rate_and_regularity_are_those_of_the_syllables(
        self, rate: float, variation_percent: float
    ) -> None:
        sample = voice.repetition(rate=rate, variation_percent=variation_percent, fs_hz=16_000)
        intervals_s = np.diff(sample.syllables_s)

        found = repetition(level_of(sample))

        assert len(found.syllables_s) == len(sample.syllables_s)
        assert found.rate_per_s == pytest.approx(1 / intervals_s.mean(), rel=0.01)
        true_percent = 100 * intervals_s.std(ddof=1) / intervals_s.mean()
        assert found.regularity_percent == pytest.approx(true_percent, abs=1.0)

    def test_clock_is_perfectly_regular(self) -> None:
        assert Repetition(np.arange(10) / 5).regularity_percent == pytest.approx(0, abs=1e-9)

    def test_few_syllables_are_refused(self) -> None:
        with pytest.raises(TooFewSyllables, match="Found 4 repeated syllables"):
            repetition(level_of(voice.repetition(syllables=4)))


class TestLongestTrain:
    def test_breath_ends_a_train(self) -> None:
        first, second = np.arange(5) / 5, 3 + np.arange(9) / 5

        assert longest_train(np.r_[first, second]).tolist() == second.tolist()

    def test_slow_repetition_is_no_breath(self) -> None:
        assert len(longest_train(np.arange(10, dtype=np.float64) * 0.7)) == 10

    def test_single_syllable_is_its_own_train(self) -> None:
        assert longest_train(np.array([1.0])).tolist() == [1.0]
