"""The demo's voices are measured as they were made, and only the hoarse one is flagged."""

import pytest

from functions.speech.analysis import analyze
from functions.speech.decode import decode_sound
from functions.speech.task import Task
from local.samples.speech import SAMPLES
from shared.record import Findings

# Sample: codec, dysphonia flag, a measure and its true value
EXPECTED = {
    "vowel, WAV": ("pcm_s16le", False, "f0_mean", 195),
    "reading, WAV": ("pcm_s16le", None, "articulation_rate", 5),
    "syllables, WAV": ("pcm_s16le", None, "ddk_rate", 6),
    "corner vowels, WAV": ("pcm_s16le", None, "formant_centralization_ratio", 0.838),
    "hoarse vowel, FLAC": ("flac", True, "f0_mean", 180),
    "vowel as browsers record it, WebM": ("opus", False, "f0_mean", 195),
}


def found(name: str) -> Findings:
    task, make = next((task, make) for known, _, task, make in SAMPLES if known == name)
    (file,) = make()
    return analyze(decode_sound(file), task=Task(task), sex="female")


class TestSamples:
    @pytest.mark.parametrize("name", [sample[0] for sample in SAMPLES])
    def test_sample_gives_what_it_was_made_with(self, name: str) -> None:
        codec, flag, biomarker, value = EXPECTED[name]
        findings = found(name)
        values = {biomarker.name: biomarker.value for biomarker in findings.biomarkers}

        assert findings.parameters["codec"] == codec
        assert findings.result["dysphonia_flag"] is flag
        assert values[biomarker] == pytest.approx(value, rel=0.06)
