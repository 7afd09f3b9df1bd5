import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest

from functions.cardiology.analysis import TooFewBeats, analyze
from functions.cardiology.ecg import Ecg
from functions.cardiology.norms import BIOMARKERS, SOURCES
from functions.cardiology.trained import FOLDER
from local.samples.ecg import Episode, Rhythm, synthesize
from shared.errors import UnusableRecording
from tests.functions.cardiology.test_ventricular import recorded

COLUMNS = {
    "heart_rate_bpm", "rhythm_classification", "regularity", "r_peaks_detected", "rmssd_ms",
    "sdnn_ms", "pnn50_percent", "pr_interval_ms", "qrs_duration_ms", "qt_interval_ms", "qtc_ms",
    "qtc_formula", "arrhythmia_detected", "arrhythmia_types", "signal_quality_score",
    "duration_s", "fs_hz", "leads", "beats", "rhythm_segments", "quality_segments",
    "atrial_fibrillation", "conduction", "measure_precision",
}  # fmt: skip


LARGEST_RESPONSE = 6_000_000  # bytes that a function of Lambda may answer


def heart(*episodes: Episode, leads: tuple[str, ...] = ("II", "V1")) -> Ecg:
    return recorded(synthesize(episodes, leads=leads, seed=21))


class TestAnalyze:
    def test_sinus_rhythm_comes_out_as_such(self) -> None:
        findings = analyze(heart(Episode(Rhythm.SINUS, 90)), sex="female", age_years=40)

        assert set(findings.result) == COLUMNS
        assert findings.result["rhythm_classification"] == "sinus rhythm"
        assert findings.result["heart_rate_bpm"] == pytest.approx(70, abs=1)
        assert findings.result["arrhythmia_types"] == []
        assert findings.result["qrs_duration_ms"] == pytest.approx(90, abs=15)
        assert findings.review_reason is None
        assert findings.risk is not None
        assert findings.risk.score == 0

    def test_everything_stored_is_json_and_in_the_catalog(self) -> None:
        findings = analyze(heart(Episode(Rhythm.SINUS, 30, ventricular_every=6)))

        json.dumps([findings.result, findings.parameters], allow_nan=False)
        assert {marker.name for marker in findings.biomarkers} <= BIOMARKERS.keys()
        assert {
            marker.range.source for marker in findings.biomarkers if marker.range
        } <= SOURCES.keys()
        assert {picture.name for picture in findings.pictures} >= {"rhythm_strip", "tachogram"}

    def test_answer_of_a_day_fits_in_a_response(self) -> None:
        ecg = heart(Episode(Rhythm.SINUS, 600, rate_bpm=100, ventricular_every=9))

        answer = json.dumps(analyze(ecg).result, separators=(",", ":"))

        assert 24 * 6 * len(answer) < LARGEST_RESPONSE / 2

    def test_short_strip_has_no_variability_and_says_why(self) -> None:
        findings = analyze(heart(Episode(Rhythm.SINUS, 10)))

        assert findings.result["sdnn_ms"] is None
        assert any("at least 60 s" in note for note in findings.warnings)

    def test_fibrillation_is_named_with_evidence_and_without_pr(self) -> None:
        findings = analyze(heart(Episode(Rhythm.ATRIAL_FIBRILLATION, 120, rate_bpm=95)))

        assert findings.result["rhythm_classification"] == (
            "irregular rhythm, atrial fibrillation or flutter possible"
        )
        assert findings.result["pr_interval_ms"] is None
        assert findings.result["rmssd_ms"] is None
        assert findings.result["atrial_fibrillation"]["evidence"]["entropy"] > 0.5
        assert "atrial fibrillation or flutter possible" in (findings.review_reason or "")

    def test_pause_is_found(self) -> None:
        findings = analyze(heart(Episode(Rhythm.SINUS, 40, pause_after=15, pause_s=3.6)))

        assert "pause of 3 s or more" in findings.result["arrhythmia_types"]

    def test_hole_in_the_recording_is_neither_pause_nor_rhythm(self) -> None:
        ecg = heart(Episode(Rhythm.SINUS, 60))
        ecg.signal_mv[round(20 * ecg.fs_hz) : round(32 * ecg.fs_hz)] = np.nan

        findings = analyze(ecg)

        assert "pause of 3 s or more" not in findings.result["arrhythmia_types"]
        assert "undetermined" in {marker["rhythm"] for marker in findings.result["rhythm_segments"]}
        assert findings.result["heart_rate_bpm"] == pytest.approx(70, abs=1)

    def test_ventricular_tachycardia_is_the_most_urgent_finding(self) -> None:
        findings = analyze(
            heart(
                Episode(Rhythm.SINUS, 60),
                Episode(Rhythm.VENTRICULAR_TACHYCARDIA, 8, rate_bpm=160),
                Episode(Rhythm.SINUS, 60),
            )
        )

        assert findings.risk is not None
        assert findings.risk.points[0].source == "al-khatib-2017"
        assert findings.result["arrhythmia_types"][0].startswith("ventricular tachycardia")

    def test_child_gets_no_limits(self) -> None:
        findings = analyze(heart(Episode(Rhythm.SINUS, 20, rate_bpm=110)), age_years=4)

        assert all(marker.range is None for marker in findings.biomarkers)
        assert findings.risk is not None
        assert findings.risk.points == ()

    @pytest.mark.parametrize("n_leads", [1, 3, 12])
    @pytest.mark.parametrize("seed", [0, 1])
    def test_noise_is_refused(self, n_leads: int, seed: int) -> None:
        noise = np.random.default_rng(seed).normal(0, 0.4, (15_000, n_leads)).astype(np.float32)

        with pytest.raises(UnusableRecording):
            analyze(Ecg(noise, 500.0, tuple(f"L{lead}" for lead in range(n_leads)), "noise"))

    def test_flat_line_is_refused(self) -> None:
        with pytest.raises(UnusableRecording):
            analyze(Ecg(np.zeros((5000, 1), np.float32), 500.0, ("II",), "flat"))

    def test_three_beats_are_too_few(self) -> None:
        with pytest.raises(TooFewBeats, match="Found 3 heartbeats"):
            analyze(heart(Episode(Rhythm.SINUS, 6, rate_bpm=30)))

    @pytest.mark.parametrize(
        ("duration_s", "leads", "named"),
        [
            (60, ("II", "V1"), ["ventricular", "fibrillation"]),
            (10, ("II",), ["ventricular_one_lead", "fibrillation_short"]),
            (6, ("II",), ["ventricular_one_lead"]),  # too few intervals to judge fibrillation
        ],
    )
    def test_trained_models_that_had_a_say_are_named_with_their_hash(
        self, duration_s: float, leads: tuple[str, ...], named: list[str]
    ) -> None:
        models = analyze(heart(Episode(Rhythm.SINUS, duration_s), leads=leads)).models

        assert [model.name for model in models] == named
        for model in models:
            content = (FOLDER / f"{model.name}.json").read_bytes()
            assert model.sha256 == hashlib.sha256(content).hexdigest()

    def test_pacemaker_that_is_mentioned_and_seen_names_its_beats(self) -> None:
        ecg = heart(Episode(Rhythm.SINUS, 20))
        beats = analyze(ecg).result["beats"]
        pulses = np.round((np.array(beats["time_s"][::3]) - 0.06) * ecg.fs_hz).astype(int)
        ecg.signal_mv[pulses] += 1.0

        kinds = analyze(replace(ecg, paced=True)).result["beats"]["kind"]

        assert set(kinds[::3]) == {"paced"}
        assert "paced" not in kinds[1::3] + kinds[2::3]

    def test_pacemaker_that_is_mentioned_and_not_seen_leaves_the_kinds_unknown(self) -> None:
        findings = analyze(replace(heart(Episode(Rhythm.SINUS, 90)), paced=True))

        assert set(findings.result["beats"]["kind"]) == {"unknown"}
        assert findings.result["rhythm_classification"] == "undetermined"
        assert findings.result["heart_rate_bpm"] == pytest.approx(70, abs=1)
        assert findings.result["sdnn_ms"] is None
        assert findings.models == ()
        assert any("mentions a pacemaker" in note for note in findings.warnings)
        assert "pacemaker mentioned" in (findings.review_reason or "")

    def test_steps_are_marked_in_order(self) -> None:
        marked: list[str] = []

        @contextmanager
        def stage(name: str) -> Iterator[None]:
            marked.append(name)
            yield

        analyze(heart(Episode(Rhythm.SINUS, 12)), stage=stage)

        assert marked == [
            "quality", "beat_kinds", "rhythm", "variability", "intervals", "findings"
        ]  # fmt: skip


def test_every_biomarker_has_a_value_or_a_reason() -> None:
    ecg = heart(Episode(Rhythm.ATRIAL_FIBRILLATION, 20, rate_bpm=90), leads=("II",))

    findings = analyze(ecg)

    measured = {marker.name for marker in findings.biomarkers}
    absent = {entry.name: entry for entry in findings.absent}
    assert measured | absent.keys() == BIOMARKERS.keys()
    assert not measured & absent.keys()
    assert absent["pr_interval"].code == "not-in-this-rhythm"
    assert absent["qrs_axis"].code == "lead-missing"
    assert absent["sdnn"].detail
