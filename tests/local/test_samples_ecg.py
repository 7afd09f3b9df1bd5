from pathlib import Path

import numpy as np
import pytest
import wfdb

from local.samples.ecg import TWELVE_LEADS, Disturbance, Episode, Kind, Rhythm, synthesize
from local.samples.ecg_files import wfdb_files
from local.samples.ecg_waves import VENTRICULAR_QRS_MS, Intervals
from tests.nonempty import nonempty

SINUS = Episode(Rhythm.SINUS, 30)


class TestSynthesize:
    def test_same_seed_gives_same_samples(self) -> None:
        noisy = Disturbance(snr_db=10, wander_mv=0.2)
        first = synthesize([SINUS], disturbance=noisy, seed=4)
        second = synthesize([SINUS], disturbance=noisy, seed=4)
        other = synthesize([SINUS], disturbance=noisy, seed=5)

        assert np.array_equal(first.signal_mv, second.signal_mv)
        assert not np.array_equal(first.signal_mv, other.signal_mv)

    def test_limb_leads_obey_einthoven_and_goldberger(self) -> None:
        first, two, three, avr, avl, avf = synthesize([SINUS]).signal_mv.T[:6]

        assert np.allclose(first + three, two)
        assert np.allclose(avr + avl + avf, 0)

    def test_r_peaks_in_lead_ii_are_where_the_beats_are(self) -> None:
        sample = synthesize([SINUS], leads=("II",), fs_hz=1000)
        lead = sample.signal_mv[:, 0]
        for time_s in nonempty(sample.beat_times_s):
            start = round(time_s * 1000) - 60
            peak_s = (start + np.argmax(lead[start : start + 120])) / 1000
            assert peak_s == pytest.approx(time_s, abs=0.003)

    def test_signal_is_still_between_p_and_qrs_and_moves_from_onset_to_offset(self) -> None:
        intervals = Intervals(pr_ms=200, qrs_ms=100, qt_ms=400, p_ms=110)
        sample = synthesize([SINUS], leads=("II", "V2"), fs_hz=1000, intervals=intervals)
        onset = round((sample.beat_times_s[3] - 0.45 * 0.1) * 1000)
        quiet = sample.signal_mv[onset - 85 : onset - 2]
        qrs = sample.signal_mv[onset + 3 : onset + 97]
        after = sample.signal_mv[onset + 402 : onset + 420]

        assert np.ptp(quiet, axis=0).max() < 1e-9
        assert np.ptp(qrs, axis=0).min() > 0.5
        assert np.ptp(after, axis=0).max() < 1e-9

    def test_rate_is_as_asked(self) -> None:
        sample = synthesize([Episode(Rhythm.SINUS, 120, 55)], leads=("II",))

        assert 60000 / sample.rr_ms.mean() == pytest.approx(55, rel=0.02)

    def test_ventricular_beats_are_early_wide_without_p_and_compensated(self) -> None:
        steady = Episode(Rhythm.SINUS, 40, 60, ventricular_every=5, variability=0)
        sample = synthesize([steady], leads=("II",))
        kinds = np.array(sample.beat_kinds)
        at = np.flatnonzero(kinds == Kind.VENTRICULAR)[1]

        assert VENTRICULAR_QRS_MS > 120
        assert not sample.beats[at].has_p
        assert sample.rr_ms[at - 1] < 0.7 * 1000
        assert sample.rr_ms[at - 1] + sample.rr_ms[at] == pytest.approx(2000)

    def test_supraventricular_beats_are_early_and_not_compensated(self) -> None:
        steady = Episode(Rhythm.SINUS, 40, 60, supraventricular_every=6, variability=0)
        sample = synthesize([steady], leads=("II",))
        at = sample.beat_kinds.index(Kind.SUPRAVENTRICULAR)

        assert sample.beats[at].has_p
        assert sample.rr_ms[at - 1] + sample.rr_ms[at] < 1700

    def test_fibrillation_is_irregular_without_p_and_known_in_time(self) -> None:
        sample = synthesize(
            [SINUS, Episode(Rhythm.ATRIAL_FIBRILLATION, 60, 90), SINUS], leads=("II", "V1")
        )
        start_s, end_s, rhythm = sample.episodes[1]
        inside = [beat for beat in sample.beats if start_s <= beat.time_s < end_s]
        rr = np.diff([beat.time_s for beat in inside])

        assert (start_s, end_s, rhythm) == (30, 90, Rhythm.ATRIAL_FIBRILLATION)
        assert not any(beat.has_p for beat in inside)
        assert rr.std() / rr.mean() > 0.15

    def test_pause_is_as_long_as_asked(self) -> None:
        sample = synthesize([Episode(Rhythm.SINUS, 20, pause_after=5, pause_s=3.2)], leads=("II",))

        assert sample.rr_ms[5] == pytest.approx(3200)

    @pytest.mark.parametrize("snr_db", [0, 12, 24])
    def test_noise_has_the_asked_power(self, snr_db: float) -> None:
        sample = synthesize([SINUS], disturbance=Disturbance(snr_db=snr_db))
        noise = sample.signal_mv - sample.clean_mv
        measured = 10 * np.log10(sample.clean_mv.var(axis=0) / noise.var(axis=0))

        assert measured == pytest.approx(np.full(len(TWELVE_LEADS), snr_db), abs=0.2)


class TestWfdbFiles:
    @pytest.mark.parametrize("fmt", ["16", "212"])
    def test_wfdb_reads_back_what_was_written(self, fmt: str, tmp_path: Path) -> None:
        sample = synthesize([Episode(Rhythm.SINUS, 5)], leads=("I", "II", "V1"), fs_hz=250)
        for file in wfdb_files(sample, "made", fmt):
            (tmp_path / file.name).write_bytes(file.content)
        record = wfdb.rdrecord(str(tmp_path / "made"))

        assert record.sig_name == list(sample.leads)
        assert record.p_signal == pytest.approx(sample.signal_mv, abs=1 / 400 + 1e-9)
        digital = wfdb.rdrecord(str(tmp_path / "made"), physical=False).d_signal
        assert (digital.sum(axis=0) - record.checksum) % 2**16 == pytest.approx(0)
