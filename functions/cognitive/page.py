"""The page that a picture is drawn on: its widths, its axes, the line of a median."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from functions.cognitive.scores import outlier_limit
from shared.drawing import lettering, svg
from shared.drawing.axes import Axis, round_ticks
from shared.drawing.palette import FAINT, INK, MUTED

PANEL, TITLE, AXIS = 190.0, 48.0, 30.0  # heights of a panel, its title with legend, its axis
SIZE, TITLE_SIZE = 12.0, 13.0
SHORTEST_AXIS_MS = 100.0


@dataclass(frozen=True)
class Page:
    """How wide a picture is, what it leaves beside the plot, and how many steps an axis has."""

    suffix: str
    width: float
    left: float
    right: float
    steps: int

    @property
    def end(self) -> float:
        return self.width - self.right

    @property
    def is_narrow(self) -> bool:
        return bool(self.suffix)


WIDE = Page("", 760.0, 64.0, 18.0, 5)
NARROW = Page("_narrow", 360.0, 58.0, 12.0, 3)
PAGES = (WIDE, NARROW)


def ms_axis(page: Page, axis: Axis) -> Iterable[str]:
    bottom = PANEL - AXIS
    yield svg.line(page.left, bottom, page.end, bottom, MUTED, 1)
    for tick in axis.ticks(page.steps):
        x = axis.at(tick)
        yield svg.line(x, bottom, x, bottom + 4, MUTED, 1)
        yield svg.text(x, bottom + 17, f"{tick:.0f} ms", SIZE, color=MUTED, text_anchor="middle")


def value_axis(page: Page, top_ms: float) -> Iterable[str]:
    axis = Axis(0.0, top_ms, PANEL - AXIS, TITLE)
    for tick in round_ticks(0.0, top_ms, page.steps):
        y = axis.at(tick)
        yield svg.line(page.left, y, page.end, y, FAINT, 1)
        yield svg.text(page.left - 6, y + 4, f"{tick:.0f} ms", SIZE, color=MUTED, text_anchor="end")


def top_of_axis_ms(times: Sequence[float]) -> float:
    """Where an axis ends: beyond the slowest, unless that is far out."""
    return max(SHORTEST_AXIS_MS, min(max(times), 2 * outlier_limit(times)))


def median_line(page: Page, x: float, label: str) -> Iterable[str]:
    """A line at the median, its words on the side that has room for them."""
    yield svg.line(x, TITLE, x, PANEL - AXIS, INK, 1)
    fits = x + 5 + lettering.width_of(label, SIZE) < page.end
    anchor, place = ("start", x + 5) if fits else ("end", x - 5)
    yield svg.text(place, TITLE + 10, label, SIZE, text_anchor=anchor)
