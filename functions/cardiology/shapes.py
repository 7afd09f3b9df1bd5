"""The shape of every beat: windows cut around it, the usual shape, and groups of like shapes.

`beat_shapes(ecg, beats, usable) -> Shapes` cuts, scales and aligns; `shape_groups(shapes)` sorts
beats into groups that look alike, whatever they are called.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from functions.cardiology.beats import Beats
from functions.cardiology.ecg import Ecg, Floats
from functions.cardiology.filters import blocks, filled, long_holes
from functions.cardiology.qrs_energy import MAX_FILLED_GAP_S
from shared.science.signals import Mask, band_pass

type Float32s = npt.NDArray[np.float32]
type Indices = npt.NDArray[np.int64]

SHAPE_BAND_HZ = (0.5, 40.0)
SHAPE_FS_HZ = 125.0  # keeps what the band lets through
SHAPE_WINDOW_S = (-0.32, 0.48)  # from P to T, around the QRS
BLOCK_S, MARGIN_S = 120.0, 5.0

# The leads that the models were trained on first; each adds what the others do not see.
PREFERRED_LEADS = ("II", "MLII", "V1", "V5", "I", "V2")
MAX_LEADS = 3
LEAST_USABLE = 0.8  # of the share of the most usable lead

QRS_S = (-0.12, 0.16)
COMPLEX_S = (-0.16, 0.26)  # what the correlation with the usual shape looks at
GROUP_S = (-0.12, 0.22)
MAX_SHIFT_S = 0.04

RUNNING_RR = 21
REGULAR = 0.15  # intervals this close to the running median surround a usual beat
LEAST_REGULAR = 5
TEMPLATE_BEATS = 2000
TEMPLATE_PASSES = 2
TEMPLATE_CORRELATION = 0.8

GROUP_CORRELATION = 0.85
MAX_GROUPS = 40
GROUP_CANDIDATES = 40
CHUNK_BEATS = 5000  # bounds the memory of a day's beats

TINY = 1e-9


@dataclass(frozen=True)
class Shapes:
    """Aligned windows around beats.

    Attributes
    ----------
    windows : (n_beats, n_times, n_leads) ndarray of float32
        In units of the lead's median QRS height, moved by at most `MAX_SHIFT_S` onto `usual`.
    usual : (n_times, n_leads) ndarray of float32
        Median of the beats that come in time and look alike.
    correlation : (n_beats,) ndarray of float64
        Of each beat with `usual`, over `COMPLEX_S` of all leads.
    before, after : (n_beats,) ndarray of float64
        Interval to the neighboring beat / what is usual there; 1 where not observed.
    regular : (n_beats,) ndarray of bool
        Beats that come in time: the record's medians are taken over these.
    leads : tuple of int
        The leads of the recording that the windows were cut from.
    height_mv : (n_leads,) ndarray of float64
        Median QRS height of each.
    """

    windows: Float32s
    usual: Float32s
    correlation: Floats
    before: Floats
    after: Floats
    regular: Mask
    leads: tuple[int, ...]
    height_mv: Floats


def window_times() -> Floats:
    """Return the time of each point of a window, from its beat.

    Returns
    -------
    (n_times,) ndarray of float64
        Seconds, over `SHAPE_WINDOW_S`.
    """
    first, last = (round(edge * SHAPE_FS_HZ) for edge in SHAPE_WINDOW_S)
    times: Floats = np.arange(first, last + 1) / SHAPE_FS_HZ
    return times


def within(edges_s: tuple[float, float]) -> slice:
    """The points of a window between two times."""
    inside = np.flatnonzero(
        (window_times() >= edges_s[0] - TINY) & (window_times() <= edges_s[1] + TINY)
    )
    return slice(int(inside[0]), int(inside[-1]) + 1)


def chosen_leads(leads: tuple[str, ...], usable: Mask) -> list[int]:
    """Choose up to `MAX_LEADS` leads, preferred ones first, none much less usable than the best.

    The order is that of the models' training: what a lead shows depends on where it lies.
    """
    share = usable.mean(axis=0)
    rank = [PREFERRED_LEADS.index(lead) if lead in PREFERRED_LEADS else 99 for lead in leads]
    order = sorted(range(len(leads)), key=lambda lead: (rank[lead], lead))
    good = [lead for lead in order if share[lead] >= LEAST_USABLE * share.max()]
    return good[:MAX_LEADS]


def cut_windows(ecg: Ecg, sample: Indices, leads: list[int]) -> Float32s:
    """Band-passed windows around samples, mV, shape (n_beats, n_times, n_leads)."""
    offsets = window_times() * ecg.fs_hz
    windows = np.empty((len(sample), len(offsets), len(leads)), np.float32)
    core, margin = int(BLOCK_S * ecg.fs_hz), int(MARGIN_S * ecg.fs_hz)
    for block in blocks(0, len(ecg.signal_mv), core, margin):
        first, last = np.searchsorted(sample, (block.start, block.stop))
        if first == last:
            continue
        part = band_pass(filled(ecg.signal_mv[block.whole][:, leads]), ecg.fs_hz, *SHAPE_BAND_HZ)
        at = sample[first:last, None] - block.margin_start + offsets
        for lead in range(len(leads)):
            windows[first:last, :, lead] = np.interp(at, np.arange(len(part)), part[:, lead])
    return windows


def beside_holes(ecg: Ecg, sample: Indices, leads: tuple[int, ...]) -> Mask:
    """Mark beats whose complex reaches into a hole of one of the leads.

    Parameters
    ----------
    ecg : Ecg
    sample : (n_beats,) ndarray of int64
    leads : tuple of int

    Returns
    -------
    (n_beats,) ndarray of bool
        True: a line that fills the hole would be taken for part of the complex.
    """
    holes = long_holes(ecg.signal_mv[:, list(leads)], round(MAX_FILLED_GAP_S * ecg.fs_hz))
    missing = np.concatenate(([0], np.cumsum(holes.any(axis=1))))
    if missing[-1] == 0:
        return np.zeros(len(sample), np.bool_)
    first, last = (
        np.clip(sample + round(edge * ecg.fs_hz), 0, len(missing) - 1) for edge in COMPLEX_S
    )
    beside: Mask = missing[last] > missing[first]
    return beside


def relative_intervals(time_s: Floats, after_gap: Mask) -> tuple[Floats, Floats]:
    """Intervals before and after each beat over what is usual around it; 1 where not observed.

    Usual is the running median, over `RUNNING_RR` intervals, of the mean of two neighboring ones:
    the short and the long interval around an early beat make one of ordinary length together, so
    that even in bigeminy the early beat stays early and its pause long.
    """
    ratio = np.ones(len(time_s) - 1)
    observed = np.flatnonzero(~after_gap[1:])
    if len(observed):
        rr_s = np.diff(time_s)[observed]
        pair_s = (rr_s + np.concatenate((rr_s[:1], rr_s[:-1]))) / 2
        padded = np.pad(pair_s, RUNNING_RR // 2, mode="symmetric")
        windows = np.lib.stride_tricks.sliding_window_view(padded, RUNNING_RR)
        ratio[observed] = rr_s / np.median(windows, axis=1)
    return np.concatenate(([1.0], ratio)), np.concatenate((ratio, [1.0]))


def beat_shapes(ecg: Ecg, beats: Beats, usable: Mask, leads: Sequence[int] | None = None) -> Shapes:
    """Cut, scale and align the beats of a recording.

    Parameters
    ----------
    ecg : Ecg
    beats : Beats
        At least two.
    usable : (n_segments, n_leads) ndarray of bool
    leads : sequence of int, optional
        Those to look at; by default the `chosen_leads`.

    Returns
    -------
    Shapes
        Of all beats, usable or not. Where hardly any comes in time, all count as regular.
    """
    leads = list(leads) if leads is not None else chosen_leads(ecg.leads, usable)
    windows = cut_windows(ecg, beats.sample, leads)
    height = np.median(np.ptp(windows[:, within(QRS_S)], axis=1), axis=0)
    windows /= np.maximum(height, TINY).astype(np.float32)
    before, after = relative_intervals(beats.sample / ecg.fs_hz, beats.after_gap)
    regular = (np.abs(before - 1) < REGULAR) & (np.abs(after - 1) < REGULAR)
    if regular.sum() < max(LEAST_REGULAR, len(regular) // 10):
        regular = np.ones(len(regular), np.bool_)
    return _aligned(
        Shapes(
            windows, windows[0], np.empty(0), before, after, regular, tuple(leads),
            np.asarray(height, np.float64),
        )
    )  # fmt: skip


def _aligned(shapes: Shapes) -> Shapes:
    """Find the usual shape in a few passes, and move every beat onto it."""
    windows = shapes.windows
    members = shapes.regular
    usual = _median_shape(windows, members)
    for _ in range(TEMPLATE_PASSES):
        correlation, _shift = best_shift(windows, usual)
        typical = max(float(np.median(correlation[shapes.regular])), TEMPLATE_CORRELATION)
        members = shapes.regular & (correlation > typical)
        if members.sum() < LEAST_REGULAR:
            break
        usual = _median_shape(windows, members)
    correlation, shift = best_shift(windows, usual)
    moved = np.clip(np.arange(windows.shape[1]) + shift[:, None], 0, windows.shape[1] - 1)
    aligned = np.take_along_axis(windows, moved[:, :, None], axis=1)
    return replace(shapes, windows=aligned, usual=usual, correlation=correlation)


def _median_shape(windows: Float32s, members: Mask) -> Float32s:
    chosen = np.flatnonzero(members)
    spread = np.linspace(0, len(chosen) - 1, min(len(chosen), TEMPLATE_BEATS)).astype(np.int64)
    median: Float32s = np.median(windows[chosen[spread]], axis=0)
    return median


def best_shift(windows: Float32s, usual: Float32s) -> tuple[Floats, Indices]:
    """Highest correlation with the usual shape, and the shift in points that reaches it."""
    span = within(COMPLEX_S)
    reach = round(MAX_SHIFT_S * SHAPE_FS_HZ)
    template = usual[span] - usual[span].mean(axis=0)
    template /= max(float(np.linalg.norm(template)), TINY)
    best = np.full(len(windows), -1.0)
    shift = np.zeros(len(windows), np.int64)
    for step in range(-reach, reach + 1):
        moved = windows[:, span.start + step : span.stop + step]
        # The template has no mean, so that of the beat drops out of the product.
        product = np.tensordot(moved, template, axes=2)
        size = np.sqrt(moved.var(axis=1).sum(axis=1) * moved.shape[1])
        correlation = product / np.maximum(size, TINY)
        higher = correlation > best
        best[higher], shift[higher] = correlation[higher], step
    return best, shift


def shape_groups(shapes: Shapes) -> Indices:
    """Sort beats into groups that look alike.

    Leaders are taken one after another from the beats that are left, each time the one of
    `GROUP_CANDIDATES` that most of them resemble, at most `MAX_GROUPS` times.

    Parameters
    ----------
    shapes : Shapes

    Returns
    -------
    (n_beats,) ndarray of int64
        0 for beats like the median beat, from 1 on for other shapes, -1 for those like no other.
    """
    part = shapes.windows[:, within(GROUP_S)]
    unit = (part - part.mean(axis=1, keepdims=True)).reshape(len(part), -1)
    unit /= np.maximum(np.linalg.norm(unit, axis=1, keepdims=True), TINY)
    group = np.full(len(unit), -1, np.int64)
    leader = np.median(unit[:: max(1, len(unit) // TEMPLATE_BEATS)], axis=0)
    for number in range(MAX_GROUPS):
        left = np.flatnonzero(group < 0)
        members = _members(unit[left], leader)
        group[left[members]] = number
        left = left[~members]
        if len(left) < 2:
            break
        leader, size = _next_leader(unit[left])
        if size < 2:
            break
    return group


def _members(unit: Float32s, leader: Float32s) -> Mask:
    """Beats like a leader, after moving the leader once to the middle of those."""
    like = unit @ (leader / max(float(np.linalg.norm(leader)), TINY)) > GROUP_CORRELATION
    if not like.any():
        return np.asarray(like, np.bool_)
    middle = unit[like].mean(axis=0)
    return np.asarray(unit @ (middle / np.linalg.norm(middle)) > GROUP_CORRELATION, np.bool_)


def _next_leader(unit: Float32s) -> tuple[Float32s, int]:
    spread = np.linspace(0, len(unit) - 1, min(len(unit), GROUP_CANDIDATES)).astype(np.int64)
    alike = (unit @ unit[spread].T > GROUP_CORRELATION).sum(axis=0)
    return unit[spread[np.argmax(alike)]], int(alike.max())
