import math
from typing import Any

import numpy as np
import parselmouth
import pytest

from functions.speech import praat
from functions.speech.contour import Contour, PitchRange
from functions.speech.sound import Floats, Sound
from local.samples.voice import sustained_vowel
from tests.functions.speech.encoding import quick_vowel

FS_HZ = 16_000

# The same measures in Praat's own scripting language, settings written out.
SCRIPT = """
sound = selected("Sound")
pitch = To Pitch (cc): 0, 75, 15, "no", 0.03, 0.45, 0.01, 0.35, 0.14, 300
f0_mean = Get mean: 0, 0, "Hertz"
f0_sd = Get standard deviation: 0, 0, "Hertz"
selectObject: sound
plusObject: pitch
points = To PointProcess (cc)
jitter_local = Get jitter (local): 0, 0, 0.0001, 0.02, 1.3
jitter_rap = Get jitter (rap): 0, 0, 0.0001, 0.02, 1.3
jitter_ppq5 = Get jitter (ppq5): 0, 0, 0.0001, 0.02, 1.3
selectObject: sound
plusObject: points
shimmer_local = Get shimmer (local): 0, 0, 0.0001, 0.02, 1.3, 1.6
shimmer_apq3 = Get shimmer (apq3): 0, 0, 0.0001, 0.02, 1.3, 1.6
shimmer_apq11 = Get shimmer (apq11): 0, 0, 0.0001, 0.02, 1.3, 1.6
shimmer_local_dB = Get shimmer (local_dB): 0, 0, 0.0001, 0.02, 1.3, 1.6
selectObject: sound
harmonicity = To Harmonicity (cc): 0.01, 75, 0.1, 1.0
hnr = Get mean: 0, 0
selectObject: sound
cepstrogram = To PowerCepstrogram: 60, 0.002, 5000, 50
cpps = Get CPPS: "no", 0.01, 0.001, 60, 330, 0.05, "Parabolic", 0.001, 0, "Straight", "Robust"
selectObject: sound
formant = To Formant (burg): 0, 5, 5000, 0.025, 50
formant_1 = Get quantile: 1, 0, 0, "hertz", 0.5
formant_2 = Get quantile: 2, 0, 0, "hertz", 0.5
formant_3 = Get quantile: 3, 0, 0, "hertz", 0.5
"""


def exactly(value: float) -> object:
    return pytest.approx(value, rel=1e-9, abs=1e-9)


@pytest.fixture(scope="module")
def samples() -> Floats:
    return quick_vowel(duration_s=1.5, jitter_percent=0.8, shimmer_percent=4).samples


@pytest.fixture(scope="module")
def expected(samples: Floats) -> dict[str, float]:
    sound = parselmouth.Sound(samples, FS_HZ)
    _, variables = parselmouth.praat.run(sound, SCRIPT, return_variables=True)
    return dict(variables)


class TestAgainstPraatsOwnScript:
    def test_pitch_and_perturbation_are_equal(
        self, samples: Floats, expected: dict[str, float]
    ) -> None:
        sound = praat.praat_sound(samples, FS_HZ)
        pitch = praat.cross_correlation_pitch(sound, PitchRange(75, 300))
        points = praat.pulses(sound, pitch)

        assert praat.f0_mean_hz(pitch) == exactly(expected["f0_mean"])
        assert praat.f0_sd_hz(pitch) == exactly(expected["f0_sd"])
        for kind in ("local", "rap", "ppq5"):
            percent = 100 * expected[f"jitter_{kind}"]
            assert praat.jitter_percent(points, kind) == exactly(percent)
        for kind in ("local", "apq3", "apq11", "local_dB"):
            value = expected[f"shimmer_{kind}"]
            assert praat.shimmer(sound, points, kind) == exactly(value)

    def test_noise_measures_are_equal(self, samples: Floats, expected: dict[str, float]) -> None:
        sound = praat.praat_sound(samples, FS_HZ)

        assert praat.hnr_db(sound, floor_hz=80) == exactly(expected["hnr"])
        assert praat.cpps_db(sound) == exactly(expected["cpps"])

    def test_formants_are_equal(self, samples: Floats, expected: dict[str, float]) -> None:
        tracks = praat.formants(praat.praat_sound(samples, FS_HZ), 5000)

        for number in (1, 2, 3):
            value = expected[f"formant_{number}"]
            assert praat.formant_median_hz(tracks, number) == exactly(value)


class TestPart:
    def test_rates_up_to_50_khz_are_left_alone(self, samples: Floats) -> None:
        part = praat.part(Sound(samples, FS_HZ, "pcm_s16le"), 0.5, 1.0)

        np.testing.assert_array_equal(part.values[0], samples[FS_HZ // 2 : FS_HZ])
        assert part.sampling_frequency == FS_HZ

    def test_higher_rates_give_the_same_measures(self) -> None:
        voice = sustained_vowel(duration_s=1, fs_hz=96_000, hnr_db=None)
        whole = praat.praat_sound(voice.samples, voice.fs_hz)
        reduced = praat.part(Sound(voice.samples, 96_000, "pcm_s16le"), 0, 1)

        assert reduced.sampling_frequency == pytest.approx(50_000)
        assert measures(reduced) == pytest.approx(measures(whole), rel=0.002)


def measures(sound: Any) -> list[float]:
    pitch = praat.cross_correlation_pitch(sound, PitchRange(75, 300))
    points = praat.pulses(sound, pitch)
    return [
        praat.f0_mean_hz(pitch),
        praat.jitter_percent(points, "local"),
        praat.shimmer(sound, points, "local"),
        praat.hnr_db(sound, 75),
        praat.cpps_db(sound),
    ]


class TestOpening:
    def test_pulses_are_those_of_the_whole(self) -> None:
        samples = np.tile(quick_vowel(duration_s=1, silence_s=0.3).samples, 2)
        sound = praat.praat_sound(samples, FS_HZ)
        pitch = praat.autocorrelation_pitch(sound, PitchRange(75, 300))
        whole_s = praat.pulse_times_s(praat.pulses(sound, pitch))

        opened, voiced = praat.opening(sound, pitch, 1.6)

        times_s = praat.pulse_times_s(praat.pulses(opened, voiced))
        np.testing.assert_allclose(times_s, whole_s[whole_s < 1.6], rtol=1e-12)
        assert len(times_s) < len(whole_s)
        assert praat.pitch_contour(pitch).present.sum() > len(voiced.xs()) // 2

    def test_end_beyond_the_sound_changes_nothing(self, samples: Floats) -> None:
        sound = praat.praat_sound(samples, FS_HZ)
        pitch = praat.autocorrelation_pitch(sound, PitchRange(75, 300))

        opened, voiced = praat.opening(sound, pitch, 20)

        assert opened is sound
        np.testing.assert_array_equal(
            voiced.selected_array["frequency"], pitch.selected_array["frequency"]
        )


class TestPulseTimes:
    def test_jitter_follows_from_the_pulses_alone(self, samples: Floats) -> None:
        sound = praat.praat_sound(samples, FS_HZ)
        points = praat.pulses(sound, praat.cross_correlation_pitch(sound, PitchRange(75, 300)))

        periods_s = np.diff(praat.pulse_times_s(points))

        jitter = 100 * np.abs(np.diff(periods_s)).mean() / periods_s.mean()
        assert praat.jitter_percent(points, "local") == pytest.approx(jitter, rel=1e-6)

    def test_silence_has_none(self) -> None:
        sound = praat.praat_sound(np.zeros(FS_HZ), FS_HZ)
        points = praat.pulses(sound, praat.cross_correlation_pitch(sound, PitchRange(75, 300)))

        assert len(praat.pulse_times_s(points)) == 0
        assert math.isnan(praat.jitter_percent(points, "local"))


class TestIntensityContour:
    def test_full_scale_sine_is_three_decibels_below_full_scale(self) -> None:
        tone = np.sin(2 * np.pi * 200 * np.arange(FS_HZ) / FS_HZ)

        level = praat.intensity_contour(praat.praat_sound(tone, FS_HZ), 50)

        assert np.median(level.values) == pytest.approx(-3.01, abs=0.02)


class TestContour:
    def test_within_keeps_the_frames_inside(self) -> None:
        contour = Contour(np.arange(5) / 10, np.array([1.0, np.nan, 3.0, 4.0, 5.0]))

        inside = contour.within(0.1, 0.3)

        assert inside.times_s.tolist() == [0.1, 0.2, 0.3]
        assert inside.present.tolist() == [False, True, True]
        assert inside.step_s == pytest.approx(0.1)

    def test_single_frame_has_no_step(self) -> None:
        assert Contour(np.zeros(1), np.zeros(1)).step_s == 0
