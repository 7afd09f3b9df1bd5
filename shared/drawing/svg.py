"""Scalable vector graphics, written by hand.

A document brings its own white paper, so that it reads the same on a dark page, shrinks to the
width of a screen, and is always described for those who cannot see it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from shared.drawing.palette import INK, PAPER
from shared.record import Picture

MEDIA_TYPE = "image/svg+xml"
NAMESPACE = "http://www.w3.org/2000/svg"
_FONT = "Helvetica, Arial, 'Liberation Sans', sans-serif"


@dataclass(frozen=True)
class Drawing:
    """A whole picture, and what it shows in words."""

    content: bytes
    title: str
    description: str

    def picture(self, name: str) -> Picture:
        """Return the drawing as an assessment keeps it."""
        return Picture(name, MEDIA_TYPE, self.content, f"{self.title}. {self.description}")


def element(tag: str, *children: str, **attributes: object) -> str:
    """Write an element; `font_size=4` becomes `font-size="4"`, None is left out."""
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
    x: float, y: float, words: str, size: float, *, color: str = INK, **attributes: object
) -> str:
    """Words that begin at (x, y), the left end of their baseline."""
    return element(
        "text", escape(words, quote=False), x=x, y=y, font_size=size, fill=color, **attributes
    )


def on_paper(words: str, rim: float) -> str:
    """Text with a rim of paper, legible across grid and trace."""
    return element(
        "g",
        words,
        stroke=PAPER,
        stroke_width=rim,
        paint_order="stroke",
        stroke_linejoin="round",
    )


def line(
    x1: float, y1: float, x2: float, y2: float, color: str, width: float, **attributes: object
) -> str:
    """A straight line from (x1, y1) to (x2, y2)."""
    return path(f"M{x1:g} {y1:g}L{x2:g} {y2:g}", stroke=color, stroke_width=width, **attributes)


def path(d: str, **attributes: object) -> str:
    """A shape by the commands `d` of SVG."""
    return element("path", d=d, **attributes)


def polyline(points: Iterable[tuple[float, float]], color: str, width: float) -> str:
    """Straight lines from point to point."""
    written = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return element("polyline", points=written, stroke=color, stroke_width=width)


def rectangle(
    x: float, y: float, width: float, height: float, color: str, **attributes: object
) -> str:
    """A filled rectangle with its upper left corner at (x, y)."""
    return element("rect", x=x, y=y, width=width, height=height, fill=color, **attributes)


def dot(
    x: float, y: float, radius: float, color: str, *, said: str | None = None, **attributes: object
) -> str:
    """A filled circle; `said` is shown when a pointer rests on it."""
    children = [element("title", escape(said, quote=False))] if said else []
    return element("circle", *children, cx=x, cy=y, r=radius, fill=color, **attributes)


def move(x: float, y: float, *children: str, **attributes: object) -> str:
    """Children drawn with their origin at (x, y)."""
    return element("g", *children, transform=f"translate({x:g} {y:g})", **attributes)


def document(
    size: tuple[float, float],
    title: str,
    description: str,
    children: Sequence[str],
    *,
    unit: str = "",
) -> Drawing:
    """A whole picture of `size` (width, height) in pixels, or in `unit` such as "mm"."""
    width, height = size
    content = element(
        "svg",
        element("title", escape(title, quote=False)),
        element("desc", escape(description, quote=False)),
        rectangle(0, 0, width, height, PAPER),
        *children,
        xmlns=NAMESPACE,
        width=f"{width:g}{unit}",
        height=f"{height:g}{unit}",
        viewBox=f"0 0 {width:g} {height:g}",
        style="max-width:100%;height:auto",
        role="img",
        aria_label=title,  # not aria-labelledby: a page may hold several of these, ids would clash
        font_family=_FONT,
        fill="none",
    )
    return Drawing(content.encode(), title, description)
