"""ECG samples in a CSV or TXT table, with or without a header and a time column."""

import re
from datetime import date
from io import StringIO

import numpy as np

from functions.cardiology.ecg import Ecg, Floats
from functions.cardiology.formats.text_layout import MISSING, SECONDS_PER, Layout, find_layout
from functions.cardiology.leads import Channel, distinct, ecg_channels, lead_name
from functions.cardiology.unreadable import (
    MAX_FS_HZ,
    MIN_FS_HZ,
    IrregularSampling,
    MalformedRecording,
    SamplingRateMissing,
    SamplingRateOutOfRange,
    require_plausible,
)
from functions.cardiology.voltage import choose_scale

# A time may be off by this part of a sample, or by the step to which it was rounded.
_TIME_TOLERANCE, _COARSEST_TIME = 0.75, 4.0
_RATE_TOLERANCE = 0.01
_MOMENT = re.compile(
    r"(?:(?P<date>\d{1,4}[-./]\d{1,2}[-./]\d{1,4})[T ])?"
    r"(?P<clock>\d{1,3}:\d\d(?::\d\d)?(?:[.,]\d+)?)"
    r"\]?\)?\s?(?:Z|UTC|(?P<sign>[+-])(?P<hours>\d\d):?(?P<minutes>\d\d)?)?"
)


def read_text(text: str, fs_hz: float | None = None, unit: str | None = None) -> Ecg:
    """Read the ECG columns of a table; rows out of order are put into the order of their times.

    Parameters
    ----------
    text : str
    fs_hz : float, optional
        Of the request; the time column and a line above the table go before it.
    unit : str, optional
        For columns that state none.

    Returns
    -------
    Ecg

    Raises
    ------
    IrregularSampling
        If the times are not evenly spaced: a gap would shift every beat after it.
    SamplingRateMissing, UnitMissing
        If neither the table nor the request says it.
    MalformedRecording
        If a cell is not a number.
    """
    layout = find_layout(text)
    table = _load(text, layout)
    time = _time_column(layout, table)
    table, notes = _in_order(table, time)
    rate_hz, rate_notes = _rate(layout, table, time, fs_hz)
    notes |= rate_notes
    columns = [k for k in range(table.shape[1]) if k not in {time, layout.counter_column()}]
    channels = [Channel(_name(layout, k, len(columns)), layout.units[k], 1.0) for k in columns]
    chosen, left_out = ecg_channels(channels)
    require_plausible(rate_hz, len(table), len(chosen))
    signal_mv = np.empty((len(table), len(chosen)), dtype=np.float32)
    largest = _largest(table[:, [columns[k] for k in chosen]])
    for column, k in enumerate(chosen):
        values = table[:, columns[k]]
        # The columns of a table are of one unit: the largest tells which.
        scale, note = choose_scale(channels[k].unit, unit, largest)
        scale.write(values, signal_mv[:, column])
        notes |= {note} if note else set()
    return Ecg(
        signal_mv=signal_mv,
        fs_hz=rate_hz,
        leads=distinct([lead_name(channels[k].name) for k in chosen]),
        file_format="CSV" if layout.delimiter else "TXT",
        warnings=(*left_out, *sorted(notes)),
    )


def _largest(leads: Floats) -> Floats:
    """The column that spans most, shape (n_rows,)."""
    low, high = np.nanquantile(np.where(np.isfinite(leads), leads, 0.0), (0.005, 0.995), axis=0)
    return leads[:, int(np.argmax(high - low))]


def _in_order(table: Floats, time: int | None) -> tuple[Floats, set[str]]:
    """The rows in the order of their times."""
    if (
        time is None
        or not np.isfinite(table[:, time]).all()
        or (np.diff(table[:, time]) >= 0).all()
    ):
        return table, set()
    order = np.argsort(table[:, time], kind="stable")
    return table[order], {"The rows of the table were put into the order of their times."}


def _load(text: str, layout: Layout) -> Floats:
    """All columns as numbers, shape (n_rows, n_columns)."""
    quick = layout.delimiter is not None and not layout.decimal_comma
    try:
        table = _loadtxt(text, layout, tolerant=not quick)
    except ValueError:
        try:
            table = _loadtxt(text, layout, tolerant=True)
        except ValueError:
            raise MalformedRecording(
                "A row of the table has a missing column, or a cell that is not a number."
            ) from None
    if np.isinf(table).any():
        raise MalformedRecording("A sample of the table is infinite.")
    return table


def _loadtxt(text: str, layout: Layout, *, tolerant: bool) -> Floats:
    return np.loadtxt(
        StringIO(text),
        delimiter=layout.delimiter,
        skiprows=layout.first_row,
        usecols=range(len(layout.names)),
        converters=_cell if tolerant else None,
        quotechar='"',
        ndmin=2,
    )


def _cell(text: str) -> float:
    """A number with either decimal mark, a time of day in seconds, or NaN for "no value"."""
    text = text.strip("\"' ")
    if text.casefold() in MISSING:
        return np.nan
    return _clock_s(text) if ":" in text else float(text.replace(",", "."))


def _clock_s(text: str) -> float:
    """Seconds of a time of day, and of its date where that is written year first.

    Offsets from UTC are taken off, so that times in summer and winter follow one another.
    """
    match = _MOMENT.fullmatch(text.strip("[]() "))
    if match is None:
        raise ValueError
    seconds = 0.0
    for part in match["clock"].split(":"):
        seconds = 60 * seconds + float(part.replace(",", "."))
    if match["date"]:
        seconds += 86400.0 * _day(match["date"])
    if match["sign"]:
        offset_s = 3600 * int(match["hours"]) + 60 * int(match["minutes"] or 0)
        seconds -= offset_s if match["sign"] == "+" else -offset_s
    return seconds


def _day(text: str) -> int:
    """The number of a day; only differences within a recording count, in whatever order."""
    first, middle, last = (int(part) for part in re.split(r"[-./]", text))
    year, month, day = (first, middle, last) if first > 31 else (last, middle, first)
    if month > 12:
        month, day = day, month
    return date(year, month, day).toordinal()


def _name(layout: Layout, column: int, n_columns: int) -> str:
    return layout.names[column] or ("ECG" if n_columns == 1 else f"column {column + 1}")


def _time_column(layout: Layout, table: Floats) -> int | None:
    """The column its name makes a time, or one without a name that rises evenly throughout."""
    named = layout.time_column()
    if named is not None or table.shape[1] == 1:
        return named
    nameless = [k for k, name in enumerate(layout.names) if not name.strip()]
    return next((k for k in nameless if _rises_evenly(table[:, k])), None)


def _rises_evenly(values: Floats) -> bool:
    steps = np.diff(values)
    return bool(len(steps) and steps.min() > 0 and steps.max() < 2 * np.median(steps))


def _rate(
    layout: Layout, table: Floats, time: int | None, given_hz: float | None
) -> tuple[float, set[str]]:
    """The sampling rate, from the time column, a line above the table, or the request."""
    timed_hz = None if time is None else _rate_of_times(table[:, time], layout.units[time])
    stated_hz = timed_hz or layout.stated_hz
    if stated_hz is None:
        if given_hz is None:
            raise SamplingRateMissing
        return given_hz, set()
    if given_hz is not None and abs(stated_hz / given_hz - 1) > _RATE_TOLERANCE:
        return stated_hz, {"The file states its sampling rate; the `fs_hz` sent was not used."}
    return stated_hz, set()


def _rate_of_times(times: Floats, unit: str) -> float | None:
    """Samples a second of evenly spaced times; None where they only count the samples.

    Without a unit, the one that gives an ECG's rate is taken: seconds, milliseconds
    and microseconds can never be mistaken for each other within the accepted rates.
    """
    steps = np.diff(times)
    if not len(steps) or not np.isfinite(times).all() or steps.min() < 0 or steps.max() == 0:
        raise IrregularSampling("The times of the samples do not rise from row to row.")
    step = (times[-1] - times[0]) / len(steps)
    smallest = steps[steps > 0].min()
    off = np.abs(times - (times[0] + step * np.arange(len(times)))).max()
    # Times rounded to less than a sample repeat themselves, and jump by what they are rounded to.
    rounding = min(steps.max(), _COARSEST_TIME * step) if steps.min() == 0 else smallest
    if off > max(_TIME_TOLERANCE * step, rounding):
        raise IrregularSampling(
            "The times of the samples are not evenly spaced: samples are missing, "
            "or the recording has gaps. Send the part before or after the gap."
        )
    if not unit and smallest == steps.max() == 1:
        return None
    known = unit.strip().casefold()
    factors = [SECONDS_PER[known]] if known in SECONDS_PER else [1, 1e-3, 1e-6, 1e-9]
    rates = [1 / max(float(step * factor), 1e-300) for factor in factors]
    rate = next((rate for rate in rates if MIN_FS_HZ <= rate <= MAX_FS_HZ), None)
    if rate is None:
        raise SamplingRateOutOfRange(rates[0])
    # Times rounded to milliseconds make 360 Hz look like 359.99.
    whole = round(rate)
    drift = abs(rate / whole - 1) * len(steps)
    return float(whole) if drift < 1 else float(rate)
