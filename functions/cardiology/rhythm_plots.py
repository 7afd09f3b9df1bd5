"""Pictures of the intervals between beats: over time, and each against the next.

The plot of each interval against the next is Poincaré's (Brennan et al. 2001,
doi:10.1109/10.959330).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from functions.cardiology import curves
from functions.cardiology.ecg import Floats
from functions.cardiology.ecg_paper import Marks, clock
from shared.drawing import lettering, svg
from shared.drawing.palette import BLUE, FAINT, INK, MUTED, PAPER, RED
from shared.drawing.svg import Drawing
from shared.science.signals import Mask

_LEFT, _RIGHT, _TOP, _BOTTOM = 20.0, 8.0, 22.0, 16.0
_LINE_MM, _NOTE_MM = 5.5, 4.0
# Above this many, points cover each other: ranges per column, counts per cell.
_MOST_POINTS = 1500
_COLUMN_MM, _CELL_MM = 0.5, 1.0
TIME_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400)
_RR_STEPS_MS = (50, 100, 200, 250, 500, 1000, 2000)

_LONGEST_DRAWN, _LEAST_SPAN_MS = 2.5, 300.0
_MANY_RINGS = 300  # above this many they are drawn smaller


@dataclass(frozen=True)
class Page:
    """How large plots are, mm, and the most steps that the axes of time and intervals have."""

    suffix: str
    width: float
    height: float
    square: float
    time_steps: int
    rr_steps: int


WIDE = Page("", 225.0, 75.0, 110.0, 12, 7)
NARROW = Page("_narrow", 57.0, 50.0, 57.0, 4, 4)  # 85 mm: letters of 16 pixels at a width of 360
PAGES = (WIDE, NARROW)


@dataclass(frozen=True)
class Intervals:
    """Intervals between beats, in the order of time.

    Attributes
    ----------
    time_s, rr_ms : (n_intervals,) ndarray of float64
        When the interval ends, and its length.
    normal : (n_intervals,) ndarray of bool
        Both its beats are normal.
    joined : (n_intervals,) ndarray of bool
        The next interval begins where this one ends.
    """

    time_s: Floats
    rr_ms: Floats
    normal: Mask
    joined: Mask


@dataclass(frozen=True)
class Axis:
    """From a quantity to millimeters."""

    low: float
    high: float
    length_mm: float
    step: float

    def __call__(self, value: Floats) -> Floats:
        return (value - self.low) / (self.high - self.low) * self.length_mm

    def ticks(self) -> Floats:
        first = np.ceil(self.low / self.step - 1e-9) * self.step
        return np.arange(first, self.high + self.step * 1e-6, self.step)


def intervals(marks: Marks, after_gap: Mask | None = None) -> Intervals:
    """Take the intervals between beats from their marks.

    Parameters
    ----------
    marks : Marks
    after_gap : (n_beats,) ndarray of bool, optional
        Beats whose preceding interval was not observed; it is left out.

    Returns
    -------
    Intervals
    """
    rr_ms = 1000 * np.diff(marks.time_s)
    plain = np.array([kind == "N" for kind in marks.kinds], dtype=np.bool_)
    is_observed = np.ones(len(rr_ms), dtype=np.bool_) if after_gap is None else ~after_gap[1:]
    joined = np.append(is_observed[1:], np.zeros(min(1, len(is_observed)), dtype=np.bool_))
    normal = plain[1:] & plain[:-1]
    time_s = marks.time_s[1:][is_observed]
    return Intervals(time_s, rr_ms[is_observed], normal[is_observed], joined[is_observed])


def _time_axis(end_s: float, page: Page) -> Axis:
    step = next((s for s in TIME_STEPS_S if end_s / s <= page.time_steps), TIME_STEPS_S[-1])
    return Axis(0.0, max(end_s, 1.0), page.width, float(step))


def _rr_axis(rr_ms: Floats, length_mm: float, most_steps: int) -> Axis:
    """An axis over all intervals but those beyond two and a half times the usual one."""
    low, high = (
        float(rr_ms.min()),
        min(float(rr_ms.max()), _LONGEST_DRAWN * float(np.median(rr_ms))),
    )
    middle, half = (low + high) / 2, max(0.55 * (high - low), _LEAST_SPAN_MS / 2)
    step = next((s for s in _RR_STEPS_MS if 2 * half / s <= most_steps), _RR_STEPS_MS[-1])
    first, last = np.floor((middle - half) / step), np.ceil((middle + half) / step)
    return Axis(max(0.0, float(first) * step), float(last) * step, length_mm, float(step))


def _beyond(rr_ms: Floats, axis: Axis) -> list[str]:
    count = int((rr_ms > axis.high).sum())
    return [f"{count} longer than the scale, drawn at its edge"] if count else []


def tachogram(beats: Intervals, end_s: float, title: str, page: Page = WIDE) -> Drawing:
    """Draw every interval over time; those with an ectopic beat are hollow."""
    across, up = _time_axis(end_s, page), _rr_axis(beats.rr_ms, page.height, WIDE.rr_steps)
    x, y = across(beats.time_s), page.height - np.clip(up(beats.rr_ms), 0, page.height)
    curve = np.where(beats.normal, y, np.nan)
    ectopic = np.flatnonzero(~beats.normal)
    drawn = _rings(x[ectopic], y[ectopic])
    if beats.normal.sum() > _MOST_POINTS:
        drawn += _column_ranges(x, curve)
    else:
        drawn += _joined_line(x, curve, beats.joined) + _dots(x, y, beats.normal)
    hollow = f"{len(ectopic)} of {len(x)} intervals touch an ectopic beat (hollow)"
    return _plot(
        (page.width, page.height),
        title,
        ["; ".join([hollow, *_beyond(beats.rr_ms, up)])],
        "Intervals between heartbeats in milliseconds over time.",
        [_frame(across, up, "time", "RR interval (ms)"), drawn],
    )


def _joined_line(x: Floats, y: Floats, joined: Mask) -> str:
    cuts = np.flatnonzero(~joined) + 1
    with_gaps = np.insert(y, cuts, np.nan), np.insert(x, cuts, np.nan)
    return curves.trace(np.nan_to_num(with_gaps[1]), with_gaps[0], MUTED, 0.2)


def _column_ranges(x: Floats, y: Floats) -> str:
    """One stroke a column from the shortest to the longest interval in it."""
    column = np.floor(x / _COLUMN_MM).astype(np.int64)
    starts = np.flatnonzero(np.diff(column, prepend=-1))
    low, high = np.fmin.reduceat(y, starts), np.fmax.reduceat(y, starts)
    strokes = "".join(
        f"M{at * _COLUMN_MM:.1f} {top - 0.2:.1f}V{bottom + 0.2:.1f}"
        for at, top, bottom in zip(column[starts], low, high, strict=True)
        if np.isfinite(top)
    )
    return svg.element("path", d=strokes, stroke=INK, stroke_width=0.35)


def _dots(x: Floats, y: Floats, chosen: Mask) -> str:
    """Round dots, written as strokes without length because that is shortest."""
    d = "".join(f"M{a:.1f} {b:.1f}h0" for a, b in zip(x[chosen], y[chosen], strict=True))
    return svg.element("path", d=d, stroke=INK, stroke_width=1.3, stroke_linecap="round")


def _rings(x: Floats, y: Floats) -> str:
    """Rings, no two on the same spot; where there are many, smaller and farther apart.

    A ring is a round dot with a smaller one of paper on it: shorter to write than arcs.
    """
    points = np.column_stack([x, y])
    pitch, width = (0.5, 1.8) if len(points) <= _MANY_RINGS else (1.0, 1.0)
    spots = np.unique(np.round(points / pitch), axis=0) * pitch
    d = "".join(f"M{a:g} {b:g}h0" for a, b in spots.tolist())
    return "".join(
        svg.element("path", d=d, stroke=color, stroke_width=wide, stroke_linecap="round")
        for color, wide in ((RED, width), (PAPER, 0.65 * width))
    )


def poincare(
    beats: Intervals, sd1_ms: float | None, sd2_ms: float | None, title: str, page: Page = WIDE
) -> Drawing:
    """Draw each interval against the next, with the ellipse of SD1 and SD2."""
    first = np.flatnonzero(beats.joined)
    now, following = beats.rr_ms[first], beats.rr_ms[first + 1]
    normal = beats.normal[first] & beats.normal[first + 1]
    side = page.square
    axis = _rr_axis(beats.rr_ms, side, page.rr_steps)
    x, y = np.clip(axis(now), 0, side), side - np.clip(axis(following), 0, side)
    drawn = svg.line(0, side, side, 0, FAINT, 0.4)
    drawn += _rings(x[~normal], y[~normal])
    drawn += _cells(x, y, normal) if normal.sum() > _MOST_POINTS else _dots(x, y, normal)
    notes = [f"{int(normal.sum())} normal pairs; pairs with an ectopic beat are hollow"]
    notes += _beyond(beats.rr_ms, axis)
    if sd1_ms is not None and sd2_ms is not None and normal.any():
        drawn += _ellipse(axis, now[normal], following[normal], sd1_ms, sd2_ms)
        notes.insert(0, f"SD1 {sd1_ms:.0f} ms (across), SD2 {sd2_ms:.0f} ms (along)")
    return _plot(
        (side, side),
        title,
        notes,
        "Each interval between heartbeats against the one after it, in milliseconds.",
        [_frame(axis, axis, "RR interval (ms)", "next RR interval (ms)"), drawn],
    )


def _cells(x: Floats, y: Floats, chosen: Mask) -> str:
    """Squares, darker where more points fall; the root keeps single points visible."""
    at = np.floor(np.column_stack([x, y])[chosen] / _CELL_MM).astype(np.int64)
    cells, counts = np.unique(at, axis=0, return_counts=True)
    shade = np.ceil(5 * np.sqrt(counts / counts.max())) / 5
    layers = []
    for level in np.unique(shade):
        d = "".join(f"M{a} {b}h1v1h-1z" for a, b in cells[shade == level])
        layers.append(svg.element("path", d=d, fill=INK, fill_opacity=0.15 + 0.8 * float(level)))
    return "".join(layers)


def _ellipse(axis: Axis, now: Floats, following: Floats, sd1_ms: float, sd2_ms: float) -> str:
    scale = axis.length_mm / (axis.high - axis.low)
    cx = float(axis(now).mean())
    cy = float(axis.length_mm - axis(following).mean())
    half_short, half_long = sd1_ms * scale, sd2_ms * scale
    return svg.element(
        "g",
        svg.element("ellipse", rx=half_long, ry=half_short, stroke=BLUE, stroke_width=0.6),
        svg.line(-half_long, 0, half_long, 0, BLUE, 0.3),
        svg.line(0, -half_short, 0, half_short, BLUE, 0.3),
        transform=f"translate({cx:.2f} {cy:.2f}) rotate(-45)",
    )


def _frame(across: Axis, up: Axis, below: str, beside: str) -> str:
    """Axes with ticks, faint lines and names."""
    width, height = across.length_mm, up.length_mm
    parts = []
    for value, y in zip(up.ticks(), height - up(up.ticks()), strict=True):
        parts.append(svg.line(0, y, width, y, FAINT, 0.15))
        parts.append(svg.text(-1.5, float(y) + 1.3, f"{value + 0:g}", 3.8, text_anchor="end"))
    is_time = below == "time"
    for value, x in zip(across.ticks(), across(across.ticks()), strict=True):
        label = clock(value) if is_time else f"{value + 0:g}"
        parts.append(svg.line(x, 0, x, height, FAINT, 0.15))
        parts.append(svg.text(float(x), height + 5, label, 3.8, text_anchor="middle"))
    parts.append(svg.text(width / 2, height + 11, below, 4.0, color=MUTED, text_anchor="middle"))
    turned = svg.text(0, 0, beside, 4.0, color=MUTED, text_anchor="middle")
    turn = f"translate(-14 {height / 2:g}) rotate(-90)"
    parts.append(svg.element("g", turned, transform=turn))
    border = svg.element("rect", width=width, height=height, stroke=MUTED, stroke_width=0.3)
    return "".join([*parts, border])


def _plot(
    size_mm: tuple[float, float],
    title: str,
    notes: Sequence[str],
    description: str,
    drawn: Sequence[str],
) -> Drawing:
    width = size_mm[0] + _LEFT + _RIGHT
    room = width - _RIGHT
    lines = [line for note in notes for line in lettering.wrapped(note, room - 6, _NOTE_MM)]
    top = _TOP + _LINE_MM * (len(lines) - 1)
    head = (
        svg.text(6, 16 + _LINE_MM * k, line, _NOTE_MM, color=MUTED) for k, line in enumerate(lines)
    )
    return svg.document(
        (width, size_mm[1] + top + _BOTTOM),
        title,
        f"{description} {'; '.join(notes)}.",
        [
            lettering.fitted(6, 9, title, room - 6, 6.0, font_weight="bold"),
            *head,
            svg.move(_LEFT, top, *drawn),
        ],
        unit="mm",
    )
