"""Small charts of values over time, with the range that each was judged by behind them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from functions.fhir.courses.queries import Sample
from functions.fhir.reports.content import Figure
from functions.fhir.reports.figures import DRAWN_FOR, PRINTED_IN
from functions.fhir.words import label, number, unit
from shared.drawing import svg
from shared.drawing.axes import Axis
from shared.drawing.palette import BLUE, FAINT, INK, MUTED, RANGE

# One chart's room, and its plot within: points of the page as they are drawn.
WIDTH, HEIGHT = 220.0, 120.0
LEFT, RIGHT, TOP, BOTTOM = 40.0, 8.0, 24.0, 20.0
TITLE, SMALL = 11.0, 9.0
DOT, TRACE, GRID = 2.4, 1.2, 0.6
MARGIN = 0.08  # of the span, above and below what is shown
TICKS = 3
MOST_DOTS = 60  # that are told apart in a plot's width
TITLE_CHARACTERS = 34  # that fit above a plot


@dataclass(frozen=True)
class Chart:
    """The values of one biomarker, of which there are two and more."""

    samples: Sequence[Sample]

    @property
    def levels(self) -> list[float]:
        """Every height that must fit: the values and the closed limits of their ranges."""
        limits = [
            limit
            for sample in self.samples
            for limit in (sample.normal_range_min, sample.normal_range_max)
            if limit is not None
        ]
        return [*(sample.value for sample in self.samples), *limits]

    @property
    def times(self) -> Axis:
        first, last = self.samples[0].measured_at, self.samples[-1].measured_at
        return Axis(first.timestamp(), last.timestamp(), LEFT, WIDTH - RIGHT)

    @property
    def values(self) -> Axis:
        low, high = min(self.levels), max(self.levels)
        margin = MARGIN * ((high - low) or abs(high) or 1.0)
        return Axis(low - margin, high + margin, HEIGHT - BOTTOM, TOP)

    def x(self, moment: datetime) -> float:
        return self.times.at(moment.timestamp())


def figures(histories: Iterable[Sequence[Sample]]) -> Iterator[Figure]:
    """Yield a chart of each biomarker that was measured twice and more."""
    yield from (_figure(Chart(samples)) for samples in histories if len(samples) > 1)


def _figure(chart: Chart) -> Figure:
    told = _told(chart)
    drawing = svg.document((WIDTH, HEIGHT), "Values over time", told, list(_chart(chart)))
    content = drawing.content.replace(DRAWN_FOR, PRINTED_IN).decode()
    return Figure(content, told, f"{len(chart.samples)} values", None)


def _told(chart: Chart) -> str:
    first, last = chart.samples[0], chart.samples[-1]
    return (
        f"{label(last.name)}: {number(first.value)} on {first.measured_at:%Y-%m-%d},"
        f" {number(last.value)} on {last.measured_at:%Y-%m-%d}, {len(chart.samples)} values."
    )


def _chart(chart: Chart) -> Iterator[str]:
    samples, values, end = chart.samples, chart.values, WIDTH - RIGHT
    title = f"{label(samples[-1].name)} {unit(samples[-1].unit)}".rstrip()[:TITLE_CHARACTERS]
    yield svg.text(LEFT, TOP - SMALL, title, TITLE, color=INK, font_weight="bold")
    yield from _ranges(chart)
    for tick in values.ticks(TICKS):
        yield svg.line(LEFT, values.at(tick), end, values.at(tick), FAINT, GRID)
        yield svg.text(
            LEFT - DOT, values.at(tick) + DOT, f"{tick:.4g}", SMALL, color=MUTED, text_anchor="end"
        )
    places = [(chart.x(sample.measured_at), values.at(sample.value)) for sample in samples]
    yield svg.polyline(places, BLUE, TRACE)
    for x, y in places if len(places) <= MOST_DOTS else ():
        yield svg.dot(x, y, DOT, BLUE)
    foot = HEIGHT - BOTTOM / 3
    yield svg.text(LEFT, foot, f"{samples[0].measured_at:%Y-%m-%d}", SMALL, color=MUTED)
    last = f"{samples[-1].measured_at:%Y-%m-%d}"
    yield svg.text(end, foot, last, SMALL, color=MUTED, text_anchor="end")


def _ranges(chart: Chart) -> Iterator[str]:
    """Shade the range that values were judged by, until another range holds."""
    axis = chart.values
    spans = [list(own) for _, own in groupby(chart.samples, _range)]
    ends = [chart.x(own[0].measured_at) for own in spans[1:]]
    for own, end in zip(spans, [*ends, WIDTH - RIGHT], strict=True):
        low, high = _range(own[0])
        if low is None and high is None:
            continue
        begin = chart.x(own[0].measured_at)
        top = axis.at(axis.high if high is None else high)
        bottom = axis.at(axis.low if low is None else low)
        yield svg.rectangle(begin, top, end - begin, bottom - top, RANGE)


def _range(sample: Sample) -> tuple[float | None, float | None]:
    return sample.normal_range_min, sample.normal_range_max
