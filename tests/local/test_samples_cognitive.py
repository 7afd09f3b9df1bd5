"""The demo's task logs are scored as they say, and the invalid one is not scored at all."""

import pytest

from functions.cognitive.analysis import analyze
from functions.cognitive.decode import decode
from local.samples.cognitive import SAMPLES
from shared.record import Findings

EXPECTED = {
    "Stroop, jsPsych": ("jsPsych JSON", "stroop_effect", 85.0),
    "Stroop again, jsPsych": ("jsPsych JSON", "stroop_effect", 65.0),
    "PVT vigilance, lab.js": ("lab.js JSON", "pvt_median", 310.0),
    "2-back, PsychoPy": ("PsychoPy CSV", "n_back_accuracy", 87.0),
    "finger tapping, MediLens JSON": ("MediLens JSON", "finger_tapping_right_decrement", 20.0),
}


def found(name: str) -> Findings:
    make = next(make for known, _, make in SAMPLES if known == name)
    return analyze(decode(make()))


class TestSamples:
    @pytest.mark.parametrize("name", EXPECTED)
    def test_sample_is_valid_and_gives_what_it_was_made_with(self, name: str) -> None:
        file_format, biomarker, value = EXPECTED[name]
        findings = found(name)
        values = {biomarker.name: biomarker.value for biomarker in findings.biomarkers}
        assert findings.parameters["file_format"] == file_format
        assert findings.result["validity"]["verdict"] == "valid"
        assert values[biomarker] == pytest.approx(value)

    def test_the_other_one_is_invalid(self) -> None:
        (name,) = {name for name, _, _ in SAMPLES} - set(EXPECTED)
        assert found(name).result["validity"]["verdict"] == "invalid"
        assert found(name).biomarkers == ()

    def test_the_stroops_lie_as_far_apart_as_practice_was_measured(self) -> None:
        days = [days for name, days, _ in SAMPLES if name.startswith("Stroop")]
        assert days[0] - days[1] == 21
