import hashlib
import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import numpy as np
import pytest

from functions.speech.analysis import analyze
from functions.speech.model_slot import SCHEMA, read_model
from functions.speech.norms import TASKS
from functions.speech.quality import ToneNotVoice
from functions.speech.sound import Sound
from functions.speech.task import Task
from functions.speech.voice import NoVoice
from local.samples.voice import reading, repetition
from shared.biomarkers import BiomarkerStatus
from shared.errors import UnusableRecording
from shared.record import Findings, ModelUsed
from tests.functions.speech.encoding import quick_vowel, sound_of
from tests.nonempty import nonempty

FS_HZ = 16_000


@pytest.fixture(scope="module")
def vowel() -> Findings:
    return analyze(sound_of(quick_vowel(duration_s=4)), task=Task.SUSTAINED_VOWEL, sex="male")


@pytest.fixture(scope="module")
def speech() -> Findings:
    return analyze(sound_of(reading(phrases=3, fs_hz=FS_HZ)), task=Task.SPEECH)


@pytest.fixture(scope="module")
def syllables() -> Findings:
    return analyze(sound_of(repetition(fs_hz=FS_HZ)), task=Task.DIADOCHOKINESIS)


@pytest.fixture(params=["vowel", "speech", "syllables"])
def findings(request: pytest.FixtureRequest) -> Findings:
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Findings)
    return found


class TestAnalyze:
    def test_every_measure_is_given_or_its_absence_explained(self, findings: Findings) -> None:
        given = {m.name for m in findings.biomarkers}
        explained = {name for name in TASKS for w in findings.warnings if name in w}

        assert given | explained == set(TASKS)
        assert not any(name + " was not" in w for name in given for w in findings.warnings)

    def test_measures_are_those_of_the_task(self, findings: Findings) -> None:
        for biomarker in nonempty(findings.biomarkers):
            assert findings.result["task"] in TASKS[biomarker.name]
            assert np.isfinite(biomarker.value)

    def test_result_is_json_without_invented_numbers(self, findings: Findings) -> None:
        json.dumps([findings.result, findings.parameters], allow_nan=False)
        assert findings.result["parkinsons_probability"] is None
        assert findings.result["cognitive_decline_probability"] is None
        assert findings.risk is None
        assert any("No probability" in w for w in findings.warnings)

    def test_pictures_are_drawings(self, findings: Findings) -> None:
        assert [p.name for p in findings.pictures] == [
            "waveform",
            "waveform_narrow",
            "spectrogram",
            "spectrogram_narrow",
        ]
        for picture in findings.pictures:
            assert ET.fromstring(picture.content).tag.endswith("svg")
            assert len(picture.content) < 400_000

    def test_vowel_is_measured(self, vowel: Findings) -> None:
        values = {m.name: m for m in vowel.biomarkers}

        assert values["f0_mean"].value == pytest.approx(120, rel=0.01)
        assert values["jitter_local"].status is BiomarkerStatus.NORMAL
        assert values["phonation_time"].value == pytest.approx(4, abs=0.1)
        assert vowel.result["jitter_local_percent"] == values["jitter_local"].value
        assert vowel.result["dysphonia_flag"] is False
        assert vowel.review_reason is None
        assert vowel.parameters["formant_ceiling_hz"] == 5000

    def test_speech_is_measured(self, speech: Findings) -> None:
        assert speech.result["syllable_count"] == 24
        assert speech.result["pause_count"] == 2
        assert speech.result["articulation_rate_per_s"] == pytest.approx(5, rel=0.05)
        assert speech.result["dysphonia_flag"] is None

    def test_syllables_are_measured(self, syllables: Findings) -> None:
        assert syllables.result["ddk_rate_per_s"] == pytest.approx(6, rel=0.03)

    def test_same_recording_gives_same_findings(self, vowel: Findings) -> None:
        again = analyze(sound_of(quick_vowel(duration_s=4)), task=Task.SUSTAINED_VOWEL, sex="male")

        assert again == vowel

    def test_stages_are_named_in_order(self) -> None:
        names: list[str] = []

        @contextmanager
        def stage(name: str) -> Iterator[None]:
            names.append(name)
            yield

        analyze(sound_of(repetition(fs_hz=FS_HZ)), task=Task.DIADOCHOKINESIS, stage=stage)

        assert names == ["voice", "quality", "measures", "screening", "pictures"]

    def test_hoarse_vowel_is_flagged_for_review(self) -> None:
        hoarse = quick_vowel(duration_s=4, jitter_percent=2, shimmer_percent=9, hnr_db=8)

        found = analyze(sound_of(hoarse), task=Task.SUSTAINED_VOWEL, sex="male", age_years=50)

        assert found.result["dysphonia_flag"] is True
        assert "cpps" in found.result["dysphonia_measures"]
        assert found.review_reason is not None
        assert "Voice quality outside the cited limits" in found.review_reason

    def test_child_gets_neither_grades_nor_formants(self) -> None:
        sound = sound_of(quick_vowel(f0_hz=260, duration_s=3.5))

        found = analyze(sound, task=Task.SUSTAINED_VOWEL, age_years=8)

        assert all(m.range is None for m in found.biomarkers)
        assert not any(m.name.startswith("formant") for m in found.biomarkers)
        assert found.result["dysphonia_flag"] is None

    @pytest.mark.parametrize(("f0_hz", "ceiling_hz"), [(110, 5000), (220, 5500)])
    def test_pitch_chooses_formant_settings_where_sex_is_unknown(
        self, f0_hz: float, ceiling_hz: float
    ) -> None:
        found = analyze(sound_of(quick_vowel(f0_hz=f0_hz)), task=Task.SUSTAINED_VOWEL)

        assert found.parameters["formant_ceiling_hz"] == ceiling_hz
        assert any("as no sex is given" in w for w in found.warnings)

    def test_vowel_beside_the_speech_gives_the_index(self) -> None:
        speech = sound_of(reading(phrases=2, fs_hz=22_050))
        vowel = sound_of(quick_vowel())
        same_rate = Sound(np.repeat(vowel.samples, 2)[: 22_050 * 2], 22_050.0, "pcm_s16le")

        found = analyze(speech, task=Task.SPEECH, vowel=same_rate)
        without = analyze(speech, task=Task.SPEECH, vowel=vowel)

        assert found.result["avqi"] is not None
        assert found.result["dysphonia_flag"] is not None
        assert without.result["avqi"] is None
        assert any("one sampling rate" in w for w in without.warnings)

    @pytest.mark.parametrize("task", list(Task))
    def test_noise_tone_and_silence_are_refused(self, task: Task) -> None:
        noise = 0.2 * np.random.default_rng(0).standard_normal(3 * FS_HZ).clip(-4, 4)
        tone = 0.5 * np.sin(2 * np.pi * 200 * np.arange(3 * FS_HZ) / FS_HZ)

        for samples, refusal in (
            (noise, NoVoice),
            (tone, ToneNotVoice),
            (np.zeros(3 * FS_HZ), NoVoice),
        ):
            with pytest.raises(refusal):
                analyze(Sound(samples, FS_HZ, "pcm_s16le"), task=task)

    def test_steady_buzz_is_no_vowel(self) -> None:
        pulses = np.zeros(4 * FS_HZ)
        pulses[:: FS_HZ // 125] = 1
        buzz = np.convolve(pulses, np.hanning(40), "same") * 0.5

        with pytest.raises(ToneNotVoice):
            analyze(Sound(buzz, FS_HZ, "pcm_s16le"), task=Task.SUSTAINED_VOWEL)

    @pytest.mark.parametrize("task", list(Task))
    @pytest.mark.parametrize("kind", ["vowel", "speech", "syllables"])
    def test_wrong_task_is_answered_or_refused_by_name(self, task: Task, kind: str) -> None:
        voices = {
            "vowel": lambda: quick_vowel(duration_s=1.2),
            "speech": lambda: reading(phrases=1, fs_hz=FS_HZ),
            "syllables": lambda: repetition(syllables=9, fs_hz=FS_HZ),
        }
        with suppress(UnusableRecording):
            found = analyze(sound_of(voices[kind]()), task=task)
            assert found.biomarkers

    def test_installed_model_is_asked(self) -> None:
        term = {"name": "hnr", "mean": 20.0, "scale": 5.0, "weight": -1.0}
        manifest = json.dumps(
            {
                "schema": SCHEMA,
                "name": "clinic",
                "version": "2",
                "intended_use": "research",
                "evidence": "two sites",
                "target": "parkinsons_probability",
                "task": "sustained_vowel",
                "intercept": 0.0,
                "features": [{**term, "low": 0.0, "high": 40.0}],
            }
        ).encode()
        model = read_model(manifest, hashlib.sha256(manifest).hexdigest())
        sound = sound_of(quick_vowel())

        found = analyze(sound, task=Task.SUSTAINED_VOWEL, model=model)
        other = analyze(sound_of(repetition(fs_hz=FS_HZ)), task=Task.DIADOCHOKINESIS, model=model)

        assert 0 < found.result["parkinsons_probability"] < 1
        assert found.result["cognitive_decline_probability"] is None
        assert found.models == (ModelUsed("clinic", model.sha256, "2"),)
        assert other.result["parkinsons_probability"] is None
        assert other.models == ()
        assert any("is for the task" in w for w in other.warnings)
