"""Sounds that are no steady voice have what is said of them."""

import numpy as np
import pytest

from local.samples.voice_kinds import (
    FS_HZ,
    corner_vowels,
    flat_syllables,
    gated,
    jumping_vowel,
    melody,
    plosives,
    two_voices,
    whisper,
)
from local.samples.voice_source import FORMANTS_A, FORMANTS_I, FORMANTS_U, PEAK, Floats


def level(samples: Floats, start_s: float, end_s: float) -> float:
    return float(np.sqrt(np.mean(samples[round(start_s * FS_HZ) : round(end_s * FS_HZ)] ** 2)))


def power_at(samples: Floats, frequency_hz: float) -> float:
    """Amplitude at a frequency, of a Hann window over the whole."""
    times_s = np.arange(len(samples)) / FS_HZ
    wave = np.exp(-2j * np.pi * frequency_hz * times_s) * np.hanning(len(samples))
    return float(abs(samples @ wave))


def periodicity(samples: Floats) -> float:
    """The autocorrelation's highest value at the periods of 60 to 600 Hz, 1 at lag zero."""
    power = np.abs(np.fft.rfft(samples, 2 * len(samples))) ** 2
    correlation = np.fft.irfft(power)
    periods = slice(FS_HZ // 600, FS_HZ // 60 + 1)
    return float(correlation[periods].max() / correlation[0])


class TestPitch:
    @pytest.mark.parametrize(("time_s", "f0_hz"), [(0.6, 140), (1.5, 280), (2.4, 140)])
    def test_jump_is_between_its_two_times(self, time_s: float, f0_hz: float) -> None:
        times_s = jumping_vowel(jump_s=(1.2, 1.8)).pulses.times_s
        near = times_s[np.abs(times_s - time_s) < 0.2]
        assert 1 / np.diff(near).mean() == pytest.approx(f0_hz, rel=0.01)

    def test_two_voices_are_both_there(self) -> None:
        both = two_voices(100.0, 170.0)
        for f0_hz in (100.0, 170.0):
            assert power_at(both, f0_hz) > 10 * power_at(both, 135.0)
        assert np.abs(both).max() == pytest.approx(PEAK)

    def test_second_voice_is_louder_by_its_level(self) -> None:
        even, loud = (power_at(two_voices(100.0, 170.0, level_db=db), 170.0) for db in (-20, 20))
        assert loud > 5 * even

    def test_notes_are_semitones_above_the_base(self) -> None:
        tones = melody(np.array([0.0, 12.0]), note_s=0.5, base_hz=220.0)
        first, second = tones[: FS_HZ // 2], tones[FS_HZ // 2 :]
        assert power_at(first, 220) > 20 * power_at(second, 220)
        assert power_at(second, 440) > power_at(first, 440)


class TestSound:
    @pytest.mark.parametrize("syllables_per_s", [None, 4.0])
    def test_whisper_has_no_pitch(self, syllables_per_s: float | None) -> None:
        assert periodicity(whisper(syllables_per_s=syllables_per_s)) < 0.6
        assert periodicity(jumping_vowel(ratio=1.0).samples) > 0.9

    def test_whisper_pauses_at_its_rate(self) -> None:
        breath = whisper(syllables_per_s=4.0)
        assert level(breath, 0.11, 0.14) > 5 * level(breath, 0.24, 0.26)
        assert np.abs(breath).max() == pytest.approx(PEAK)

    def test_whisper_without_a_rate_is_even(self) -> None:
        breath = whisper(syllables_per_s=None)
        assert level(breath, 0.11, 0.14) < 3 * level(breath, 0.24, 0.26)

    def test_gate_silences_both_ends_and_nothing_else(self) -> None:
        samples = np.ones(FS_HZ)
        silenced = gated(samples, 0.1, FS_HZ)
        assert not silenced[:1600].any()
        assert not silenced[-1600:].any()
        assert silenced[1600:-1600].all()
        assert samples.all()

    def test_flat_syllables_sound_for_their_share_of_each_interval(self) -> None:
        voice = flat_syllables(rate=2.0, sounding=0.5)
        onset_s = float(voice.syllables_s[3])
        assert level(voice.samples, onset_s + 0.02, onset_s + 0.2) > 0.05
        assert level(voice.samples, onset_s + 0.27, onset_s + 0.48) < 0.005

    @pytest.mark.parametrize(("variation_percent", "spread"), [(0.0, 0.0), (20.0, 0.2)])
    def test_intervals_vary_as_asked(self, variation_percent: float, spread: float) -> None:
        voice = flat_syllables(syllables=40, variation_percent=variation_percent)
        intervals_s = np.diff(voice.syllables_s)
        assert intervals_s.std() / intervals_s.mean() == pytest.approx(spread, rel=0.3, abs=1e-9)

    def test_corner_vowels_come_in_their_order_between_rests(self) -> None:
        samples = corner_vowels(order=(FORMANTS_I, FORMANTS_A, FORMANTS_U))
        rests = [level(samples, start_s, start_s + 0.3) for start_s in (0.05, 1.45, 2.85)]
        vowels = [samples[round(start_s * FS_HZ) :][:FS_HZ] for start_s in (0.4, 1.8, 3.2)]
        assert max(rests) < 0.01
        high = [power_at(vowel, 2280) / power_at(vowel, 720) for vowel in vowels]
        assert high[0] > 3 * max(high[1:])


class TestPlosives:
    @pytest.mark.parametrize("voice_onset_ms", [0, 20, 60])
    def test_voice_begins_with_the_first_pulse_after_its_time(self, voice_onset_ms: float) -> None:
        voice, truth_ms = plosives(voice_onset_ms, f0_hz=120.0)
        assert (truth_ms >= voice_onset_ms).all()
        assert (truth_ms < voice_onset_ms + 1.1 * 1000 / 120).all()
        assert len(truth_ms) == len(voice.syllables_s) == 15

    def test_burst_is_louder_than_the_breath_after_it(self) -> None:
        voice, _ = plosives(60)
        burst_s = float(voice.syllables_s[5])
        burst, breath, before = (
            level(voice.samples, burst_s + start_s, burst_s + end_s)
            for start_s, end_s in ((0.0, 0.004), (0.01, 0.05), (-0.03, -0.002))
        )
        assert burst > 3 * breath > 9 * before
