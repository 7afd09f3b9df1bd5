import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import lombscargle

from functions.cardiology import hrv
from functions.cardiology.ecg import Floats
from functions.cardiology.hrv import time_domain, variability
from functions.cardiology.hrv_spectrum import (
    HF_BAND_HZ,
    LF_BAND_HZ,
    Spectrum,
    lomb_scargle,
    spectrum,
)
from functions.cardiology.normal_intervals import NormalIntervals, heart_rate, normal_intervals
from tests.nonempty import nonempty


def steady(n_beats: int, rr_s: float) -> Floats:
    """Times of beats that come evenly."""
    return np.linspace(0, rr_s * (n_beats - 1), n_beats)


def every(time_s: Floats) -> NormalIntervals:
    return normal_intervals(time_s, np.ones(len(time_s), bool), np.ones(len(time_s) - 1, bool))


def breathing_beats(seconds: float, rate_hz: float = 0.25, depth_ms: float = 30) -> Floats:
    """Beats whose interval swings around 800 ms by a sine of `depth_ms`."""
    times = [0.0]
    while times[-1] < seconds:
        times.append(times[-1] + 0.8 + depth_ms / 1000 * np.sin(2 * np.pi * rate_hz * times[-1]))
    return np.array(times)


class TestNormalIntervals:
    def test_ectopic_beat_removes_the_intervals_on_both_sides(self) -> None:
        normal = np.array([True, True, False, True, True])

        intervals = normal_intervals(steady(5, 0.8), normal, np.ones(4, bool))

        assert intervals.end_s.tolist() == pytest.approx([0.8, 3.2])
        assert intervals.follows.tolist() == [False, False]
        assert intervals.removed_percent == 50

    def test_gap_in_the_signal_is_no_interval(self) -> None:
        connected = np.array([True, False, True])

        intervals = normal_intervals(np.array([0.0, 0.8, 1.6, 2.4]), np.ones(4, bool), connected)

        assert intervals.end_s.tolist() == pytest.approx([0.8, 2.4])
        assert intervals.n_all == 2
        assert intervals.removed_percent == 0

    def test_pause_is_not_a_normal_interval(self) -> None:
        assert len(every(np.array([0.0, 0.8, 3.3, 4.1])).rr_ms) == 2


class TestHeartRate:
    def test_steady_beats_give_their_rate(self) -> None:
        assert heart_rate(steady(10, 0.75), np.ones(9, bool)) == pytest.approx(80)

    def test_too_few_intervals_give_none(self) -> None:
        assert heart_rate(steady(3, 0.75), np.ones(2, bool)) is None


class TestTimeDomain:
    def test_steady_rhythm_has_no_variability(self) -> None:
        measured = time_domain(every(steady(100, 0.8)))

        assert all(value == pytest.approx(0, abs=1e-6) for value in nonempty(measured.values()))

    def test_alternating_intervals_match_a_hand_calculation(self) -> None:
        measured = time_domain(every(np.cumsum([0.0, *[0.7, 0.8] * 50])))

        assert measured["rmssd"] == pytest.approx(100)
        assert measured["pnn50"] == pytest.approx(100)
        assert measured["sdnn"] == pytest.approx(50 * np.sqrt(100 / 99))
        assert measured["sd2"] == pytest.approx(0, abs=1e-6)

    @given(st.lists(st.floats(400, 1500), min_size=10, max_size=60), st.floats(0, 1000))
    def test_values_do_not_depend_on_when_the_recording_began(
        self, rr_ms: list[float], shift_s: float
    ) -> None:
        beats = np.cumsum([0.0, *rr_ms]) / 1000

        here, there = time_domain(every(beats)), time_domain(every(beats + shift_s))

        assert [there[name] for name in hrv.TIME_DOMAIN if name != "pnn50"] == pytest.approx(
            [here[name] for name in hrv.TIME_DOMAIN if name != "pnn50"], rel=1e-6, abs=1e-6
        )

    def test_difference_across_a_removed_beat_is_not_counted(self) -> None:
        beats = np.cumsum([0.0, 0.8, 0.8, 0.8, 0.5, 1.1, 1.0, 1.0, 1.0])
        normal = np.ones(9, bool)
        normal[4] = False

        measured = time_domain(normal_intervals(beats, normal, np.ones(8, bool)))

        assert measured["rmssd"] == pytest.approx(0, abs=1e-9)
        assert measured["sdnn"] > 50


class TestLombScargle:
    def test_density_equals_scipy(self) -> None:
        random = np.random.default_rng(1)
        time_s = np.cumsum(random.uniform(0.6, 1.1, 300))
        values = random.normal(800, 40, 300)
        frequency_hz = np.linspace(0.04, 0.4, 100)
        residual = values - np.polyval(np.polyfit(time_s, values, 1), time_s)
        span_s = (time_s[-1] - time_s[0]) * 300 / 299

        expected = 2 * lombscargle(time_s, residual, 2 * np.pi * frequency_hz) * span_s / 300

        assert lomb_scargle(time_s, values, frequency_hz) == pytest.approx(expected, rel=1e-6)


class TestSpectrum:
    @pytest.mark.parametrize(
        ("rate_hz", "inside", "outside"),
        [(0.1, LF_BAND_HZ, HF_BAND_HZ), (0.25, HF_BAND_HZ, LF_BAND_HZ)],
    )
    def test_sine_shows_its_variance_in_its_band(
        self, rate_hz: float, inside: tuple[float, float], outside: tuple[float, float]
    ) -> None:
        measured = spectrum(every(breathing_beats(300, rate_hz)))

        assert measured is not None
        assert measured.power(inside) == pytest.approx(30**2 / 2, rel=0.05)
        assert measured.power(outside) < 0.03 * measured.power(inside)

    def test_long_recording_is_the_mean_of_its_windows(self) -> None:
        short, long = spectrum(every(breathing_beats(300))), spectrum(every(breathing_beats(1800)))

        assert short is not None
        assert long is not None
        assert long.power(HF_BAND_HZ) == pytest.approx(short.power(HF_BAND_HZ), rel=0.02)

    def test_sparse_window_is_left_out(self) -> None:
        time_s = breathing_beats(600)
        is_normal = (time_s < 300) | (np.arange(len(time_s)) % 3 == 0)

        measured = spectrum(normal_intervals(time_s, is_normal, np.ones(len(time_s) - 1, bool)))

        assert isinstance(measured, Spectrum)
        assert measured.power(HF_BAND_HZ) == pytest.approx(450, rel=0.05)


class TestVariability:
    def test_five_minutes_give_every_measure(self) -> None:
        time_s = breathing_beats(300)

        measured = variability(time_s, np.ones(len(time_s), bool), np.ones(len(time_s) - 1, bool))

        assert set(measured.values) == {
            *hrv.TIME_DOMAIN, "heart_rate", "rr_mean", "lf_power", "hf_power", "lf_hf_ratio"
        }  # fmt: skip
        assert measured.reasons == ()

    @pytest.mark.parametrize(
        ("seconds", "absent"),
        [
            (10, {*hrv.TIME_DOMAIN, "lf_power", "hf_power", "lf_hf_ratio"}),
            (90, {"lf_power", "lf_hf_ratio"}),
        ],
    )
    def test_short_recording_lacks_what_needs_longer_and_says_why(
        self, seconds: float, absent: set[str]
    ) -> None:
        time_s = breathing_beats(seconds)

        measured = variability(time_s, np.ones(len(time_s), bool), np.ones(len(time_s) - 1, bool))

        assert absent.isdisjoint(measured.values)
        assert "heart_rate" in measured.values
        assert len(measured.reasons) == 1

    def test_more_than_a_fifth_removed_gives_no_variability(self) -> None:
        time_s = breathing_beats(300)
        is_normal = np.arange(len(time_s)) % 8 != 0

        measured = variability(time_s, is_normal, np.ones(len(time_s) - 1, bool))

        assert set(measured.values) == {"heart_rate", "rr_mean"}
        assert "25 % of the intervals" in measured.reasons[0]
