import hashlib
import json
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import numpy as np
import pytest

from functions.speech.analysis import analyze
from functions.speech.course import NoVoice
from functions.speech.model_slot import SCHEMA, read_model
from functions.speech.no_voice import ToneNotVoice
from functions.speech.norms import TASKS
from functions.speech.sound import Sound
from functions.speech.task import Task
from local.samples.voice import SyntheticVoice, reading, repetition
from local.samples.voice_kinds import corner_vowels, jumping_vowel, melody, two_voices
from shared.biomarkers import BiomarkerStatus
from shared.errors import UnusableRecording
from shared.record import Findings, ModelUsed
from tests.functions.speech.encoding import quick_vowel, sound_of
from tests.nonempty import nonempty

FS_HZ = 16_000


def clear_vowel() -> SyntheticVoice:
    return quick_vowel(duration_s=4, hnr_db=40)


@pytest.fixture(scope="module")
def vowel() -> Findings:
    return analyze(sound_of(clear_vowel()), task=Task.SUSTAINED_VOWEL, sex="male")


@pytest.fixture(scope="module")
def speech() -> Findings:
    return analyze(sound_of(reading(phrases=3, fs_hz=FS_HZ)), task=Task.SPEECH)


@pytest.fixture(scope="module")
def syllables() -> Findings:
    return analyze(sound_of(repetition(fs_hz=FS_HZ)), task=Task.DIADOCHOKINESIS)


@pytest.fixture(params=["vowel", "speech", "syllables"])
def findings(request: pytest.FixtureRequest) -> Findings:
    sample = request.getfixturevalue(request.param)
    assert isinstance(sample, Findings)
    return sample


class TestAnalyze:
    def test_every_measure_is_given_or_its_absence_explained(self, findings: Findings) -> None:
        given = {m.name for m in findings.biomarkers}
        explained = {absence.name for absence in findings.absent}

        assert given | explained == set(TASKS)
        assert not given & explained
        assert all(absence.detail.endswith(".") for absence in findings.absent)

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

    @pytest.mark.parametrize(
        ("findings", "names"),
        [
            ("vowel", {"f0_mean", "jitter_local", "hnr", "cpps", "formant_1"}),
            ("speech", {"f0_mean", "cpps", "articulation_rate"}),
            ("syllables", {"ddk_rate", "ddk_regularity"}),
        ],
        indirect=["findings"],
    )
    def test_precision_comes_from_both_halves(self, findings: Findings, names: set[str]) -> None:
        precision = findings.result["measure_precision"]
        values = {m.name: m.value for m in findings.biomarkers}
        assert names <= set(precision) <= set(values)
        for halves in nonempty(precision.values()):
            apart = abs(halves["first_half"] - halves["second_half"]) / 2
            assert halves["half_difference"] == pytest.approx(
                apart, rel=0.01, abs=5e-4 * halves["first_half"]
            )

    def test_unsteady_voice_is_less_precise(self, vowel: Findings) -> None:
        calm, hoarse = quick_vowel(duration_s=2, hnr_db=30), quick_vowel(duration_s=2, hnr_db=5)
        changing = np.r_[calm.samples, hoarse.samples]

        findings = analyze(
            Sound(changing, FS_HZ, "pcm_s16le"), task=Task.SUSTAINED_VOWEL, sex="male"
        )

        halves = findings.result["measure_precision"]["hnr"]
        assert halves["half_difference"] > 5
        assert vowel.result["measure_precision"]["hnr"]["half_difference"] < 1

    @pytest.mark.parametrize("kind", ["two voices", "melody"])
    def test_what_has_not_one_pitch_has_no_measure_of_it(self, kind: str) -> None:
        steps_st = np.array([0, 4, 7, 12, 7, 4, 0, 5, 9, 5, 2, 0])
        two = kind == "two voices"
        sound = two_voices(110, 205, duration_s=3) if two else melody(steps_st, harmonics=3)

        findings = analyze(Sound(sound, FS_HZ, "pcm_s16le"), task=Task.SUSTAINED_VOWEL)

        given = {m.name for m in findings.biomarkers}
        absent = {a.name: a.code for a in findings.absent}
        for name in ("f0_mean", "f0_sd", "jitter_local", "shimmer_local", "hnr", "cpps"):
            assert name not in given
            assert absent[name] == "not-one-pitch"
        assert findings.result["f0_mean_hz"] is findings.result["dysphonia_flag"] is None
        assert findings.review_reason is not None
        assert (findings.quality_score or 0) <= 0.4

    def test_octave_jump_is_measured_and_told(self) -> None:
        sound = sound_of(jumping_vowel(f0_hz=140))

        findings = analyze(sound, task=Task.SUSTAINED_VOWEL)

        values = {m.name: m.value for m in findings.biomarkers}
        truth_hz = np.repeat([140.0, 280.0], [240, 60])  # of the time; the edges are left out
        assert values["f0_sd"] == pytest.approx(truth_hz.std(), rel=0.15)
        assert values["f0_range_st"] == pytest.approx(12, abs=0.5)
        first, second = findings.parameters["pitch_passes"]
        assert first["f0_sd_hz"] > 40
        assert second["f0_sd_hz"] < 2
        assert "octave" in (findings.review_reason or "")

    def test_cut_vowel_has_no_phonation_time(self) -> None:
        vowel = clear_vowel()
        cut = Sound(vowel.samples, FS_HZ, "pcm_s16le", missing_end="The end is missing")

        findings = analyze(cut, task=Task.SUSTAINED_VOWEL)

        assert {a.name: a.code for a in findings.absent}["phonation_time"] == "cut-off"
        assert "The end is missing" in (findings.review_reason or "")

    def test_high_voice_has_a_cepstral_peak_without_a_grade(self) -> None:
        findings = analyze(sound_of(quick_vowel(f0_hz=400, hnr_db=35)), task=Task.SUSTAINED_VOWEL)

        markers = {m.name: m for m in findings.biomarkers}
        assert markers["cpps"].range is None
        assert findings.result["dysphonia_flag"] is None
        assert {a.name: a.code for a in findings.absent}["formant_1"] == "too-high"

    @pytest.mark.parametrize("duration_s", [0.5, 0.6, 0.8])
    def test_clinical_vowel_below_a_second_is_measured(self, duration_s: float) -> None:
        voice = quick_vowel(
            f0_hz=200, duration_s=duration_s, jitter_percent=0.1, shimmer_percent=0.5, hnr_db=20
        )

        findings = analyze(sound_of(voice), task=Task.SUSTAINED_VOWEL, sex="female")

        values = {m.name: m.value for m in findings.biomarkers}
        assert values["f0_mean"] == pytest.approx(200, rel=0.01)
        assert values["hnr"] == pytest.approx(20, abs=2)
        assert "shorter than 3 s" in (findings.review_reason or "")
        assert findings.result["measure_precision"] == {}

    def test_corner_vowels_span_a_space(self) -> None:
        sound = Sound(corner_vowels(), FS_HZ, "pcm_s16le")

        findings = analyze(sound, task=Task.CORNER_VOWELS, sex="male")

        values = {m.name: m.value for m in findings.biomarkers}
        true_ratio = (870 + 1090 + 270 + 300) / (2290 + 730)
        assert values["formant_centralization_ratio"] == pytest.approx(true_ratio, rel=0.06)
        assert values["vowel_space_area"] == pytest.approx(0.31, rel=0.15)

    def test_speech_is_measured(self, speech: Findings) -> None:
        assert speech.result["syllable_count"] == 24
        assert speech.result["pause_count"] == 2
        assert speech.result["articulation_rate_per_s"] == pytest.approx(5, rel=0.05)
        assert speech.result["dysphonia_flag"] is None

    def test_syllables_are_measured(self, syllables: Findings) -> None:
        assert syllables.result["ddk_rate_per_s"] == pytest.approx(6, rel=0.03)

    def test_same_recording_gives_same_findings(self, vowel: Findings) -> None:
        again = analyze(sound_of(clear_vowel()), task=Task.SUSTAINED_VOWEL, sex="male")

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

        findings = analyze(sound_of(hoarse), task=Task.SUSTAINED_VOWEL, sex="male", age_years=50)

        assert findings.result["dysphonia_flag"] is True
        assert "cpps" in findings.result["dysphonia_measures"]
        assert findings.review_reason is not None
        assert "Voice quality outside the cited limits" in findings.review_reason

    def test_child_gets_neither_grades_nor_formants(self) -> None:
        sound = sound_of(quick_vowel(f0_hz=260, duration_s=3.5))

        findings = analyze(sound, task=Task.SUSTAINED_VOWEL, age_years=8)

        assert all(m.range is None for m in findings.biomarkers)
        assert not any(m.name.startswith("formant") for m in findings.biomarkers)
        assert findings.result["dysphonia_flag"] is None

    @pytest.mark.parametrize(("f0_hz", "ceiling_hz"), [(110, 5000), (220, 5500)])
    def test_pitch_chooses_formant_settings_where_sex_is_unknown(
        self, f0_hz: float, ceiling_hz: float
    ) -> None:
        findings = analyze(sound_of(quick_vowel(f0_hz=f0_hz)), task=Task.SUSTAINED_VOWEL)

        assert findings.parameters["formant_ceiling_hz"] == ceiling_hz
        assert any("as no sex is given" in w for w in findings.warnings)

    def test_vowel_beside_the_speech_gives_the_index(self) -> None:
        speech = sound_of(reading(phrases=2, fs_hz=22_050))
        vowel = sound_of(quick_vowel())
        same_rate = Sound(np.repeat(vowel.samples, 2)[: 22_050 * 2], 22_050.0, "pcm_s16le")

        findings = analyze(speech, task=Task.SPEECH, vowel=same_rate)
        without = analyze(speech, task=Task.SPEECH, vowel=vowel)

        assert findings.result["avqi"] is not None
        assert findings.result["dysphonia_flag"] is not None
        assert without.result["avqi"] is None
        assert any("one sampling rate" in absence.detail for absence in without.absent)

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
            findings = analyze(sound_of(voices[kind]()), task=task)
            assert findings.biomarkers

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

        findings = analyze(sound, task=Task.SUSTAINED_VOWEL, model=model)
        other = analyze(sound_of(repetition(fs_hz=FS_HZ)), task=Task.DIADOCHOKINESIS, model=model)

        assert 0 < findings.result["parkinsons_probability"] < 1
        assert findings.result["cognitive_decline_probability"] is None
        assert findings.models == (ModelUsed("clinic", model.sha256, "2"),)
        assert other.result["parkinsons_probability"] is None
        assert other.models == ()
        assert any("is for the task" in w for w in other.warnings)
