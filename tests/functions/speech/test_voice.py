import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from parselmouth.praat import call

from functions.speech import praat, voice
from functions.speech.contour import Contour, PitchRange
from functions.speech.course import (
    Course,
    NoVoice,
    passes_of,
    person_range,
    voice_course,
    with_excursions,
)
from functions.speech.sound import Sound
from functions.speech.voice import (
    VowelTooShort,
    breaks_of_vowel,
    measure_part,
    measure_speaking_voice,
    measure_vowel,
    medial_part,
    regular_share,
    voice_breaks_percent,
)
from local.samples.voice import reading, sustained_vowel
from local.samples.voice_kinds import jumping_vowel
from tests.functions.speech.encoding import quick_vowel, sound_of

FS_HZ = 16_000.0


def course_of(f0_hz: np.ndarray, step_s: float = 0.01) -> Course:
    times_s = np.arange(len(f0_hz), dtype=np.float64) * step_s
    contour = Contour(times_s, f0_hz)
    return Course(None, PitchRange(75, 300), None, contour, contour)


class TestVoiceCourse:
    @pytest.mark.parametrize("f0_hz", [75.0, 120.0, 220.0, 400.0])
    def test_pitch_is_that_of_the_pulses(self, f0_hz: float) -> None:
        course = voice_course(sound_of(quick_vowel(f0_hz=f0_hz, duration_s=1.5)))

        assert np.nanmedian(course.f0.values) == pytest.approx(f0_hz, rel=0.005)
        assert course.voiced_s == pytest.approx(1.5, abs=0.1)

    def test_silence_around_the_vowel_is_unvoiced(self) -> None:
        sample = quick_vowel(duration_s=1.5, silence_s=1.0)

        start_s, end_s = voice_course(sound_of(sample)).extent_s

        assert start_s == pytest.approx(1.0, abs=0.05)
        assert end_s == pytest.approx(2.5, abs=0.05)

    @pytest.mark.parametrize("power", [0.0, 0.5, 1.0], ids=["white", "pink", "brown"])
    def test_noise_is_no_voice(self, power: float) -> None:
        noise = np.random.default_rng(0).standard_normal(5 * int(FS_HZ))
        spectrum = np.fft.rfft(noise) / np.maximum(100, np.arange(len(noise) // 2 + 1)) ** power
        colored = np.fft.irfft(spectrum, len(noise))

        with pytest.raises(NoVoice, match="Silence, noise and whispering"):
            voice_course(Sound(0.3 * colored / np.abs(colored).max(), FS_HZ, "pcm_s16le"))

    def test_silence_is_no_voice(self) -> None:
        with pytest.raises(NoVoice, match=r"Found 0\.0 s"):
            voice_course(Sound(np.zeros(32_000), FS_HZ, "pcm_s16le"))


class TestPersonRange:
    @given(st.lists(st.floats(60, 600), min_size=4, max_size=50))
    def test_range_holds_the_middle_of_the_voice(self, f0_hz: list[float]) -> None:
        search = person_range(np.array(f0_hz))

        assert 60 <= search.floor_hz <= np.median(f0_hz) <= search.ceiling_hz <= 600


class TestMedialPart:
    @pytest.mark.parametrize(
        ("duration_s", "start_s", "end_s"),
        [(0.6, 0.1, 0.5), (1.0, 0.25, 0.75), (3.0, 0.25, 2.75), (10.0, 3.5, 6.5)],
    )
    def test_middle_of_the_vowel_is_analyzed(
        self, duration_s: float, start_s: float, end_s: float
    ) -> None:
        part_s = medial_part(course_of(np.full(round(100 * duration_s) + 1, 120.0)))

        assert part_s == pytest.approx((start_s, end_s))

    def test_unsteady_middle_is_not_evaded(self) -> None:
        times_s = np.arange(0, 10, 0.01)
        f0_hz = np.where(np.abs(times_s - 5) < 1, 150.0, 120.0)

        assert medial_part(course_of(f0_hz))[0] == pytest.approx(3.5, abs=0.01)

    def test_vowel_without_a_middle_is_refused(self) -> None:
        with pytest.raises(VowelTooShort, match=r"lasts 0\.30 s; at least 0\.4 s"):
            medial_part(course_of(np.full(31, 120.0)))


class TestExcursions:
    @pytest.mark.parametrize(("f0_hz", "ratio"), [(110, 2.0), (140, 2.0), (220, 0.5), (130, 2.2)])
    def test_jump_out_of_the_range_is_followed(self, f0_hz: float, ratio: float) -> None:
        sample = jumping_vowel(f0_hz=f0_hz, ratio=ratio)
        course = voice_course(sound_of(sample))
        passes = passes_of(course)

        wide = with_excursions(course, passes)

        truth_hz = 1 / np.diff(sample.pulses.times_s)
        assert passes.disagree
        assert passes.second.f0_sd_hz < 0.1 * f0_hz
        assert np.nanstd(course.f0.values) < 0.1 * f0_hz
        found_hz = wide.f0.values[wide.f0.present]
        assert np.quantile(found_hz, [0.02, 0.98]) == pytest.approx(
            np.quantile(truth_hz, [0.02, 0.98]), rel=0.05
        )

    @pytest.mark.parametrize("f0_hz", [90, 150, 220, 290])
    def test_held_vowel_has_no_excursion(self, f0_hz: float) -> None:
        course = voice_course(
            sound_of(quick_vowel(f0_hz=f0_hz, jitter_percent=1.0, tremor_hz=5, tremor_percent=4))
        )
        passes = passes_of(course)

        assert not passes.disagree
        assert with_excursions(course, passes) is course


class TestMeasureVowel:
    @pytest.mark.parametrize(
        ("f0_hz", "jitter", "shimmer", "hnr_db"),
        [(100, 0.3, 2, 35), (120, 1.0, 5, 35), (200, 0.5, 3, 35), (220, 1.5, 6, 35)],
    )
    def test_perturbation_is_that_of_the_pulses(
        self, f0_hz: float, jitter: float, shimmer: float, hnr_db: float
    ) -> None:
        disturbed = {"jitter_percent": jitter, "shimmer_percent": shimmer, "hnr_db": hnr_db}
        sample = quick_vowel(f0_hz=f0_hz, **disturbed)
        sound = sound_of(sample)
        voice = measure_vowel(sound, voice_course(sound), 5000)

        assert voice.melody.f0_mean_hz == pytest.approx(f0_hz, rel=0.003)
        true_jitter, true_shimmer = sample.pulses.jitter_percent, sample.pulses.shimmer_percent
        # Praat matches waveforms, whose ringing evens out neighboring periods by up to a fifth.
        assert voice.perturbation.jitter_local == pytest.approx(true_jitter, rel=0.25)
        # A period still rings while the next begins, so measured amplitudes differ a little more.
        assert voice.perturbation.shimmer_local == pytest.approx(true_shimmer, rel=0.25)
        assert voice.regular_share == voice.voiced_share == 1

    @pytest.mark.parametrize("hnr_db", [5.0, 10.0, 15.0, 20.0])
    def test_noise_ratio_is_that_of_the_powers(self, hnr_db: float) -> None:
        sound = sound_of(quick_vowel(jitter_percent=0.05, shimmer_percent=0.2, hnr_db=hnr_db))

        voice = measure_vowel(sound, voice_course(sound), 5000)

        assert voice.hnr_db == pytest.approx(hnr_db, abs=1.5)

    def test_cepstral_peak_sinks_with_noise(self) -> None:
        outcomes = []
        for hnr_db in (30.0, 15.0, 5.0):
            sound = sound_of(quick_vowel(hnr_db=hnr_db, duration_s=1.5))
            outcomes.append(measure_vowel(sound, voice_course(sound), 5000).cpps_db)

        assert outcomes == sorted(outcomes, reverse=True)
        assert outcomes[0] - outcomes[-1] > 3

    def test_formants_are_those_of_the_vocal_tract(self) -> None:
        sound = sound_of(quick_vowel(f0_hz=100, hnr_db=40))

        formants = measure_vowel(sound, voice_course(sound), 5000).formants

        assert formants[0].median_hz == pytest.approx(730, rel=0.06)
        assert formants[1].median_hz == pytest.approx(1090, rel=0.06)
        assert formants[2].median_hz == pytest.approx(2440, rel=0.1)

    def test_cepstral_peak_of_a_high_voice_is_its_own(self) -> None:
        sound = sound_of(quick_vowel(f0_hz=400, hnr_db=30))
        course = voice_course(sound)
        part = praat.part(sound, *medial_part(course))

        voice = measure_vowel(sound, course, 5500).cpps_db

        assert voice > praat.cpps_db(part) + 1  # whose search ends at 330 Hz

    def test_cepstral_peak_of_a_low_voice_does_not_depend_on_the_range(self) -> None:
        sound = sound_of(quick_vowel(f0_hz=150, hnr_db=30))
        course = voice_course(sound)
        part = praat.part(sound, *medial_part(course))

        assert praat.cpps_db(part, course.search) == pytest.approx(praat.cpps_db(part), abs=0.1)

    @pytest.mark.parametrize("f0_hz", [90, 150, 250])
    def test_half_a_second_has_pitch_and_noise(self, f0_hz: float) -> None:
        sound = sound_of(quick_vowel(f0_hz=f0_hz, duration_s=0.5, hnr_db=20, jitter_percent=0.1))

        voice = measure_vowel(sound, voice_course(sound), 5500)

        assert voice.melody.f0_mean_hz == pytest.approx(f0_hz, rel=0.01)
        assert voice.hnr_db == pytest.approx(20, abs=2)
        assert voice.n_periods == pytest.approx(0.4 * f0_hz, abs=4)

    def test_part_of_a_vowel_is_measured_like_the_whole(self) -> None:
        sound = sound_of(quick_vowel(duration_s=3))
        course = voice_course(sound)
        whole = measure_vowel(sound, course, 5000)

        again = measure_part(sound, course, 5000, medial_part(course))

        assert again == whole

    def test_broken_vowel_has_voice_breaks(self) -> None:
        sample = quick_vowel(duration_s=4)
        samples = sample.samples.copy()
        samples[2 * sample.fs_hz : round(2.4 * sample.fs_hz)] = 0
        sound = Sound(samples, float(sample.fs_hz), "pcm_s16le")

        course = voice_course(sound)

        assert breaks_of_vowel(course) == pytest.approx(10, abs=1.5)
        assert measure_vowel(sound, course, 5000).voiced_share < 1

    def test_breaks_are_looked_for_in_the_beginning_of_a_long_vowel(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(voice, "MAX_BREAKS_S", 2.0)
        sample = quick_vowel(duration_s=5)
        samples = sample.samples.copy()
        for start_s in (1.0, 3.0, 4.0):
            samples[round(start_s * sample.fs_hz) : round((start_s + 0.2) * sample.fs_hz)] = 0
        sound = Sound(samples, float(sample.fs_hz), "pcm_s16le")

        percent = breaks_of_vowel(voice_course(sound))

        assert percent == pytest.approx(10, abs=1.5)

    def test_rate_above_50_khz_changes_next_to_nothing(self) -> None:
        voices = [sustained_vowel(duration_s=2, fs_hz=fs, hnr_db=None) for fs in (48_000, 96_000)]
        slow, fast = (measure_vowel(s, voice_course(s), 5000) for s in map(sound_of, voices))

        for name, value in vars(slow.perturbation).items():
            assert getattr(fast.perturbation, name) == pytest.approx(value, rel=0.005)
        assert fast.hnr_db == pytest.approx(slow.hnr_db, abs=0.05)


class TestVoiceBreaksPercent:
    def test_breaks_are_those_of_praats_voice_report(self) -> None:
        sample = quick_vowel(duration_s=3)
        samples = sample.samples.copy()
        samples[16_000:24_000] = 0
        sound = praat.praat_sound(samples, sample.fs_hz)
        search = PitchRange(75, 300)
        pitch = praat.autocorrelation_pitch(sound, search)
        points = praat.pulses(sound, pitch)
        report = call([sound, pitch, points], "Voice report", 0, 0, 75, 300, 1.3, 1.6, 0.03, 0.45)

        percent = voice_breaks_percent(praat.pulse_times_s(points), 75, sound.duration)

        reported = re.search(r"Degree of voice breaks: ([\d.]+)%", report)
        assert reported is not None
        assert percent == pytest.approx(float(reported.group(1)), abs=0.001)


class TestRegularShare:
    @settings(max_examples=50)
    @given(st.integers(2, 60))
    def test_steady_pulses_are_regular(self, pulses: int) -> None:
        expected = 1 if pulses > 2 else 0

        assert regular_share(np.arange(pulses) / 100) == expected

    def test_halving_periods_are_irregular(self) -> None:
        assert regular_share(np.cumsum([0.01, 0.02] * 20)) == 0


class TestMeasureSpeakingVoice:
    def test_melody_is_that_of_the_whole_recording(self) -> None:
        sound = sound_of(reading(phrases=3, fs_hz=16_000))

        voice = measure_speaking_voice(sound, voice_course(sound))

        assert voice.melody.f0_mean_hz == pytest.approx(120, rel=0.05)
        assert voice.melody.f0_range_st == pytest.approx(3, abs=0.7)  # 3 from peak to peak

    def test_cost_is_bounded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(voice, "MAX_CEPSTRUM_S", 2.0)
        sound = sound_of(reading(phrases=3, fs_hz=16_000))

        outcome = measure_speaking_voice(sound, voice_course(sound))

        assert outcome.end_s - outcome.start_s == pytest.approx(2)
