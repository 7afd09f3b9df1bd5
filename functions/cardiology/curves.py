"""Curves of many samples as SVG paths: whole steps, no peak lost, at the size of paper.

One unit of the drawing is one millimeter, so that a sheet prints true to scale.
"""

import numpy as np

from functions.cardiology.ecg import Floats
from shared.drawing import svg
from shared.drawing.palette import INK

# Coordinates of a path are whole hundredths of a millimeter: finer than any printer.
PATH_UNIT_MM = 0.01
# Of paper around letters, so that they are legible across grid and trace.
RIM_MM = 1.2
# A long stretch becomes one stroke from minimum to maximum per this width.
COLUMN_MM = 0.1


def trace(x_mm: Floats, y_mm: Floats, color: str = INK, width_mm: float = 0.3) -> str:
    """Draw a line through points.

    Parameters
    ----------
    x_mm : (n,) ndarray of float64
        Increasing.
    y_mm : (n,) ndarray of float64
        Downward; the line is broken where it is NaN.
    color : str
    width_mm : float

    Returns
    -------
    str
        An SVG path.
    """
    points = np.column_stack([x_mm, y_mm])
    broken = np.flatnonzero(np.isnan(y_mm))
    parts = [part[~np.isnan(part[:, 1])] for part in np.split(points, broken)]
    d = "".join(_path(part) for part in parts if len(part))
    return svg.path(
        d,
        stroke=color,
        stroke_width=width_mm / PATH_UNIT_MM,
        stroke_linejoin="round",
        transform=f"scale({PATH_UNIT_MM})",
    )


def _path(points_mm: Floats) -> str:
    """Relative steps in whole path units, which are shorter to write than coordinates."""
    whole = np.round(points_mm / PATH_UNIT_MM).astype(np.int64)
    steps = np.diff(whole, axis=0)
    steps = steps[(steps != 0).any(axis=1)]
    written = " ".join(f"{x} {y}" for x, y in steps.tolist()).replace(" -", "-")
    start = f"M{whole[0, 0]} {whole[0, 1]}"
    return f"{start}l{written}" if written else f"{start}h1"


def envelope(values: Floats, x_mm: Floats) -> tuple[Floats, Floats]:
    """Thin a curve to its lowest and highest value per column, so that no peak is lost.

    Parameters
    ----------
    values : (n,) ndarray of float64
        In any unit.
    x_mm : (n,) ndarray of float64
        Increasing.

    Returns
    -------
    x_mm, values : (m,) ndarray of float64
        Two points a column; as they were given where a column holds at most two samples.
    """
    column = np.floor(x_mm / COLUMN_MM).astype(np.int64)
    starts = np.flatnonzero(np.diff(column, prepend=column[0] - 1)) if len(column) else column
    if len(values) <= 2 * len(starts):
        return x_mm, values
    low, high = np.fmin.reduceat(values, starts), np.fmax.reduceat(values, starts)
    # Down and up in turn, so that neighboring columns join where they are closest.
    down = np.arange(len(starts)) % 2 == 1
    pairs = np.column_stack([np.where(down, high, low), np.where(down, low, high)])
    return np.repeat(x_mm[starts], 2), pairs.ravel()
