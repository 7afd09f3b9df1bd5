"""What was measured, drawn over the picture it was measured on: PNG, with a legend and in words.

Nothing is told by color alone: outlines differ in their dashes and stand, with the same dashes, in
the legend; everything drawn has a dark rim, so that it is seen on any picture.
"""

from dataclasses import dataclass
from enum import Enum
from io import BytesIO

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from shared.record import Picture

PNG = "image/png"
MAX_SIDE_PX = 1024
LINE_PX, RIM_PX = 2, 1
DASH_PX = 12
TEXT_PX = 16
ROW_PX = 24
SWATCH_PX = 44
MARGIN_PX = 8
WHITE = 255
PAPER, INK, RIM = "#ffffff", "#15181c", "#000000"

type Mask = npt.NDArray[np.bool_]
type Point = tuple[float, float]


class Stroke(Enum):
    """Color and the share of a dash that is drawn; Okabe and Ito's colors, light on dark."""

    SOLID = ("#56b4e9", 1.0)
    DASHED = ("#f0e442", 0.6)
    DOTTED = ("#e69f00", 0.25)
    BROKEN = ("#cc79a7", 0.8)

    @property
    def color(self) -> str:
        return self.value[0]

    @property
    def share(self) -> float:
        return self.value[1]


@dataclass(frozen=True)
class Entry:
    stroke: Stroke
    words: str


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
        """Draw the border of a mask."""
        resized = Image.fromarray(mask).resize(self.image.size, Image.Resampling.NEAREST)
        inside = resized.convert("L")
        thin = inside.filter(ImageFilter.MinFilter(2 * LINE_PX + 1))
        border = (np.asarray(inside) > 0) & (np.asarray(thin) == 0)
        wide = Image.fromarray(border).convert("L").filter(ImageFilter.MaxFilter(2 * RIM_PX + 1))
        dashes = _dashes(border.shape, stroke.share)
        self.image.paste(RIM, mask=Image.fromarray((np.asarray(wide) > 0) & dashes))
        self.image.paste(stroke.color, mask=Image.fromarray(border & dashes))
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
        turns = np.linspace(0, 2 * np.pi, 73)
        rim = [(center[0] + radius * np.cos(t), center[1] + radius * np.sin(t)) for t in turns]
        for start, end in zip(rim[:-1:2], rim[1::2], strict=True):
            _dashed(self.draw, self._place(start), self._place(end), stroke)
        if words:
            self.legend.append(Entry(stroke, words))

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
            middle = y + ROW_PX // 3
            _dashed(draw, (MARGIN_PX, middle), (SWATCH_PX, middle), entry.stroke)
            draw.text((SWATCH_PX + MARGIN_PX, y), entry.words, INK, self.font)
        return Picture(name, PNG, _png(page), alt)

    def _row_width(self, entry: Entry) -> int:
        return SWATCH_PX + 2 * MARGIN_PX + round(self.draw.textlength(entry.words, self.font))

    def _place(self, point: Point) -> Point:
        return point[0] * self.scale, point[1] * self.scale


def mask_picture(name: str, mask: Mask, size_px: tuple[int, int], alt: str) -> Picture:
    """Return a mask as a PNG of one bit a pixel, at `size_px` (width, height)."""
    image = Image.fromarray(mask)
    if image.size != size_px:
        image = image.convert("L").resize(size_px, Image.Resampling.BILINEAR).point(_half, "1")
    return Picture(name, PNG, _png(image), alt)


def _half(value: int) -> int:
    return WHITE * (value > WHITE // 2)


def _png(image: Image.Image) -> bytes:
    stream = BytesIO()
    image.save(stream, "PNG", optimize=False)
    return stream.getvalue()


def _dashes(shape: tuple[int, ...], share: float) -> Mask:
    """Which pixels of a picture a dashed outline may paint."""
    rows, columns = np.indices(shape)
    painted: Mask = (2 * columns + rows) % (2 * DASH_PX) < 2 * DASH_PX * share
    return painted


def _dashed(draw: ImageDraw.ImageDraw, start: Point, end: Point, stroke: Stroke) -> None:
    first, last = np.asarray(start), np.asarray(end)
    length = float(np.hypot(*(last - first)))
    n = max(1, round(length / DASH_PX))
    for k in range(n):
        a = first + (last - first) * (k / n)
        b = first + (last - first) * ((k + stroke.share) / n)
        draw.line([*a.tolist(), *b.tolist()], fill=RIM, width=LINE_PX + 2 * RIM_PX)
        draw.line([*a.tolist(), *b.tolist()], fill=stroke.color, width=LINE_PX)
