from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.cardiology.beats import detect_beats, detect_lead_beats
from functions.cardiology.filters import Samples
from functions.cardiology.qrs_energy import separate_peaks
from local.samples.ecg import Disturbance, Episode, Rhythm
from tests.accuracy.recordings import matched
from tests.functions.cardiology.hearts import heart


def errors(detected: Samples, truth: Samples, fs_hz: float = 250.0) -> tuple[int, int]:
    """Missed and invented beats, within 100 ms."""
    pairs = matched(detected, truth, round(0.1 * fs_hz))
    return len(truth) - len(pairs), len(detected) - len(pairs)


class TestDetectLeadBeats:
    @pytest.mark.parametrize("rate_bpm", [30, 45, 60, 100, 150, 200])
    def test_every_rate_is_found(self, rate_bpm: float) -> None:
        ecg, truth = heart(Episode(Rhythm.SINUS, 30.0, rate_bpm=rate_bpm))

        assert errors(detect_lead_beats(ecg.signal_mv[:, 0], ecg.fs_hz), truth) == (0, 0)

    @pytest.mark.parametrize("fs_hz", [125.0, 128.5, 360.0, 500.0, 1000.0])
    def test_every_sampling_frequency_is_found(self, fs_hz: float) -> None:
        ecg, truth = heart(fs_hz=fs_hz)

        detected = detect_lead_beats(ecg.signal_mv[:, 0], fs_hz)

        assert errors(detected, truth, fs_hz) == (0, 0)
        assert np.abs(detected - truth).max() <= 0.02 * fs_hz

    @given(st.floats(0.05, 20), st.floats(-50, 50))
    @settings(max_examples=10, deadline=None)
    def test_gain_polarity_and_offset_do_not_matter(self, gain: float, offset_mv: float) -> None:
        ecg, truth = heart()
        lead = ecg.signal_mv[:, 0].astype(np.float64)

        detected = detect_lead_beats(lead, ecg.fs_hz)

        assert errors(detect_lead_beats(gain * lead + offset_mv, ecg.fs_hz), truth) == (0, 0)
        assert np.array_equal(detect_lead_beats(-lead, ecg.fs_hz), detected)

    def test_pause_stays_a_pause(self) -> None:
        ecg, truth = heart(Episode(Rhythm.SINUS, 30.0, pause_after=10, pause_s=4.0))

        detected = detect_lead_beats(ecg.signal_mv[:, 0], ecg.fs_hz)

        assert errors(detected, truth) == (0, 0)
        assert np.diff(detected).max() / ecg.fs_hz == pytest.approx(4.0, abs=0.05)

    @pytest.mark.parametrize(
        "episode",
        [
            Episode(Rhythm.SINUS, 30.0, ventricular_every=2),
            Episode(Rhythm.ATRIAL_FIBRILLATION, 30.0, rate_bpm=110),
            Episode(Rhythm.VENTRICULAR_TACHYCARDIA, 30.0, rate_bpm=160),
        ],
        ids=["bigeminy", "fibrillation", "tachycardia"],
    )
    def test_other_rhythms_are_found(self, episode: Episode) -> None:
        ecg, truth = heart(episode)

        missed, invented = errors(detect_lead_beats(ecg.signal_mv[:, 0], ecg.fs_hz), truth)

        assert missed + invented <= 1

    def test_mains_wander_and_noise_are_borne(self) -> None:
        ecg, truth = heart(disturbance=Disturbance(snr_db=6, wander_mv=1.0, mains_mv=0.3))

        assert errors(detect_lead_beats(ecg.signal_mv[:, 0], ecg.fs_hz), truth) == (0, 0)

    def test_signal_without_anything_has_no_beats(self) -> None:
        assert len(detect_lead_beats(np.zeros(2500), 250.0)) == 0
        assert len(detect_lead_beats(np.full(2500, np.nan), 250.0)) == 0


class TestDetectBeats:
    def test_lead_of_noise_does_not_disturb_the_others(self) -> None:
        ecg, truth = heart(leads=("II", "V5"))
        noisy = ecg.signal_mv.copy()
        noisy[:, 1] = np.random.default_rng(3).standard_normal(len(noisy))

        beats = detect_beats(replace(ecg, signal_mv=noisy))

        assert errors(beats.sample, truth) == (0, 0)
        assert beats.lead == 0

    def test_lead_excluded_by_the_mask_has_no_say(self) -> None:
        ecg, truth = heart(leads=("II", "V5"))
        other, _ = heart(Episode(Rhythm.SINUS, 30.0, rate_bpm=131), seed=5)
        mixed = np.column_stack((ecg.signal_mv[:, 0], other.signal_mv[:, 0]))
        usable = np.array([[True, False]] * 3)

        beats = detect_beats(replace(ecg, signal_mv=mixed), usable)

        assert errors(beats.sample, truth) == (0, 0)

    def test_hole_splits_the_intervals(self) -> None:
        ecg, truth = heart()
        begin, end = truth[10] - 100, truth[20] - 100
        signal_mv = ecg.signal_mv.copy()
        signal_mv[begin:end] = np.nan

        beats = detect_beats(replace(ecg, signal_mv=signal_mv))

        assert errors(beats.sample, np.delete(truth, np.arange(10, 20))) == (0, 0)
        assert np.flatnonzero(beats.after_gap).tolist() == [0, 10]

    def test_short_holes_change_nothing(self) -> None:
        ecg, truth = heart()
        signal_mv = ecg.signal_mv.copy()
        signal_mv[truth[5] + 60 : truth[5] + 80] = np.nan

        beats = detect_beats(replace(ecg, signal_mv=signal_mv))

        assert errors(beats.sample, truth) == (0, 0)
        assert beats.after_gap.sum() == 1

    def test_confidence_falls_with_noise(self) -> None:
        clear, _ = heart(disturbance=Disturbance(snr_db=30))
        noisy, _ = heart(disturbance=Disturbance(snr_db=0))

        clear_beats, noisy_beats = detect_beats(clear), detect_beats(noisy)

        assert np.median(clear_beats.confidence) > 0.8
        assert np.median(noisy_beats.confidence) < np.median(clear_beats.confidence) - 0.2
        assert ((noisy_beats.confidence >= 0) & (noisy_beats.confidence <= 1)).all()

    def test_long_recording_is_cut_without_seams(self) -> None:
        ecg, truth = heart(Episode(Rhythm.SINUS, 400.0))

        assert errors(detect_beats(ecg).sample, truth) == (0, 0)

    def test_recording_without_usable_leads_has_no_beats(self) -> None:
        ecg, _ = heart()

        beats = detect_beats(ecg, np.zeros((3, 1), bool))

        assert len(beats.sample) == len(beats.confidence) == len(beats.after_gap) == 0


class TestSeparatePeaks:
    @given(st.lists(st.floats(0, 9), min_size=3, max_size=80), st.integers(1, 12))
    def test_peaks_keep_their_distance_and_the_highest_stays(
        self, heights: list[float], distance: int
    ) -> None:
        energy = np.array([0.0, *heights, 0.0])

        peaks = separate_peaks(energy, distance)

        assert (np.diff(peaks) >= distance).all()
        if energy.max() > 0:
            assert energy[peaks].max() == energy.max()
