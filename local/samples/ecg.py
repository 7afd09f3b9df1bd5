"""Electrocardiograms whose truth is known exactly.

A beat is a sum of smooth bumps (half a period of a raised cosine on either side
of each peak) that begin and end at known instants, so the borders of P, QRS and
T are true by construction and the same in every lead, as they are in a heart.
Amplitudes are those of an ordinary adult; leads III, aVR, aVL and aVF follow
from I and II by Einthoven's and Goldberger's equations. The idea of one bump a
wave is that of McSharry et al. (2003), doi:10.1109/TBME.2003.808805; a bump of
finite support takes the place of their Gaussian because a Gaussian never ends.

>>> sample = synthesize([Episode(Rhythm.SINUS, 10)], leads=("II",), seed=1)
>>> sample.signal_mv.shape
(5000, 1)
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from local.samples.ecg_waves import (
    R_PEAK,
    Floats,
    Intervals,
    Wave,
    add_wave,
    p_wave,
    project,
    qrst,
    ventricular_waves,
)

TWELVE_LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")


class Kind(StrEnum):
    """What a beat is, in the letters of the PhysioNet annotations."""

    NORMAL = "N"
    SUPRAVENTRICULAR = "S"
    VENTRICULAR = "V"


class Rhythm(StrEnum):
    SINUS = "sinus"
    ATRIAL_FIBRILLATION = "atrial fibrillation"
    VENTRICULAR_TACHYCARDIA = "ventricular tachycardia"


@dataclass(frozen=True)
class Episode:
    """A stretch of one rhythm.

    `ventricular_every` = 2 makes bigeminy, 3 trigeminy, 0 no ventricular beats;
    `supraventricular_every` likewise. After beat `pause_after` (counted within
    the episode) the heart stops for `pause_s`.
    """

    rhythm: Rhythm
    duration_s: float
    rate_bpm: float = 70.0
    ventricular_every: int = 0
    supraventricular_every: int = 0
    pause_after: int | None = None
    pause_s: float = 3.5
    variability: float = 0.04


@dataclass(frozen=True)
class Disturbance:
    """What is added to the clean signal.

    `snr_db` compares the power of the clean lead (mean removed) with that of the
    added white noise; None adds none.
    """

    snr_db: float | None = None
    wander_mv: float = 0.0
    mains_mv: float = 0.0
    mains_hz: float = 50.0


@dataclass(frozen=True)
class Beat:
    """One beat of the plan; `time_s` is the peak of its R wave."""

    time_s: float
    kind: Kind
    has_p: bool


@dataclass(frozen=True)
class SyntheticEcg:
    """A recording and everything that is true about it.

    Attributes
    ----------
    signal_mv, clean_mv : ndarray of float64, shape (n_samples, n_leads)
        With and without the disturbance.
    beats : tuple of Beat
    episodes : tuple of (float, float, Rhythm)
        Start and end in seconds, and the rhythm.
    intervals : Intervals
        True of every normal beat; a ventricular beat has no P and a QRS of
        `VENTRICULAR_QRS_MS`.
    """

    signal_mv: Floats
    clean_mv: Floats
    fs_hz: float
    leads: tuple[str, ...]
    beats: tuple[Beat, ...]
    episodes: tuple[tuple[float, float, Rhythm], ...]
    intervals: Intervals = field(default_factory=Intervals)

    @property
    def beat_times_s(self) -> Floats:
        return np.array([beat.time_s for beat in self.beats])

    @property
    def beat_kinds(self) -> tuple[Kind, ...]:
        return tuple(beat.kind for beat in self.beats)

    @property
    def rr_ms(self) -> Floats:
        """Intervals between consecutive beats, shape (n_beats - 1,)."""
        return 1000 * np.diff(self.beat_times_s)


_FIBRILLATION = (0.02, 0.05, 0.09, 0.05, 0.02, 0.02, 0.02, 0.02)

_PREMATURE = 0.62  # coupling interval of a premature beat, in units of the sinus interval
_COMPENSATORY = 2.0  # the next sinus beat comes on time: two intervals after the last one
_SHORTEST_RR_S = 0.30
_FIBRILLATION_CV = 0.24
_FIRST_BEAT_S = 0.5
_LAST_BEAT_MARGIN_S = 0.45  # the last T wave still fits


def synthesize(
    episodes: Sequence[Episode],
    *,
    fs_hz: float = 500.0,
    leads: Sequence[str] = TWELVE_LEADS,
    intervals: Intervals | None = None,
    disturbance: Disturbance | None = None,
    seed: int = 0,
) -> SyntheticEcg:
    """Make an ECG that passes through `episodes`; the same seed gives the same samples.

    Parameters
    ----------
    episodes : sequence of Episode
        One after the other, with no gap. The first beat comes at 0.5 s, the last early enough for
        its T wave to end.
    fs_hz : float
        The waves are sampled without a filter against aliasing.
    leads : sequence of str
    intervals : Intervals, optional
        Of every normal and supraventricular beat.
    disturbance : Disturbance, optional
        Nothing is disturbed otherwise.
    seed : int

    Returns
    -------
    SyntheticEcg
        `beats` and the borders that follow from `intervals` are exact to rounding. Heights swing by
        5 % with a breath of 0.25 Hz, and the times between beats by `variability` of the episode.
    """
    intervals = intervals or Intervals()
    rng = np.random.default_rng(seed)
    spans = _spans(episodes)
    beats = tuple(_beats(episodes, spans, rng))
    duration_s = spans[-1][1]
    clean = _fibrillatory_waves(spans, round(duration_s * fs_hz), fs_hz, rng)
    for beat in beats:
        breath = 1 + 0.05 * np.sin(2 * np.pi * 0.25 * beat.time_s)
        for wave in _waves(beat, intervals):
            add_wave(clean, wave, fs_hz, breath)
    clean_mv = project(clean, leads)
    noise_mv = _noise(clean_mv, fs_hz, disturbance or Disturbance(), rng)
    return SyntheticEcg(clean_mv + noise_mv, clean_mv, fs_hz, tuple(leads), beats, spans, intervals)


def _spans(episodes: Sequence[Episode]) -> tuple[tuple[float, float, Rhythm], ...]:
    ends = np.cumsum([episode.duration_s for episode in episodes])
    return tuple(
        (float(end - episode.duration_s), float(end), episode.rhythm)
        for episode, end in zip(episodes, ends, strict=True)
    )


def _beats(
    episodes: Sequence[Episode],
    spans: Sequence[tuple[float, float, Rhythm]],
    rng: np.random.Generator,
) -> Iterator[Beat]:
    time_s = _FIRST_BEAT_S
    for episode, (_, end_s, _) in zip(episodes, spans, strict=True):
        last = end_s >= spans[-1][1]
        until_s = end_s - (_LAST_BEAT_MARGIN_S if last else 0)
        count = 0
        while time_s < until_s:
            kind = _kind(episode, count)
            yield Beat(time_s, kind, _has_p(episode, kind))
            time_s += _next_rr_s(episode, count, time_s, rng)
            count += 1


def _kind(episode: Episode, count: int) -> Kind:
    if episode.rhythm is Rhythm.VENTRICULAR_TACHYCARDIA:
        return Kind.VENTRICULAR
    if _every(episode.ventricular_every, count):
        return Kind.VENTRICULAR
    if _every(episode.supraventricular_every, count):
        return Kind.SUPRAVENTRICULAR
    return Kind.NORMAL


def _every(period: int, count: int) -> bool:
    return period > 0 and count % period == period - 1


def _has_p(episode: Episode, kind: Kind) -> bool:
    return kind is not Kind.VENTRICULAR and episode.rhythm is Rhythm.SINUS


def _next_rr_s(episode: Episode, count: int, time_s: float, rng: np.random.Generator) -> float:
    """Interval from beat `count` to the next one."""
    mean_s = 60 / episode.rate_bpm
    if episode.rhythm is Rhythm.ATRIAL_FIBRILLATION:
        shape = 1 / _FIBRILLATION_CV**2
        return max(_SHORTEST_RR_S, float(rng.gamma(shape, mean_s / shape)))
    if episode.rhythm is Rhythm.VENTRICULAR_TACHYCARDIA:
        return mean_s * (1 + 0.01 * float(rng.standard_normal()))
    sinus_s = _sinus_rr_s(mean_s, episode.variability, time_s, rng)
    if episode.pause_after == count:
        return episode.pause_s
    coming, now = _kind(episode, count + 1), _kind(episode, count)
    if coming is not Kind.NORMAL:
        return _PREMATURE * sinus_s
    if now is Kind.VENTRICULAR:
        return (_COMPENSATORY - _PREMATURE) * sinus_s
    return sinus_s


def _sinus_rr_s(
    mean_s: float, variability: float, time_s: float, rng: np.random.Generator
) -> float:
    """Breathing at 0.25 Hz, the blood pressure wave at 0.1 Hz, and a little chance."""
    breathing = np.sin(2 * np.pi * 0.25 * time_s)
    pressure = 0.7 * np.sin(2 * np.pi * 0.1 * time_s)
    return float(mean_s * (1 + variability * (breathing + pressure + 0.3 * rng.standard_normal())))


def _waves(beat: Beat, intervals: Intervals) -> Iterator[Wave]:
    if beat.kind is Kind.VENTRICULAR:
        yield from ventricular_waves(beat.time_s)
        return
    onset = beat.time_s - R_PEAK * intervals.qrs_ms / 1000
    if beat.has_p:
        early = 0.7 if beat.kind is Kind.SUPRAVENTRICULAR else 1.0  # another focus, a flatter P
        yield p_wave(onset - intervals.pr_ms / 1000, intervals, early)
    yield from qrst(onset, intervals)


def _fibrillatory_waves(
    spans: Sequence[tuple[float, float, Rhythm]], n: int, fs_hz: float, rng: np.random.Generator
) -> Floats:
    """Waves of 5-7 Hz whose rate and height wander, during fibrillation; shape (n, 8)."""
    t = np.arange(n) / fs_hz
    fibrillating = np.zeros(n)
    for start_s, end_s, rhythm in spans:
        if rhythm is Rhythm.ATRIAL_FIBRILLATION:
            fibrillating[(t >= start_s) & (t < end_s)] = 1
    phase = rng.uniform(0, 2 * np.pi, 3)
    rate_hz = 6 + np.sin(2 * np.pi * 0.13 * t + phase[0])
    height = 1 + 0.4 * np.sin(2 * np.pi * 0.21 * t + phase[1])
    wave = height * np.sin(2 * np.pi * np.cumsum(rate_hz) / fs_hz + phase[2])
    return np.outer(fibrillating * wave, np.array(_FIBRILLATION))


def _noise(
    clean_mv: Floats, fs_hz: float, disturbance: Disturbance, rng: np.random.Generator
) -> Floats:
    t = np.arange(len(clean_mv))[:, None] / fs_hz
    phases = rng.uniform(0, 2 * np.pi, (3, clean_mv.shape[1]))
    wander = 0.6 * np.sin(2 * np.pi * 0.27 * t + phases[0])
    wander = wander + 0.4 * np.sin(2 * np.pi * 0.11 * t + phases[1])
    mains = np.sin(2 * np.pi * disturbance.mains_hz * t + phases[2])
    noise: Floats = disturbance.wander_mv * wander + disturbance.mains_mv * mains
    if disturbance.snr_db is not None:
        power = clean_mv.var(axis=0) / 10 ** (disturbance.snr_db / 10)
        noise += np.sqrt(power) * rng.standard_normal(clean_mv.shape)
    return noise
