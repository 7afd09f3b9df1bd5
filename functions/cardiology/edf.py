"""EDF and EDF+ files.

Kemp et al. (1992), doi:10.1016/0013-4694(92)90009-7; Kemp & Olivan (2003),
doi:10.1016/S1388-2457(03)00123-8.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from functions.cardiology.ecg import Ecg
from functions.cardiology.leads import Channel, distinct, ecg_channels, lead_name
from functions.cardiology.unreadable import (
    MalformedRecording,
    TruncatedRecording,
    UnitMissing,
    UnsupportedEncoding,
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


def read_edf(content: bytes, unit: str | None = None) -> Ecg:
    """Read the ECG leads of an EDF or continuous EDF+ file.

    `unit` stands in for a channel that states none.
    """
    length = _checked_length(content)
    with foreign_reader("an EDF file"):
        import edfio  # noqa: PLC0415 - 0.2 s that only an EDF file should cost

        edf = edfio.read_edf(memoryview(content)[:length], header_encoding="latin-1")
        if not edf.is_continuous:
            raise UnsupportedEncoding(
                "The EDF+ recording has gaps (EDF+D): send each part as a file of its own."
            )
        return _ecg(edf.reserved, edf.signals, unit)


def _checked_length(content: bytes) -> int:
    """How many bytes the header announces; refused when the file has fewer."""
    records, signals = _number(content[236:244]), _number(content[252:256])
    if not 1 <= signals <= _MAX_SIGNALS or records < 1:
        raise MalformedRecording(
            f"The EDF header announces {signals} signals and {records} data records."
        )
    header = _FIXED + _PER_SIGNAL * signals
    if _number(content[184:192]) != header or len(content) < header:
        raise MalformedRecording("The EDF header has not the length that it states.")
    at = _FIXED + _SAMPLES_AT * signals
    samples = [_number(content[at + _SAMPLES_SIZE * k :][:_SAMPLES_SIZE]) for k in range(signals)]
    if min(samples) < 0 or sum(samples) < 1:
        raise MalformedRecording("The EDF header announces data records without samples.")
    needed = header + 2 * records * sum(samples)
    if len(content) < needed:
        raise TruncatedRecording(
            f"The EDF header announces {needed} bytes; the file has {len(content)}."
        )
    return needed


def _number(field: bytes) -> int:
    try:
        return int(field.decode("ascii"))
    except ValueError:
        raise MalformedRecording("A number in the EDF header is not a number.") from None


def _ecg(reserved: str, signals: "tuple[EdfSignal, ...]", unit: str | None) -> Ecg:
    channels = [
        Channel(s.label, s.physical_dimension, float(s.sampling_frequency)) for s in signals
    ]
    chosen, warnings = ecg_channels(channels)
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
