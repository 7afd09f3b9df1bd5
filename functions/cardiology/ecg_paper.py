"""ECG paper: the millimeter grid, the calibration pulse and what is drawn on it.

25 mm a second and 10 mm a millivolt, as on every electrocardiograph (Kligfield et
al. 2007, doi:10.1016/j.jacc.2007.01.024); a lead too large for its row is drawn at
5 mm a millivolt and says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from functions.cardiology import curves
from functions.cardiology.ecg import STANDARD_LEADS, Floats
from shared.drawing import svg
from shared.drawing.palette import BLUE, INK, MUTED, PAPER, RED
from shared.science.signals import Mask

MM_PER_S = 25.0
MM_PER_MV = 10.0
STRIP_S = 10.0

_MINOR, _MAJOR = "#f8dcd8", "#eeb0a8"
_PULSE_MM, _PULSE_MV = 5.0, 1.0
MARGIN_MM = 5.0
LEFT_MM = 15.0  # margin and calibration pulse
_PULSE_ROOM_MM = 10.0
_HEADROOM_MM = 7.0  # for the marks above the highest peak
_AXIS_MM = 6.0
_ROW_MM = (30.0, 70.0)  # lowest and highest row of a strip
_SHEET_ROW_MM, _SHEET_TOP_MM = 30.0, 5.0
_TALLEST_ROWS = 1.0  # of a row: taller complexes are drawn at half the gain
_COLUMNS = 4

KINDS = {"N": "normal", "E": "early", "V": "ventricular"}

type Signal = npt.NDArray[np.floating]


@dataclass(frozen=True)
class Marks:
    """Beats to mark: rising times in seconds and one letter each ("N", "E", "V", ...).

    `after_gap`, shape (n_beats,), tells the beats whose preceding interval was not observed.
    """

    time_s: Floats
    kinds: tuple[str, ...]
    after_gap: Mask | None = None

    def within(self, start_s: float, end_s: float) -> "Marks":
        first, last = np.searchsorted(self.time_s, (start_s, end_s))
        gaps = None if self.after_gap is None else self.after_gap[first:last]
        return Marks(self.time_s[first:last], self.kinds[first:last], gaps)

    @property
    def rr_s(self) -> Floats:
        """Intervals from beat to beat, NaN where not observed, shape (n_beats - 1,)."""
        rr_s = np.diff(self.time_s)
        return rr_s if self.after_gap is None else np.where(self.after_gap[1:], np.nan, rr_s)


def clock(seconds: float) -> str:
    """3:25 or 1:03:25."""
    whole = int(seconds + 1e-6)
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"


def kind_color(kind: str) -> str:
    return {"V": RED, "E": BLUE}.get(kind, MUTED)


def grid(width_mm: float, height_mm: float) -> str:
    """Lines every millimeter, stronger every five."""
    minor = [k for k in range(int(width_mm) + 1) if k % 5]
    minor_rows = [k for k in range(int(height_mm) + 1) if k % 5]
    major = range(0, int(width_mm) + 1, 5)
    major_rows = range(0, int(height_mm) + 1, 5)
    return svg.rectangle(0, 0, width_mm, height_mm, PAPER) + "".join(
        svg.element(
            "path",
            d="".join(f"M{x} 0v{height_mm:g}" for x in columns)
            + "".join(f"M0 {y}h{width_mm:g}" for y in rows),
            stroke=color,
            stroke_width=width,
        )
        for columns, rows, color, width in (
            (minor, minor_rows, _MINOR, 0.1),
            (major, major_rows, _MAJOR, 0.2),
        )
    )


def calibration(mm_per_mv: float) -> str:
    """A pulse of 1 mV and 0.2 s that stands on the baseline, its left end at the origin."""
    height = _PULSE_MV * mm_per_mv
    return svg.element(
        "path",
        d=f"M0 0h1.5v{-height:g}h{_PULSE_MM:g}v{height:g}h1.5",
        stroke=INK,
        stroke_width=0.3,
    )


def part(signal_mv: Signal, fs_hz: float, start_s: float, end_s: float) -> Floats:
    """One lead between two times, its median at zero."""
    piece = signal_mv[max(0, round(start_s * fs_hz)) : round(end_s * fs_hz)].astype(np.float64)
    return piece - np.nanmedian(piece) if np.isfinite(piece).any() else piece


def curve(values_mv: Floats, fs_hz: float, mm_per_mv: float) -> str:
    """A lead drawn to the right of the origin, zero millivolts at its height."""
    x_mm = np.arange(len(values_mv)) / fs_hz * MM_PER_S
    return curves.trace(*curves.envelope(-values_mv * mm_per_mv, x_mm))


@dataclass(frozen=True)
class Row:
    """How much room one lead needs: above and below its baseline, and at which gain."""

    above_mm: float
    below_mm: float
    mm_per_mv: float

    @property
    def height_mm(self) -> float:
        return self.above_mm + self.below_mm


def row_for(values_mv: Floats, headroom_mm: float = _HEADROOM_MM) -> Row:
    """Fit a row of whole grid squares to a lead; a lead without values gets the lowest."""
    finite = values_mv[np.isfinite(values_mv)]
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 0.0)
    gain = MM_PER_MV
    if (high - low) * gain + headroom_mm > _ROW_MM[1]:
        gain = MM_PER_MV / 2
    above = 5.0 * np.ceil((max(high, 0) * gain + headroom_mm) / 5)
    below = 5.0 * np.ceil((max(-low, 0) * gain + 2) / 5)
    above = min(above, _ROW_MM[1] - 15)
    below = min(max(below, _ROW_MM[0] - above, 10.0), _ROW_MM[1] - above)
    return Row(float(above), float(below), gain)


def beat_marks(marks: Marks, start_s: float) -> str:
    """Letters over the beats, and the intervals between them in milliseconds."""
    drawn = []
    x_mm = (marks.time_s - start_s) * MM_PER_S
    for x, kind in zip(x_mm, marks.kinds, strict=True):
        bold = "bold" if kind != "N" else None
        color = kind_color(kind)
        size = 4.0 if kind != "N" else 3.2
        drawn.append(
            svg.text(x, 4.2, kind, size, color=color, text_anchor="middle", font_weight=bold)
        )
    for left, right, rr_s in zip(x_mm, x_mm[1:], marks.rr_s, strict=False):
        if right - left > 8 and np.isfinite(rr_s):
            label = f"{1000 * rr_s:.0f}"
            middle = (left + right) / 2
            drawn.append(svg.text(middle, 4, label, 2.8, color=MUTED, text_anchor="middle"))
    return "".join(drawn)


def seconds_axis(start_s: float, length_s: float) -> str:
    """A tick every second and the time of the recording under every other one."""
    ticks = [
        svg.line(x * MM_PER_S, 0, x * MM_PER_S, 1.2, MUTED, 0.25) for x in range(int(length_s) + 1)
    ]
    labels = [
        svg.text(x * MM_PER_S, 5, clock(start_s + x), 3.2, color=MUTED, text_anchor="middle")
        for x in range(0, int(length_s) + 1, 2)
    ]
    return "".join(ticks + labels)


def strip(
    signal_mv: Signal,
    fs_hz: float,
    lead: str,
    marks: Marks,
    start_s: float,
    for_s: float = STRIP_S,
) -> tuple[str, float]:
    """Draw up to ten seconds of one lead; returns the drawing and its height in mm."""
    values = part(signal_mv, fs_hz, start_s, start_s + for_s)
    length_s = len(values) / fs_hz
    row = row_for(values)
    width = length_s * MM_PER_S
    label = lead if row.mm_per_mv == MM_PER_MV else f"{lead} ({row.mm_per_mv:g} mm/mV)"
    drawing = svg.move(
        LEFT_MM - _PULSE_ROOM_MM,
        0,
        grid(_PULSE_ROOM_MM + width, row.height_mm),
        svg.move(1, row.above_mm, calibration(row.mm_per_mv)),
    ) + svg.move(
        LEFT_MM,
        0,
        svg.on_paper(
            svg.text(1.5, row.height_mm - 1.5, label, 4.5, font_weight="bold"), curves.RIM_MM
        ),
        clipped(
            width,
            row.height_mm,
            f"strip-{lead}-{start_s * 1000:.0f}",
            svg.move(0, row.above_mm, curve(values, fs_hz, row.mm_per_mv)),
        ),
        beat_marks(marks.within(start_s, start_s + length_s), start_s),
        svg.move(0, row.height_mm, seconds_axis(start_s, length_s)),
    )
    return drawing, row.height_mm + _AXIS_MM


def clipped(width_mm: float, height_mm: float, name: str, *drawn: str) -> str:
    """What is drawn, cut off at the borders of the paper."""
    window = svg.rectangle(0, 0, width_mm, height_mm, INK)
    return svg.element("clipPath", window, id=name) + svg.element(
        "g", *drawn, clip_path=f"url(#{name})"
    )


def sheet(
    signal_mv: Signal, fs_hz: float, leads: Sequence[str], marks: Marks, start_s: float
) -> tuple[str, float]:
    """Draw twelve leads, 2.5 s each in four columns, over a rhythm strip of lead II.

    The columns follow each other in time, as on the paper of an electrocardiograph,
    and a tall complex may reach into its neighbors' rows, as it does there.
    """
    length_s = min(STRIP_S, len(signal_mv) / fs_hz - start_s)
    column_s = length_s / _COLUMNS
    rows = len(STANDARD_LEADS) // _COLUMNS
    gain = sheet_gain(part(signal_mv, fs_hz, start_s, start_s + length_s))
    places = [
        (lead, k // rows * column_s, column_s, k % rows) for k, lead in enumerate(STANDARD_LEADS)
    ]
    curves = []
    for lead, from_s, for_s, row in [*places, ("II", 0.0, length_s, rows)]:
        lead_mv = signal_mv[:, list(leads).index(lead)]
        values = part(lead_mv, fs_hz, start_s + from_s, start_s + from_s + for_s)
        y = _SHEET_TOP_MM + (row + 0.55) * _SHEET_ROW_MM
        curves.append(svg.move(from_s * MM_PER_S, y, _sheet_lead(values, fs_hz, lead, gain)))
        if from_s == 0:
            curves.append(svg.move(1 - _PULSE_ROOM_MM, y, calibration(gain)))
    width, height = _PULSE_ROOM_MM + length_s * MM_PER_S, (rows + 1) * _SHEET_ROW_MM + _SHEET_TOP_MM
    beats = beat_marks(marks.within(start_s, start_s + length_s), start_s)
    drawing = [
        grid(width, height),
        clipped(width, height, "sheet", svg.move(_PULSE_ROOM_MM, 0, *curves)),
        svg.move(_PULSE_ROOM_MM, height - 6, beats),
        svg.move(_PULSE_ROOM_MM, height, seconds_axis(start_s, length_s)),
    ]
    return svg.move(LEFT_MM - _PULSE_ROOM_MM, 0, *drawing), height + _AXIS_MM


def sheet_gain(signal_mv: Signal) -> float:
    """Half the usual gain, as on paper, where complexes would reach beyond their neighbors."""
    shown = signal_mv[:, np.isfinite(signal_mv).any(axis=0)]
    low, high = np.nanquantile(shown, (0.001, 0.999), axis=0) if shown.size else (0.0, 0.0)
    height_mv = float(np.max(high - low))
    return MM_PER_MV / 2 if height_mv * MM_PER_MV > _TALLEST_ROWS * _SHEET_ROW_MM else MM_PER_MV


def _sheet_lead(values_mv: Floats, fs_hz: float, lead: str, mm_per_mv: float) -> str:
    """One lead about its baseline, with its name and a line where it begins."""
    label = svg.on_paper(svg.text(1.5, -9.5, lead, 4.5, font_weight="bold"), curves.RIM_MM)
    return label + curve(values_mv, fs_hz, mm_per_mv) + svg.line(0, -5, 0, 5, INK, 0.3)
