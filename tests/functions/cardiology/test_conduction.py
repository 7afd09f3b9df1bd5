"""Rhythms that must never be called sinus, and what is said of them instead."""

import re

import numpy as np
import pytest

from functions.cardiology.analysis import analyze
from functions.cardiology.ecg import Ecg
from local.samples.ecg import Episode, Rhythm
from local.samples.ecg_conduction import (
    ConductionSample,
    atrial_times,
    complete_block,
    drawn,
    fibrillation,
    flutter,
    mobitz,
    wenckebach,
)
from local.samples.ecg_waves import Intervals
from shared.record import Findings
from tests.functions.cardiology.hearts import heart


def analyzed(sample: ConductionSample) -> Findings:
    signal_mv = sample.signal_mv.astype(np.float32)
    return analyze(Ecg(signal_mv, sample.fs_hz, sample.leads, "synthetic"))


def types(findings: Findings) -> list[str]:
    return [str(name) for name in findings.result["arrhythmia_types"]]


def is_named_sinus(findings: Findings) -> bool:
    return "sinus" in str(findings.result["rhythm_classification"])


class TestSecondDegree:
    @pytest.mark.parametrize("period", [3, 4])
    @pytest.mark.parametrize(("pp_s", "pr_s"), [(0.7, 0.16), (0.85, 0.22)])
    def test_constant_pr_with_blocked_waves(self, period: int, pp_s: float, pr_s: float) -> None:
        findings = analyzed(mobitz(period, 30.0, pp_s=pp_s, pr_s=pr_s, seed=period))

        assert not is_named_sinus(findings)
        assert any("Mobitz II" in name for name in types(findings))
        assert not any("early" in name for name in types(findings))
        assert findings.review_reason is not None
        assert findings.result["conduction"]["p_rate_bpm"] == pytest.approx(60 / pp_s, rel=0.05)

    def test_every_second_wave_blocked(self) -> None:
        findings = analyzed(mobitz(2, 30.0, pp_s=0.65, pr_s=0.16, seed=5))

        assert any("2:1" in name for name in types(findings))
        assert findings.review_reason is not None

    @pytest.mark.parametrize("period", [4, 5])
    def test_lengthening_pr(self, period: int) -> None:
        findings = analyzed(wenckebach(period, 40.0, pp_s=0.85, seed=period))

        assert not is_named_sinus(findings)
        assert any("Mobitz I" in name for name in types(findings))
        assert findings.review_reason is not None


class TestDissociation:
    @pytest.mark.parametrize(("pp_s", "rr_s"), [(0.75, 1.4), (0.8, 1.55), (0.62, 1.7)])
    def test_complete_block(self, pp_s: float, rr_s: float) -> None:
        findings = analyzed(complete_block(pp_s, rr_s, 30.0, seed=3))

        assert not is_named_sinus(findings)
        assert any("complete AV block" in name for name in types(findings))
        assert findings.result["pr_interval_ms"] is None
        assert findings.review_reason is not None


class TestFlutter:
    @pytest.mark.parametrize(
        ("wave_bpm", "ratio"), [(250, 3), (240, 4), (260, 4), (294, 4), (280, 5)]
    )
    def test_fixed_conduction(self, wave_bpm: float, ratio: int) -> None:
        findings = analyzed(flutter(wave_bpm, ratio, 30.0, seed=ratio))

        assert not is_named_sinus(findings)
        assert findings.result["conduction"]["flutter_waves_per_beat"] in (ratio, None)
        assert findings.result["pr_interval_ms"] is None
        assert findings.review_reason is not None


class TestFibrillation:
    @pytest.mark.parametrize("is_wide", [False, True])
    @pytest.mark.parametrize("rate_bpm", [70, 95])
    def test_with_narrow_and_with_wide_complexes(self, rate_bpm: float, is_wide: bool) -> None:
        findings = analyzed(fibrillation(rate_bpm, 30.0, is_wide=is_wide, seed=8))

        assert "fibrillation" in str(findings.result["rhythm_classification"])
        assert findings.review_reason is not None
        qrs_ms = findings.result["qrs_duration_ms"]
        assert isinstance(qrs_ms, float)
        assert (qrs_ms >= 120) is is_wide


class TestSinus:
    @pytest.mark.parametrize("pr_ms", [280, 320, 360])
    def test_long_pr_is_measured(self, pr_ms: float) -> None:
        p_s = atrial_times(1.0, 30.0, seed=2)
        findings = analyzed(drawn(p_s.tolist(), (p_s + pr_ms / 1000).tolist(), 30.0, seed=2))

        assert findings.result["pr_interval_ms"] == pytest.approx(pr_ms, abs=25)
        assert "first-degree AV block" in types(findings)

    @pytest.mark.parametrize("rate_bpm", [52, 70, 88, 110])
    @pytest.mark.parametrize("seed", range(3))
    def test_plain_sinus_rhythm_needs_no_review(self, rate_bpm: float, seed: int) -> None:
        intervals = Intervals(qt_ms=360 if rate_bpm < 100 else 320)
        episode = Episode(Rhythm.SINUS, 30, rate_bpm=rate_bpm)
        ecg, _ = heart(episode, leads=("II", "V1"), intervals=intervals, seed=seed)

        findings = analyze(ecg)

        assert re.match("sinus", str(findings.result["rhythm_classification"]))
        assert findings.review_reason is None

    def test_wide_complex_is_named_by_its_pattern(self) -> None:
        p_s = atrial_times(0.9, 20.0, seed=4)
        leads = ("I", "II", "aVF", "V1", "V6")
        sample = drawn(p_s.tolist(), (p_s + 0.17).tolist(), 20.0, leads=leads, is_wide=True)

        findings = analyzed(sample)

        assert (
            findings.result["conduction"]["intraventricular"] == "right bundle branch block pattern"
        )
        assert findings.result["qrs_duration_ms"] == pytest.approx(160, abs=20)


class TestHoles:
    @pytest.mark.parametrize("at_s", [4.0, 11.3, 20.1])
    def test_short_hole_leaves_intervals_of_the_other_beats(self, at_s: float) -> None:
        ecg, _ = heart(Episode(Rhythm.SINUS, 30), leads=("II", "V5"), fs_hz=500, seed=6)
        whole = analyze(ecg).result
        ecg.signal_mv[round(at_s * 500) : round((at_s + 0.25) * 500)] = np.nan

        findings = analyze(ecg).result

        for name in ("pr_interval_ms", "qrs_duration_ms", "qt_interval_ms"):
            assert findings[name] == pytest.approx(whole[name], abs=6)
        assert "premature ventricular beats" not in findings["arrhythmia_types"]
