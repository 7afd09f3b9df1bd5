"""Scalable vector graphics, written by hand: one unit of the drawing is one millimeter.

A document has its physical size, so that it prints true to scale, and shrinks to
the width of a screen. It brings its own white paper: it reads the same on a dark page.
"""

from collections.abc import Iterable
from html import escape

import numpy as np

from functions.cardiology.ecg import Floats

PAPER = "#ffffff"
INK = "#15181c"
MUTED = "#5b626b"
FAINT = "#d5d9de"
# Color-blind safe (Okabe & Ito 2008), dark enough on white; kinds differ in shape and letter, too.
VENTRICULAR = "#b3380c"
SUPRAVENTRICULAR = "#0b5fa5"

_FONT = "Helvetica, Arial, 'Liberation Sans', sans-serif"
# Coordinates of a path are whole hundredths of a millimeter: finer than any printer.
PATH_UNIT_MM = 0.01
# A long stretch becomes one stroke from minimum to maximum per this width.
COLUMN_MM = 0.1


def element(tag: str, *children: str, **attributes: object) -> str:
    """One element; `font_size=4` becomes `font-size="4"`, None is left out."""
    written = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(_plain(value))}"'
        for name, value in attributes.items()
        if value is not None
    )
    return f"<{tag}{written}>{''.join(children)}</{tag}>" if children else f"<{tag}{written}/>"


def _plain(value: object) -> str:
    """Numbers without needless digits."""
    return f"{value:.3f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def text(
    x: float, y: float, words: str, size: float = 4.0, *, color: str = INK, **attributes: object
) -> str:
    return element(
        "text", escape(words, quote=False), x=x, y=y, font_size=size, fill=color, **attributes
    )


def on_paper(words: str) -> str:
    """Text with a rim of paper, legible across grid and trace."""
    return element(
        "g",
        words,
        stroke=PAPER,
        stroke_width=1.2,
        paint_order="stroke",
        stroke_linejoin="round",
    )


def line(x1: float, y1: float, x2: float, y2: float, color: str, width: float) -> str:
    return element("path", d=f"M{x1:g} {y1:g}L{x2:g} {y2:g}", stroke=color, stroke_width=width)


def rectangle(
    x: float, y: float, width: float, height: float, color: str, **attributes: object
) -> str:
    return element("rect", x=x, y=y, width=width, height=height, fill=color, **attributes)


def move(x: float, y: float, *children: str, **attributes: object) -> str:
    """Children drawn with their origin at (x, y)."""
    return element("g", *children, transform=f"translate({x:g} {y:g})", **attributes)


def document(
    width_mm: float, height_mm: float, title: str, description: str, children: Iterable[str]
) -> bytes:
    """A whole picture of its physical size, described for those who cannot see it."""
    content = element(
        "svg",
        element("title", escape(title, quote=False)),
        element("desc", escape(description, quote=False)),
        rectangle(0, 0, width_mm, height_mm, PAPER),
        *children,
        xmlns="http://www.w3.org/2000/svg",
        width=f"{width_mm:g}mm",
        height=f"{height_mm:g}mm",
        viewBox=f"0 0 {width_mm:g} {height_mm:g}",
        style="max-width:100%;height:auto",
        role="img",
        aria_label=title,  # not aria-labelledby: a page may hold several of these, ids would clash
        font_family=_FONT,
        fill="none",
    )
    return content.encode()


def trace(x_mm: Floats, y_mm: Floats, color: str = INK, width_mm: float = 0.3) -> str:
    """A line through points of rising x; broken where y is NaN."""
    points = np.column_stack([x_mm, y_mm])
    broken = np.flatnonzero(np.isnan(y_mm))
    parts = [part[~np.isnan(part[:, 1])] for part in np.split(points, broken)]
    d = "".join(_path(part) for part in parts if len(part))
    return element(
        "path",
        d=d,
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

    Returns `x_mm` and `values` as they are where a column holds at most two samples.
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
