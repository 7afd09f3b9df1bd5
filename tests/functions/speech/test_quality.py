import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.speech import praat
from functions.speech.clipping import clipped_percent
from functions.speech.course import passes_of, voice_course, with_excursions
from functions.speech.no_voice import (
    NoiseNotVoice,
    ToneNotVoice,
    WhisperNotVoice,
    refuse_machine,
    refuse_tone,
    tone_share,
)
from functions.speech.prosody import LEVEL_FLOOR_HZ
from functions.speech.quality import Quality, judge, linked, refuse_noise
from functions.speech.sound import Sound, Stream
from functions.speech.task import Task
from local.samples.voice import reading
from local.samples.voice_kinds import gated, jumping_vowel, melody, two_voices, whisper
from tests.functions.speech.encoding import quick_vowel, sound_of

FS_HZ = 16_000


def quality_of(sound: Sound, task: Task = Task.SUSTAINED_VOWEL) -> Quality:
    course = voice_course(sound)
    passes = passes_of(course) if task is Task.SUSTAINED_VOWEL else None
    if passes is not None:
        course = with_excursions(course, passes)
    level = praat.intensity_contour(course.whole, LEVEL_FLOOR_HZ)
    return judge(sound, course, level, task, passes)


def heard(samples: np.ndarray) -> Sound:
    return Sound(samples, float(FS_HZ), "pcm_s16le")


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

    def test_lossy_stream_is_worth_less(self) -> None:
        voice = quick_vowel(duration_s=3.5)
        stream = Stream("opus", 64_000.0)

        quality = quality_of(Sound(voice.samples, FS_HZ, "opus", stream))

        assert quality.score <= 0.9

    @pytest.mark.parametrize("snr_db", [12.0, 22.0, 40.0])
    def test_gated_rests_hide_the_noise(self, snr_db: float) -> None:
        voice = quick_vowel(duration_s=3.5, hnr_db=snr_db, silence_s=0.6)

        quality = quality_of(heard(gated(voice.samples, 0.58, FS_HZ)))

        assert quality.snr_db is None
        assert quality.silenced_rests
        assert quality.score <= 0.6
        assert any("noise gate" in concern for concern in quality.concerns)

    def test_silent_start_of_a_recorder_is_no_gate(self) -> None:
        voice = quick_vowel(duration_s=3.5, hnr_db=30, silence_s=0.6)

        quality = quality_of(heard(gated(voice.samples, 0.1, FS_HZ)))

        assert not quality.silenced_rests
        assert quality.snr_db == pytest.approx(30, abs=2.5)

    @pytest.mark.parametrize(
        ("first_hz", "second_hz", "level_db"),
        [(110, 205, 0), (95, 240, 0), (130, 170, -6), (200, 230, 0), (120, 180, 0), (180, 310, 3)],
    )
    def test_two_voices_at_once_are_one_concern(
        self, first_hz: float, second_hz: float, level_db: float
    ) -> None:
        quality = quality_of(heard(two_voices(first_hz, second_hz, level_db=level_db)))

        assert quality.two_pitches
        assert not quality.pitch_is_one
        assert quality.score <= 0.4
        assert any("more than one voice" in concern for concern in quality.concerns)

    @pytest.mark.parametrize(
        ("jitter", "shimmer", "hnr_db", "f0_hz"),
        [(0.3, 2, 30, 110), (1, 5, 12, 120), (2, 9, 8, 110), (3, 10, 5, 220), (0.5, 3, 15, 300)],
    )
    def test_one_voice_is_one_however_hoarse(
        self, jitter: float, shimmer: float, hnr_db: float, f0_hz: float
    ) -> None:
        voice = quick_vowel(
            f0_hz=f0_hz, jitter_percent=jitter, shimmer_percent=shimmer, hnr_db=hnr_db
        )

        quality = quality_of(sound_of(voice))

        assert quality.pitch_is_one

    @pytest.mark.parametrize("harmonics", [2, 4])
    @pytest.mark.parametrize("seed", [0, 1, 2])
    def test_melody_is_no_held_vowel(self, harmonics: int, seed: int) -> None:
        steps_st = np.random.default_rng(seed).choice(
            [-9.0, -7.0, -5.0, -4.0, -2.0, 0.0, 2.0, 3.0, 5.0], 12
        )

        quality = quality_of(heard(melody(np.asarray(steps_st, np.float64), harmonics=harmonics)))

        assert quality.melody
        assert quality.score <= 0.4
        assert any("melody" in concern for concern in quality.concerns)

    def test_tremor_is_no_melody(self) -> None:
        voice = quick_vowel(duration_s=4, tremor_hz=5, tremor_percent=8)

        assert not quality_of(sound_of(voice)).melody

    @pytest.mark.parametrize(("f0_hz", "ratio"), [(110, 2.0), (140, 2.0), (220, 0.5)])
    def test_octave_jump_is_a_concern_with_both_passes(self, f0_hz: float, ratio: float) -> None:
        quality = quality_of(sound_of(jumping_vowel(f0_hz=f0_hz, ratio=ratio)))

        assert quality.score <= 0.4
        (concern,) = [c for c in quality.concerns if "octave" in c]
        assert "searched from 60 to 600 Hz" in concern
        assert quality.pitch_is_one

    def test_missing_end_is_a_concern(self) -> None:
        voice = quick_vowel(duration_s=3.5)
        cut = Sound(voice.samples, FS_HZ, "pcm_s16le", missing_end="The end is missing: half of it")

        assert quality_of(cut).concerns[0] == "The end is missing: half of it"

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
        refuse_machine(0.1, 30)
        for jitter_percent, hnr_db in ((0.001, 30), (0.1, 60)):
            with pytest.raises(ToneNotVoice):
                refuse_machine(jitter_percent, hnr_db)

    def test_hardly_voiced_sound_is_refused(self) -> None:
        rng = np.random.default_rng(0)
        voice = quick_vowel(duration_s=1.0).samples
        whisper = np.clip(0.1 * rng.standard_normal(20 * FS_HZ), -1, 1)
        sound = Sound(np.r_[whisper, voice, whisper], FS_HZ, "pcm_s16le")

        with pytest.raises(NoiseNotVoice, match="of what sounds is voiced"):
            refuse_noise(quality_of(sound, Task.SPEECH), Task.SPEECH)

    @pytest.mark.parametrize(
        "formants",
        [
            ((400.0, 50.0), (1800.0, 80.0), (2600.0, 120.0)),
            ((300.0, 40.0), (2200.0, 80.0), (2900.0, 120.0)),
            ((500.0, 30.0), (1500.0, 60.0), (2500.0, 80.0)),
            ((250.0, 30.0), (800.0, 60.0), (2500.0, 80.0)),
        ],
    )
    @pytest.mark.parametrize("task", [Task.SPEECH, Task.SUSTAINED_VOWEL])
    def test_whisper_is_refused_though_it_has_a_pitch(
        self, formants: tuple[tuple[float, float], ...], task: Task
    ) -> None:
        sound = heard(whisper(formants=formants))

        with pytest.raises((WhisperNotVoice, NoiseNotVoice), match=r"[Ww]hispering"):
            refuse_noise(quality_of(sound, task), task)

    @pytest.mark.parametrize("snr_db", [5.0, 10.0, 20.0])
    def test_noisy_speech_is_no_whisper(self, snr_db: float) -> None:
        voice = reading(phrases=3, fs_hz=FS_HZ)
        noise = np.random.default_rng(0).standard_normal(len(voice.samples))
        level = np.sqrt(np.mean(voice.samples**2) / 10 ** (snr_db / 10))

        quality = quality_of(heard(np.clip(voice.samples + level * noise, -1, 1)), Task.SPEECH)

        refuse_noise(quality, Task.SPEECH)
        assert quality.cepstral_peak_db > 3.5


class TestLinked:
    def test_score_is_a_line_between_its_ends(self) -> None:
        link = ((10.0, 30.0, 42.0), (0.0, 0.5, 1.0))

        assert [linked(value, link) for value in (0, 10, 20, 30, 99)] == [0, 0, 0.25, 0.5, 1]
