"""ECG samples as JSON.

A bare array of numbers; an array of rows; or an object with the samples under
`leads` (an object: name to array), `data`, `ecg_data`, `signal` or `samples`,
beside `sample_rate` and `unit`.
"""

import json
from collections.abc import Iterator
from typing import Any, Never

import numpy as np
import numpy.typing as npt

from functions.cardiology.ecg import Ecg
from functions.cardiology.leads import Channel, distinct, ecg_channels, lead_name
from functions.cardiology.unreadable import (
    MalformedRecording,
    SamplingRateMissing,
    require_plausible,
)
from functions.cardiology.voltage import choose_scale

_SAMPLES = ("leads", "data", "ecg_data", "ecg", "signal", "signals", "samples")
_RATES = ("sample_rate", "sampling_rate", "fs_hz", "fs", "sampling_frequency", "sample_rate_hz")
_UNITS = ("unit", "units")
_NAMES = ("lead_names", "leads", "lead", "names")

type Column = tuple[str, Any]


def read_json(text: str, fs_hz: float | None = None, unit: str | None = None) -> Ecg:
    """Read the samples of a JSON document; `null` stands for no value."""
    document = _parse(text)
    stated_hz = _first(document, _RATES)
    rate_hz = fs_hz if stated_hz is None else _positive(stated_hz)
    columns = _columns(document)
    chosen, warnings = ecg_channels([Channel(name, "", 1.0) for name, _ in columns])
    arrays = [_numbers(columns[k][1]) for k in chosen]
    if any(len(array) != len(arrays[0]) for array in arrays):
        raise MalformedRecording("The leads of the JSON recording differ in length.")
    if rate_hz is None:
        raise SamplingRateMissing
    require_plausible(rate_hz, len(arrays[0]), len(arrays))
    stacked = np.column_stack(arrays)
    stated = _first(document, _UNITS)
    scale, note = choose_scale(str(stated or ""), unit, stacked)
    signal_mv = np.empty(stacked.shape, dtype=np.float32)
    for column, values in enumerate(stacked.T):
        scale.write(values, signal_mv[:, column])
    return Ecg(
        signal_mv=signal_mv,
        fs_hz=rate_hz,
        leads=distinct([lead_name(columns[k][0]) for k in chosen]),
        file_format="JSON",
        warnings=(*warnings, *([note] if note else [])),
    )


def _parse(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise MalformedRecording("The file begins like JSON but is not valid JSON.") from None


def _refuse_constant(_: str) -> Never:
    raise MalformedRecording("The JSON holds NaN or Infinity, which are no JSON: use null.")


def _first(document: Any, keys: tuple[str, ...]) -> Any:
    """What stands under the first of `keys` that the document has."""
    if not isinstance(document, dict):
        return None
    return next((document[key] for key in keys if document.get(key) is not None), None)


def _positive(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e9:
        raise MalformedRecording("The sampling rate in the JSON is not a positive number of hertz.")
    return float(value)


def _columns(document: Any) -> list[Column]:
    """Name and samples of each lead, whichever of the layouts it is."""
    samples = document if isinstance(document, list) else _samples(document)
    if isinstance(samples, dict):
        return list(samples.items())
    if samples and isinstance(samples[0], list):
        rows = _rectangle(samples)
        names = _names(document, rows.shape[1])
        return list(zip(names, rows.T, strict=True))
    return [(_names(document, 1)[0], samples)]


def _samples(document: Any) -> Any:
    found = _first({k: v for k, v in document.items() if isinstance(v, list | dict)}, _SAMPLES)
    named = isinstance(found, list) and bool(found) and isinstance(found[0], str)
    if named:  # {"leads": ["I", "II"], "data": [[...], ...]}
        found = _first({k: v for k, v in document.items() if k != "leads"}, _SAMPLES)
    if not isinstance(found, list | dict) or not found:
        raise MalformedRecording(
            "The JSON object holds no samples: expected an array, or an object of arrays, "
            f"under one of {', '.join(_SAMPLES)}."
        )
    return found


def _rectangle(rows: list[Any]) -> npt.NDArray[np.float64]:
    """Rows of one length, turned so that time runs down; shape (n_samples, n_leads)."""
    width = len(rows[0])
    if not width or any(not isinstance(row, list) or len(row) != width for row in rows):
        raise MalformedRecording("The rows of the JSON recording differ in length.")
    values = np.array([_numbers(row) for row in rows])
    return values if len(rows) >= width else values.T


def _names(document: Any, count: int) -> list[str]:
    names = _first(document, _NAMES)
    names = [names] if isinstance(names, str) else names
    usable = isinstance(names, list) and len(names) == count
    if usable and all(isinstance(name, str) for name in names):
        return list(names)
    return ["ECG"] if count == 1 else [f"column {k}" for k in range(1, count + 1)]


def _numbers(samples: Any) -> npt.NDArray[np.float64]:
    if not isinstance(samples, list | np.ndarray) or not len(samples):
        raise MalformedRecording("A lead of the JSON recording is not an array of numbers.")
    if isinstance(samples, np.ndarray):
        return samples
    try:
        values = np.fromiter(_each(samples), dtype=np.float64, count=len(samples))
    except OverflowError:
        raise MalformedRecording("A sample of the JSON recording is too large.") from None
    if np.isinf(values).any():
        raise MalformedRecording("A sample of the JSON recording is infinite.")
    return values


def _each(samples: list[Any]) -> Iterator[float]:
    for value in samples:
        if value is None:
            yield np.nan
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield value
        else:
            raise MalformedRecording("A sample of the JSON recording is not a number.")
