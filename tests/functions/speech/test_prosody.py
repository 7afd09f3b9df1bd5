from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.speech import praat
from functions.speech.contour import Contour
from functions.speech.course import voice_course
from functions.speech.prosody import (
    LEVEL_FLOOR_HZ,
    NoSpeech,
    Speaking,
    mean_level_db,
    sounding_spans,
    speaking,
    syllable_peaks,
    voiced_at,
)
from local.samples.voice import SyntheticVoice, reading
from tests.functions.speech.encoding import sound_of


def timing_of(voice: SyntheticVoice) -> Speaking:
    course = voice_course(sound_of(voice))
    return speaking(praat.intensity_contour(course.whole, LEVEL_FLOOR_HZ), course.f0)


class TestSpeaking:
    @pytest.mark.parametrize(("rate", "pause_s"), [(3.0, 1.0), (5.0, 0.6), (6.5, 0.4)])
    def test_syllables_and_pauses_are_found(self, rate: float, pause_s: float) -> None:
        voice = reading(rate=rate, pause_s=pause_s, fs_hz=16_000)

        timing = timing_of(voice)

        assert len(timing.syllables_s) == len(voice.syllables_s)
        np.testing.assert_allclose(timing.syllables_s, voice.syllables_s, atol=0.03)
        np.testing.assert_allclose(timing.pauses, voice.pauses, atol=0.06)
        assert timing.articulation_rate == pytest.approx(rate, rel=0.05)
        assert timing.pause_mean_s == pytest.approx(pause_s, abs=0.1)
        assert timing.speech_rate < timing.articulation_rate

    def test_speech_without_pause_has_none(self) -> None:
        timing = timing_of(reading(phrases=1, syllables=12))

        assert timing.pauses == ()
        assert timing.pause_ratio == 0
        assert timing.pause_mean_s is None
        assert timing.speech_rate == timing.articulation_rate

    def test_unvoiced_peaks_are_no_syllables(self) -> None:
        times_s = np.arange(0, 2, 0.01)
        level = Contour(times_s, -20 - 5 * np.cos(2 * np.pi * 4 * times_s))

        timing = speaking(level, Contour(times_s, np.full(len(times_s), np.nan)))

        assert len(timing.syllables_s) == 0

    def test_a_click_is_no_speech(self) -> None:
        level = np.full(200, -80.0)
        level[100:120] = -10

        with pytest.raises(NoSpeech, match=r"Found 0\.2 s of sound"):
            speaking(Contour(np.arange(200) / 100, level), Contour(np.arange(200) / 100, level))


class TestSoundingSpans:
    def test_short_gaps_are_closed_and_short_sounds_left_out(self) -> None:
        loud = np.zeros(300, bool)
        loud[10:50] = loud[60:100] = loud[200:205] = True

        spans = sounding_spans(np.arange(300) / 100, loud)

        np.testing.assert_allclose(spans, [(0.1, 1.0)])

    def test_silence_has_no_spans(self) -> None:
        assert sounding_spans(np.arange(10) / 100, np.zeros(10, bool)) == ()


class TestSyllablePeaks:
    def test_shallow_dip_does_not_part_peaks(self) -> None:
        level_db = np.array([0, 10, 9, 11, 0, 10, 0.0])

        assert syllable_peaks(level_db).tolist() == [3, 5]

    @settings(max_examples=100)
    @given(st.lists(st.floats(-80, 0), min_size=3, max_size=80))
    def test_peaks_are_parted_by_dips(self, level_db: list[float]) -> None:
        level = np.array(level_db)
        peaks = syllable_peaks(level)

        assert (np.diff(peaks) > 0).all()
        for left, right in pairwise(peaks):
            assert level[left : right + 1].min() <= min(level[left], level[right]) - 2


class TestVoicedAt:
    def test_nearest_frame_decides(self) -> None:
        f0 = Contour(np.array([0.0, 0.1, 0.2]), np.array([np.nan, 100.0, np.nan]))

        assert voiced_at(f0, np.array([-1, 0.04, 0.06, 0.14, 0.16, 9])).tolist() == [
            False,
            False,
            True,
            True,
            False,
            False,
        ]


class TestMeanLevel:
    def test_power_is_averaged(self) -> None:
        assert mean_level_db(np.array([0.0, -100.0])) == pytest.approx(-3.01, abs=0.01)
