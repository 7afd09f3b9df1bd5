import numpy as np
import pytest

from functions.speech.contour import Contour
from functions.speech.periodicity import (
    MIN_SHARE,
    is_melody,
    note_steps,
    notes,
    simultaneous_pitches,
    two_pitches,
)
from local.samples.voice import reading
from local.samples.voice_kinds import FS_HZ, melody, two_voices
from tests.functions.speech.encoding import quick_vowel


def contour(f0_hz: np.ndarray, step_s: float = 0.01) -> Contour:
    return Contour(np.arange(len(f0_hz), dtype=np.float64) * step_s, np.asarray(f0_hz, np.float64))


class TestSimultaneousPitches:
    @pytest.mark.parametrize("hnr_db", [12.0, 25.0])
    @pytest.mark.parametrize("level_db", [0.0, -8.0])
    @pytest.mark.parametrize("pitches_hz", [(110, 205), (100, 130), (150, 200), (210, 250)])
    def test_two_voices_are_heard_in_most_windows(
        self, pitches_hz: tuple[float, float], level_db: float, hnr_db: float
    ) -> None:
        both = two_voices(*pitches_hz, level_db=level_db, hnr_db=hnr_db)

        assert simultaneous_pitches(both, FS_HZ) >= MIN_SHARE

    @pytest.mark.parametrize("pitches_hz", [(120, 180), (180, 270), (150, 225), (220, 330)])
    def test_two_voices_a_fifth_apart_have_a_period_in_common(
        self, pitches_hz: tuple[float, float]
    ) -> None:
        assert simultaneous_pitches(two_voices(*pitches_hz), FS_HZ) >= MIN_SHARE

    @pytest.mark.parametrize("seed", range(8))
    def test_single_vowel_is_one(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        voice = quick_vowel(
            f0_hz=rng.uniform(80, 400),
            jitter_percent=rng.uniform(0.2, 3),
            shimmer_percent=rng.uniform(1, 12),
            hnr_db=rng.uniform(5, 35),
            tremor_hz=5,
            tremor_percent=rng.uniform(0, 6),
            seed=seed,
        )

        assert simultaneous_pitches(voice.samples, FS_HZ) < 0.2

    def test_running_speech_is_one(self) -> None:
        assert simultaneous_pitches(reading(phrases=2, fs_hz=FS_HZ).samples, FS_HZ) < 0.2

    def test_melody_is_one_pitch_at_a_time(self) -> None:
        assert simultaneous_pitches(melody(np.array([0, 4, 7, 2, 5, 0]), harmonics=3), FS_HZ) < 0.3

    def test_octave_is_not_told_from_one_voice(self) -> None:
        """A limit of the method: the higher voice has no harmonic of its own."""
        assert simultaneous_pitches(two_voices(120, 240), FS_HZ) < MIN_SHARE

    def test_silence_and_what_is_too_short_have_none(self) -> None:
        assert simultaneous_pitches(np.zeros(FS_HZ), FS_HZ) == 0
        assert simultaneous_pitches(np.ones(100), FS_HZ) == 0

    def test_autocorrelation_of_a_tone_is_one_pitch(self) -> None:
        lags = np.arange(2 * 32_000 // 60 + 2)

        assert not two_pitches(np.cos(2 * np.pi * 150 * lags / 32_000))


class TestMelody:
    def test_notes_are_found_with_their_heights(self) -> None:
        sequence = notes(contour(np.repeat([220.0, 440.0, 330.0], 30)))

        heights = [height for _, _, height in sequence]
        assert heights == pytest.approx(12 * np.log2([220, 440, 330]))
        assert (
            note_steps(contour(np.repeat([220.0, 440.0, 330.0], 30))) == 1
        )  # an octave is left out

    def test_narrow_melody_is_one_by_its_steps(self) -> None:
        heights_st = np.array([0, 1, 0, 1.5, 0, -1, 0])

        assert is_melody(contour(np.repeat(200 * 2 ** (heights_st / 12), 30)))

    @pytest.mark.parametrize("depth_percent", [0.0, 3.0, 8.0])
    def test_trembling_vowel_is_none(self, depth_percent: float) -> None:
        times_s = np.arange(0, 4, 0.01)
        f0_hz = 150 * (1 + depth_percent / 100 * np.sin(2 * np.pi * 5 * times_s))

        assert not is_melody(contour(f0_hz))

    def test_nothing_is_none(self) -> None:
        assert not is_melody(contour(np.empty(0)))
        assert not is_melody(contour(np.full(5, np.nan)))

    def test_drifting_vowel_is_none(self) -> None:
        assert not is_melody(contour(150 * 2 ** (np.linspace(0, 3, 400) / 12)))

    def test_two_octave_jumps_are_none(self) -> None:
        assert not is_melody(contour(np.repeat([140.0, 280.0, 140.0], [120, 60, 120])))

    def test_glide_over_an_octave_is_not_held(self) -> None:
        assert is_melody(contour(150 * 2 ** np.linspace(0, 1, 400)))
