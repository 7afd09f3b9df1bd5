"""Which leads find the beats of each 10 s: the clearest one, and others that agree with it.

`choose_leads(ecg, present) -> LeadChoice`. Every lead is first read alone, so that a noisy lead
never takes a good one with it; leads that find other beats than the clearest one have no say.

Deviations from the bSQI of Li et al. (2008): two leads by one detector are held against each other,
instead of one lead by two detectors, because what is asked is which leads to read together.
"""

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from functions.cardiology.beats import Beats, detect_beats
from functions.cardiology.ecg import Ecg, Floats
from functions.cardiology.filters import Samples, segment_edges
from functions.cardiology.qrs_energy import distance_to
from functions.cardiology.quality_features import (
    CONFIDENCE,
    LOG_KURTOSIS,
    lasting_steps,
    segment_features,
)
from shared.science.signals import Mask

# Logistic regression of "the beats found in this lead and segment are those annotated" on
# `segment_features`, fitted by training/quality.py.
FEATURE_WEIGHTS = (2.313, 1.352, 2.631, 6.656, 26.84)
INTERCEPT = -32.125
USABLE_INDEX = 0.6
LASTING_STEP = 0.85  # no labelled heart has it in all leads of 10 s; electrode steps reach 0.9

AGREEMENT = 0.9  # bSQI of Li, Mark and Clifford 2008, doi:10.1088/0967-3334/29/1/002
SAME_BEAT_S = 0.15
FLUTTER_PER_S = 200 / 60  # MIT-BIH 207 flutters at 210-220 per minute
RESTLESS_CONFIDENCE = 0.15  # of beats that hardly stand out of what lies between them

# Where a heart was seen in this share of the recording, its beats are believed through noise, too.
KNOWN_HEART_SHARE = 0.5
LEAST_CONFIDENCE = 0.45  # of the beats of 10 s
LEAST_LOG_KURTOSIS = 1.4  # 1.1 for noise, 0.4 for a sine


@dataclass(frozen=True)
class LeadChoice:
    """The leads that are read.

    Attributes
    ----------
    index : (n_segments, n_leads) ndarray of float64
        0-1, how likely the beats that a lead shows, alone or with the others, are right.
    chosen : (n_segments, n_leads) ndarray of bool
        The leads to find the beats in; none where nothing can be read.
    together : Beats
        Found in all present leads.
    """

    index: Floats
    chosen: Mask
    together: Beats


@dataclass(frozen=True)
class Reading:
    """Beats found in some leads, and what those leads are worth in each segment."""

    beats: Beats
    features: Floats
    index: Floats
    flutters: Mask


def quality_index(features: Floats) -> Floats:
    """Estimate the probability that the beats found in a lead and segment are right.

    Parameters
    ----------
    features : (..., 5) ndarray of float64
        As `segment_features` gives them.

    Returns
    -------
    (...) ndarray of float64
        0-1, by the logistic regression of `FEATURE_WEIGHTS`.
    """
    index: Floats = 1 / (1 + np.exp(-(features @ np.array(FEATURE_WEIGHTS) + INTERCEPT)))
    return index


def choose_leads(ecg: Ecg, present: Mask) -> LeadChoice:
    """Choose the leads of every segment.

    Parameters
    ----------
    ecg : Ecg
    present : (n_segments, n_leads) ndarray of bool
        Where a lead has a signal.

    Returns
    -------
    LeadChoice

    Notes
    -----
    A lead is read that is good alone and shows the beats of the best one, by the agreement of
    detectors (bSQI) of Li, Mark and Clifford (2008), doi:10.1088/0967-3334/29/1/002. Deviation:
    two leads are compared under one detector, instead of two detectors on one lead.
    """
    together = _reading(ecg, present)
    alone = [together] if len(ecg.leads) == 1 else _alone(ecg, present)
    own = np.column_stack([reading.index for reading in alone])
    best = own.argmax(axis=1)
    edges = segment_edges(len(ecg.signal_mv), ecg.fs_hz)
    agrees = _agreement(alone, best, edges, round(SAME_BEAT_S * ecg.fs_hz)) >= AGREEMENT
    chosen = (own >= USABLE_INDEX) & agrees & _believable(own)[:, None]
    jointly = (together.index >= USABLE_INDEX) & _believable(together.index)[:, None]
    chosen = np.where(chosen.any(axis=1, keepdims=True), chosen, jointly)
    flutters = np.column_stack([reading.flutters for reading in alone])
    flutters = together.flutters | flutters[np.arange(len(best)), best]
    chosen &= ~flutters[:, None]
    index = np.maximum(own, together.index)
    if chosen.any(axis=1).mean() >= KNOWN_HEART_SHARE:
        through_noise = ~chosen.any(axis=1) & ~flutters
        clearest = (index == index.max(axis=1, keepdims=True)) & present
        chosen |= clearest & through_noise[:, None] & _stands_out(together.features)
    return LeadChoice(index, chosen, together.beats)


def _alone(ecg: Ecg, present: Mask) -> list[Reading]:
    readings = []
    for lead, name in enumerate(ecg.leads):
        column = slice(lead, lead + 1)
        single = replace(ecg, signal_mv=ecg.signal_mv[:, column], leads=(name,))
        reading = _reading(single, present[:, column])
        readings.append(replace(reading, index=reading.index[:, 0]))
    return readings


def _reading(ecg: Ecg, present: Mask) -> Reading:
    beats = detect_beats(ecg, present)
    features = segment_features(ecg, beats)
    believed = present & (lasting_steps(ecg, beats) <= LASTING_STEP)
    index = np.where(believed, quality_index(features), 0.0)
    return Reading(beats, features, index, fluttering(ecg, beats))


def _agreement(alone: list[Reading], best: Samples, edges: Samples, tolerance: int) -> Floats:
    """F1 of each lead's beats against those of the best lead, (n_segments, n_leads)."""
    agreement = np.ones((len(best), len(alone)))
    for reference in np.unique(best).tolist():
        where = best == reference
        for lead in set(range(len(alone))) - {reference}:
            pair = alone[reference].beats.sample, alone[lead].beats.sample
            agreement[where, lead] = _f1(*pair, edges, tolerance)[where]
    return agreement


def _f1(left: Samples, right: Samples, edges: Samples, tolerance: int) -> Floats:
    """How many beats of two leads are the same, per segment."""
    n_left, n_right = np.histogram(left, edges)[0], np.histogram(right, edges)[0]
    shared = left[distance_to(right, left) <= tolerance]
    back = right[distance_to(left, right) <= tolerance]
    same = np.histogram(shared, edges)[0] + np.histogram(back, edges)[0]
    return np.asarray(same / np.maximum(n_left + n_right, 1))


def _believable(index: Floats) -> Mask:
    """Whether the best lead of a segment is better than the best of as many leads of noise.

    Several leads are read alone and together, which gives noise twice the chances.
    """
    n_leads = index.shape[1]
    chances = 2 * n_leads if n_leads > 1 else 1
    believable: Mask = index.max(axis=1) >= 1 - (1 - USABLE_INDEX) / chances
    return believable


def _stands_out(features: Floats) -> Mask:
    """Whether something sharper than noise recurs in a lead of a segment."""
    stands_out: Mask = (features[:, :, CONFIDENCE] >= LEAST_CONFIDENCE) & (
        features[:, :, LOG_KURTOSIS] >= LEAST_LOG_KURTOSIS
    )
    return stands_out


def fluttering(ecg: Ecg, beats: Beats) -> Mask:
    """Segments of waves as fast as ventricular flutter, with no rest between them."""
    edges = segment_edges(len(ecg.signal_mv), ecg.fs_hz)
    count, _ = np.histogram(beats.sample, edges)
    total, _ = np.histogram(beats.sample, edges, weights=beats.confidence)
    lengths_s = np.array([stop - start for start, stop in pairwise(edges)]) / ecg.fs_hz
    return np.asarray((count / lengths_s > FLUTTER_PER_S) & (total < RESTLESS_CONFIDENCE * count))
