import dataclasses
import math
from typing import Any

import numpy as np
import pytest

from functions.speech import praat
from functions.speech.collected import Collected, Measures, other_tasks
from functions.speech.course import voice_course
from functions.speech.grading import Context
from functions.speech.measures import add_perturbation, measure
from functions.speech.norms import TASKS
from functions.speech.prosody import LEVEL_FLOOR_HZ
from functions.speech.quality import judge
from functions.speech.sound import Sound, Stream
from functions.speech.task import Task
from functions.speech.voice import measure_vowel
from local.samples.voice import reading
from shared.record import Absence
from tests.functions.speech.encoding import quick_vowel, sound_of


def measured(sound: Sound, task: Task, vowel: Sound | None = None) -> Measures:
    course = voice_course(sound)
    level = praat.intensity_contour(course.whole, LEVEL_FLOOR_HZ)
    known = Context(sound, task, judge(sound, course, level, task))
    return measure(known, course, level, vowel)


def absences(measures: Measures) -> dict[str, Absence]:
    return {absence.name: absence for absence in measures.absent}


class TestCollected:
    @pytest.mark.parametrize("value", [None, math.nan, math.inf])
    def test_what_is_no_number_is_explained_instead(self, value: float | None) -> None:
        collected = Collected()

        collected.add("hnr", value, "irregular", "no frame is periodic enough")

        assert collected.values == {}
        absence = Absence("hnr", "irregular", "No frame is periodic enough.")
        assert collected.absent == {"hnr": absence}

    def test_what_is_left_out_later_is_no_value_any_more(self) -> None:
        collected = Collected(values={"hnr": 20.0})

        collected.leave_out(("hnr",), "not-one-pitch", "two pitches sound at the same time")

        assert collected.values == {}
        assert collected.absent["hnr"].code == "not-one-pitch"


class TestOtherTasks:
    @pytest.mark.parametrize("task", list(Task))
    def test_every_measure_of_other_tasks_is_named_once(self, task: Task) -> None:
        absent = other_tasks(task).absent

        assert set(absent) == {name for name, tasks in TASKS.items() if task not in tasks}
        assert {absence.code for absence in absent.values()} == {"not-this-task"}


class TestMeasure:
    def test_low_rate_has_no_formants(self) -> None:
        voice = quick_vowel()
        slow = Sound(voice.samples[::2].copy(), 8_000.0, "pcm_s16le")

        measures = measured(slow, Task.SUSTAINED_VOWEL)

        assert "formant_1" not in measures.values
        assert "sampling rate of 10000 Hz" in absences(measures)["formant_1"].detail

    def test_noise_withholds_timing(self) -> None:
        voice = reading(phrases=3, pause_s=0.8, fs_hz=16_000)
        noise = 0.02 * np.random.default_rng(0).standard_normal(len(voice.samples))
        noisy = Sound(np.clip(voice.samples + noise, -1, 1), 16_000.0, "pcm_s16le")

        measures = measured(noisy, Task.SPEECH)

        assert "speech_rate" not in measures.values
        assert absences(measures)["speech_rate"].code == "too-noisy"
        assert "f0_mean" in measures.values

    def test_speech_without_pause_has_no_mean_pause(self) -> None:
        measures = measured(sound_of(reading(phrases=1, fs_hz=16_000)), Task.SPEECH)

        assert measures.values["pause_ratio"] == 0
        assert measures.pause_count == 0
        assert absences(measures)["pause_mean"].code == "no-pause"

    @pytest.mark.parametrize(
        ("vowel", "reason"),
        [
            (None, "Needs a sustained vowel"),
            (Sound(np.zeros(44_100), 22_050.0, "pcm_s16le"), "Silence, noise and whispering"),
            (Sound(np.zeros(44_100), 22_050.0, "opus", Stream("opus", 32e3)), "opus, 32 kbit/s"),
            (Sound(np.zeros(44_100), 44_100.0, "pcm_s16le"), "one sampling rate"),
        ],
    )
    def test_index_needs_a_proper_vowel(self, vowel: Sound | None, reason: str) -> None:
        measures = measured(sound_of(reading(phrases=1, fs_hz=22_050)), Task.SPEECH, vowel)

        assert "avqi" not in measures.values
        assert reason in absences(measures)["avqi"].detail

    def test_short_vowel_has_no_tremor(self) -> None:
        measures = measured(sound_of(quick_vowel()), Task.SUSTAINED_VOWEL)

        for name in ("vocal_tremor_intensity", "amplitude_tremor_intensity"):
            assert name not in measures.values
            assert "unbroken for 2 s" in absences(measures)[name].detail


class TestAddPerturbation:
    @pytest.mark.parametrize("irregular", [{"voiced_share": 0.7}, {"regular_share": 0.7}])
    def test_voice_without_periods_has_no_perturbation(self, irregular: dict[str, Any]) -> None:
        sound = sound_of(quick_vowel())
        voice = measure_vowel(sound, voice_course(sound), 5000)
        collected = Collected()

        add_perturbation(collected, dataclasses.replace(voice, **irregular))

        assert collected.values == {}
        assert collected.absent["jitter_local"].code == "irregular"
