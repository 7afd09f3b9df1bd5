"""From values to places on the page, and the round numbers beside an axis."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

_ROUND = (1.0, 2.0, 5.0, 10.0)
_MIDDLE = 0.5  # where a value lies on an axis without extent
_ROUNDING = 1e-9  # a step that misses by this share alone is still round


@dataclass(frozen=True)
class Axis:
    """Values from `low` to `high`, drawn from `start` to `end` (which may be above `start`)."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Return the place of a value on the page."""
        span = self.high - self.low
        share = (value - self.low) / span if span else _MIDDLE
        return self.start + share * (self.end - self.start)

    def ticks(self, most: int) -> list[float]:
        """Return the round numbers to write beside the axis."""
        return round_ticks(self.low, self.high, most)


def round_ticks(low: float, high: float, most: int) -> list[float]:
    """Return the round numbers from `low` to `high`, at most `most` steps of 1, 2 or 5.

    Examples
    --------
    >>> round_ticks(0.0, 94.0, 5)
    [0.0, 20.0, 40.0, 60.0, 80.0]
    >>> round_ticks(57.0, 61.0, 5)
    [57.0, 58.0, 59.0, 60.0, 61.0]
    >>> round_ticks(1.0, 4.2, 1)
    [2.0, 4.0]
    """
    if high <= low:
        return [low]
    raw = (high - low) / most
    power = 10 ** floor(log10(raw))
    step = next(power * nice for nice in _ROUND if power * nice >= raw * (1 - _ROUNDING))
    ticks = [number * step for number in range(ceil(low / step), floor(high / step) + 1)]
    # A step longer than the axis may miss it; three steps never do.
    return ticks or round_ticks(low, high, most + 1)


def coarsest(steps: Sequence[float], span: float, most: int) -> float:
    """Return the first of the rising `steps` that makes at most `most` of `span`, or the last.

    Examples
    --------
    >>> coarsest((1, 5, 15, 60), 90, 12)
    15
    """
    return next((step for step in steps if span / step <= most), steps[-1])
