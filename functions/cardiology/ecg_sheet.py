"""Strips of one lead and sheets of twelve, drawn on ECG paper.

`strip(...)` and `sheet(...)` give the drawing and its height in millimeters, so that whoever puts
several below each other knows where the next begins.
"""

from collections.abc import Sequence

import numpy as np

from functions.cardiology.curves import RIM_MM
from functions.cardiology.ecg import STANDARD_LEADS, Floats
from functions.cardiology.ecg_paper import (
    AXIS_MM,
    LEFT_MM,
    MM_PER_MV,
    MM_PER_S,
    PULSE_ROOM_MM,
    STRIP_S,
    Marks,
    Signal,
    beat_marks,
    calibration,
    clipped,
    curve,
    grid,
    part,
    row_for,
    seconds_axis,
)
from shared.drawing import svg
from shared.drawing.palette import INK

_ROW_MM, _TOP_MM = 30.0, 5.0  # of a sheet
_TALLEST_ROWS = 1.0  # of a row: taller complexes are drawn at half the gain
_COLUMNS = 4


def strip(
    signal_mv: Signal,
    fs_hz: float,
    lead: str,
    marks: Marks,
    start_s: float,
    for_s: float = STRIP_S,
) -> tuple[str, float]:
    """Draw up to ten seconds of one lead on ECG paper.

    Parameters
    ----------
    signal_mv : (n_samples,) ndarray
        The whole lead.
    fs_hz : float
    lead : str
        Its name.
    marks : Marks
        Beats of the whole recording.
    start_s, for_s : float

    Returns
    -------
    str
        SVG elements, their unit the millimeter.
    float
        Height, mm.
    """
    values = part(signal_mv, fs_hz, start_s, start_s + for_s)
    length_s = len(values) / fs_hz
    row = row_for(values)
    width = length_s * MM_PER_S
    label = lead if row.mm_per_mv == MM_PER_MV else f"{lead} ({row.mm_per_mv:g} mm/mV)"
    drawing = svg.move(
        LEFT_MM - PULSE_ROOM_MM,
        0,
        grid(PULSE_ROOM_MM + width, row.height_mm),
        svg.move(1, row.above_mm, calibration(row.mm_per_mv)),
    ) + svg.move(
        LEFT_MM,
        0,
        svg.on_paper(svg.text(1.5, row.height_mm - 1.5, label, 4.5, font_weight="bold"), RIM_MM),
        clipped(
            width,
            row.height_mm,
            f"strip-{lead}-{start_s * 1000:.0f}",
            svg.move(0, row.above_mm, curve(values, fs_hz, row.mm_per_mv)),
        ),
        beat_marks(marks.within(start_s, start_s + length_s), start_s),
        svg.move(0, row.height_mm, seconds_axis(start_s, length_s)),
    )
    return drawing, row.height_mm + AXIS_MM


def sheet(
    signal_mv: Signal, fs_hz: float, leads: Sequence[str], marks: Marks, start_s: float
) -> tuple[str, float]:
    """Draw twelve leads, 2.5 s each in four columns, over a rhythm strip of lead II.

    The columns follow each other in time, as on the paper of an electrocardiograph,
    and a tall complex may reach into its neighbors' rows, as it does there.

    Parameters
    ----------
    signal_mv : (n_samples, n_leads) ndarray
    fs_hz : float
    leads : sequence of str
        Names of the columns; all `STANDARD_LEADS` must be among them.
    marks : Marks
        Beats of the whole recording.
    start_s : float

    Returns
    -------
    str
        SVG elements, their unit the millimeter.
    float
        Height, mm.
    """
    length_s = min(STRIP_S, len(signal_mv) / fs_hz - start_s)
    column_s = length_s / _COLUMNS
    rows = len(STANDARD_LEADS) // _COLUMNS
    gain = sheet_gain(part(signal_mv, fs_hz, start_s, start_s + length_s))
    places = [
        (lead, k // rows * column_s, column_s, k % rows) for k, lead in enumerate(STANDARD_LEADS)
    ]
    drawn = []
    for lead, from_s, for_s, row in [*places, ("II", 0.0, length_s, rows)]:
        lead_mv = signal_mv[:, list(leads).index(lead)]
        values = part(lead_mv, fs_hz, start_s + from_s, start_s + from_s + for_s)
        y = _TOP_MM + (row + 0.55) * _ROW_MM
        drawn.append(svg.move(from_s * MM_PER_S, y, _sheet_lead(values, fs_hz, lead, gain)))
        if from_s == 0:
            drawn.append(svg.move(1 - PULSE_ROOM_MM, y, calibration(gain)))
    width, height = PULSE_ROOM_MM + length_s * MM_PER_S, (rows + 1) * _ROW_MM + _TOP_MM
    beats = beat_marks(marks.within(start_s, start_s + length_s), start_s)
    drawing = [
        grid(width, height),
        clipped(width, height, "sheet", svg.move(PULSE_ROOM_MM, 0, *drawn)),
        svg.move(PULSE_ROOM_MM, height - 6, beats),
        svg.move(PULSE_ROOM_MM, height, seconds_axis(start_s, length_s)),
    ]
    return svg.move(LEFT_MM - PULSE_ROOM_MM, 0, *drawing), height + AXIS_MM


def sheet_gain(signal_mv: Signal) -> float:
    """Choose the gain of a sheet: half where complexes would reach beyond their neighbors.

    Parameters
    ----------
    signal_mv : (n_samples, n_leads) ndarray

    Returns
    -------
    float
        Millimeters a millivolt.
    """
    shown = signal_mv[:, np.isfinite(signal_mv).any(axis=0)]
    low, high = np.nanquantile(shown, (0.001, 0.999), axis=0) if shown.size else (0.0, 0.0)
    height_mv = float(np.max(high - low))
    return MM_PER_MV / 2 if height_mv * MM_PER_MV > _TALLEST_ROWS * _ROW_MM else MM_PER_MV


def _sheet_lead(values_mv: Floats, fs_hz: float, lead: str, mm_per_mv: float) -> str:
    """One lead about its baseline, with its name and a line where it begins."""
    label = svg.on_paper(svg.text(1.5, -9.5, lead, 4.5, font_weight="bold"), RIM_MM)
    return label + curve(values_mv, fs_hz, mm_per_mv) + svg.line(0, -5, 0, 5, INK, 0.3)
