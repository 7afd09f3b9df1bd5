"""What was measured, drawn over the picture it was measured on: PNG, with a legend and in words.

Nothing is told by color alone: outlines differ in their dashes and stand, with the same dashes, in
the legend; everything drawn has a dark rim, so that it is seen on any picture.
"""

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from io import BytesIO

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from shared.drawing.palette import AMBER, INK, PAPER, PINK, RIM, SKY, YELLOW
from shared.record import Picture

PNG = "image/png"
MAX_SIDE_PX = 1024
LINE_PX, RIM_PX = 2, 1
TURNS = 360  # steps of an outline around its middle, for its dashes
# Of 0 to 9: a picture takes a quarter to a sixth of the time that the default of 6 takes, and is a
# sixth larger.
COMPRESSION = 1
TEXT_PX = 16
ROW_PX = 24
SWATCH_PX = 44
ARM_PX = 8
MARGIN_PX = 8
WHITE = 255

type Mask = npt.NDArray[np.bool_]
type Floats = npt.NDArray[np.float64]
type Places = npt.NDArray[np.intp]
type Point = tuple[float, float]


class Stroke(Enum):
    """Color and dashes: lengths in pixels, drawn and left out in turn.

    The colors are Okabe and Ito's, light on dark; the dashes tell strokes apart without them.
    """

    SOLID = (SKY, (1.0, 0.0))
    DASHED = (YELLOW, (14.0, 8.0))
    DOTTED = (AMBER, (3.0, 5.0))
    BROKEN = (PINK, (18.0, 5.0, 3.0, 5.0))

    def __init__(self, color: str, dashes_px: tuple[float, ...]) -> None:
        self.color = color
        self.dashes_px = dashes_px

    def paints(self, along_px: Floats) -> Mask:
        """Whether the stroke is drawn at places that lie so far from its beginning."""
        ends = np.cumsum(self.dashes_px)
        painted: Mask = np.searchsorted(ends, along_px % ends[-1], side="right") % 2 == 0
        return painted


class Sign(Enum):
    """What an entry of the legend shows of its stroke."""

    LINE = "line"
    CROSS = "cross"


@dataclass(frozen=True)
class Entry:
    stroke: Stroke
    words: str
    sign: Sign = Sign.LINE


class Overlay:
    """A picture that is drawn on, at most 1024 px a side; coordinates are those of the input.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (height, width) or (height, width, 3)
        Where the picture is measured; masks have its height and width.
    """

    def __init__(self, pixels: npt.NDArray[np.uint8]) -> None:
        base = Image.fromarray(pixels).convert("RGB")
        self.scale = min(1.0, MAX_SIDE_PX / max(base.size))
        size = max(1, round(base.width * self.scale)), max(1, round(base.height * self.scale))
        self.image = base.resize(size, Image.Resampling.BOX) if self.scale < 1 else base
        self.draw = ImageDraw.Draw(self.image)
        self.font = ImageFont.load_default(TEXT_PX)
        self.legend: list[Entry] = []

    def outline(self, mask: Mask, stroke: Stroke, words: str) -> None:
        """Draw the border of a mask in one part."""
        self._trace(mask, stroke, words, _along)

    def spots(self, mask: Mask, stroke: Stroke, words: str) -> None:
        """Draw the borders of a mask in many small parts, or in none."""
        self._trace(mask, stroke, words, _across)

    def _trace(
        self, mask: Mask, stroke: Stroke, words: str, places: Callable[[Places, Places], Floats]
    ) -> None:
        resized = Image.fromarray(mask).resize(self.image.size, Image.Resampling.NEAREST)
        inside = np.asarray(resized)
        border = inside & grown(~inside, LINE_PX)
        wide = grown(border, RIM_PX)
        rows, columns = np.nonzero(wide)
        painted = np.zeros_like(wide)
        painted[rows, columns] = stroke.paints(places(rows, columns))
        self.image.paste(RIM, mask=Image.fromarray(painted))
        self.image.paste(stroke.color, mask=Image.fromarray(border & painted))
        self.legend.append(Entry(stroke, words))

    def line(self, start: Point, end: Point, stroke: Stroke, words: str | None = None) -> None:
        """Draw a straight line between two points (x, y); with `words`, in the legend too."""
        _dashed(self.draw, self._place(start), self._place(end), stroke)
        if words:
            self.legend.append(Entry(stroke, words))

    def circle(
        self, center: Point, radius: float, stroke: Stroke, words: str | None = None
    ) -> None:
        """Draw a circle around (x, y); with `words`, in the legend too."""
        (x, y), reach = self._place(center), radius * self.scale
        n = int(np.ceil(2 * np.pi * reach))
        places = [
            (x + reach * math.cos(turn), y + reach * math.sin(turn))
            for turn in np.linspace(0, 2 * math.pi, n + 1).tolist()
        ]
        painted = np.flatnonzero(stroke.paints(np.arange(n, dtype=float)))
        for fill, width in ((RIM, LINE_PX + 2 * RIM_PX), (stroke.color, LINE_PX)):
            for step in painted.tolist():
                self.draw.line([*places[step], *places[step + 1]], fill, width)
        if words:
            self.legend.append(Entry(stroke, words))

    def cross(self, middle: Point, arm: float, stroke: Stroke, words: str) -> None:
        """Draw a cross at (x, y), and one in the legend."""
        x, y = middle
        self.line((x - arm, y), (x + arm, y), stroke)
        self.line((x, y - arm), (x, y + arm), stroke)
        self.legend.append(Entry(stroke, words, Sign.CROSS))

    def label(self, place: Point, words: str) -> None:
        """Write words that begin at (x, y), with a dark rim."""
        self.draw.text(self._place(place), words, PAPER, self.font, stroke_width=2, stroke_fill=RIM)

    def picture(self, name: str, alt: str) -> Picture:
        """Return the picture with its legend below."""
        height = MARGIN_PX + ROW_PX * len(self.legend) if self.legend else 0
        width = max(self.image.width, *(self._row_width(entry) for entry in self.legend), 1)
        page = Image.new("RGB", (width, self.image.height + height), PAPER)
        page.paste(self.image, (0, 0))
        draw = ImageDraw.Draw(page)
        for row, entry in enumerate(self.legend):
            y = self.image.height + MARGIN_PX + row * ROW_PX
            _swatch(draw, y + ROW_PX / 3, entry)
            draw.text((SWATCH_PX + MARGIN_PX, y), entry.words, INK, self.font)
        return Picture(name, PNG, _png(page), alt)

    def _row_width(self, entry: Entry) -> int:
        return SWATCH_PX + 2 * MARGIN_PX + round(self.draw.textlength(entry.words, self.font))

    def _place(self, point: Point) -> Point:
        return point[0] * self.scale, point[1] * self.scale


def mask_picture(name: str, mask: Mask, size_px: tuple[int, int], alt: str) -> Picture:
    """Return a mask as a PNG of one bit a pixel, at the size of the picture that it lies over.

    Parameters
    ----------
    name, alt : str
    mask : (height, width) ndarray of bool
    size_px : tuple of int
        (width, height).

    Returns
    -------
    Picture
    """
    image = Image.fromarray(mask)
    if image.size != size_px:
        image = image.convert("L").resize(size_px, Image.Resampling.BILINEAR).point(_half, "1")
    return Picture(name, PNG, _png(image), alt)


def _half(value: int) -> int:
    return WHITE * (value > WHITE // 2)


def _png(image: Image.Image) -> bytes:
    stream = BytesIO()
    image.save(stream, "PNG", compress_level=COMPRESSION)
    return stream.getvalue()


def grown(mask: Mask, reach_px: int) -> Mask:
    """What lies within so many rows and columns of a mask."""
    for axis in (0, 1):
        along = np.moveaxis(mask, axis, 0)
        wider = along.copy()
        for shift in range(1, reach_px + 1):
            wider[shift:] |= along[:-shift]
            wider[:-shift] |= along[shift:]
        mask = np.moveaxis(wider, 0, axis)
    return mask


def _across(rows: Places, columns: Places) -> Floats:
    """Where each pixel lies on the diagonal of the picture: dashes on parts of any size."""
    return (rows + columns).astype(float)


def _along(rows: Places, columns: Places) -> Floats:
    """How far around an outline each of its pixels lies, in pixels from the left of its middle."""
    down, across = rows - rows.mean(), columns - columns.mean()
    turns = (np.arctan2(down, across) / (2 * np.pi) + 1 / 2) * TURNS
    bins = turns.astype(int) % TURNS
    counts = np.bincount(bins, minlength=TURNS)
    filled = np.flatnonzero(counts)
    sums = np.bincount(bins, np.hypot(down, across), TURNS)[filled]
    radii = np.interp(np.arange(TURNS), filled, sums / counts[filled], period=TURNS)
    steps = np.hypot(np.diff(radii, append=radii[0]), 2 * np.pi / TURNS * radii)
    return np.interp(turns, np.arange(TURNS + 1), np.cumsum([0.0, *steps]))


def _swatch(draw: ImageDraw.ImageDraw, y: float, entry: Entry) -> None:
    """Draw what an entry of the legend stands for."""
    if entry.sign is Sign.LINE:
        _dashed(draw, (MARGIN_PX, y), (SWATCH_PX, y), entry.stroke)
        return
    x = (MARGIN_PX + SWATCH_PX) / 2
    _dashed(draw, (x - ARM_PX, y), (x + ARM_PX, y), entry.stroke)
    _dashed(draw, (x, y - ARM_PX), (x, y + ARM_PX), entry.stroke)


def _dashed(draw: ImageDraw.ImageDraw, start: Point, end: Point, stroke: Stroke) -> None:
    first, last = np.asarray(start), np.asarray(end)
    length = max(1.0, float(np.hypot(*(last - first))))
    lengths = stroke.dashes_px if stroke is not Stroke.SOLID else (length, 0.0)
    drawn, at = itertools.cycle((True, False)), 0.0
    for dash_px, is_drawn in zip(itertools.cycle(lengths), drawn, strict=False):
        if at >= length:
            return
        if is_drawn:
            a, b = (first + (last - first) * min(1.0, p / length) for p in (at, at + dash_px))
            draw.line([*a.tolist(), *b.tolist()], fill=RIM, width=LINE_PX + 2 * RIM_PX)
            draw.line([*a.tolist(), *b.tolist()], fill=stroke.color, width=LINE_PX)
        at += dash_px
