import numpy as np
import pytest

from functions.speech.voice_onset import voice_onset_times_ms
from local.samples.voice_kinds import flat_syllables, plosives
from tests.functions.speech.encoding import quick_vowel


class TestVoiceOnsetTimes:
    @pytest.mark.parametrize("hnr_db", [30.0, 45.0])
    @pytest.mark.parametrize("f0_hz", [110.0, 210.0])
    @pytest.mark.parametrize("voice_onset_ms", [10, 20, 40, 60, 80])
    def test_time_is_from_burst_to_first_pulse(
        self, voice_onset_ms: float, f0_hz: float, hnr_db: float
    ) -> None:
        sample, true_ms = plosives(voice_onset_ms, f0_hz=f0_hz, hnr_db=hnr_db)

        found_ms = voice_onset_times_ms(sample.samples, sample.fs_hz, sample.syllables_s)

        assert len(found_ms) >= 0.7 * len(true_ms)  # a loud first period may hide a burst
        assert np.median(found_ms) == pytest.approx(np.median(true_ms), abs=2.5)

    def test_syllables_without_bursts_have_none(self) -> None:
        sample = flat_syllables(rate=4)

        found_ms = voice_onset_times_ms(sample.samples, sample.fs_hz, sample.syllables_s)

        assert (
            len(found_ms) == 0 or np.median(found_ms) < 12
        )  # a vowel begins in every band at once

    def test_voice_that_never_rests_has_none(self) -> None:
        steady = quick_vowel(duration_s=3)

        assert (
            len(voice_onset_times_ms(steady.samples, steady.fs_hz, np.arange(0.5, 2.5, 0.2))) == 0
        )
