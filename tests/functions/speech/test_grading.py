import dataclasses
from typing import Any

import numpy as np
import pytest

from functions.speech.grading import Context, biomarkers_of, ungraded_warnings
from functions.speech.quality import Quality
from functions.speech.sound import Sound
from functions.speech.task import Task
from shared.biomarkers import BiomarkerStatus
from shared.record import Measured

GOOD = Quality(
    score=0.9,
    clipped_percent=0.0,
    level_db=-20.0,
    snr_db=45.0,
    voiced_share=1.0,
    noise_hides_pauses=False,
    several_voices=False,
    low_bit_rate=False,
    concerns=(),
)
VALUES = {"f0_mean": 120.0, "jitter_local": 2.0, "shimmer_local": 5.0, "hnr": 15.0, "cpps": 10.0}


def context(**quality: Any) -> Context:
    sound = Sound(np.zeros(8), 44_100.0, "pcm_s16le")
    return Context(sound, Task.SUSTAINED_VOWEL, dataclasses.replace(GOOD, **quality))


def graded(context: Context) -> dict[str, Measured]:
    return {m.name: m for m in biomarkers_of(VALUES, context)}


class TestBiomarkersOf:
    def test_good_recording_is_graded(self) -> None:
        found = graded(context())

        assert found["jitter_local"].status is BiomarkerStatus.HIGH
        assert found["cpps"].status is BiomarkerStatus.LOW
        assert found["f0_mean"].range is None
        assert {m.confidence for m in found.values()} == {0.9}
        assert ungraded_warnings(context()) == ()

    def test_low_bit_rate_withholds_what_codecs_change(self) -> None:
        lossy = Sound(np.zeros(8), 48_000.0, "opus", 32_000.0)
        poor = dataclasses.replace(context(low_bit_rate=True), sound=lossy)

        found = graded(poor)

        assert found["jitter_local"].status is BiomarkerStatus.HIGH
        for name in ("shimmer_local", "hnr", "cpps"):
            assert found[name].status is BiomarkerStatus.UNCLASSIFIED
            assert found[name].confidence == 0.5
        assert "96 kbit/s" in ungraded_warnings(poor)[0]

    def test_high_bit_rate_is_graded_with_less_confidence(self) -> None:
        lossy = Sound(np.zeros(8), 48_000.0, "opus", 128_000.0)

        found = graded(dataclasses.replace(context(), sound=lossy))

        assert found["hnr"].status is BiomarkerStatus.LOW
        assert found["hnr"].confidence == 0.8
        assert found["jitter_local"].confidence == 0.9

    @pytest.mark.parametrize("fault", [{"snr_db": 29.0}, {"clipped_percent": 0.2}])
    def test_poor_recording_withholds_perturbation(self, fault: dict[str, float]) -> None:
        found = graded(context(**fault))

        assert all(m.range is None for m in found.values())
        assert "not graded" in ungraded_warnings(context(**fault))[0]

    def test_slow_sampling_withholds_perturbation(self) -> None:
        slow = dataclasses.replace(context(), sound=Sound(np.zeros(8), 8_000.0, "pcm_s16le"))

        assert graded(slow)["jitter_local"].range is None

    def test_unknown_noise_does_not_withhold(self) -> None:
        assert graded(context(snr_db=None))["jitter_local"].range is not None

    def test_child_is_not_graded(self) -> None:
        child = dataclasses.replace(context(), age_years=9.0)

        assert all(m.range is None for m in graded(child).values())
        assert "adults" in ungraded_warnings(child)[0]
