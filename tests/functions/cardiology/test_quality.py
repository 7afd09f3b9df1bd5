from dataclasses import replace

import numpy as np
import pytest

from functions.cardiology.ecg import Ecg
from functions.cardiology.quality import (
    Defect,
    FlatLine,
    NoiseOnly,
    NothingRecorded,
    SampledTooSlowly,
    SignalClipped,
    TooShort,
    assess_quality,
    connected,
)
from local.samples.ecg import Disturbance, Episode, Rhythm
from tests.accuracy.noise import noises, unseen_noises
from tests.functions.cardiology.hearts import heart

TOLD_BY_SHAPE = [
    name
    for name in (*noises(0, 250.0, 10.0, 1), *unseen_noises(0, 250.0, 10.0, 1))
    if name != "electrode steps"  # sharp edges, which one lead cannot tell from QRS complexes
]


def recording(values: np.ndarray, fs_hz: float = 250.0) -> Ecg:
    signal_mv = np.asarray(values, np.float32).reshape(len(values), -1 if len(values) else 1)
    return Ecg(signal_mv, fs_hz, ("II", "V5")[: signal_mv.shape[1]], "synthetic")


class TestAssessQuality:
    @pytest.mark.parametrize(
        "episode",
        [
            Episode(Rhythm.SINUS, 30.0),
            Episode(Rhythm.SINUS, 30.0, rate_bpm=25),
            Episode(Rhythm.SINUS, 30.0, rate_bpm=210),
            Episode(Rhythm.SINUS, 30.0, pause_after=10, pause_s=6.0),
            Episode(Rhythm.SINUS, 30.0, ventricular_every=2),
            Episode(Rhythm.SINUS, 30.0, ventricular_every=5, supraventricular_every=3),
            Episode(Rhythm.ATRIAL_FIBRILLATION, 30.0, rate_bpm=120),
            Episode(Rhythm.VENTRICULAR_TACHYCARDIA, 30.0, rate_bpm=150),
        ],
        ids=["sinus", "slow", "fast", "pause", "bigeminy", "mixed", "fibrillation", "VT"],
    )
    @pytest.mark.parametrize("leads", [("II",), ("I", "II", "V1", "V5")])
    def test_hearts_are_usable_throughout(self, episode: Episode, leads: tuple[str, ...]) -> None:
        ecg, _ = heart(episode, leads=leads)

        quality = assess_quality(ecg)

        quality.require_usable()
        assert quality.usable.any(axis=1).all()
        assert quality.score > 0.8

    def test_mains_and_wander_are_borne(self) -> None:
        ecg, _ = heart(disturbance=Disturbance(snr_db=12, wander_mv=0.5, mains_mv=0.2))

        assert assess_quality(ecg).usable.all()

    @pytest.mark.parametrize("name", TOLD_BY_SHAPE)
    @pytest.mark.parametrize("n_leads", [1, 12])
    def test_noise_is_refused(self, name: str, n_leads: int) -> None:
        every = noises(7, 250.0, 20.0, n_leads) | unseen_noises(7, 250.0, 20.0, n_leads)

        quality = assess_quality(every[name])

        assert not quality.usable.any()
        with pytest.raises(NoiseOnly, match="0% of it shows QRS"):
            quality.require_usable()

    def test_flat_line_is_refused(self) -> None:
        hiss = 0.002 * np.random.default_rng(1).standard_normal(5000)

        with pytest.raises(FlatLine):
            assess_quality(recording(hiss)).require_usable()

    def test_constant_is_a_flat_line(self) -> None:
        with pytest.raises(FlatLine):
            assess_quality(connected(recording(np.full(5000, 0.7)))).require_usable()

    def test_empty_recording_is_refused(self) -> None:
        with pytest.raises(NothingRecorded):
            assess_quality(recording(np.full(5000, np.nan))).require_usable()

    def test_clipped_recording_is_refused(self) -> None:
        ecg, _ = heart(disturbance=Disturbance(snr_db=10, wander_mv=1.0))

        with pytest.raises(SignalClipped):
            assess_quality(recording(np.clip(ecg.signal_mv, -0.1, 0.3))).require_usable()

    def test_bad_stretch_is_marked_and_holds_no_beats(self) -> None:
        ecg, _ = heart(Episode(Rhythm.SINUS, 60.0))
        signal_mv = ecg.signal_mv.copy()
        signal_mv[5000:7500, 0] = np.random.default_rng(2).standard_normal(2500)

        quality = assess_quality(replace(ecg, signal_mv=signal_mv))

        assert quality.defect[:, 0].tolist() == [0, 0, Defect.NOISE, 0, 0, 0]
        sample = quality.beats.sample
        assert not ((sample >= 5000) & (sample < 7500)).any()
        assert quality.beats.after_gap[sample >= 7500][0]
        assert quality.usable_share == pytest.approx(5 / 6)

    def test_bad_lead_is_left_out(self) -> None:
        ecg, truth = heart(leads=("II", "V5"))
        signal_mv = ecg.signal_mv.copy()
        signal_mv[:, 1] = np.random.default_rng(4).standard_normal(len(signal_mv))

        quality = assess_quality(replace(ecg, signal_mv=signal_mv))

        assert quality.usable.all(axis=0).tolist() == [True, False]
        assert len(quality.beats.sample) == len(truth)

    @pytest.mark.parametrize("duration_s", [0.0, 1.0, 4.9])
    def test_short_recording_is_refused(self, duration_s: float) -> None:
        with pytest.raises(TooShort, match=f"{duration_s:.1f} s"):
            assess_quality(recording(np.zeros((round(duration_s * 250), 1))))

    def test_slow_sampling_is_refused(self) -> None:
        with pytest.raises(SampledTooSlowly, match="50 samples a second"):
            assess_quality(recording(np.zeros(1000), fs_hz=50.0))


class TestConnected:
    def test_long_constant_is_blanked_in_its_lead_only(self) -> None:
        ecg, _ = heart(leads=("II", "V5"))
        signal_mv = ecg.signal_mv.copy()
        signal_mv[2500:5000, 1] = 0.3

        blanked = connected(replace(ecg, signal_mv=signal_mv)).signal_mv

        assert not np.isnan(blanked[:, 0]).any()
        assert np.isnan(blanked[2500:5000, 1]).all()
        assert np.isnan(blanked[:, 1]).sum() == 2500

    def test_pause_without_noise_is_kept(self) -> None:
        ecg, _ = heart(
            Episode(Rhythm.SINUS, 30.0, pause_after=10, pause_s=4.5), disturbance=Disturbance()
        )

        assert connected(ecg) is ecg
