"""Two kinds of plot, on logarithmic axes."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import cycle
from math import log

from shared.drawing import svg
from shared.drawing.axes import Axis
from shared.drawing.lettering import shortened
from shared.drawing.palette import INK, KINDS, MUTED
from shared.drawing.svg import Drawing

WIDTH, LEFT, RIGHT, TOP, LINE = 720, 230, 90, 34, 20
CURVES_LEFT, CURVES_RIGHT, CURVES_HEIGHT = 90, 190, 330
SIZE = 12
BAR, DOT, STROKE = 14, 4, 2


def bars(title: str, unit: str, groups: Mapping[str, Mapping[str, float]]) -> Drawing:
    """Horizontal bars, one group an operation."""
    values = [value for group in groups.values() for value in group.values()]
    across = _log_axis(min(values) / 2, max(values), LEFT, WIDTH - RIGHT)
    colors = dict(zip(next(iter(groups.values())), cycle(KINDS), strict=False))
    y, parts = TOP, [_heading(title)]
    for name, group in groups.items():
        parts.append(svg.text(8, y + BAR, name, SIZE, font_weight="bold"))
        for key, value in group.items():
            y += LINE
            end = across.at(log(value))
            parts.append(svg.text(20, y + BAR, shortened(key, LEFT - 24, SIZE), SIZE))
            parts.append(svg.rectangle(LEFT, y + 3, end - LEFT, BAR, colors[key]))
            parts.append(svg.text(end + 6, y + BAR, f"{value:.3g} {unit}", SIZE))
        y += LINE + 8
    described = "; ".join(
        f"{name}: {', '.join(f'{key} {value:.3g} {unit}' for key, value in group.items())}"
        for name, group in groups.items()
    )
    return svg.document((WIDTH, y + 10), title, described, parts)


def lines(
    title: str, x_unit: str, y_unit: str, series: Mapping[str, Sequence[tuple[float, float]]]
) -> Drawing:
    """Lines through points, with the value of each."""
    points = [point for curve in series.values() for point in curve]
    xs, ys = sorted({x for x, _ in points}), [y for _, y in points]
    across = _log_axis(xs[0], xs[-1], CURVES_LEFT, WIDTH - CURVES_RIGHT)
    up = _log_axis(min(ys) / 1.5, max(ys) * 1.5, CURVES_HEIGHT - 40, TOP)
    parts = [
        _heading(title),
        svg.text(CURVES_LEFT, CURVES_HEIGHT - 6, x_unit, SIZE, color=MUTED),
        svg.text(8, TOP + SIZE, y_unit, SIZE, color=MUTED),
    ]
    for (name, curve), color in zip(series.items(), cycle(KINDS), strict=False):
        placed = [(across.at(log(x)), up.at(log(y)), _short(y)) for x, y in curve]
        parts += _curve(name, placed, color)
    parts += [
        svg.text(across.at(log(x)), CURVES_HEIGHT - 22, f"{x:,.0f}", SIZE, text_anchor="middle")
        for x in xs
    ]
    described = "; ".join(
        f"{name}: {', '.join(f'{_short(y)} {y_unit} at {x:,.0f} {x_unit}' for x, y in curve)}"
        for name, curve in series.items()
    )
    return svg.document((WIDTH, CURVES_HEIGHT), title, described, parts)


def _curve(name: str, placed: Sequence[tuple[float, float, str]], color: str) -> Iterator[str]:
    """A line through points with their values, its name at the last of them."""
    yield svg.polyline([(x, y) for x, y, _ in placed], color, STROKE)
    for x, y, value in placed:
        yield svg.dot(x, y, DOT, color)
        yield svg.text(x, y - 8, value, SIZE, text_anchor="middle")
    x, y, _ = placed[-1]
    yield svg.text(x + 10, y + BAR, name, SIZE, color=color)


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _heading(title: str) -> str:
    return svg.text(8, 18, title, SIZE, color=INK, font_weight="bold")


def _log_axis(low: float, high: float, start: float, end: float) -> Axis:
    return Axis(log(low), log(high), start, end)
