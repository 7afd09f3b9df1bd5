"""How steady the values are: the same measures from both halves of a recording."""

from collections.abc import Mapping

import numpy as np
import pytest

from functions.cardiology.analysis import analyze
from functions.cardiology.ecg import Ecg, Floats
from local.samples.ecg import TWELVE_LEADS, Disturbance, Episode, Rhythm
from shared.record import Findings
from tests.functions.cardiology.hearts import QUIET_NOISE, heart

INTERVALS = ("pr_interval", "qrs_duration", "qt_interval", "qtc_fridericia")


def analyzed(duration_s: float, disturbance: Disturbance = QUIET_NOISE, seed: int = 0) -> Findings:
    ecg, _ = heart(
        Episode(Rhythm.SINUS, duration_s, rate_bpm=70),
        leads=TWELVE_LEADS,
        fs_hz=500,
        disturbance=disturbance,
        seed=seed,
    )
    return analyze(ecg)


def halves(findings: Findings) -> Mapping[str, Mapping[str, float]]:
    given: Mapping[str, Mapping[str, float]] = findings.result["measure_precision"]
    return given


def turning(ecg: Ecg) -> Ecg:
    """Have the vector point to the right, a little down in the first half and up in the second."""
    signal_mv = ecg.signal_mv.copy()
    lead_one: Floats = -signal_mv[:, ecg.leads.index("II")].astype(np.float64)
    down = np.where(np.arange(len(signal_mv)) < len(signal_mv) / 2, -0.06, 0.06) * lead_one
    limbs: dict[str, Floats] = {
        "I": lead_one, "aVF": down, "II": down + lead_one / 2, "III": down - lead_one / 2,
        "aVR": -(0.75 * lead_one + down / 2), "aVL": 0.75 * lead_one - down / 2,
    }  # fmt: skip
    for name, values in limbs.items():
        signal_mv[:, ecg.leads.index(name)] = values
    return Ecg(signal_mv, ecg.fs_hz, ecg.leads, "synthetic")


class TestPrecision:
    def test_intervals_of_a_steady_heart_agree(self) -> None:
        given = halves(analyzed(20))
        assert max(given[name]["half_difference"] for name in INTERVALS) < 4

    def test_noise_makes_it_worse(self) -> None:
        names = INTERVALS[:3]
        quiet, loud = (
            np.mean([
                halves(analyzed(10, disturbance=Disturbance(snr_db=snr_db), seed=seed))
                .get(name, {"half_difference": 20.0})["half_difference"]
                for name in names for seed in range(4)
            ])
            for snr_db in (30, 6)
        )  # fmt: skip
        assert loud > 1.5 * quiet

    def test_a_rate_that_changes_differs_by_half_of_the_change(self) -> None:
        parts = [heart(Episode(Rhythm.SINUS, 20, rate_bpm=rate))[0] for rate in (60, 80)]
        joined = Ecg(
            np.concatenate([part.signal_mv for part in parts]), parts[0].fs_hz, ("II",), "synthetic"
        )
        rate = halves(analyze(joined))["heart_rate"]
        assert rate["first_half"] == pytest.approx(60, rel=0.05)
        assert rate["second_half"] == pytest.approx(80, rel=0.05)
        assert rate["half_difference"] == pytest.approx(10, rel=0.2)

    def test_only_what_was_measured_and_belongs_to_a_half(self) -> None:
        findings = analyzed(150)
        measured = {biomarker.name for biomarker in findings.biomarkers}
        assert set(halves(findings)) <= measured - {"pause_max", "af_burden"}
        assert {"sdnn", "rmssd", "rr_mean"} <= set(halves(findings))

    def test_variability_of_less_than_a_minute_a_half_is_left_out(self) -> None:
        assert "sdnn" not in halves(analyzed(90))

    def test_a_few_beats_have_none(self) -> None:
        assert halves(analyzed(6)) == {}

    def test_an_axis_near_half_a_turn_does_not_jump(self) -> None:
        ecg, _ = heart(Episode(Rhythm.SINUS, 20.0), leads=TWELVE_LEADS, fs_hz=500)
        axis = halves(analyze(turning(ecg)))["qrs_axis"]
        assert abs(axis["first_half"]) == pytest.approx(177, abs=2.5)
        assert 1 < axis["half_difference"] < 7
