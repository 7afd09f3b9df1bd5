"""ECG samples as JSON.

A bare array of numbers; an array of rows; an object with the samples under one of `_SAMPLES` (an
array, or an object of arrays by lead) beside the rate and the unit, however their names are spelled
("samplingRate", "sampling_rate"); an object or a single item that holds such an object, as the
exports of wearables do; or a FHIR Observation with SampledData (fhir.py).
"""

import json
from collections.abc import Iterator
from typing import Any, Never

import numpy as np
import numpy.typing as npt

from functions.cardiology.ecg import Ecg
from functions.cardiology.formats.fhir import is_observation, read_observation
from functions.cardiology.leads import Channel, distinct, ecg_channels, lead_name
from functions.cardiology.unreadable import (
    MalformedRecording,
    SamplingRateMissing,
    require_plausible,
)
from functions.cardiology.voltage import choose_scale

# Names as `_plain` makes them: no case, no underscores.
_SAMPLES = (
    "leads", "data", "ecgdata", "ecg", "signal", "signals", "samples", "ecgsamples",
    "waveformsamples", "waveform", "voltages", "voltagemeasurements", "values", "ecgvalues",
)  # fmt: skip
_RATES = (
    "samplerate", "samplingrate", "fshz", "fs", "samplingfrequency", "sampleratehz",
    "samplingratehz", "samplingfrequencyhz", "samplefrequency", "samplespersecond", "frequency",
    "frequencyhz", "hz",
)  # fmt: skip
_UNITS = ("unit", "units", "voltageunit", "sampleunit")
_NAMES = ("leadnames", "leads", "lead", "names", "channels", "channelnames")
_STEPS_PER_MV = ("scalingfactor",)  # of a wearable that stores converter steps
_VALUE = ("value", "amplitudemv", "voltage", "ecg", "mv", "uv")  # of samples as objects
_MAX_NESTING = 4

type Column = tuple[str, Any]


def read_json(text: str, fs_hz: float | None = None, unit: str | None = None) -> Ecg:
    """Read the samples of a JSON document; `null` stands for no value.

    Parameters
    ----------
    text : str
    fs_hz : float, optional
        Of the request; what the document states goes before it.
    unit : str, optional
        As `fs_hz`.

    Returns
    -------
    Ecg

    Raises
    ------
    SamplingRateMissing, UnitMissing
        If neither the document nor the request says it.
    MalformedRecording
    """
    whole = _parse(text)
    if is_observation(whole):
        return read_observation(whole, unit)
    document = _with_samples(whole)
    stated_hz = _first(document, _RATES) or _first(whole, _RATES)
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
    scale, note = choose_scale(_stated_unit(document, whole), unit, stacked)
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


def _plain(key: str) -> str:
    return "".join(letter for letter in key.casefold() if letter.isalnum())


def _with_samples(document: Any, depth: int = 0) -> Any:
    """The innermost object that holds samples: exports wrap it in others."""
    if not isinstance(document, dict) or depth > _MAX_NESTING:
        return document
    samples = _first(document, _SAMPLES)
    if isinstance(samples, list) and samples and not isinstance(samples[0], dict):
        return document
    inner = [*([samples] if isinstance(samples, dict) else []), *document.values()]
    for value in inner:
        item = value[0] if isinstance(value, list) and len(value) == 1 else value
        if isinstance(item, dict) and _holds_samples(item):
            return _with_samples({**_facts(document), **item}, depth + 1)
    return document


def _holds_samples(item: dict[str, Any]) -> bool:
    plain = {_plain(key) for key in item}
    nested = (v[0] if isinstance(v, list) and len(v) == 1 else v for v in item.values())
    return bool(plain & set(_SAMPLES)) or any(
        isinstance(value, dict) and {_plain(key) for key in value} & set(_SAMPLES)
        for value in nested
    )


def _facts(document: dict[str, Any]) -> dict[str, Any]:
    """What an outer object says about the samples of an inner one."""
    known = {*_RATES, *_UNITS, *_STEPS_PER_MV}
    return {key: value for key, value in document.items() if _plain(key) in known}


def _stated_unit(document: Any, whole: Any) -> str:
    steps = _first(document, _STEPS_PER_MV)
    if isinstance(steps, int | float) and not isinstance(steps, bool) and steps > 0:
        return f"{steps:g}/mV"
    return str(_first(document, _UNITS) or _first(whole, _UNITS) or "")


def _parse(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise MalformedRecording("The file begins like JSON but is not valid JSON.") from None


def _refuse_constant(_: str) -> Never:
    raise MalformedRecording("The JSON holds NaN or Infinity, which are no JSON: use null.")


def _first(document: Any, names: tuple[str, ...]) -> Any:
    """What stands under the first of these names that the document has."""
    if not isinstance(document, dict):
        return None
    by_name = {_plain(key): value for key, value in document.items() if value is not None}
    return next((by_name[name] for name in names if name in by_name), None)


def _positive(value: Any) -> float:
    try:
        rate = float(value) if isinstance(value, int | float | str) else -1.0
    except ValueError:
        rate = -1.0
    if isinstance(value, bool) or not 0 < rate < 1e9:
        raise MalformedRecording("The sampling rate in the JSON is not a positive number of hertz.")
    return rate


def _columns(document: Any) -> list[Column]:
    """Name and samples of each lead, whichever of the layouts it is."""
    samples = document if isinstance(document, list) else _samples(document)
    if isinstance(samples, dict):
        return list(samples.items())
    if samples and isinstance(samples[0], dict):
        return [(_names(document, 1)[0], [_first(sample, _VALUE) for sample in samples])]
    if samples and isinstance(samples[0], list):
        rows = _rectangle(samples)
        names = _names(document, rows.shape[1])
        return list(zip(names, rows.T, strict=True))
    return [(_names(document, 1)[0], samples)]


def _samples(document: Any) -> Any:
    samples = _first({k: v for k, v in document.items() if isinstance(v, list | dict)}, _SAMPLES)
    named = isinstance(samples, list) and bool(samples) and isinstance(samples[0], str)
    if named:  # {"leads": ["I", "II"], "data": [[...], ...]}
        rest = {k: v for k, v in document.items() if _plain(k) != "leads"}
        samples = _first({k: v for k, v in rest.items() if isinstance(v, list | dict)}, _SAMPLES)
    if not isinstance(samples, list | dict) or not samples:
        raise MalformedRecording(
            "The JSON object holds no samples: expected an array, or an object of arrays, "
            f"under one of {', '.join(_SAMPLES)}."
        )
    return samples


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
