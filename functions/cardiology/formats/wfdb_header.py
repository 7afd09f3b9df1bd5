"""The header file of a WFDB record (`header(5)` of the WFDB Applications Guide)."""

import math
import re
from dataclasses import dataclass

from functions.cardiology.unreadable import MalformedRecording, SamplingRateMissing
from functions.cardiology.voltage import read_gain

_LARGEST = 1 << 20  # no honest header is larger than 1 MB
_MAX_SIGNALS = 256
_MAX_SEGMENTS = 1024
_DEFAULT_STEPS_PER_MV = 200.0  # header(5): a gain of zero or none means 200, uncalibrated

# name[/segments] signals [fs[/counter[(base)]] [samples [time [date]]]]
# What follows the samples is not read: dates are not kept, and some are malformed.
_RECORD = re.compile(
    r"\S+?(?:/(?P<segments>\d{1,9}))?\s+(?P<signals>\d{1,9})"
    r"(?:\s+(?P<fs>[\d.eE+-]{1,24})(?:/\S*)?(?:\s+(?P<samples>\d{1,15})(?:\s.*)?)?)?\s*"
)
_FORMAT = re.compile(
    r"(?P<code>\d{1,4})(?:x(?P<per_frame>\d{1,6}))?(?::(?P<skew>\d{1,9}))?(?:\+(?P<offset>\d{1,12}))?"
)
# A pacemaker changes what a wide beat means, so its mention is kept (and nothing else). A heart's
# own pacemakers ("wandering atrial pacemaker") are none; the numbers are those of SNOMED CT.
_PACED = re.compile(
    r"(?<!not )(?<!no )\b(?:paced|pacing)\b"
    r"|(?<!no )(?<!wandering )(?<!atrial )(?<!ectopic )(?<!junctional )\bpacemaker\b"
    r"|\b(?:10370003|251266004)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Signal:
    """One signal as its line in the header describes it.

    Attributes
    ----------
    file_name, fmt : str
        Where its samples lie, and the number of the format in which (`wfdb_samples`).
    per_frame : int
        Samples in each frame.
    skew : int
        Frames by which it lies behind the other signals.
    offset : int
        Bytes before the first sample of its file.
    steps_per_unit, baseline : float
        Steps of the converter per `unit`, and its step at zero.
    unit : str
        mV where none is stated.
    checksum : int or None
        Of all its samples, modulo 65,536; None where it is not stated.
    description : str
        The lead, as the author wrote it.
    calibrated : bool
        False where the header gives no gain and the usual 200 a millivolt is assumed.
    """

    file_name: str
    fmt: str
    per_frame: int
    skew: int
    offset: int
    steps_per_unit: float
    baseline: float
    unit: str
    checksum: int | None
    description: str
    calibrated: bool


@dataclass(frozen=True)
class Header:
    """`n_frames` is None where only the size of the signal files tells."""

    frames_per_s: float
    n_frames: int | None
    signals: tuple[Signal, ...]
    paced: bool


@dataclass(frozen=True)
class Part:
    """A segment of a record: its own record's name, None for a gap, and its length in frames."""

    name: str | None
    n_frames: int


@dataclass(frozen=True)
class MasterHeader:
    """The header of a record that consists of segments."""

    frames_per_s: float
    parts: tuple[Part, ...]
    paced: bool


def parse_master(content: bytes, fs_hz: float | None = None) -> MasterHeader | None:
    """Read the header of a record of several segments.

    Parameters
    ----------
    content : bytes
    fs_hz : float, optional
        Where it states no rate.

    Returns
    -------
    MasterHeader or None
        None where the record is a single one.

    Raises
    ------
    MalformedRecording
        If it is no header, or lists fewer segments than it announces.
    SamplingRateMissing
    """
    record, lines, comments = _lines(content)
    if not record["segments"]:
        return None
    count = int(record["segments"])
    if not 1 <= count <= min(_MAX_SEGMENTS, len(lines) - 1):
        raise MalformedRecording(
            f"The WFDB header announces {count} segments and lists {len(lines) - 1}; at most "
            f"{_MAX_SEGMENTS} are read."
        )
    fields = [line.split() for line in lines[1 : count + 1]]
    if any(len(words) != 2 or not words[1].isdigit() for words in fields):
        raise MalformedRecording("A segment line of the WFDB header is malformed.")
    # A first segment without samples only lays out the signals of a variable-layout record.
    parts = tuple(
        Part(None if name == "~" else name, int(length)) for name, length in fields if int(length)
    )
    return MasterHeader(
        _rate(record["fs"], fs_hz), parts, any(_PACED.search(line) for line in comments)
    )


def _lines(content: bytes) -> tuple[re.Match[str], list[str], list[str]]:
    """The record line, all lines with content, and the comments."""
    if len(content) > _LARGEST or b"\0" in content:
        raise MalformedRecording("The .hea file is not a WFDB header: expected a short text.")
    text = content.decode("utf-8", errors="replace").splitlines()
    lines = [line.strip() for line in text if line.strip() and not line.lstrip().startswith("#")]
    comments = [line for line in text if line.lstrip().startswith("#")]
    record = _RECORD.fullmatch(lines[0]) if lines else None
    if record is None:
        raise MalformedRecording("The first line of the WFDB header is not a record line.")
    return record, lines, comments


def parse_header(content: bytes, fs_hz: float | None = None) -> Header:
    """Read the header of a record, or of a segment of one.

    Parameters
    ----------
    content : bytes
    fs_hz : float, optional
        Where it states no rate.

    Returns
    -------
    Header

    Raises
    ------
    MalformedRecording
        If it is no header, or describes fewer signals than it announces.
    SamplingRateMissing
    """
    record, lines, comments = _lines(content)
    count = int(record["signals"])
    if not 1 <= count <= min(_MAX_SIGNALS, len(lines) - 1):
        raise MalformedRecording(
            f"The WFDB header announces {count} signals and describes {len(lines) - 1}."
        )
    return Header(
        _rate(record["fs"], fs_hz),
        int(record["samples"] or 0) or None,
        tuple(_signal(line, number) for number, line in enumerate(lines[1 : count + 1], 1)),
        any(_PACED.search(line) for line in comments),
    )


def _rate(stated: str | None, given_hz: float | None) -> float:
    if stated is None:
        if given_hz is None:
            raise SamplingRateMissing
        return given_hz
    try:
        rate = float(stated)
    except ValueError:
        rate = math.nan
    if not rate > 0:
        raise MalformedRecording("The sampling rate in the WFDB header is not a positive number.")
    return rate


def _signal(line: str, number: int) -> Signal:
    # file format gain resolution zero initial checksum block description
    fields = line.split(maxsplit=8)
    fields += [""] * (9 - len(fields))
    fmt = _FORMAT.fullmatch(fields[1])
    gain = read_gain(fields[2] or "0")
    if fmt is None or gain is None or "/" in fields[0] or "\\" in fields[0]:
        raise MalformedRecording(f"The line of signal {number} in the WFDB header is malformed.")
    steps, baseline, unit = gain
    if baseline is None:
        baseline = float(_integer(fields[4]) or 0)
    return Signal(
        file_name=fields[0],
        fmt=fmt["code"],
        per_frame=max(1, int(fmt["per_frame"] or 1)),
        skew=int(fmt["skew"] or 0),
        offset=int(fmt["offset"] or 0),
        steps_per_unit=steps or _DEFAULT_STEPS_PER_MV,
        baseline=baseline,
        unit=unit or "mV",
        checksum=_integer(fields[6]),
        description=fields[8],
        calibrated=steps != 0,
    )


def _integer(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[-+]?\d{1,12}", text) else None
