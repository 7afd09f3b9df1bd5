"""Variability of real NN series against NeuroKit2 and scipy, which share no code with it."""

import warnings

import numpy as np
import pytest
import wfdb
from scipy.signal import lombscargle

from functions.cardiology.ecg import Floats
from functions.cardiology.hrv import time_domain
from functions.cardiology.hrv_spectrum import LF_BAND_HZ, spectrum
from functions.cardiology.normal_intervals import NormalIntervals, normal_intervals
from tests.accuracy.recordings import DATA, require_data

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from neurokit2.hrv import hrv_nonlinear, hrv_time


def series(name: str) -> Floats:
    """NN intervals in ms."""
    if name.startswith("pyhrv"):
        return np.asarray(np.load(DATA / "hrv" / f"{name}.npy"), np.float64)
    record = wfdb.rdann(str(DATA / "hrv" / name), "ecg")
    beats = np.asarray(record.sample, np.float64)[np.array(record.symbol) == "N"][:3000]
    rr_ms: Floats = 1000 * np.diff(beats) / 128
    return rr_ms[(rr_ms >= 300) & (rr_ms <= 2000)]


def together(rr_ms: Floats) -> NormalIntervals:
    time_s = np.concatenate(([0.0], np.cumsum(rr_ms))) / 1000
    every = normal_intervals(time_s, np.ones(len(time_s), bool), np.ones(len(rr_ms), bool))
    return NormalIntervals(every.end_s, rr_ms, every.follows, every.n_all)


@pytest.mark.parametrize("name", ["pyhrv_nni_short", "pyhrv_nni_long", "nsr001", "nsr004"])
class TestAgainstOtherPrograms:
    @pytest.mark.filterwarnings("ignore")
    def test_time_domain_equals_neurokit(self, name: str) -> None:
        require_data()
        # NeuroKit2 computes entropies along, whose time grows with the square of the length.
        rr_ms = series(name)[:400]
        given = {"RRI": rr_ms, "RRI_Time": np.cumsum(rr_ms) / 1000}

        theirs = {**hrv_time(given).iloc[0], **hrv_nonlinear(given).iloc[0]}
        ours = time_domain(together(rr_ms))

        for measure in ("sdnn", "rmssd", "sdsd", "sd1", "sd2"):
            assert ours[measure] == pytest.approx(theirs[f"HRV_{measure.upper()}"], rel=1e-9)
        assert ours["rr_cv"] == pytest.approx(100 * theirs["HRV_CVNN"], rel=1e-9)
        # NeuroKit2 divides by the number of intervals, not of differences.
        same = theirs["HRV_pNN50"] * len(rr_ms) / (len(rr_ms) - 1)
        assert ours["pnn50"] == pytest.approx(same, rel=1e-9)

    def test_spectrum_equals_scipy(self, name: str) -> None:
        require_data()
        rr_ms = series(name)[:300]
        time_s = together(rr_ms).end_s[np.cumsum(rr_ms) <= 299_000]
        rr_ms = rr_ms[: len(time_s)]
        measured = spectrum(together(rr_ms))
        frequency_hz = np.arange(40, 401) / 1000
        line = np.polyval(np.polyfit(time_s, rr_ms, 1), time_s)
        span_s = (time_s[-1] - time_s[0]) * len(time_s) / (len(time_s) - 1)
        theirs = lombscargle(time_s, rr_ms - line, 2 * np.pi * frequency_hz)
        density = 2 * theirs * span_s / len(time_s)
        power = np.trapezoid(density[:111], frequency_hz[:111])

        assert measured is not None
        assert measured.density == pytest.approx(density, rel=1e-6)
        assert measured.power(LF_BAND_HZ) == pytest.approx(power, rel=1e-6)
