"""Two kinds of plot, as plain SVG."""

import math
from collections.abc import Iterator, Mapping, Sequence
from html import escape

WIDTH, LEFT, RIGHT, TOP, LINE = 720, 230, 90, 34, 20
COLORS = ("#1b6ca8", "#c2571a", "#4a8f4d", "#7a5195", "#8a8a8a")
FONT = 'font-family="sans-serif" font-size="12"'


def bars(title: str, unit: str, groups: Mapping[str, Mapping[str, float]]) -> str:
    """Horizontal bars on a logarithmic axis, one group an operation."""
    values = [value for group in groups.values() for value in group.values()]
    scale = _log_scale(min(values) / 2, max(values), LEFT, WIDTH - RIGHT)
    names = list(next(iter(groups.values())))
    y, parts = TOP, []
    for name, group in groups.items():
        parts.append(_text(8, y + 14, name, weight="bold"))
        for key, value in group.items():
            y += LINE
            width = scale(value) - LEFT
            color = COLORS[names.index(key) % len(COLORS)]
            parts.append(_text(20, y + 14, key))
            parts.append(
                f'<rect x="{LEFT}" y="{y + 3}" width="{width:.1f}" height="14" fill="{color}"/>'
            )
            parts.append(_text(LEFT + width + 6, y + 14, f"{value:.3g} {unit}"))
        y += LINE + 8
    return _svg(title, y + 10, parts)


def lines(
    title: str, x_unit: str, y_unit: str, series: Mapping[str, Sequence[tuple[float, float]]]
) -> str:
    """Lines on two logarithmic axes."""
    points = [point for curve in series.values() for point in curve]
    height = 330
    across = _log_scale(*_ends(x for x, _ in points), 90, WIDTH - 190)
    low, high = _ends(y for _, y in points)
    up = _log_scale(low / 1.5, high * 1.5, height - 40, TOP)
    parts = [_text(90, height - 6, x_unit), _text(8, TOP - 4, y_unit)]
    for number, (name, curve) in enumerate(series.items()):
        placed = [(across(x), up(y), f"{y:.3g}") for x, y in curve]
        parts += _curve(name, placed, COLORS[number % len(COLORS)])
    ticks = sorted({x for x, _ in points})
    parts += [_text(across(x) - 14, height - 22, f"{x:,.0f}") for x in ticks]
    return _svg(title, height, parts)


def _curve(name: str, placed: Sequence[tuple[float, float, str]], color: str) -> Iterator[str]:
    """A line through points with their values, its name at the last of them."""
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in placed)
    yield f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="2"/>'
    for x, y, value in placed:
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{color}"/>'
        yield _text(x - 14, y - 8, value)
    x, y, _ = placed[-1]
    yield _text(x + 10, y + 14, name, color=color)


def _ends(values: object) -> tuple[float, float]:
    known = list(values)  # type: ignore[call-overload]  # any iterable of numbers
    return min(known), max(known)


def _log_scale(low: float, high: float, start: float, end: float) -> "_Scale":
    return _Scale(math.log(low), math.log(high) if high > low else math.log(low) + 1, start, end)


class _Scale:
    def __init__(self, low: float, high: float, start: float, end: float) -> None:
        self.low, self.high, self.start, self.end = low, high, start, end

    def __call__(self, value: float) -> float:
        share = (math.log(value) - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)


def _text(x: float, y: float, text: str, *, weight: str = "normal", color: str = "#222") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" {FONT} font-weight="{weight}" fill="{color}">'
        f"{escape(text)}</text>"
    )


def _svg(title: str, height: float, parts: Sequence[str]) -> str:
    body = "\n".join([_text(8, 18, title, weight="bold"), *parts])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" role="img">\n'
        f'<title>{escape(title)}</title>\n<rect width="100%" height="100%" fill="white"/>\n'
        f"{body}\n</svg>\n"
    )
