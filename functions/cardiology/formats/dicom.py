"""DICOM waveforms: 12-lead, general and ambulatory ECG storage (PS3.3, A.34)."""

from io import BytesIO
from typing import Any

import numpy as np
import numpy.typing as npt

from functions.cardiology.ecg import Ecg
from functions.cardiology.leads import Channel, distinct, ecg_channels, lead_name
from functions.cardiology.unreadable import (
    MalformedRecording,
    NoEcgLead,
    TruncatedRecording,
    UnitMissing,
    UnsupportedEncoding,
    foreign_reader,
    require_plausible,
)
from functions.cardiology.voltage import Scale, mv_per, read_scale

MAGIC, MAGIC_AT = b"DICM", 128
_DEFLATED = b"1.2.840.10008.1.2.1.99"
_READABLE = ("1.2.840.10008.1.2", "1.2.840.10008.1.2.1")  # implicit, explicit little endian
_DTYPES = {
    (8, "SB"): "<i1",
    (8, "UB"): "<u1",
    (16, "SS"): "<i2",
    (16, "US"): "<u2",
    (32, "SL"): "<i4",
    (32, "UL"): "<u4",
}


def read_dicom(content: bytes, unit: str | None = None, lead: str | None = None) -> Ecg:
    """Read the ECG leads of the longest multiplex group.

    Only the waveform is parsed: the patient's data are never looked at.

    Parameters
    ----------
    content : bytes
    unit : str, optional
        For channels that state no sensitivity.
    lead : str, optional
        The only one to keep.

    Returns
    -------
    Ecg
        NaN where a sample has the padding value.

    Raises
    ------
    UnsupportedEncoding
        If the file is compressed or big-endian, or its samples have a kind that is not read.
    NoEcgLead
        If it holds no waveform, or no lead in the longest one.
    UnitMissing
        If neither the file nor the request says what a step is.
    TruncatedRecording, MalformedRecording
    """
    if _DEFLATED in content:  # before the parser inflates it to any size
        raise UnsupportedEncoding("The DICOM file is deflated; send it uncompressed.")
    with foreign_reader("a DICOM file"):
        import pydicom  # noqa: PLC0415 - 0.3 s that only a DICOM file should cost

        # What pydicom would print about a broken value quotes it.
        pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE
        dataset = pydicom.dcmread(BytesIO(content), specific_tags=["WaveformSequence"])
        if str(dataset.file_meta.TransferSyntaxUID) not in _READABLE:
            raise UnsupportedEncoding("The DICOM file is compressed or big-endian: not read.")
        groups = list(dataset.get("WaveformSequence") or ())
        if not groups:
            raise NoEcgLead("The DICOM file holds no waveform: it may be an image or a report.")
        group = max(groups, key=lambda g: int(g.NumberOfWaveformSamples) / g.SamplingFrequency)
        return _ecg(group, len(groups) - 1, unit, lead)


def _ecg(group: Any, n_others: int, unit: str | None, lead: str | None) -> Ecg:
    fs_hz = float(group.SamplingFrequency)
    definitions = list(group.ChannelDefinitionSequence)
    channels = [Channel(_label(d), _unit(d), fs_hz) for d in definitions]
    chosen, warnings = ecg_channels(channels, lead)
    raw = _multiplexed(group, fs_hz, len(chosen))
    if raw.shape[1] != len(definitions):
        raise MalformedRecording("The DICOM waveform describes another number of channels.")
    signal_mv = np.empty((len(raw), len(chosen)), dtype=np.float32)
    padding = _padding(group, raw.dtype)
    for column, k in enumerate(chosen):
        _scale(definitions[k], unit).write(raw[:, k], signal_mv[:, column])
        if padding is not None:
            signal_mv[raw[:, k] == padding, column] = np.nan
    if n_others:
        warnings += (
            f"The file holds {n_others} more group(s) of waveforms, such as median beats.",
        )
    return Ecg(
        signal_mv=signal_mv,
        fs_hz=fs_hz,
        leads=distinct([lead_name(_label(definitions[k])) for k in chosen]),
        file_format="DICOM waveform",
        warnings=warnings,
    )


def _multiplexed(group: Any, fs_hz: float, n_leads: int) -> npt.NDArray[np.generic]:
    """Stored samples, shape (n_samples, n_channels), a view of the file's bytes."""
    n_samples, n_channels = int(group.NumberOfWaveformSamples), int(group.NumberOfWaveformChannels)
    if n_samples < 1 or n_channels < 1:
        raise MalformedRecording("The DICOM waveform announces no samples or no channels.")
    require_plausible(fs_hz, n_samples, n_leads)
    kind = (int(group.WaveformBitsAllocated), str(group.WaveformSampleInterpretation))
    if kind not in _DTYPES:
        raise UnsupportedEncoding(f"DICOM waveform samples of {kind[0]} bits {kind[1]}: not read.")
    dtype = np.dtype(_DTYPES[kind])
    held = len(group.WaveformData) // dtype.itemsize
    if held < n_samples * n_channels:
        raise TruncatedRecording(
            f"The DICOM waveform announces {n_samples * n_channels} samples and holds {held}."
        )
    flat = np.frombuffer(group.WaveformData, dtype=dtype, count=n_samples * n_channels)
    return flat.reshape(n_samples, n_channels)


def _padding(group: Any, dtype: np.dtype[Any]) -> int | None:
    """The stored value that means "no value"; pydicom gives it as bytes or as a number."""
    value = group.get("WaveformPaddingValue")
    if isinstance(value, bytes):
        return int(np.frombuffer(value[: dtype.itemsize], dtype=dtype)[0])
    return None if value is None else int(value)


def _label(definition: Any) -> str:
    return _coded(definition, "ChannelSourceSequence", "CodeMeaning") or str(
        definition.get("ChannelLabel", "")
    )


def _unit(definition: Any) -> str:
    return _coded(definition, "ChannelSensitivityUnitsSequence", "CodeValue")


def _coded(definition: Any, sequence: str, keyword: str) -> str:
    """One attribute of the first item of a code sequence; empty where there is none."""
    items = definition.get(sequence)
    return str(items[0].get(keyword, "")) if items else ""


def _scale(definition: Any, unit: str | None) -> Scale:
    stated = _unit(definition)
    sensitivity = definition.get("ChannelSensitivity")
    if not stated or sensitivity is None:
        given = read_scale(unit or "")
        if given is None:
            raise UnitMissing("The DICOM waveform states no sensitivity: send `unit`, such as uV.")
        return given
    step = float(sensitivity) * float(definition.get("ChannelSensitivityCorrectionFactor") or 1)
    factor = mv_per(stated)
    if factor is None or step == 0 or not np.isfinite(step):
        raise MalformedRecording("The DICOM waveform gives a lead a senseless sensitivity.")
    return Scale(factor, 1 / step, -float(definition.get("ChannelBaseline") or 0) / step)
