"""Recordings with known beats, for the tests of this folder."""

import numpy as np

from functions.cardiology.ecg import Ecg
from functions.cardiology.filters import Samples
from local.samples.ecg import Disturbance, Episode, Rhythm, SyntheticEcg, synthesize
from local.samples.ecg_waves import Intervals

QUIET_NOISE = Disturbance(snr_db=24)


def as_ecg(sample: SyntheticEcg) -> Ecg:
    signal_mv = sample.signal_mv.astype(np.float32)
    return Ecg(signal_mv, sample.fs_hz, sample.leads, "synthetic")


def true_beats(sample: SyntheticEcg) -> Samples:
    return np.round(sample.beat_times_s * sample.fs_hz).astype(np.int64)


def heart(
    episode: Episode | None = None,
    *,
    leads: tuple[str, ...] = ("II",),
    fs_hz: float = 250.0,
    disturbance: Disturbance = QUIET_NOISE,
    intervals: Intervals | None = None,
    seed: int = 0,
) -> tuple[Ecg, Samples]:
    """A recording of half a minute of sinus rhythm, or of the episode, and its beats."""
    episode = episode or Episode(Rhythm.SINUS, 30.0)
    sample = synthesize(
        [episode], fs_hz=fs_hz, leads=leads, disturbance=disturbance, intervals=intervals, seed=seed
    )
    return as_ecg(sample), true_beats(sample)
