"""A biomarker over time as people look at it: values, reference band, band of mere noise."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from math import ceil, floor, log10
from xml.sax.saxutils import escape

from functions.records.schemas import BiomarkerHistory, ChangeRead, HistoryPoint
from shared.examination.change import Verdict

WIDTH, HEIGHT = 720, 360
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 56, 40
TICKS = 5
MARGIN = 0.08  # of the span, above and below what is shown

INK, MUTED, LINE = "#1a1c20", "#5b616b", "#d9dce1"
NORMAL, NORMAL_INK, NOISE = "#dff2e3", "#2d6a3a", "#6b7fae"
COLORS = {Verdict.RELIABLE_INCREASE: "#b3261e", Verdict.RELIABLE_DECREASE: "#b3261e"}
VALUE = "#1f5fbf"


class Axes:
    """From times and values to the page."""

    def __init__(self, times: Sequence[datetime], values: Sequence[float]) -> None:
        self.first, self.last = times[0], times[-1]
        span = (max(values) - min(values)) or abs(values[0]) or 1.0
        self.low, self.high = min(values) - MARGIN * span, max(values) + MARGIN * span

    def x(self, time: datetime) -> float:
        width = WIDTH - LEFT - RIGHT
        whole = (self.last - self.first).total_seconds()
        share = (time - self.first).total_seconds() / whole if whole else 0.5
        return LEFT + share * width

    def y(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)

    def ticks(self) -> list[float]:
        """Round values, about `TICKS` of them."""
        raw = (self.high - self.low) / TICKS
        power = 10.0 ** floor(log10(raw))
        step = next(power * nice for nice in (1, 2, 5, 10) if power * nice >= raw)
        return [n * step for n in range(ceil(self.low / step), floor(self.high / step) + 1)]


def draw(history: BiomarkerHistory) -> str:
    """Draw the history as a page of its own, readable in print and on a phone."""
    title = f"{history.name} ({history.unit})"
    body = "".join(_content(history)) if history.points else _text(LEFT, TOP, "No values.")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
        f' font-family="Helvetica, Arial, sans-serif"><title>{escape(title)}</title>'
        f"<desc>{escape(_description(history))}</desc>"
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>'
        f"{_text(LEFT, 24, title, size=17, weight='bold', fill=INK)}"
        f"{_text(LEFT, 42, _description(history))}{body}</svg>"
    )


def _description(history: BiomarkerHistory) -> str:
    if not history.points:
        return f"No values in the last {history.days} days."
    latest = history.points[-1]
    count = len(history.points)
    values = "1 value" if count == 1 else f"{count} values"
    said = f"{values}, latest {latest.value:.4g}"
    return f"{said}: {latest.change.verdict.value}" if latest.change else said


def _content(history: BiomarkerHistory) -> Iterator[str]:
    points = history.points
    axes = Axes([point.measured_at for point in points], _levels(history))
    yield from _bands(history, axes)
    for tick in axes.ticks():
        y = axes.y(tick)
        yield f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="{LINE}"/>'
        yield _text(LEFT - 8, y + 4, f"{tick:.4g}", anchor="end")
    line = " ".join(f"{axes.x(one.measured_at):.1f},{axes.y(one.value):.1f}" for one in points)
    yield f'<polyline points="{line}" fill="none" stroke="{VALUE}" stroke-width="1.5"/>'
    yield from (_dot(point, axes) for point in points)
    yield _text(LEFT, HEIGHT - 16, f"{points[0].measured_at:%Y-%m-%d}")
    if len(points) > 1:
        yield _text(WIDTH - RIGHT, HEIGHT - 16, f"{points[-1].measured_at:%Y-%m-%d}", anchor="end")


def _levels(history: BiomarkerHistory) -> list[float]:
    """Every height that must fit: the values, the closed limits, the noise around the first."""
    band = history.reference
    limits = [band.low, band.high] if band else []
    values = [point.value for point in history.points]
    noise = _noise(history)
    return [*values, *(one for one in limits if one is not None), *(noise or ())]


def _noise(history: BiomarkerHistory) -> tuple[float, float] | None:
    """What the latest value may be without any change of the person, if that is known."""
    latest = history.points[-1]
    match latest.change:
        case ChangeRead(band=float(band), expected=float(practice), difference=float(difference)):
            expected = latest.value - difference + practice
            return expected - band, expected + band
    return None


def _bands(history: BiomarkerHistory, axes: Axes) -> Iterator[str]:
    """The reference range filled, the band of noise outlined, so that both can be seen at once."""
    if band := history.reference:
        low = axes.low if band.low is None else band.low
        high = axes.high if band.high is None else band.high
        yield _band(axes, low, high, f'fill="{NORMAL}"')
        yield _text(LEFT + 6, axes.y(high) + 14, "reference range", fill=NORMAL_INK)
    if noise := _noise(history):
        yield _band(axes, *noise, f'fill="none" stroke="{NOISE}" stroke-dasharray="6 4"')
        place = axes.y(noise[0]) - 6
        yield _text(WIDTH - RIGHT - 6, place, "no reliable change", anchor="end", fill=NOISE)


def _band(axes: Axes, low: float, high: float, paint: str) -> str:
    top, bottom = axes.y(high), axes.y(low)
    return (
        f'<rect x="{LEFT}" y="{top:.1f}" width="{WIDTH - LEFT - RIGHT}"'
        f' height="{bottom - top:.1f}" {paint}/>'
    )


def _dot(point: HistoryPoint, axes: Axes) -> str:
    color, said = VALUE, f"{point.measured_at:%Y-%m-%d}: {point.value:.4g}."
    if point.change:
        color = COLORS.get(point.change.verdict, VALUE)
        said = f"{said} {point.change.statement}"
    return (
        f'<circle cx="{axes.x(point.measured_at):.1f}" cy="{axes.y(point.value):.1f}" r="4"'
        f' fill="{color}"><title>{escape(said)}</title></circle>'
    )


def _text(  # what SVG says of a text
    x: float,
    y: float,
    words: str,
    *,
    size: int = 12,
    anchor: str = "start",
    weight: str = "normal",
    fill: str = MUTED,
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}"'
        f' font-weight="{weight}" fill="{fill}">{escape(words)}</text>'
    )
