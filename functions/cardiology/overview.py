"""The whole recording on one page: small, with its ectopic beats, rhythms and strips marked."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from functions.cardiology import curves
from functions.cardiology.ecg import Floats
from functions.cardiology.ecg_paper import KINDS, STRIP_S, Marks, Signal, clock, kind_color
from functions.cardiology.rhythm_plots import TIME_STEPS_S, WIDE, Page
from shared.drawing import lettering, svg
from shared.drawing.palette import AREAS, INK, MUTED, STRIP
from shared.drawing.svg import Drawing

_LEFT, _TOP, _RIGHT = 20.0, 22.0, 8.0
_ROWS, _ROW_MM, _COLUMN_MM = 12, 13.0, 0.3
_LEAST_BOX_MM = 2.5
_LETTER_MM, _LINE_MM = 1.9, 5.5  # of the legend
_NOTE_MM = 4.0

type Rhythms = Sequence[tuple[float, float, str]]


@dataclass(frozen=True)
class Row:
    """One row: the part of the recording that it shows, and how wide it is."""

    start_s: float
    length_s: float
    width_mm: float

    @property
    def end_s(self) -> float:
        return self.start_s + self.length_s

    def x(self, time_s: float) -> float:
        return (time_s - self.start_s) / self.length_s * self.width_mm

    def span(self, from_s: float, to_s: float) -> tuple[float, float] | None:
        """Left end and width of a stretch of time; None where the row shows none of it."""
        left_s, right_s = max(from_s, self.start_s), min(to_s, self.end_s)
        return (self.x(left_s), self.x(right_s) - self.x(left_s)) if left_s < right_s else None


def overview(
    signal_mv: Signal,
    fs_hz: float,
    marks: Marks,
    rhythms: Rhythms,
    moments: Sequence[float],
    title: str,
    page: Page = WIDE,
) -> Drawing:
    """Draw the whole recording small: its range per column, ectopic beats, rhythms, strips.

    Parameters
    ----------
    signal_mv : (n_samples,) ndarray
        One lead, NaN where there is no value.
    fs_hz : float
    marks : Marks
        Beats of the whole recording.
    rhythms : sequence of (start_s, end_s, name)
        Each rhythm but the sinus ones gets a color.
    moments : sequence of float
        Starts (s) of the strips, at most three.
    title : str
    page : Page

    Returns
    -------
    Drawing
    """
    end_s = len(signal_mv) / fs_hz
    row_s = next((s for s in TIME_STEPS_S if end_s / s <= _ROWS), end_s / _ROWS)
    colors = _rhythm_colors(rhythms)
    note = f"{clock(row_s)} a row; boxes are the strips, colored bars the rhythms"
    head, n_notes = _head(title, note, _LEFT + page.width - 6)
    top_mm = _TOP + _LINE_MM * (n_notes - 1)
    rows = []
    for number in range(int(np.ceil(end_s / row_s))):
        row = Row(number * row_s, row_s, page.width)
        bars = _rhythm_bars(rhythms, colors, row)
        boxes, letters = _boxes(moments, row)
        trace = _trace(signal_mv, fs_hz, marks, row)
        rows.append(svg.move(_LEFT, top_mm + 1 + number * _ROW_MM, boxes, bars, trace, letters))
    legend_mm = top_mm + 1 + len(rows) * _ROW_MM + 5
    legend, n_lines = _legend(marks.kinds, colors, page.width)
    return svg.document(
        (_LEFT + page.width + _RIGHT, legend_mm + n_lines * _LINE_MM),
        title,
        f"The whole recording, compressed. {note}.",
        [head, *rows, svg.move(_LEFT, legend_mm, legend)],
        unit="mm",
    )


def _head(title: str, note: str, room_mm: float) -> tuple[str, int]:
    """The title with the note below it, and how many lines the note takes."""
    lines = lettering.wrapped(note, room_mm, _NOTE_MM)
    notes = [
        svg.text(6, 16 + _LINE_MM * k, line, _NOTE_MM, color=MUTED) for k, line in enumerate(lines)
    ]
    bold = lettering.fitted(6, 9, title, room_mm, 6.0, font_weight="bold")
    return "".join([bold, *notes]), len(lines)


def _trace(signal_mv: Signal, fs_hz: float, marks: Marks, row: Row) -> str:
    first = min(round(row.start_s * fs_hz), len(signal_mv) - 1)
    piece = signal_mv[first : max(first + 1, round(row.end_s * fs_hz))]
    columns = np.arange(row.width_mm / _COLUMN_MM) * _COLUMN_MM
    starts = np.unique(
        (columns / row.width_mm * row.length_s * fs_hz)
        .astype(np.int64)
        .clip(0, max(len(piece) - 1, 0))
    )
    low, high = np.fmin.reduceat(piece, starts), np.fmax.reduceat(piece, starts)
    room = _ROW_MM - 4.5
    top, bottom = _range(low, high)
    y = np.column_stack([high, low]).astype(np.float64).ravel()
    x = np.repeat(starts / fs_hz / row.length_s * row.width_mm, 2)
    curve = curves.trace(x, np.clip((top - y) / (top - bottom), 0, 1) * room + 0.5, INK, 0.15)
    label = svg.text(-1.5, room / 2 + 1.3, clock(row.start_s), 3.6, color=MUTED, text_anchor="end")
    return label + curve + _ectopic_ticks(marks.within(row.start_s, row.end_s), row)


def _range(low: Floats, high: Floats) -> tuple[float, float]:
    """Highest and lowest value to draw, a few wild columns left out, at least half a millivolt."""
    if not np.isfinite(low).any():
        return 1.0, -1.0
    top, bottom = float(np.nanquantile(high, 0.997)), float(np.nanquantile(low, 0.003))
    return max(top, bottom + 0.5), bottom


def _ectopic_ticks(marks: Marks, row: Row) -> str:
    drawn = []
    for kind in ("E", "V"):
        times = [t for t, k in zip(marks.time_s.tolist(), marks.kinds, strict=True) if k == kind]
        at = sorted({round(row.x(time_s), 1) for time_s in times})
        d = "".join(f"M{x:g} -1.8v1.8" for x in at)
        drawn.append(svg.element("path", d=d, stroke=kind_color(kind), stroke_width=0.4))
    return "".join(drawn)


def _rhythm_colors(rhythms: Rhythms) -> dict[str, str]:
    """A color for each rhythm but the sinus ones, which need none."""
    names = dict.fromkeys(name for _, _, name in rhythms if "sinus" not in name.casefold())
    return {name: AREAS[k % len(AREAS)] for k, name in enumerate(names)}


def _rhythm_bars(rhythms: Rhythms, colors: dict[str, str], row: Row) -> str:
    bars = []
    for from_s, to_s, name in rhythms:
        if name in colors and (span := row.span(from_s, to_s)):
            x, width = span
            bars.append(svg.rectangle(x, _ROW_MM - 3.8, max(width, 0.3), 1.6, colors[name]))
    return "".join(bars)


def _boxes(moments: Sequence[float], row: Row) -> tuple[str, str]:
    """Where the strips come from: boxes behind the trace, their letters before it."""
    boxes, letters = [], []
    for letter, moment in zip("ABC", moments, strict=False):
        span = row.span(moment, moment + STRIP_S)
        if span is None:
            continue
        x, width = min(span[0], row.width_mm - _LEAST_BOX_MM), max(span[1], _LEAST_BOX_MM)
        boxes.append(svg.rectangle(x, -2, width, _ROW_MM - 2, STRIP))
        if moment >= row.start_s:
            letters.append(
                svg.on_paper(svg.text(x + 0.4, 1.6, letter, 4.0, font_weight="bold"), curves.RIM_MM)
            )
    return "".join(boxes), "".join(letters)


def _legend(kinds: Sequence[str], colors: dict[str, str], width_mm: float) -> tuple[str, int]:
    """What the colors mean, of what the picture has, and how many lines that takes."""
    beats = {f"{KINDS[kind]} beat": kind_color(kind) for kind in ("V", "E") if kind in kinds}
    parts, x, line = [], 0.0, 0
    for name, color in {**beats, **colors}.items():
        width = 11 + _LETTER_MM * len(name)
        if x and x + width > width_mm:
            x, line = 0.0, line + 1
        y = line * _LINE_MM
        parts.append(
            svg.rectangle(x, y - 2.6, 4, 2.6, color)
            + lettering.fitted(x + 5, y, name, width_mm - x - 5, 3.6)
        )
        x += width
    return "".join(parts), line + 1
