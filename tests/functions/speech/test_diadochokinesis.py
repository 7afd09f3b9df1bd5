import numpy as np
import pytest

from functions.speech import praat
from functions.speech.contour import Contour
from functions.speech.diadochokinesis import (
    LEVEL_FLOOR_HZ,
    Repetition,
    TooFewSyllables,
    longest_train,
    repetition,
)
from local.samples import voice
from local.samples.voice_kinds import flat_syllables, plosives
from tests.functions.speech.encoding import sound_of


def level_of(sample: voice.SyntheticVoice) -> Contour:
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

        train = repetition(level_of(sample))

        assert len(train.syllables_s) == len(sample.syllables_s)
        assert train.rate_per_s == pytest.approx(1 / intervals_s.mean(), rel=0.01)
        true_percent = 100 * intervals_s.std(ddof=1) / intervals_s.mean()
        assert train.regularity_percent == pytest.approx(true_percent, abs=1.0)

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


class TestOnsets:
    @pytest.mark.parametrize("hnr_db", [20.0, 40.0])
    @pytest.mark.parametrize("sounding", [0.4, 0.6, 0.8])
    @pytest.mark.parametrize("rate", [2.0, 3.0, 5.0, 7.0])
    def test_flat_syllables_of_a_clock_are_even(
        self, rate: float, sounding: float, hnr_db: float
    ) -> None:
        sample = flat_syllables(rate=rate, sounding=sounding, hnr_db=hnr_db)

        train = repetition(level_of(sample))

        assert len(train.syllables_s) == 12
        assert train.rate_per_s == pytest.approx(rate, rel=0.005)
        assert train.regularity_percent < 1

    def test_uneven_flat_syllables_are_as_uneven_as_they_are(self) -> None:
        sample = flat_syllables(rate=5, syllables=30, variation_percent=10)
        intervals_s = np.diff(sample.syllables_s)

        train = repetition(level_of(sample))

        true_percent = 100 * intervals_s.std(ddof=1) / intervals_s.mean()
        assert train.regularity_percent == pytest.approx(true_percent, abs=0.3)
        assert np.std(train.syllables_s - sample.syllables_s) < 0.002

    @pytest.mark.parametrize("voice_onset_ms", [10, 40, 80])
    def test_burst_is_no_syllable(self, voice_onset_ms: float) -> None:
        sample, _ = plosives(voice_onset_ms)

        train = repetition(level_of(sample))

        assert len(train.syllables_s) == len(sample.syllables_s)
        assert train.regularity_percent < 3

    def test_halves_share_their_border(self) -> None:
        first, second = Repetition(np.arange(9) / 5).halves

        assert first.syllables_s[-1] == second.syllables_s[0]
        assert len(first.syllables_s) == len(second.syllables_s) == 5
