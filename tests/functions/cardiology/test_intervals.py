import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.cardiology.beats import detect_beats
from functions.cardiology.ecg import Ecg
from functions.cardiology.intervals import Intervals as Measured
from functions.cardiology.intervals import (
    measure_intervals,
    qtc_bazett_ms,
    qtc_framingham_ms,
    qtc_fridericia_ms,
)
from local.samples.ecg import TWELVE_LEADS, Disturbance, Episode, Rhythm
from local.samples.ecg_waves import Intervals
from tests.functions.cardiology.hearts import heart

IN_ORDER = ("p_onset", "p_offset", "qrs_onset", "qrs_offset", "t_peak", "t_end")


def measured(ecg: Ecg) -> Measured:
    return measure_intervals(ecg, detect_beats(ecg))


class TestMeasureIntervals:
    @pytest.mark.parametrize("rate_bpm", [50, 70, 90])
    @pytest.mark.parametrize(
        ("pr_ms", "qrs_ms", "qt_ms"), [(130, 80, 360), (160, 95, 400), (210, 130, 430)]
    )
    def test_known_borders_are_found(
        self, rate_bpm: float, pr_ms: float, qrs_ms: float, qt_ms: float
    ) -> None:
        truth = Intervals(pr_ms=pr_ms, qrs_ms=qrs_ms, qt_ms=qt_ms)
        episode = Episode(Rhythm.SINUS, 20.0, rate_bpm=rate_bpm)
        ecg, _ = heart(episode, leads=TWELVE_LEADS, fs_hz=500.0, intervals=truth)

        intervals = measured(ecg)

        assert intervals.pr.value_ms == pytest.approx(pr_ms, abs=20)
        assert intervals.qrs.value_ms == pytest.approx(qrs_ms, abs=15)
        assert intervals.qt.value_ms == pytest.approx(qt_ms, abs=25)
        assert min(intervals.pr.confidence, intervals.qrs.confidence, intervals.qt.confidence) > 0.5

    def test_longer_intervals_measure_longer(self) -> None:
        short, _ = heart(leads=TWELVE_LEADS, intervals=Intervals(qt_ms=350))
        long, _ = heart(leads=TWELVE_LEADS, intervals=Intervals(qt_ms=410))

        gain_ms = (measured(long).qt.value_ms or 0) - (measured(short).qt.value_ms or 0)

        assert gain_ms == pytest.approx(60, abs=6)

    def test_borders_follow_one_another(self) -> None:
        ecg, _ = heart(leads=TWELVE_LEADS)

        borders = measured(ecg).borders

        times = [getattr(borders, name) for name in IN_ORDER]
        assert None not in times
        assert times == sorted(times)

    def test_single_lead_is_less_certain(self) -> None:
        single, _ = heart(leads=("II",))
        twelve, _ = heart(leads=TWELVE_LEADS)

        assert measured(single).qrs.value_ms is not None
        assert measured(single).qrs.confidence < measured(twelve).qrs.confidence

    def test_fibrillation_has_no_pr_and_says_why(self) -> None:
        ecg, _ = heart(Episode(Rhythm.ATRIAL_FIBRILLATION, 60.0), leads=TWELVE_LEADS, fs_hz=500.0)

        intervals = measured(ecg)

        assert intervals.pr.value_ms is None
        assert intervals.p_duration.value_ms is None
        assert intervals.pr.reason is not None
        assert "P wave" in intervals.pr.reason
        assert intervals.qrs.value_ms is not None

    def test_ectopic_beats_are_left_out(self) -> None:
        ecg, truth = heart(
            Episode(Rhythm.SINUS, 30.0, ventricular_every=5), leads=TWELVE_LEADS, fs_hz=500.0
        )
        beats = detect_beats(ecg)
        ectopic = np.arange(len(truth)) % 5 == 4
        assert len(beats.sample) == len(truth)

        normal = measure_intervals(ecg, beats, ectopic).median_beat
        wide = measure_intervals(ecg, beats, ~ectopic).median_beat

        assert normal is not None
        assert normal.n_beats == (~ectopic).sum() - 1  # the first lacks room for its P wave
        assert wide is None  # no two of them in a row, so no rate

    @pytest.mark.parametrize("n_normal", [0, 1])
    def test_too_few_normal_beats_give_a_reason(self, n_normal: int) -> None:
        ecg, _ = heart()
        beats = detect_beats(ecg)
        leave_out = np.arange(len(beats.sample)) >= n_normal

        intervals = measure_intervals(ecg, beats, leave_out)

        assert intervals.qt.value_ms is None
        assert intervals.qt.reason is not None
        assert "normal beats" in intervals.qt.reason
        assert intervals.median_beat is None

    def test_slow_sampling_gives_a_reason(self) -> None:
        ecg, _ = heart(fs_hz=125.0)

        intervals = measured(ecg)

        assert intervals.qrs.value_ms is None
        assert intervals.qrs.reason is not None
        assert "125 samples" in intervals.qrs.reason

    def test_unusable_leads_take_no_part(self) -> None:
        ecg, _ = heart(leads=("II", "V5"))
        usable = np.array([[True, False]] * 3)

        intervals = measure_intervals(ecg, detect_beats(ecg), usable=usable)

        assert intervals.median_beat is not None
        assert intervals.median_beat.leads == ("II",)

    def test_noise_without_waves_measures_nothing(self) -> None:
        ecg, _ = heart(disturbance=Disturbance(snr_db=-20), leads=TWELVE_LEADS)

        intervals = measured(ecg)

        assert intervals.pr.value_ms is None
        assert intervals.qt.value_ms is None


class TestQtc:
    def test_one_second_needs_no_correction(self) -> None:
        for formula in (qtc_bazett_ms, qtc_fridericia_ms, qtc_framingham_ms):
            assert formula(400.0, 1000.0) == pytest.approx(400.0)

    def test_known_values(self) -> None:
        assert qtc_bazett_ms(360, 640) == pytest.approx(450)
        assert qtc_fridericia_ms(360, 729) == pytest.approx(400)
        assert qtc_framingham_ms(360, 700) == pytest.approx(406.2)

    @given(st.floats(300, 500), st.floats(400, 999))
    def test_bazett_corrects_most_at_high_rates(self, qt_ms: float, rr_ms: float) -> None:
        assert qtc_bazett_ms(qt_ms, rr_ms) > qtc_fridericia_ms(qt_ms, rr_ms) > qt_ms
