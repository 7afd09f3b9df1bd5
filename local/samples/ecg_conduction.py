"""Synthetic ECGs whose atria and ventricles are not tied to each other one to one.

>>> sample = mobitz(3, 30.0, seed=1)
>>> sample.signal_mv.shape
(7500, 2)
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from local.samples.ecg_waves import Floats, Intervals, Wave, add_wave, p_wave, project, qrst

FS_HZ = 250.0
LEADS = ("II", "V1")
# Heights in I, II, V1..V6 (mV).
_SAW_RISE = 0.7  # of a wave
_FLUTTER = (0.02, -0.28, 0.14, 0.06, 0.02, 0.02, 0.02, 0.02)
_BLOCK_R, _BLOCK_LATE = (0.5, 0.55, 0.3, 0.3, 0.4, 0.5, 0.6, 0.6), (
    -0.3, 0.6, 0.9, 0.6, 0.3, -0.2, -0.3, -0.3,
)  # fmt: skip
_BLOCK_T = (0.1, 0.2, -0.2, 0.1, 0.2, 0.2, 0.2, 0.2)


@dataclass(frozen=True)
class ConductionSample:
    """A recording, and when each P wave and QRS complex of it begins, s."""

    signal_mv: Floats
    fs_hz: float
    leads: tuple[str, ...]
    p_onset_s: Floats
    qrs_onset_s: Floats


def drawn(
    p_onset_s: Sequence[float],
    qrs_onset_s: Sequence[float],
    duration_s: float,
    *,
    seed: int = 0,
    intervals: Intervals | None = None,
    leads: tuple[str, ...] = LEADS,
    is_wide: bool = False,
    noise_mv: float = 0.01,
) -> ConductionSample:
    """Draw P waves and QRS complexes where they are asked for.

    Parameters
    ----------
    p_onset_s, qrs_onset_s : sequence of float
        Each wave begins there exactly; a QRS follows no P by itself.
    duration_s : float
    seed : int
        Of the noise alone.
    intervals : Intervals, optional
        Its PR counts for nothing here.
    leads : tuple of str
    is_wide : bool
        Complexes of 160 ms as right bundle branch block gives them.
    noise_mv : float
        SD of white noise in every lead.

    Returns
    -------
    ConductionSample
    """
    intervals = intervals or Intervals()
    eight = np.zeros((round(duration_s * FS_HZ), 8))
    waves = [p_wave(onset, intervals) for onset in p_onset_s]
    for onset in qrs_onset_s:
        waves += _wide(onset) if is_wide else list(qrst(onset, intervals))
    for wave in waves:
        add_wave(eight, wave, FS_HZ, 1.0)
    noise = noise_mv * np.random.default_rng(seed).standard_normal((len(eight), len(leads)))
    return ConductionSample(
        project(eight, leads) + noise, FS_HZ, leads, np.array(p_onset_s), np.array(qrs_onset_s)
    )


def _wide(onset: float) -> list[Wave]:
    """A complex of 160 ms as right bundle branch block gives it, with its notch."""
    return [
        Wave(onset, onset + 0.04, onset + 0.09, np.array(_BLOCK_R)),
        Wave(onset + 0.06, onset + 0.115, onset + 0.16, np.array(_BLOCK_LATE)),
        Wave(onset + 0.20, onset + 0.31, onset + 0.42, np.array(_BLOCK_T)),
    ]


def atrial_times(pp_s: float, duration_s: float, seed: int, variability: float = 0.01) -> Floats:
    """Times of an even pace with a little chance, from 0.3 s plus a period to 1 s before the end.

    Parameters
    ----------
    pp_s : float
        Mean period.
    duration_s : float
    seed : int
    variability : float
        SD of a period as a share of it.

    Returns
    -------
    (n,) ndarray of float64
        Seconds, rising.
    """
    rng = np.random.default_rng(seed)
    steps = pp_s * (1 + variability * rng.standard_normal(int(duration_s / pp_s) + 2))
    times = 0.3 + np.cumsum(steps)
    return times[times < duration_s - 1.0]


def mobitz(
    period: int, duration_s: float, *, pp_s: float = 0.8, pr_s: float = 0.18, seed: int = 0
) -> ConductionSample:
    """Every `period`-th P wave is blocked, PR constant."""
    p_s = atrial_times(pp_s, duration_s, seed)
    conducted = np.arange(len(p_s)) % period != period - 1
    return drawn(p_s.tolist(), (p_s[conducted] + pr_s).tolist(), duration_s, seed=seed)


def wenckebach(
    period: int, duration_s: float, *, pp_s: float = 0.8, seed: int = 0
) -> ConductionSample:
    """PR lengthens from 180 ms in steps of 120, 60, ... ms until a P wave is blocked."""
    p_s = atrial_times(pp_s, duration_s, seed)
    number = np.arange(len(p_s)) % period
    pr_s = 0.18 + 0.24 * (1 - 0.5**number)
    conducted = number != period - 1
    return drawn(p_s.tolist(), (p_s + pr_s)[conducted].tolist(), duration_s, seed=seed)


def complete_block(
    pp_s: float, rr_s: float, duration_s: float, *, seed: int = 0
) -> ConductionSample:
    """P waves and QRS complexes at paces of their own.

    The ventricles' pace has half the chance of the atria's, and no complex follows a P on purpose.
    """
    qrs_s = atrial_times(rr_s, duration_s, seed + 1, variability=0.005)
    p_s = atrial_times(pp_s, duration_s, seed)
    return drawn(p_s.tolist(), qrs_s.tolist(), duration_s, seed=seed)


def flutter(wave_bpm: float, ratio: int, duration_s: float, *, seed: int = 0) -> ConductionSample:
    """A sawtooth, every `ratio`-th wave of which is conducted.

    The ratio is exact and the ventricles are regular; `p_onset_s` is empty, for flutter has no P
    waves.
    """
    wave_s = 60 / wave_bpm
    rng = np.random.default_rng(seed)
    qrs_s = np.arange(0.5, duration_s - 0.6, ratio * wave_s)
    sample = drawn([], qrs_s.tolist(), duration_s, seed=seed)
    phase = (np.arange(len(sample.signal_mv)) / FS_HZ / wave_s + rng.uniform()) % 1.0
    saw = np.where(phase < _SAW_RISE, phase / _SAW_RISE, (1 - phase) / (1 - _SAW_RISE)) - 0.5
    eight = saw[:, None] * np.array(_FLUTTER)
    return ConductionSample(
        sample.signal_mv + project(eight, LEADS), FS_HZ, LEADS, np.empty(0), qrs_s
    )


def fibrillation(
    rate_bpm: float, duration_s: float, *, is_wide: bool = False, seed: int = 0
) -> ConductionSample:
    """Irregular QRS complexes over waves of 5 to 7 Hz.

    Intervals are drawn from a gamma distribution with a coefficient of variation of 22 %, none
    below 0.35 s: a fast rate comes out slower than it was asked for. `p_onset_s` is empty.
    """
    rng = np.random.default_rng(seed)
    mean_s = 60 / rate_bpm
    steps = np.maximum(0.35, rng.gamma(20, mean_s / 20, int(3 * duration_s / mean_s)))
    qrs_s = 0.5 + np.cumsum(steps)
    qrs_s = qrs_s[qrs_s < duration_s - 0.6]
    sample = drawn([], qrs_s.tolist(), duration_s, seed=seed, is_wide=is_wide)
    time_s = np.arange(len(sample.signal_mv)) / FS_HZ
    rate_hz = 6 + np.sin(2 * np.pi * 0.13 * time_s + rng.uniform(0, 6))
    wave = np.sin(2 * np.pi * np.cumsum(rate_hz) / FS_HZ)
    return ConductionSample(
        sample.signal_mv + wave[:, None] * np.array([0.04, 0.07]), FS_HZ, LEADS, np.empty(0), qrs_s
    )
