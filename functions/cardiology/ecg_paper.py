"""ECG paper: the millimeter grid, the calibration pulse and what is drawn on it.

25 mm a second and 10 mm a millivolt, as on every electrocardiograph (Kligfield et
al. 2007, doi:10.1016/j.jacc.2007.01.024); a lead too large for its row is drawn at
5 mm a millivolt and says so.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from functions.cardiology import curves
from functions.cardiology.ecg import Floats
from shared.drawing import svg
from shared.drawing.palette import BLUE, GRID_MAJOR, GRID_MINOR, INK, MUTED, PAPER, RED
from shared.science.signals import Mask

MM_PER_S = 25.0
MM_PER_MV = 10.0
STRIP_S = 10.0

_PULSE_MM, _PULSE_MV = 5.0, 1.0
MARGIN_MM = 5.0
LEFT_MM = 15.0  # margin and calibration pulse
PULSE_ROOM_MM = 10.0
_HEADROOM_MM = 7.0  # for the marks above the highest peak
AXIS_MM = 6.0
_ROW_MM = (30.0, 70.0)  # lowest and highest row of a strip

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
        """Cut the marks of a stretch; its first beat keeps whether a gap lies before it."""
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
            (minor, minor_rows, GRID_MINOR, 0.1),
            (major, major_rows, GRID_MAJOR, 0.2),
        )
    )


def calibration(mm_per_mv: float) -> str:
    """A pulse of 1 mV and 0.2 s that stands on the baseline, its left end at the origin."""
    height = _PULSE_MV * mm_per_mv
    pulse = f"M0 0h1.5v{-height:g}h{_PULSE_MM:g}v{height:g}h1.5"
    return svg.element("path", d=pulse, stroke=INK, stroke_width=0.3)


def part(signal_mv: Signal, fs_hz: float, start_s: float, end_s: float) -> Floats:
    """Cut one lead, or all, between two times and move the median to zero.

    Parameters
    ----------
    signal_mv : (n_samples,) or (n_samples, n_leads) ndarray
        NaN where there is no value.
    fs_hz : float
    start_s, end_s : float
        What lies outside of the recording is left out.

    Returns
    -------
    (n,) or (n, n_leads) ndarray of float64
        mV; of several leads one median is taken, that of all values.
    """
    piece = signal_mv[max(0, round(start_s * fs_hz)) : round(end_s * fs_hz)].astype(np.float64)
    return piece - np.nanmedian(piece) if np.isfinite(piece).any() else piece


def curve(values_mv: Floats, fs_hz: float, mm_per_mv: float) -> str:
    """Draw a lead to the right of the origin, zero millivolts at its height.

    Parameters
    ----------
    values_mv : (n_samples,) ndarray of float64
        NaN breaks the line.
    fs_hz : float
    mm_per_mv : float

    Returns
    -------
    str
        An SVG path, its unit the millimeter.
    """
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
    """Fit a row of whole grid squares to a lead.

    Parameters
    ----------
    values_mv : (n_samples,) ndarray of float64
    headroom_mm : float
        Room above the highest peak, for the marks of the beats.

    Returns
    -------
    Row
        At half the gain where the lead is too large for a row; the lowest row without any value.
    """
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


def clipped(width_mm: float, height_mm: float, name: str, *drawn: str) -> str:
    """What is drawn, cut off at the borders of the paper."""
    window = svg.rectangle(0, 0, width_mm, height_mm, INK)
    return svg.element("clipPath", window, id=name) + svg.element(
        "g", *drawn, clip_path=f"url(#{name})"
    )
