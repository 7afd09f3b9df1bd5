"""From what a file calls one step of its signal to millivolts."""

import math
import re
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from functions.cardiology.unreadable import InvalidUnit, UnitMissing

_MV_PER = {
    "v": 1e3,
    "volt": 1e3,
    "volts": 1e3,
    "mv": 1.0,
    "millivolt": 1.0,
    "millivolts": 1.0,
    "uv": 1e-3,
    "\N{GREEK SMALL LETTER MU}v": 1e-3,  # what casefold makes of the micro sign, too
    "microvolt": 1e-3,
    "microvolts": 1e-3,
    "nv": 1e-6,
    "nanovolt": 1e-6,
    "nanovolts": 1e-6,
}
_NUMBER = r"[-+]?(?:\d{1,18}(?:\.\d{0,18})?|\.\d{1,18})(?:[eE][-+]?\d{1,3})?"
_GAIN = re.compile(rf"({_NUMBER})(?:\(({_NUMBER})\))?(?:/(\S{{1,32}}))?")
# A surface ECG spans about 1 to 3 mV; five times less or more is still believed, while
# microvolts or raw converter steps are a hundred times more.
_PLAUSIBLE_MV = (0.2, 15.0)
# Values converted at a time, so that the float64 in between stays small.
_BLOCK = 1 << 20


@dataclass(frozen=True)
class Scale:
    """A stored value v stands for (v - baseline) / steps_per_unit * mv_per_unit millivolts."""

    mv_per_unit: float
    steps_per_unit: float = 1.0
    baseline: float = 0.0

    def write(self, values: npt.NDArray[np.generic], out_mv: npt.NDArray[np.float32]) -> None:
        """Convert `values`, shape (n,), into `out_mv` of the same shape, a block at a time."""
        for start in range(0, len(values), _BLOCK):
            block = values[start : start + _BLOCK].astype(np.float64)
            block -= self.baseline
            with np.errstate(over="ignore"):  # to infinity, which `decode` refuses
                block /= self.steps_per_unit
                block *= self.mv_per_unit
                out_mv[start : start + _BLOCK] = block


def mv_per(unit: str) -> float | None:
    """How many millivolts one `unit` is; None where it is no unit of voltage."""
    return _MV_PER.get(unit.strip().casefold())


def read_gain(text: str) -> tuple[float, float | None, str | None] | None:
    """Read WFDB's way of giving a gain: steps per unit, baseline, unit.

    >>> read_gain("1000.0(0)/mV")
    (1000.0, 0.0, 'mV')
    """
    match = _GAIN.fullmatch(text.strip())
    if match is None:
        return None
    steps, baseline, unit = match.groups()
    if not math.isfinite(float(steps)) or not math.isfinite(float(baseline or 0)):
        return None
    return float(steps), float(baseline) if baseline else None, unit


def read_scale(text: str) -> Scale | None:
    """Read a unit ("uV") or a gain ("200(1024)/mV: 200 steps a millivolt, zero at 1024").

    None where the text is neither, or a gain without its unit.
    """
    factor = mv_per(text)
    if factor is not None:
        return Scale(factor)
    gain = read_gain(text)
    if gain is None or gain[2] is None:
        return None
    steps, baseline, unit = gain
    factor = mv_per(unit or "")
    if factor is None or steps == 0:
        return None
    return Scale(factor, steps, baseline or 0.0)


def choose_scale(
    stated: str, given: str | None, values: npt.NDArray[np.float64]
) -> tuple[Scale, str | None]:
    """Decide what the values of a text file are: what it states, else what the request gives.

    With neither, millivolts are accepted where the values look like it, and said so.

    Parameters
    ----------
    stated : str
        What the file has beside the values; any text.
    given : str or None
        The `unit` of the request.
    values : (n,) or (n_samples, n_leads) ndarray of float64
        NaN where there is none.

    Returns
    -------
    scale : Scale
    note : str or None
        A sentence for people, where the file contradicts the request or nothing says the unit.

    Raises
    ------
    InvalidUnit
        If `given` is not a unit of voltage or a gain.
    UnitMissing
        If there is neither and the values do not look like millivolts.
    """
    asked = read_scale(given) if given else None
    if given and asked is None:
        raise InvalidUnit
    said = read_scale(stated)
    if said is not None:
        contradicted = asked is not None and asked != said
        note = "The file states its unit; the `unit` sent with it was not used."
        return said, note if contradicted else None
    if asked is not None:
        return asked, None
    low, high = np.nanquantile(values, (0.005, 0.995)) if np.isfinite(values).any() else (0, 0)
    if not _PLAUSIBLE_MV[0] <= high - low <= _PLAUSIBLE_MV[1]:
        raise UnitMissing(
            f"The file states no unit of its samples, and a span of {high - low:.3g} is not one "
            "of millivolts: send `unit`, such as mV, uV, or a gain such as 200/mV."
        )
    return Scale(1.0), "The file states no unit: millivolts are assumed, as the values suggest."
