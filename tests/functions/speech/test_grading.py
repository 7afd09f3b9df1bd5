import dataclasses
from typing import Any

import numpy as np
import pytest

from functions.speech.collected import PITCHED, Collected, leave_out_pitch
from functions.speech.grading import Context, biomarkers_of, ungraded_warnings
from functions.speech.quality import Quality
from functions.speech.sound import Sound, Stream
from functions.speech.task import Task
from shared.biomarkers import BiomarkerStatus
from shared.record import Measured

GOOD = Quality(
    score=0.9,
    clipped_percent=0.0,
    level_db=-20.0,
    snr_db=45.0,
    silenced_rests=False,
    voiced_share=1.0,
    noise_hides_pauses=False,
    cepstral_peak_db=15.0,
    several_speakers=False,
    two_pitches=False,
    melody=False,
    concerns=(),
)
VALUES = {"f0_mean": 120.0, "jitter_local": 2.0, "shimmer_local": 5.0, "hnr": 15.0, "cpps": 10.0}


def context(**quality: Any) -> Context:
    sound = Sound(np.zeros(8), 44_100.0, "pcm_s16le")
    return Context(sound, Task.SUSTAINED_VOWEL, dataclasses.replace(GOOD, **quality))


def streamed(stream: Stream) -> Context:
    return dataclasses.replace(context(), sound=Sound(np.zeros(8), 48_000.0, "lossy", stream))


def graded(context: Context) -> dict[str, Measured]:
    return {m.name: m for m in biomarkers_of(VALUES, context, {})}


class TestBiomarkersOf:
    def test_good_recording_is_graded(self) -> None:
        grades = graded(context())

        assert grades["jitter_local"].status is BiomarkerStatus.HIGH
        assert grades["cpps"].status is BiomarkerStatus.LOW
        assert grades["f0_mean"].range is None
        assert {m.confidence for m in grades.values()} == {0.9}
        assert ungraded_warnings(VALUES, context()) == ()

    def test_encoding_withholds_what_it_changes(self) -> None:
        poor = streamed(Stream("opus", 16_000.0))

        grades = graded(poor)

        for name in ("jitter_local", "hnr", "cpps"):
            assert grades[name].status is BiomarkerStatus.UNCLASSIFIED
            assert grades[name].confidence == 0.5
        assert grades["f0_mean"].confidence == 0.9
        (warning,) = ungraded_warnings(VALUES, poor)
        assert "opus, 16 kbit/s" in warning
        assert "cpps" in warning

    def test_what_an_encoding_keeps_is_graded_with_less_confidence(self) -> None:
        grades = graded(streamed(Stream("mp3", 192_000.0)))

        assert grades["hnr"].status is BiomarkerStatus.LOW
        assert grades["hnr"].confidence == 0.8
        assert grades["f0_mean"].confidence == 0.9

    def test_speech_coded_packets_withhold_everything_they_redraw(self) -> None:
        redrawn = streamed(Stream("opus", 128_000.0, speech_coded=0.5))

        assert graded(redrawn)["cpps"].range is None
        assert "coded as speech" in ungraded_warnings(VALUES, redrawn)[0]

    def test_high_voice_has_no_cepstral_grade(self) -> None:
        high = {**VALUES, "f0_mean": 350.0}

        values = {m.name: m for m in biomarkers_of(high, context(), {})}

        assert values["cpps"].range is None
        assert values["hnr"].range is not None
        assert "too high" in ungraded_warnings(high, context())[0]

    def test_less_sure_measure_has_its_own_confidence(self) -> None:
        values = {m.name: m for m in biomarkers_of(VALUES, context(), {"hnr": 0.3})}

        assert values["hnr"].confidence == 0.3
        assert values["cpps"].confidence == 0.9

    def test_silenced_rests_withhold_perturbation(self) -> None:
        cleaned = context(snr_db=None, silenced_rests=True)

        assert all(m.range is None for m in graded(cleaned).values())
        assert "silenced" in ungraded_warnings(VALUES, cleaned)[0]

    @pytest.mark.parametrize("fault", [{"snr_db": 29.0}, {"clipped_percent": 0.2}])
    def test_poor_recording_withholds_perturbation(self, fault: dict[str, float]) -> None:
        grades = graded(context(**fault))

        assert all(m.range is None for m in grades.values())
        assert "not graded" in ungraded_warnings(VALUES, context(**fault))[0]

    def test_slow_sampling_withholds_perturbation(self) -> None:
        slow = dataclasses.replace(context(), sound=Sound(np.zeros(8), 8_000.0, "pcm_s16le"))

        assert graded(slow)["jitter_local"].range is None

    def test_unknown_noise_does_not_withhold(self) -> None:
        assert graded(context(snr_db=None))["jitter_local"].range is not None

    def test_child_is_not_graded(self) -> None:
        child = dataclasses.replace(context(), age_years=9.0)

        assert all(m.range is None for m in graded(child).values())
        assert "adults" in ungraded_warnings(VALUES, child)[0]


class TestLeaveOutPitch:
    def test_absences_stand_in_one_order(self) -> None:
        collected = Collected(values=dict.fromkeys(reversed(PITCHED), 1.0))

        leave_out_pitch(collected, context(two_pitches=True))

        assert tuple(collected.absent) == PITCHED
