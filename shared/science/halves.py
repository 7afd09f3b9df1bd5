"""How steady a value is: the same measure from both halves of a recording.

Half of the difference between the halves is the standard error of their mean, estimated from the
two of them: a coarse figure, but of this recording itself. It says how steady a measure is within
the recording, not how it changes from day to day.
"""

import math
from collections.abc import Mapping

# Of a measure, what each half gives and half of their difference.
type Halves = Mapping[str, Mapping[str, float]]

DIGITS = 4  # more than any measure repeats, within the recording or from day to day


def half_differences(first: Mapping[str, float], second: Mapping[str, float]) -> Halves:
    """Compare what both halves of a recording give.

    Parameters
    ----------
    first, second : mapping of str to float
        Measures of each half by name, in the units of the catalog.

    Returns
    -------
    mapping of str to mapping of str to float
        Only of measures that both give and that are finite, at four significant digits.

    Examples
    --------
    >>> half_differences({"f0_mean": 118.0}, {"f0_mean": 121.0})["f0_mean"]["half_difference"]
    1.5
    """
    return {
        name: {
            "first_half": significant(first[name]),
            "second_half": significant(second[name]),
            "half_difference": significant(abs(first[name] - second[name]) / 2),
        }
        for name in first
        if name in second and math.isfinite(first[name]) and math.isfinite(second[name])
    }


def significant(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")


def only(values: Mapping[str, float], precision: Halves) -> Halves:
    """Leave out what the whole recording gave no value of."""
    return {name: halves for name, halves in precision.items() if name in values}
