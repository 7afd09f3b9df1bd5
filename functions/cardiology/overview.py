"""The whole recording on one page: small, with its ectopic beats, rhythms and strips marked."""

from collections.abc import Sequence

import numpy as np

from functions.cardiology import curves
from functions.cardiology.ecg import Floats
from functions.cardiology.ecg_paper import KINDS, STRIP_S, Marks, Signal, clock, kind_color
from functions.cardiology.rhythm_plots import TIME_STEPS_S
from shared.drawing import svg
from shared.drawing.palette import INK, MUTED
from shared.drawing.svg import Drawing

_LEFT, _TOP, _WIDTH = 20.0, 22.0, 225.0
_ROWS, _ROW_MM, _COLUMN_MM = 12, 13.0, 0.3
_BOX, _LEAST_BOX_MM = "#fff0b3", 2.5
# Okabe & Ito (2008), without the reds and blues of the beats.
_RHYTHM_COLORS = (
    "#e69f00", "#56b4e9", "#009e73", "#cc79a7", "#e0d21f", "#8a8f98", "#6b4e9b", "#15181c"
)  # fmt: skip
_LETTER_MM, _LINE_MM = 1.9, 5.5  # of the legend

type Rhythms = Sequence[tuple[float, float, str]]


def overview(
    signal_mv: Signal,
    fs_hz: float,
    marks: Marks,
    rhythms: Rhythms,
    moments: Sequence[float],
    title: str,
) -> Drawing:
    """Draw the whole recording small: its range per column, ectopic beats, rhythms, strips."""
    end_s = len(signal_mv) / fs_hz
    row_s = next((s for s in TIME_STEPS_S if end_s / s <= _ROWS), end_s / _ROWS)
    colors = _rhythm_colors(rhythms)
    rows = []
    for number in range(int(np.ceil(end_s / row_s))):
        start_s = number * row_s
        row = _row(signal_mv, fs_hz, marks, start_s, row_s)
        bars = _rhythm_bars(rhythms, colors, start_s, row_s)
        boxes, letters = _boxes(moments, start_s, row_s)
        rows.append(svg.move(_LEFT, _TOP + 1 + number * _ROW_MM, boxes, bars, row, letters))
    legend_mm = _TOP + 1 + len(rows) * _ROW_MM + 5
    legend, n_lines = _legend(marks.kinds, colors)
    note = f"{clock(row_s)} a row; boxes are the strips, colored bars the rhythms"
    return svg.document(
        (_LEFT + _WIDTH + 8, legend_mm + n_lines * _LINE_MM),
        title,
        f"The whole recording, compressed. {note}.",
        [
            svg.text(6, 9, title, 6.0, font_weight="bold"),
            svg.text(6, 16, note, 4.0, color=MUTED),
            *rows,
            svg.move(_LEFT, legend_mm, legend),
        ],
        unit="mm",
    )


def _row(signal_mv: Signal, fs_hz: float, marks: Marks, start_s: float, row_s: float) -> str:
    piece = signal_mv[round(start_s * fs_hz) : round((start_s + row_s) * fs_hz)]
    starts = np.unique(
        (np.arange(_WIDTH / _COLUMN_MM) * _COLUMN_MM / _WIDTH * row_s * fs_hz)
        .astype(np.int64)
        .clip(0, max(len(piece) - 1, 0))
    )
    low, high = np.fmin.reduceat(piece, starts), np.fmax.reduceat(piece, starts)
    room = _ROW_MM - 4.5
    top, bottom = _range(low, high)
    y = np.column_stack([high, low]).astype(np.float64).ravel()
    x = np.repeat(starts / fs_hz / row_s * _WIDTH, 2)
    curve = curves.trace(x, np.clip((top - y) / (top - bottom), 0, 1) * room + 0.5, INK, 0.15)
    label = svg.text(-1.5, room / 2 + 1.3, clock(start_s), 3.6, color=MUTED, text_anchor="end")
    return label + curve + _ectopic_ticks(marks.within(start_s, start_s + row_s), start_s, row_s)


def _range(low: Floats, high: Floats) -> tuple[float, float]:
    """Highest and lowest value to draw, a few wild columns left out, at least half a millivolt."""
    if not np.isfinite(low).any():
        return 1.0, -1.0
    top, bottom = float(np.nanquantile(high, 0.997)), float(np.nanquantile(low, 0.003))
    return max(top, bottom + 0.5), bottom


def _ectopic_ticks(marks: Marks, start_s: float, row_s: float) -> str:
    drawn = []
    for kind in ("S", "V"):
        times = np.array([t for t, k in zip(marks.time_s, marks.kinds, strict=True) if k == kind])
        at = np.unique(np.round((times - start_s) / row_s * _WIDTH, 1))
        d = "".join(f"M{x:g} -1.8v1.8" for x in at)
        drawn.append(svg.element("path", d=d, stroke=kind_color(kind), stroke_width=0.4))
    return "".join(drawn)


def _rhythm_colors(rhythms: Rhythms) -> dict[str, str]:
    """A color for each rhythm but the sinus ones, which need none."""
    names = dict.fromkeys(name for _, _, name in rhythms if "sinus" not in name.casefold())
    return {name: _RHYTHM_COLORS[k % len(_RHYTHM_COLORS)] for k, name in enumerate(names)}


def _rhythm_bars(rhythms: Rhythms, colors: dict[str, str], start_s: float, row_s: float) -> str:
    bars = []
    for from_s, to_s, name in rhythms:
        left, right = max(from_s, start_s), min(to_s, start_s + row_s)
        if name in colors and left < right:
            x, width = (left - start_s) / row_s * _WIDTH, (right - left) / row_s * _WIDTH
            bars.append(svg.rectangle(x, _ROW_MM - 3.8, max(width, 0.3), 1.6, colors[name]))
    return "".join(bars)


def _boxes(moments: Sequence[float], start_s: float, row_s: float) -> tuple[str, str]:
    """Where the strips come from: boxes behind the trace, their letters before it."""
    boxes, letters = [], []
    for letter, moment in zip("ABC", moments, strict=False):
        left, right = max(moment, start_s), min(moment + STRIP_S, start_s + row_s)
        if left >= right:
            continue
        x, width = (left - start_s) / row_s * _WIDTH, (right - left) / row_s * _WIDTH
        x, width = min(x, _WIDTH - _LEAST_BOX_MM), max(width, _LEAST_BOX_MM)
        boxes.append(svg.rectangle(x, -2, width, _ROW_MM - 2, _BOX))
        if left == moment:
            letters.append(
                svg.on_paper(svg.text(x + 0.4, 1.6, letter, 4.0, font_weight="bold"), curves.RIM_MM)
            )
    return "".join(boxes), "".join(letters)


def _legend(kinds: Sequence[str], colors: dict[str, str]) -> tuple[str, int]:
    """What the colors mean, of what the picture has, and how many lines that takes."""
    beats = {f"{KINDS[kind]} beat": kind_color(kind) for kind in ("V", "S") if kind in kinds}
    parts, x, line = [], 0.0, 0
    for name, color in {**beats, **colors}.items():
        width = 11 + _LETTER_MM * len(name)
        if x + width > _WIDTH:
            x, line = 0.0, line + 1
        y = line * _LINE_MM
        parts.append(svg.rectangle(x, y - 2.6, 4, 2.6, color) + svg.text(x + 5, y, name, 3.6))
        x += width
    return "".join(parts), line + 1
