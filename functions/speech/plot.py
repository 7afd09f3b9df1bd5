"""The rectangle that a picture is drawn in, on a wide page and on a narrow one."""

from dataclasses import dataclass

from shared.drawing.axes import Axis

TITLE_HEIGHT, AXIS_HEIGHT = 56, 34


@dataclass(frozen=True)
class Page:
    """How wide a picture is, the room beside its plot, and how many marks its time axis has."""

    suffix: str
    width: int
    left: int
    right: int
    max_ticks: int

    @property
    def columns(self) -> int:
        return self.width - self.left - self.right

    @property
    def end(self) -> int:
        return self.width - self.right


WIDE = Page("", 960, 56, 56, 12)
NARROW = Page("_narrow", 360, 44, 48, 5)


@dataclass(frozen=True)
class Plot:
    """A rectangle with time from left to right and a value from bottom to top."""

    duration_s: float
    low: float
    high: float
    height: float
    page: Page = WIDE
    top: float = TITLE_HEIGHT

    @property
    def bottom(self) -> float:
        return self.top + self.height

    def x(self, time_s: float) -> float:
        return Axis(0.0, self.duration_s, self.page.left, self.page.end).at(time_s)

    def y(self, value: float) -> float:
        return Axis(self.low, self.high, self.bottom, self.top).at(value)
