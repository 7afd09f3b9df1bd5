"""A biomarker over time as people look at it: values, reference band, band of mere noise."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from functions.records.history.schemas import BiomarkerHistory, ChangeRead, HistoryPoint
from shared import words
from shared.drawing import lettering, svg
from shared.drawing.axes import Axis
from shared.drawing.palette import BLUE, FAINT, MUTED, NOISE, RANGE, RANGE_INK, RED
from shared.drawing.svg import Drawing
from shared.examination.change import Verdict

TOP, BOTTOM = 58, 40
SIZE, TITLE_SIZE = 12.0, 17.0
MARGIN = 0.08  # of the span, above and below what is shown
COLORS = {Verdict.RELIABLE_INCREASE: RED, Verdict.RELIABLE_DECREASE: RED}


@dataclass(frozen=True)
class Page:
    """The size of a chart, what it leaves beside the plot, and how many steps an axis has."""

    width: float
    height: float
    left: float
    right: float
    steps: int

    @property
    def end(self) -> float:
        return self.width - self.right


WIDE = Page(720, 360, 64, 16, 5)
NARROW = Page(360, 300, 52, 12, 4)


@dataclass(frozen=True)
class Plot:
    """Times from left to right, values from bottom to top."""

    page: Page
    times: Axis
    values: Axis

    @classmethod
    def of(cls, history: BiomarkerHistory, page: Page) -> "Plot":
        first, last = history.points[0].measured_at, history.points[-1].measured_at
        levels = _levels(history)
        span = (max(levels) - min(levels)) or abs(levels[0]) or 1.0
        low, high = min(levels) - MARGIN * span, max(levels) + MARGIN * span
        return cls(
            page,
            Axis(first.timestamp(), last.timestamp(), page.left, page.end),
            Axis(low, high, page.height - BOTTOM, TOP),
        )

    def x(self, time: datetime) -> float:
        return round(self.times.at(time.timestamp()), 1)

    def y(self, value: float) -> float:
        return round(self.values.at(value), 1)


def draw(history: BiomarkerHistory, page: Page = WIDE) -> Drawing:
    """Draw the history as a page of its own, for print or, in the narrow form, for a telephone."""
    title, description = _title(history), _description(history)
    room = page.end - page.left
    body = (
        _content(history, Plot.of(history, page))
        if history.points
        else [svg.text(page.left, TOP + SIZE, "No values.", SIZE, color=MUTED)]
    )
    head = [
        lettering.fitted(page.left, 24, title, room, TITLE_SIZE, font_weight="bold"),
        lettering.fitted(page.left, 43, description, room, SIZE, color=MUTED),
    ]
    return svg.document((page.width, page.height), title, description, [*head, *body])


def _title(history: BiomarkerHistory) -> str:
    unit = words.unit(history.unit)
    return f"{words.label(history.name)} ({unit})" if unit else words.label(history.name)


def _description(history: BiomarkerHistory) -> str:
    if not history.points:
        return f"No values in the last {history.days} days."
    latest = history.points[-1]
    count = len(history.points)
    values = "1 value" if count == 1 else f"{count} values"
    said = f"{values}, latest {words.number(latest.value)}"
    return f"{said}: {latest.change.verdict.value}" if latest.change else said


def _content(history: BiomarkerHistory, plot: Plot) -> Iterator[str]:
    points, page = history.points, plot.page
    yield from _bands(history, plot)
    for tick in plot.values.ticks(page.steps):
        y = plot.y(tick)
        yield svg.line(page.left, y, page.end, y, FAINT, 1)
        yield _note(page.left - 8, y + 4, f"{tick:.4g}", text_anchor="end")
    places = [(plot.x(point.measured_at), plot.y(point.value)) for point in points]
    yield svg.polyline(places, BLUE, 1.5)
    yield from (_dot(point, plot) for point in points)
    foot = page.height - 16
    yield _note(page.left, foot, f"{points[0].measured_at:%Y-%m-%d}")
    if len(points) > 1:
        yield _note(page.end, foot, f"{points[-1].measured_at:%Y-%m-%d}", text_anchor="end")


def _levels(history: BiomarkerHistory) -> list[float]:
    """Every height that must fit: the values, the closed limits, the noise around the first."""
    band = history.reference
    limits = [band.low, band.high] if band else []
    values = [point.value for point in history.points]
    noise = _noise(history)
    return [*values, *(limit for limit in limits if limit is not None), *(noise or ())]


def _noise(history: BiomarkerHistory) -> tuple[float, float] | None:
    """What the latest value may be without any change of the person, if that is known."""
    latest = history.points[-1]
    match latest.change:
        case ChangeRead(band=float(band), expected=float(practice), difference=float(difference)):
            expected = latest.value - difference + practice
            return expected - band, expected + band
    return None


def _bands(history: BiomarkerHistory, plot: Plot) -> Iterator[str]:
    """The reference range filled, the band of noise outlined, so that both can be seen at once."""
    page = plot.page
    if band := history.reference:
        low = plot.values.low if band.low is None else band.low
        high = plot.values.high if band.high is None else band.high
        yield _band(plot, low, high, RANGE)
        yield _note(page.left + 6, plot.y(high) + 14, "reference range", color=RANGE_INK)
    if noise := _noise(history):
        yield _band(plot, *noise, "none", stroke=NOISE, stroke_dasharray="6 4")
        place = plot.y(noise[0]) - 6
        yield _note(page.end - 6, place, "no reliable change", color=NOISE, text_anchor="end")


def _band(plot: Plot, low: float, high: float, color: str, **paint: object) -> str:
    top, bottom = plot.y(high), plot.y(low)
    width = plot.page.end - plot.page.left
    return svg.rectangle(plot.page.left, top, width, round(bottom - top, 1), color, **paint)


def _dot(point: HistoryPoint, plot: Plot) -> str:
    color, said = BLUE, f"{point.measured_at:%Y-%m-%d}: {words.number(point.value)}."
    if point.change:
        color = COLORS.get(point.change.verdict, BLUE)
        said = f"{said} {point.change.statement}"
    return svg.dot(plot.x(point.measured_at), plot.y(point.value), 4, color, said=said)


def _note(x: float, y: float, words: str, *, color: str = MUTED, **attributes: object) -> str:
    return svg.text(x, y, words, SIZE, color=color, **attributes)
