"""A lead that says nothing must not silence or mislead one that does."""

from dataclasses import replace

import numpy as np
import pytest

from functions.cardiology.ecg import Ecg
from functions.cardiology.filters import Samples
from functions.cardiology.lead_choice import choose_leads
from functions.cardiology.quality import assess_quality, connected
from local.samples.ecg import Episode, Rhythm
from tests.accuracy.noise import Generator
from tests.functions.cardiology.hearts import heart

FS_HZ, DURATION_S = 250.0, 60.0


def disturbed(kind: str, seed: int) -> tuple[Ecg, Samples]:
    """Lead II of a heart, and a second lead that noise buries from 10 to 50 s."""
    ecg, beats = heart(
        Episode(Rhythm.SINUS, DURATION_S), leads=("II", "V1"), fs_hz=FS_HZ, seed=seed
    )
    draw = Generator(seed, FS_HZ, DURATION_S, 1)
    noise = (draw.muscle() if kind == "muscle" else draw.band(0.5, 8))[:, 0]
    inside = slice(round(10 * FS_HZ), round(50 * FS_HZ))
    signal_mv = ecg.signal_mv.copy()
    signal_mv[inside, 1] += 1.5 * noise[inside].astype(np.float32)
    return replace(ecg, signal_mv=signal_mv), beats


@pytest.mark.parametrize("kind", ["muscle", "motion"])
@pytest.mark.parametrize("seed", range(4))
class TestNoisySecondLead:
    def test_every_beat_of_the_clear_lead_is_found(self, kind: str, seed: int) -> None:
        ecg, beats = disturbed(kind, seed)

        detected = assess_quality(connected(ecg)).beats.sample

        assert len(detected) == len(beats)
        assert np.abs(detected - beats).max() <= 0.05 * FS_HZ

    def test_noisy_lead_is_not_read(self, kind: str, seed: int) -> None:
        ecg, _ = disturbed(kind, seed)

        chosen = choose_leads(ecg, np.ones((6, 2), np.bool_)).chosen

        assert chosen[:, 0].all()
        assert not chosen[1:5, 1].any()
