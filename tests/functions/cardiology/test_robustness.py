"""The whole pipeline on hearts of every rate, through every recorder, and on what is no heart."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from functions.cardiology.analysis import MIN_BEATS, TooFewBeats, analyze
from functions.cardiology.ecg import Ecg
from functions.cardiology.quality import NothingUsable
from local.samples.ecg import TWELVE_LEADS, Disturbance, Episode, Rhythm, SyntheticEcg, synthesize
from local.samples.ecg_waves import Intervals
from shared.errors import UnusableRecording
from shared.record import Findings
from tests.accuracy.noise import noises, unseen_noises
from tests.functions.cardiology.hearts import as_ecg
from tests.nonempty import nonempty

LEADS = {1: ("II",), 2: ("II", "V1"), 12: TWELVE_LEADS}
RATES_HZ = (128.0, 200.0, 250.0, 256.0, 360.0, 500.0, 1000.0)
NAMED: tuple[type[UnusableRecording], ...] = (TooFewBeats, *NothingUsable.__subclasses__())
NOISE_SHAPES = ((250.0, 10.0, 1), (500.0, 10.0, 12), (360.0, 60.0, 2), (128.0, 30.0, 1))


def steady(
    rate_bpm: float,
    duration_s: float,
    n_leads: int = 2,
    fs_hz: float = 250.0,
    disturbance: Disturbance | None = None,
    seed: int = 0,
) -> SyntheticEcg:
    """Sinus rhythm whose P, QRS and T fit between the beats."""
    rr_ms = 60_000 / rate_bpm
    pr_ms = min(160.0, max(90.0, 0.2 * rr_ms))
    return synthesize(
        [Episode(Rhythm.SINUS, duration_s, rate_bpm=rate_bpm)],
        fs_hz=fs_hz,
        leads=LEADS[n_leads],
        intervals=Intervals(pr_ms, qt_ms=min(380.0, 13 * rr_ms**0.5), p_ms=pr_ms - 40),
        disturbance=disturbance or Disturbance(snr_db=24, wander_mv=0.1),
        seed=seed,
    )


def rate_of(sample: SyntheticEcg) -> float:
    return float(60_000 / sample.rr_ms.mean())


def measured(ecg: Ecg) -> Findings:
    """The findings, after what must be true of all."""
    findings = analyze(ecg)
    segments = findings.result["rhythm_segments"]
    assert segments[0]["start_s"] == 0
    assert segments[-1]["end_s"] == pytest.approx(ecg.duration_s, abs=0.001)
    assert all(np.isfinite(marker.value) for marker in findings.biomarkers)
    return findings


def is_refused_or_reviewed(ecg: Ecg) -> bool:
    try:
        return analyze(ecg).review_reason is not None
    except NAMED:
        return True


class TestHearts:
    @settings(
        max_examples=60, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck)
    )
    @given(
        rate_bpm=st.floats(30, 180),
        duration_s=st.sampled_from([5.0, 10.0, 20.0, 40.0]),
        n_leads=st.sampled_from(list(LEADS)),
        fs_hz=st.sampled_from(RATES_HZ),
        snr_db=st.floats(12, 40),
        wander_mv=st.floats(0, 0.3),
        mains_mv=st.floats(0, 0.05),
        seed=st.integers(0, 1000),
    )
    def test_heart_rate_is_right_within_three_percent(
        self,
        rate_bpm: float,
        duration_s: float,
        n_leads: int,
        fs_hz: float,
        snr_db: float,
        wander_mv: float,
        mains_mv: float,
        seed: int,
    ) -> None:
        disturbance = Disturbance(snr_db, wander_mv, mains_mv)
        sample = steady(rate_bpm, duration_s, n_leads, fs_hz, disturbance, seed)

        if len(sample.beats) < MIN_BEATS:
            assert is_refused_or_reviewed(as_ecg(sample))
        else:
            findings = measured(as_ecg(sample))
            assert findings.result["heart_rate_bpm"] == pytest.approx(rate_of(sample), rel=0.03)

    @settings(
        max_examples=60, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck)
    )
    @given(
        duration_s=st.sampled_from([6.0, 15.0, 40.0]),
        n_leads=st.sampled_from(list(LEADS)),
        gaps=st.lists(
            st.tuples(st.floats(0, 1), st.floats(0, 0.5), st.integers(0, 12)), max_size=6
        ),
    )
    def test_holes_end_in_a_named_refusal_or_the_right_rate(
        self, duration_s: float, n_leads: int, gaps: list[tuple[float, float, int]]
    ) -> None:
        sample = steady(72, duration_s, n_leads)
        ecg = as_ecg(sample)
        length = len(ecg.signal_mv)
        for begin, share, lead in gaps:
            leads = slice(None) if lead == 12 else lead % n_leads
            ecg.signal_mv[int(begin * length) : int((begin + share) * length), leads] = np.nan
        try:
            findings = measured(ecg)
        except NAMED:
            return
        if findings.result["heart_rate_bpm"] is None:
            assert any("No heart rate" in note for note in findings.warnings)
        else:
            # What is left between the holes may be two intervals, the fastest or the slowest.
            shortest_ms, longest_ms = np.min(sample.rr_ms), np.max(sample.rr_ms)
            assert 0.97 * 60_000 / longest_ms <= findings.result["heart_rate_bpm"]
            assert findings.result["heart_rate_bpm"] <= 1.03 * 60_000 / shortest_ms

    @pytest.mark.parametrize("n_leads", list(LEADS))
    def test_five_seconds_give_rate_and_intervals_without_variability(self, n_leads: int) -> None:
        findings = measured(as_ecg(steady(75, 5, n_leads)))

        assert findings.result["heart_rate_bpm"] == pytest.approx(75, rel=0.05)
        assert findings.result["sdnn_ms"] is None
        assert findings.result["atrial_fibrillation"]["windows"] == 0

    @pytest.mark.parametrize("off", [0, 1, 6, 11])
    @pytest.mark.parametrize("level_mv", [0.0, 4.9, np.nan], ids=["flat", "rail", "missing"])
    def test_lead_that_is_off_does_not_spoil_the_others(self, off: int, level_mv: float) -> None:
        sample = steady(66, 20, 12)
        ecg = as_ecg(sample)
        ecg.signal_mv[:, off] = level_mv

        findings = measured(ecg)

        assert findings.result["heart_rate_bpm"] == pytest.approx(rate_of(sample), rel=0.01)
        assert findings.result["rhythm_classification"] == "sinus rhythm"
        assert findings.quality_score is not None
        assert findings.quality_score > 0.9

    def test_lead_of_noise_does_not_spoil_the_other(self) -> None:
        sample = steady(66, 30)
        ecg = as_ecg(sample)
        rng = np.random.default_rng(1)
        ecg.signal_mv[:, 0] = rng.normal(0, 0.5, len(ecg.signal_mv))

        assert measured(ecg).result["heart_rate_bpm"] == pytest.approx(rate_of(sample), rel=0.01)

    def test_every_lead_off_is_refused(self) -> None:
        ecg = as_ecg(steady(66, 20, 12))
        ecg.signal_mv[1000:] = 0.3

        with pytest.raises(UnusableRecording):
            analyze(ecg)

    def test_elevated_segment_is_no_electrode_step(self) -> None:
        # An infarction lifts ST to the height of R; the line still returns before the next beat.
        sample = steady(75, 20, 1)
        ecg = as_ecg(sample)
        time_s = np.arange(len(ecg.signal_mv)) / ecg.fs_hz
        since_s = time_s[:, None] - sample.beat_times_s
        plateau_mv = np.where(since_s > 0, np.clip((0.32 - since_s) / 0.16, 0, 1), 0)
        ecg.signal_mv[:, 0] += plateau_mv.sum(axis=1).astype(np.float32)

        assert measured(ecg).result["heart_rate_bpm"] == pytest.approx(rate_of(sample), rel=0.02)


class TestNoise:
    @pytest.mark.parametrize("seed", [0, 1, 3])
    @pytest.mark.parametrize(("fs_hz", "duration_s", "n_leads"), NOISE_SHAPES)
    def test_noise_of_any_kind_is_refused(
        self, seed: int, fs_hz: float, duration_s: float, n_leads: int
    ) -> None:
        every = noises(seed, fs_hz, duration_s, n_leads)
        every |= unseen_noises(seed, fs_hz, duration_s, n_leads)

        for ecg in nonempty(every.values()):
            with pytest.raises(UnusableRecording):
                analyze(ecg)
