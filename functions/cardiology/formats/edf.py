"""EDF and EDF+ files.

Kemp et al. (1992), doi:10.1016/0013-4694(92)90009-7; Kemp & Olivan (2003),
doi:10.1016/S1388-2457(03)00123-8.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from functions.cardiology.ecg import Ecg
from functions.cardiology.leads import Channel, distinct, ecg_channels, lead_name
from functions.cardiology.unreadable import (
    MalformedRecording,
    TruncatedRecording,
    UnitMissing,
    foreign_reader,
    require_plausible,
)
from functions.cardiology.voltage import Scale, mv_per

if TYPE_CHECKING:
    from edfio import EdfSignal

MAGIC = b"0       "
_FIXED, _PER_SIGNAL = 256, 256
_SAMPLES_AT, _SAMPLES_SIZE = 216, 8  # of the header of all signals, bytes a signal before it
_MAX_SIGNALS = 512
_ANNOTATIONS = b"EDF Annotations"
_RECORDS = slice(236, 244)
_UNKNOWN = -1  # records, while the file is being written


@dataclass(frozen=True)
class Extent:
    """How much of the file is records: bytes of header and record, and records held."""

    header: int
    record: int
    n_records: int
    notes: tuple[str, ...]


def read_edf(content: bytes, unit: str | None = None, lead: str | None = None) -> Ecg:
    """Read the ECG leads of an EDF or EDF+ file.

    A file that ends early, or whose recorder never wrote the number of records, is read to its end;
    where an EDF+ recording was interrupted (EDF+D), the leads hold NaN.

    Parameters
    ----------
    content : bytes
    unit : str, optional
        For a channel that states none.
    lead : str, optional
        The only one to keep.

    Returns
    -------
    Ecg

    Raises
    ------
    TruncatedRecording
        If not one data record is whole.
    UnitMissing
        If neither the file nor the request says it.
    MalformedRecording
    """
    extent = _extent(content)
    end = extent.header + extent.n_records * extent.record
    whole = bytearray(content[:end])
    whole[_RECORDS] = f"{extent.n_records:<8}".encode("ascii")
    with foreign_reader("an EDF file"):
        import edfio  # noqa: PLC0415 - 0.2 s that only an EDF file should cost

        edf = edfio.read_edf(memoryview(bytes(whole)), header_encoding="latin-1")
        starts_s = None if edf.is_continuous else _record_starts(whole, extent)
        duration_s = float(edf.data_record_duration)
        ecg = _ecg(edf.reserved, edf.signals, unit, lead)
    if starts_s is not None:
        ecg = _spread(ecg, starts_s, duration_s)
    return replace(ecg, warnings=(*ecg.warnings, *extent.notes))


def _extent(content: bytes) -> Extent:
    """What the header announces and the file holds of it."""
    records, signals = _number(content[_RECORDS]), _number(content[252:256])
    if not 1 <= signals <= _MAX_SIGNALS or (records < 1 and records != _UNKNOWN):
        raise MalformedRecording(
            f"The EDF header announces {signals} signals and {records} data records."
        )
    header = _FIXED + _PER_SIGNAL * signals
    if _number(content[184:192]) != header or len(content) < header:
        raise MalformedRecording("The EDF header does not have the length that it states.")
    samples = _samples_per_record(content, signals)
    if min(samples) < 0 or sum(samples) < 1:
        raise MalformedRecording("The EDF header announces data records without samples.")
    record = 2 * sum(samples)
    held = _whole_records(len(content) - header, record)
    if records == _UNKNOWN:
        note = "The recorder did not close the file: it was read to its end."
        return Extent(header, record, held, (note,))
    if held < records:
        note = f"The file ends after {held} of the {records} data records that it announces."
        return Extent(header, record, held, (note,))
    return Extent(header, record, records, ())


def _whole_records(size: int, record: int) -> int:
    if size < record:
        raise TruncatedRecording(
            f"The EDF header announces data records of {record} bytes; the file has "
            f"{size} bytes after its header."
        )
    return size // record


def _samples_per_record(content: bytes, signals: int) -> list[int]:
    at = _FIXED + _SAMPLES_AT * signals
    return [_number(content[at + _SAMPLES_SIZE * k :][:_SAMPLES_SIZE]) for k in range(signals)]


def _record_starts(content: bytearray, extent: Extent) -> list[float]:
    """When each record of an interrupted recording begins, s: its first annotation says so."""
    signals = (extent.header - _FIXED) // _PER_SIGNAL
    labels = [bytes(content[_FIXED + 16 * k :][:16]).strip() for k in range(signals)]
    if _ANNOTATIONS not in labels:
        raise MalformedRecording("The EDF+ recording has gaps and no annotations that time them.")
    samples = _samples_per_record(bytes(content[: extent.header]), signals)
    before = 2 * sum(samples[: labels.index(_ANNOTATIONS)])
    starts = []
    for number in range(extent.n_records):
        at = extent.header + number * extent.record + before
        onset = bytes(content[at : at + 32]).split(b"\x14", 1)[0].split(b"\x15", 1)[0]
        starts.append(float(onset.decode("ascii")))
    return starts


def _spread(ecg: Ecg, starts_s: list[float], duration_s: float) -> Ecg:
    """Put every record where it belongs, NaN between them."""
    length = round(duration_s * ecg.fs_hz)
    first = np.round((np.array(starts_s) - starts_s[0]) * ecg.fs_hz).astype(np.int64)
    if (np.diff(first) < length).any() or length < 1:
        raise MalformedRecording("The records of the EDF+ recording overlap in time.")
    n_samples = int(first[-1]) + length
    require_plausible(ecg.fs_hz, n_samples, len(ecg.leads))
    spread = np.full((n_samples, len(ecg.leads)), np.nan, np.float32)
    for number, start in enumerate(first.tolist()):
        spread[start : start + length] = ecg.signal_mv[number * length : (number + 1) * length]
    note = "The recording was interrupted (EDF+D): its gaps hold no signal."
    return replace(ecg, signal_mv=spread, warnings=(*ecg.warnings, note))


def _number(field: bytes) -> int:
    try:
        return int(field.decode("ascii"))
    except ValueError:
        raise MalformedRecording("A number in the EDF header is not a number.") from None


def _ecg(
    reserved: str, signals: "tuple[EdfSignal, ...]", unit: str | None, lead: str | None
) -> Ecg:
    channels = [
        Channel(s.label, s.physical_dimension, float(s.sampling_frequency)) for s in signals
    ]
    chosen, warnings = ecg_channels(channels, lead)
    fs_hz = channels[chosen[0]].fs_hz
    columns = [signals[k] for k in chosen]
    n_samples = len(columns[0].digital)
    require_plausible(fs_hz, n_samples, len(chosen))
    signal_mv = np.empty((n_samples, len(chosen)), dtype=np.float32)
    for column, signal in enumerate(columns):
        _scale(signal, unit).write(signal.digital, signal_mv[:, column])
    return Ecg(
        signal_mv=signal_mv,
        fs_hz=fs_hz,
        leads=distinct([lead_name(signal.label) for signal in columns]),
        file_format="EDF+" if reserved.startswith("EDF+") else "EDF",
        warnings=warnings,
    )


def _scale(signal: Any, unit: str | None) -> Scale:
    stated = signal.physical_dimension.strip()
    factor = mv_per(stated or unit or "")
    if factor is None:
        raise UnitMissing("The EDF file states no unit for a lead: send `unit`, such as uV.")
    digital = signal.digital_max - signal.digital_min
    physical = signal.physical_max - signal.physical_min
    if digital <= 0 or physical == 0 or not np.isfinite(physical):
        raise MalformedRecording("The EDF header gives a lead a range without extent.")
    steps = digital / physical
    return Scale(factor, steps, signal.digital_min - signal.physical_min * steps)
