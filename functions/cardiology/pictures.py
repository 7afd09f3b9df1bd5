"""What people look at: strips on ECG paper, twelve leads, intervals, the whole recording."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from functions.cardiology.ecg import STANDARD_LEADS, Floats
from functions.cardiology.ecg_paper import (
    KINDS,
    LEFT_MM,
    MARGIN_MM,
    MM_PER_MV,
    MM_PER_S,
    STRIP_S,
    Marks,
    Signal,
    clock,
    part,
)
from functions.cardiology.ecg_sheet import sheet, sheet_gain, strip
from functions.cardiology.moments import MOST_STRIPS, Moment, telling_moments
from functions.cardiology.overview import Rhythms, overview
from functions.cardiology.rhythm_plots import PAGES, intervals, poincare, tachogram
from shared.drawing import lettering, svg
from shared.drawing.palette import MUTED
from shared.drawing.svg import Drawing
from shared.record import Picture
from shared.science.signals import Mask

_STRIP_LEADS = ("II", "MLII", "I", "V5", "V1")  # where P waves and rhythm are seen best, in turn
_NARROW_S = 2.5  # of a row on a telephone: 83 mm wide, letters of 14 pixels at a width of 360
_FEWEST_INTERVALS = 4  # fewer make no plot
_TITLE_MM, _CAPTION_MM = 19.0, 7.0
_LEAST_WIDTH_MM = 190.0  # of the heading, where the recording is short


def draw(
    signal_mv: Signal,
    fs_hz: float,
    leads: Sequence[str],
    beat_times_s: Floats,
    beat_kinds: Sequence[str],
    *,
    rhythm: str,
    rhythms: Rhythms = (),
    after_gap: Mask | None = None,
    sd1_ms: float | None = None,
    sd2_ms: float | None = None,
) -> tuple[Picture, ...]:
    """Draw one recording under the name of its rhythm, with gaps where the signal is NaN.

    Parameters
    ----------
    signal_mv : (n_samples, n_leads) ndarray
    fs_hz : float
    leads : sequence of str
    beat_times_s : (n_beats,) ndarray of float64
    beat_kinds : sequence of str
        One letter a beat, in order of time: "N", "E", "V", or another that is drawn as it is.
    rhythm : str
    rhythms : sequence of (float, float, str)
        Start, end (s) and name of each stretch.
    after_gap : (n_beats,) ndarray of bool, optional
        Beats whose preceding interval was not observed.
    sd1_ms, sd2_ms : float, optional
        For the ellipse of the Poincaré plot.

    Returns
    -------
    tuple of Picture
        SVG: strips, twelve leads and intervals where there are such, the whole recording where it
        is longer than its strips. Each comes once more for a telephone, as `..._narrow`.
    """
    marks = Marks(np.asarray(beat_times_s, dtype=np.float64), tuple(beat_kinds), after_gap)
    end_s = len(signal_mv) / fs_hz
    moments = telling_moments(marks, rhythms, end_s)
    column = _strip_column(leads)
    pictures = {
        "rhythm_strip": _strips(signal_mv[:, column], fs_hz, leads[column], marks, moments, rhythm)
    }
    pictures["rhythm_strip_narrow"] = _narrow(
        signal_mv[:, column], fs_hz, leads[column], marks, moments[0], rhythm
    )
    if set(STANDARD_LEADS) <= set(leads):
        pictures["twelve_lead"] = _twelve(signal_mv, fs_hz, leads, marks, moments[0], rhythm)
        pictures["twelve_lead_narrow"] = _twelve_narrow(
            signal_mv, fs_hz, leads, marks, moments[0], rhythm
        )
    if end_s > MOST_STRIPS * STRIP_S:
        starts = [moment.start_s for moment in moments]
        title = f"Whole recording, lead {leads[column]}: {rhythm}"
        lead_mv = signal_mv[:, column]
        for page in PAGES:
            drawing = overview(lead_mv, fs_hz, marks, rhythms, starts, title, page)
            pictures[f"overview{page.suffix}"] = drawing
    pictures |= _interval_pictures(marks, end_s, sd1_ms, sd2_ms)
    return tuple(drawing.picture(name) for name, drawing in pictures.items())


def _interval_pictures(
    marks: Marks, end_s: float, sd1_ms: float | None, sd2_ms: float | None
) -> dict[str, Drawing]:
    """Intervals over time and each against the next, where there are enough."""
    beats = intervals(marks, marks.after_gap)
    pictures: dict[str, Drawing] = {}
    if len(beats.rr_ms) < _FEWEST_INTERVALS:
        return pictures
    for page in PAGES:
        drawing = tachogram(beats, end_s, "Intervals between beats", page)
        pictures[f"tachogram{page.suffix}"] = drawing
    for page in PAGES if beats.joined.any() else ():
        drawing = poincare(beats, sd1_ms, sd2_ms, "Each interval and the next", page)
        pictures[f"poincare{page.suffix}"] = drawing
    return pictures


def _strip_column(leads: Sequence[str]) -> int:
    return next((leads.index(lead) for lead in _STRIP_LEADS if lead in leads), 0)


def _strips(
    lead_mv: Signal,
    fs_hz: float,
    lead: str,
    marks: Marks,
    moments: Sequence[Moment],
    rhythm: str,
) -> Drawing:
    y = _TITLE_MM
    width = _width(lead_mv, fs_hz)
    drawn = [_heading(rhythm, f"Lead {lead}, {_legend(marks, moments)}", width)]
    for letter, moment in zip("ABC", moments, strict=False):
        if moment.why:
            caption = f"{letter} · {clock(moment.start_s)} · {moment.why}"
            drawn.append(svg.text(LEFT_MM - 10, y + 4, caption, 4.5, font_weight="bold"))
            y += _CAPTION_MM
        drawing, height = strip(lead_mv, fs_hz, lead, marks, moment.start_s)
        drawn.append(svg.move(0, y, drawing))
        y += height + MARGIN_MM
    description = " ".join(
        f"From {clock(moment.start_s)}: {_described(marks, moment.start_s)}." for moment in moments
    )
    return svg.document((width, y), f"Rhythm strip: {rhythm}", description, drawn, unit="mm")


def _narrow(
    lead_mv: Signal, fs_hz: float, lead: str, marks: Marks, moment: Moment, rhythm: str
) -> Drawing:
    """The first strip for a telephone: rows of two and a half seconds under each other."""
    end_s = min(moment.start_s + STRIP_S, len(lead_mv) / fs_hz)
    starts_s = np.arange(moment.start_s, end_s - 0.5, _NARROW_S).tolist()
    return _column(
        f"Rhythm strip: {rhythm}",
        (rhythm, f"Lead {lead}, 25 mm/s, 10 mm/mV"),
        f"From {clock(moment.start_s)}: {_described(marks, moment.start_s)}.",
        [strip(lead_mv, fs_hz, lead, marks, start_s, _NARROW_S) for start_s in starts_s],
    )


def _twelve_narrow(
    signal_mv: Signal,
    fs_hz: float,
    leads: Sequence[str],
    marks: Marks,
    moment: Moment,
    rhythm: str,
) -> Drawing:
    """The same two and a half seconds of twelve leads under each other."""
    columns = {lead: signal_mv[:, list(leads).index(lead)] for lead in STANDARD_LEADS}
    start_s = moment.start_s
    return _column(
        f"Twelve-lead ECG: {rhythm}",
        (rhythm, "12 leads, 25 mm/s, 10 mm/mV"),
        f"Twelve leads from {clock(start_s)}, {_NARROW_S:g} s each.",
        [strip(mv, fs_hz, lead, marks, start_s, _NARROW_S) for lead, mv in columns.items()],
    )


def _column(
    title: str, heading: tuple[str, str], description: str, rows: Sequence[tuple[str, float]]
) -> Drawing:
    """Rows of paper under each other, under the rhythm and the scale."""
    rhythm, scale = heading
    width = LEFT_MM + _NARROW_S * MM_PER_S + MARGIN_MM
    room = width - LEFT_MM
    drawn = [
        lettering.fitted(LEFT_MM - 10, 8 + 6 * number, line, room, 4.5, font_weight="bold")
        for number, line in enumerate(rhythm.split(", "))
    ]
    y = 8 + 6.0 * len(drawn)
    drawn.append(lettering.fitted(LEFT_MM - 10, y, scale, room, 3.5, color=MUTED))
    y += 4
    for drawing, height in rows:
        drawn.append(svg.move(0, y, drawing))
        y += height + MARGIN_MM
    return svg.document((width, y), title, description, drawn, unit="mm")


def _twelve(
    signal_mv: Signal,
    fs_hz: float,
    leads: Sequence[str],
    marks: Marks,
    moment: Moment,
    rhythm: str,
) -> Drawing:
    drawing, height = sheet(signal_mv, fs_hz, leads, marks, moment.start_s)
    width = _width(signal_mv, fs_hz)
    shown = part(signal_mv, fs_hz, moment.start_s, moment.start_s + STRIP_S)
    scale = _legend(marks, [moment], sheet_gain(shown))
    heading = _heading(rhythm, f"12 leads, {scale}", width)
    return svg.document(
        (width, _TITLE_MM + height + MARGIN_MM),
        f"Twelve-lead ECG: {rhythm}",
        f"Twelve leads from {clock(moment.start_s)} and a rhythm strip of lead II. "
        f"{_described(marks, moment.start_s)}.",
        [heading, svg.move(0, _TITLE_MM, drawing)],
        unit="mm",
    )


def _width(signal_mv: Signal, fs_hz: float) -> float:
    paper = LEFT_MM + min(STRIP_S, len(signal_mv) / fs_hz) * MM_PER_S + MARGIN_MM
    return max(paper, _LEAST_WIDTH_MM)


def _heading(rhythm: str, scale: str, width_mm: float) -> str:
    """The rhythm, as large as it fits, over the scale."""
    room = width_mm - LEFT_MM
    return lettering.fitted(
        LEFT_MM - 10, 9, rhythm, room, 6.5, font_weight="bold"
    ) + lettering.fitted(LEFT_MM - 10, 15.5, scale, room, 4.0, color=MUTED)


def _legend(marks: Marks, moments: Sequence[Moment], mm_per_mv: float = MM_PER_MV) -> str:
    """The scale, and what the letters and numbers among the beats are."""
    drawn = {
        kind
        for moment in moments
        for kind in marks.within(moment.start_s, moment.start_s + STRIP_S).kinds
    }
    letters = ", ".join(f"{kind} {KINDS[kind]}" for kind in KINDS if kind in drawn)
    return f"25 mm/s, {mm_per_mv:g} mm/mV" + (
        f"; beats: {letters}; intervals in ms" if letters else ""
    )


def _described(marks: Marks, start_s: float) -> str:
    """The beats of ten seconds in words."""
    counts = Counter(marks.within(start_s, start_s + STRIP_S).kinds)
    words = [f"{count} {KINDS.get(kind, kind)}" for kind, count in sorted(counts.items())]
    return f"{counts.total()} beats ({', '.join(words)})" if words else "no beats"
