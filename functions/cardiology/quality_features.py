"""What tells a lead with QRS complexes from noise, per 10 s."""

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from functions.cardiology.beats import Beats
from functions.cardiology.ecg import Ecg, Floats
from functions.cardiology.filters import TINY, Samples, filled, segment_edges
from functions.cardiology.qrs_energy import BLOCK_SEGMENTS, EDGE_S
from shared.science.signals import band_pass

MORPHOLOGY_BAND_HZ = (0.5, 40.0)
MARGIN_S = 5.0
QRS_REACH_S = 0.12
QRS_POINTS = 25  # within `QRS_REACH_S` to both sides: 100 a second suffice below 40 Hz
NEIGHBORS = 2  # beats before and after a segment that its own are compared with

QRS_POWER_HZ = (5.0, 15.0)
LEAST_SHARE = 0.01  # keeps the logarithm finite

CONFIDENCE, LOG_KURTOSIS = 0, 2  # columns of `segment_features`

LEVEL_S = 0.08  # a level is the mean over so long, and a QRS reaches no farther
LEAST_HEIGHT_MV = 1e-3  # less than a step of most converters


def band_powers(
    signal_mv: npt.NDArray[np.floating], fs_hz: float, *bands_hz: tuple[float, float]
) -> list[Floats]:
    """Return the mean square of each lead between two frequencies, mV².

    Parameters
    ----------
    signal_mv : (n_samples, n_leads) ndarray
        Without NaN. A Hann window tapers it, whose loss of power is made up for.
    fs_hz : float
    *bands_hz : (float, float)
        Lower and upper edge; an upper edge beyond the Nyquist frequency ends there.

    Returns
    -------
    list of (n_leads,) ndarray
        In the order of the bands.
    """
    n_samples = len(signal_mv)
    taper = np.hanning(n_samples)[:, None]
    spectrum = np.abs(np.fft.rfft((signal_mv - signal_mv.mean(axis=0)) * taper, axis=0)) ** 2
    scale = 2 / (n_samples * float(np.sum(taper**2)))
    borders = [[int(edge_hz * n_samples / fs_hz) for edge_hz in band_hz] for band_hz in bands_hz]
    return [scale * spectrum[low:high].sum(axis=0) for low, high in borders]


def segment_features(ecg: Ecg, beats: Beats) -> Floats:
    """Measure what tells a lead with QRS complexes from noise, in every segment.

    Parameters
    ----------
    ecg : Ecg
    beats : Beats
        Found in the leads that are to be judged.

    Returns
    -------
    (n_segments, n_leads, 5) ndarray of float64
        Mean confidence of the beats; share of the power above 5 Hz that is below 15 Hz and kurtosis
        of the 0.5-40 Hz band as natural logarithms [1]_; correlation of the waves at the beats with
        their median [2]_; and how like each is, in size too, to the one most like it, which keeps
        ectopic beats from looking like noise.

    Notes
    -----
    Deviations: the share of power compares 5-15 Hz with all above 5 Hz, not with 5-40 Hz, so that
    the noise of muscles counts; features enter a fitted model instead of being cut one by one; the
    correlation is with the median, not with the mean, of the beats, and no rule about rate or
    intervals is taken over, for it would reject fibrillation and pauses.

    References
    ----------
    .. [1] Clifford G D et al. (2012). Signal quality indices and data fusion for determining
       clinical acceptability of electrocardiograms. Physiol Meas 33, 1419-1433.
       doi:10.1088/0967-3334/33/9/1419
    .. [2] Orphanidou C et al. (2015). Signal-quality indices for the electrocardiogram and
       photoplethysmogram. IEEE J Biomed Health Inform 19, 832-838.
       doi:10.1109/JBHI.2014.2338351
    """
    edges = segment_edges(len(ecg.signal_mv), ecg.fs_hz)
    kurtosis, waves = _kurtosis_and_waves(ecg, beats, edges)
    features = np.empty((*kurtosis.shape, 5))
    borders = np.searchsorted(beats.sample, edges)
    for segment, (first, last) in enumerate(pairwise(borders.tolist())):
        part = filled(ecg.signal_mv[edges[segment] : edges[segment + 1]])
        low, total = band_powers(part, ecg.fs_hz, QRS_POWER_HZ, (QRS_POWER_HZ[0], ecg.fs_hz))
        share = low / np.maximum(total, TINY)
        features[segment, :, 0] = beats.confidence[first:last].mean() if last > first else 0
        features[segment, :, 1] = np.log(np.maximum(share, LEAST_SHARE))
        features[segment, :, 3:] = likeness(waves, first, last)
    features[:, :, 2] = np.log(np.maximum(kurtosis, 1.0))
    return features


def lasting_steps(ecg: Ecg, beats: Beats) -> Floats:
    """Measure how much of each beat's deflection is still there at the next one.

    Parameters
    ----------
    ecg : Ecg
    beats : Beats

    Returns
    -------
    (n_segments, n_leads) ndarray of float64
        The median of the beats of a segment: near 0 where the line returns, as after every beat of
        a heart, near 1 where an electrode jumps from one level to another; 0 with fewer than two
        beats.
    """
    borders = np.searchsorted(beats.sample, segment_edges(len(ecg.signal_mv), ecg.fs_hz))
    lasting = np.zeros((len(borders) - 1, len(ecg.leads)))
    for segment, (first, last) in enumerate(pairwise(borders.tolist())):
        if last - first > 1:
            lasting[segment] = np.median(_lasting(ecg, beats.sample[first:last]), axis=0)
    return lasting


def _lasting(ecg: Ecg, sample: Samples) -> Floats:
    """Change of the level from beat to beat over the height of the first, (n - 1, n_leads)."""
    reach = round(LEVEL_S * ecg.fs_hz)
    at = np.clip(sample[:, None] + np.arange(-2 * reach, reach + 1), 0, len(ecg.signal_mv) - 1)
    around = filled(ecg.signal_mv[at.ravel()]).reshape(*at.shape, -1)
    level = around[:, :reach].mean(axis=1, dtype=np.float64)
    height = np.ptp(around, axis=1)[:-1]
    change: Floats = np.abs(np.diff(level, axis=0)) / np.maximum(height, LEAST_HEIGHT_MV)
    return change


def _kurtosis_and_waves(ecg: Ecg, beats: Beats, edges: Samples) -> tuple[Floats, Floats]:
    """Kurtosis (n_segments, n_leads), and the waves at the beats (n_beats, n_leads, points)."""
    n_segments, n_leads = len(edges) - 1, len(ecg.leads)
    margin, edge = round(MARGIN_S * ecg.fs_hz), round(EDGE_S * ecg.fs_hz)
    offsets = np.round(np.linspace(-QRS_REACH_S, QRS_REACH_S, QRS_POINTS) * ecg.fs_hz).astype(int)
    kurtosis = np.empty((n_segments, n_leads))
    waves = np.empty((len(beats.sample), n_leads, QRS_POINTS))
    for first in range(0, n_segments, BLOCK_SEGMENTS):
        inner = edges[first : first + BLOCK_SEGMENTS + 1]
        begin = max(0, inner[0] - margin)
        part = filled(ecg.signal_mv[begin : inner[-1] + margin])
        filtered = band_pass(part, ecg.fs_hz, *MORPHOLOGY_BAND_HZ)
        away_from_ends = np.clip(inner, edge, edges[-1] - edge) - begin
        for segment, (start, stop) in enumerate(pairwise(away_from_ends), first):
            kurtosis[segment] = _kurtosis(filtered[start:stop])
        own = slice(*np.searchsorted(beats.sample, inner[[0, -1]]))
        at = np.clip(beats.sample[own, None] - begin + offsets, 0, len(filtered) - 1)
        waves[own] = filtered[at].transpose(0, 2, 1)
    return kurtosis, waves


def _kurtosis(values: Floats) -> Floats:
    """Fourth standardized moment of each lead: 3 for noise, 1.5 for a sine, more for QRS."""
    power = (values - values.mean(axis=0)) ** 2
    ratio: Floats = (power**2).mean(axis=0) / np.maximum(power.mean(axis=0) ** 2, TINY)
    return ratio


def likeness(waves: Floats, first: int, last: int) -> Floats:
    """How alike the waves at beats `first:last` are, (n_leads, 2): to the median, to the next.

    Beats just before and after are compared with as well; 0 where there are none.
    """
    around = slice(max(0, first - NEIGHBORS), last + NEIGHBORS)
    own = slice(first - around.start, last - around.start)
    centered = waves[around] - waves[around].mean(axis=2, keepdims=True)
    if last == first or len(centered) < 2:
        return np.zeros((waves.shape[1], 2))
    length = np.linalg.norm(centered, axis=2)
    unit = centered / np.maximum(length, TINY)[:, :, None]
    median = np.median(unit, axis=0)
    median /= np.maximum(np.linalg.norm(median, axis=1, keepdims=True), TINY)
    to_median = np.einsum("blp,lp->bl", unit[own], median).mean(axis=0)
    own_mv, other = centered[own].transpose(1, 0, 2), centered.transpose(1, 2, 0)
    power = (length**2).T
    alike = 2 * own_mv @ other / np.maximum(power[:, own, None] + power[:, None, :], TINY)
    alike[:, np.arange(last - first), np.arange(own.start, own.stop)] = -1
    return np.column_stack((to_median, alike.max(axis=2).mean(axis=1)))
