import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.speech import praat
from functions.speech.prosody import LEVEL_FLOOR_HZ
from functions.speech.quality import (
    NoiseNotVoice,
    Quality,
    ToneNotVoice,
    clipped_percent,
    has_several_voices,
    judge,
    linked,
    refuse_machine,
    refuse_noise,
    refuse_tone,
    tone_share,
)
from functions.speech.sound import Sound
from functions.speech.task import Task
from functions.speech.voice import voice_course
from local.samples.voice import reading
from tests.functions.speech.encoding import quick_vowel, sound_of

FS_HZ = 16_000


def quality_of(sound: Sound, task: Task = Task.SUSTAINED_VOWEL) -> Quality:
    course = voice_course(sound)
    return judge(sound, course, praat.intensity_contour(course.whole, LEVEL_FLOOR_HZ), task)


def tone(frequency_hz: float, duration_s: float = 2.0) -> np.ndarray:
    times_s = np.arange(round(duration_s * FS_HZ)) / FS_HZ
    return 0.5 * np.sin(2 * np.pi * frequency_hz * times_s)


class TestJudge:
    def test_clean_vowel_is_good(self) -> None:
        quality = quality_of(sound_of(quick_vowel(duration_s=3.5, hnr_db=45, silence_s=0.6)))

        assert quality.score == pytest.approx(0.7)  # 16 kHz is the weakest link
        assert quality.concerns == ()
        assert quality.snr_db == pytest.approx(45, abs=2)
        assert quality.voiced_share == 1

    @pytest.mark.parametrize("snr_db", [15.0, 25.0, 35.0])
    def test_noise_is_measured_beside_the_vowel(self, snr_db: float) -> None:
        quality = quality_of(sound_of(quick_vowel(duration_s=3.5, hnr_db=snr_db, silence_s=0.6)))

        assert quality.snr_db == pytest.approx(snr_db, abs=2.5)
        assert any("above the noise" in concern for concern in quality.concerns) == (snr_db < 30)

    def test_noise_without_any_silence_is_unknown(self) -> None:
        assert quality_of(sound_of(quick_vowel(hnr_db=20))).snr_db is None

    def test_clipped_vowel_is_a_concern(self) -> None:
        voice = quick_vowel(duration_s=3.5)
        clipped = Sound(np.clip(2 * voice.samples, -0.4, 0.4), FS_HZ, "pcm_s16le")

        quality = quality_of(clipped)

        assert quality.clipped_percent > 1
        assert "clipped" in quality.concerns[0]
        assert quality.score < quality_of(sound_of(voice)).score

    def test_quiet_recording_is_a_concern(self) -> None:
        voice = quick_vowel(duration_s=3.5)

        quality = quality_of(Sound(voice.samples / 300, FS_HZ, "pcm_s16le"))

        assert "The recording is very quiet" in quality.concerns
        assert quality.score < 0.6

    def test_short_vowel_is_a_concern(self) -> None:
        assert "shorter than 3 s" in quality_of(sound_of(quick_vowel())).concerns[0]

    def test_low_rate_is_a_concern(self) -> None:
        sound = sound_of(reading(fs_hz=8_000))

        quality = quality_of(sound, Task.SPEECH)

        assert quality.score == pytest.approx(0.3)
        assert "sampling rate" in quality.concerns[0]

    @pytest.mark.parametrize(("bit_rate", "is_low"), [(None, False), (64e3, True), (128e3, False)])
    def test_low_bit_rate_is_noted(self, bit_rate: float | None, is_low: bool) -> None:
        voice = quick_vowel()

        quality = quality_of(Sound(voice.samples, FS_HZ, "opus", bit_rate))

        assert quality.low_bit_rate == is_low

    def test_loud_noise_hides_pauses(self) -> None:
        voice = reading(fs_hz=FS_HZ, pause_s=0.8)
        noise = np.random.default_rng(0).standard_normal(len(voice.samples))
        noisy = Sound(np.clip(voice.samples + 0.02 * noise, -1, 1), FS_HZ, "pcm_s16le")

        assert quality_of(noisy, Task.SPEECH).noise_hides_pauses
        assert not quality_of(sound_of(voice), Task.SPEECH).noise_hides_pauses

    def test_two_speakers_are_noticed(self) -> None:
        low, high = (sound_of(quick_vowel(f0_hz=f0_hz, duration_s=3)) for f0_hz in (105, 215))
        both = Sound(np.r_[low.samples, high.samples], FS_HZ, "pcm_s16le")

        assert "More than one voice may be speaking" in quality_of(both, Task.SPEECH).concerns


class TestHasSeveralVoices:
    def test_one_lively_voice_is_one(self) -> None:
        spread = np.random.default_rng(0).normal(0, 3, 1000)

        assert not has_several_voices(120 * 2 ** (spread / 12))

    def test_few_octave_errors_are_one_voice(self) -> None:
        f0_hz = np.full(1000, 120.0) + np.random.default_rng(0).normal(0, 5, 1000)
        f0_hz[:100] *= 2

        assert not has_several_voices(f0_hz)

    def test_constant_pitch_is_one_voice(self) -> None:
        assert not has_several_voices(np.full(10, 100.0))


class TestClippedPercent:
    @settings(max_examples=20, deadline=None)
    @given(st.floats(80, 400), st.floats(0.001, 1))
    def test_voice_of_any_level_is_not_clipped(self, f0_hz: float, amplitude: float) -> None:
        samples = amplitude * quick_vowel(f0_hz=f0_hz, duration_s=0.5).samples

        assert clipped_percent(np.round(samples * 32_767) / 32_767) < 0.1

    def test_flat_tops_are_counted(self) -> None:
        samples = np.zeros(1000)
        samples[100:110] = 0.7
        samples[500] = 0.7

        assert clipped_percent(samples) == pytest.approx(1.0)

    def test_silence_is_not_clipped(self) -> None:
        assert clipped_percent(np.zeros(100)) == 0


class TestRefusals:
    @pytest.mark.parametrize("frequency_hz", [100, 220, 440])
    def test_sine_is_a_tone(self, frequency_hz: float) -> None:
        sound = Sound(tone(frequency_hz), FS_HZ, "pcm_s16le")

        with pytest.raises(ToneNotVoice, match="expected a human voice"):
            refuse_tone(sound, voice_course(sound))

    def test_vowel_is_no_tone(self) -> None:
        sound = sound_of(quick_vowel(f0_hz=300))

        refuse_tone(sound, voice_course(sound))
        assert tone_share(sound.samples, sound.fs_hz) < 0.9

    def test_silence_is_no_tone(self) -> None:
        assert tone_share(np.zeros(FS_HZ), FS_HZ) == 0

    def test_machine_steadiness_is_refused(self) -> None:
        refuse_machine(0.1)
        with pytest.raises(ToneNotVoice):
            refuse_machine(0.001)

    def test_hardly_voiced_sound_is_refused(self) -> None:
        rng = np.random.default_rng(0)
        voice = quick_vowel(duration_s=1.0).samples
        whisper = np.clip(0.1 * rng.standard_normal(20 * FS_HZ), -1, 1)
        sound = Sound(np.r_[whisper, voice, whisper], FS_HZ, "pcm_s16le")

        with pytest.raises(NoiseNotVoice, match="of what sounds is voiced"):
            refuse_noise(quality_of(sound, Task.SPEECH), Task.SPEECH)


class TestLinked:
    def test_score_is_a_line_between_its_ends(self) -> None:
        link = ((10.0, 30.0, 42.0), (0.0, 0.5, 1.0))

        assert [linked(value, link) for value in (0, 10, 20, 30, 99)] == [0, 0, 0.25, 0.5, 1]
