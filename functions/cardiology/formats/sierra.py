"""Philips Sierra XML (restingecgdata): leads in Base64, mostly compressed (XLI).

The compression is not published; its layout is as described by the sierra-ecg-tools project
(MIT): per lead a header of eight bytes, LZW codes of ten bits, high and low bytes apart, and second
differences. III, aVR, aVL and aVF are stored as what differs from Einthoven's and Goldberger's
sums.
"""

import base64
import binascii
import xml.etree.ElementTree as ET

import numpy as np
import numpy.typing as npt

from functions.cardiology.ecg import STANDARD_LEADS, Ecg, Floats
from functions.cardiology.leads import lead_name
from functions.cardiology.unreadable import (
    MalformedRecording,
    NoEcgLead,
    SamplingRateMissing,
    TruncatedRecording,
    UnsupportedEncoding,
    require_plausible,
)

_UV = 1e-3
_HEADER = 8
_CODE_BITS = 10
_LAST_CODE = (1 << _CODE_BITS) - 2  # the one after it ends the text
_DELTA_ZERO = 64


def read_sierra(root: ET.Element, fs_hz: float | None = None) -> Ecg:
    """Read the recorded leads of version 1.03 or 1.04; representative beats are left.

    Parameters
    ----------
    root : Element
        Names without their namespaces.
    fs_hz : float, optional
        Of the request, for an export without a sampling rate.

    Returns
    -------
    Ecg
        Without the calibration pulse that some recorders append.

    Raises
    ------
    NoEcgLead
        If the export holds no waveforms.
    SamplingRateMissing
        If neither the export nor the request says it.
    UnsupportedEncoding
        If the leads are not named, or the samples are not in Base64.
    TruncatedRecording, MalformedRecording
    """
    waves = root.find(".//waveforms/parsedwaveforms")
    if waves is None or not (waves.text or "").strip():
        raise NoEcgLead("The Philips Sierra export holds no waveforms.")
    names = _names(root, waves)
    rate_hz = _rate_hz(root, waves, fs_hz)
    step_mv = _number(root, "signalresolution", "resolution") * _UV
    content = _bytes(waves)
    if waves.get("compression", "XLI" if waves.get("compressflag") == "True" else "") == "XLI":
        stored = expand(content, len(names))
    else:
        flat = np.frombuffer(content[: len(content) // 2 * 2], "<i2").astype(np.int64)
        stored = list(flat[: len(flat) // len(names) * len(names)].reshape(len(names), -1))
    values = _whole(dict(zip(names, stored, strict=True)), waves, rate_hz)
    n_samples = min(len(column) for column in values.values())
    require_plausible(rate_hz, n_samples, len(values))
    signal = np.column_stack([column[:n_samples] for column in values.values()])
    signal = signal[: _end_of_recording(signal)]
    return Ecg(
        signal_mv=(signal * step_mv).astype(np.float32),
        fs_hz=rate_hz,
        leads=tuple(lead_name(name) for name in values),
        file_format="Philips Sierra XML",
    )


def _names(root: ET.Element, waves: ET.Element) -> list[str]:
    labels = (waves.get("leadlabels") or "").split()
    count = waves.get("numberofleads") or root.findtext(".//numberchannelsvalid") or "12"
    if not labels and count.strip() == str(len(STANDARD_LEADS)):
        labels = list(STANDARD_LEADS)
    labels = labels[: int(count)]
    if not labels:
        raise UnsupportedEncoding("The Philips Sierra export does not name its leads.")
    return [lead_name(label) for label in labels]


def _rate_hz(root: ET.Element, waves: ET.Element, given_hz: float | None) -> float:
    stated = waves.get("samplespersec") or root.findtext(".//signalcharacteristics/samplingrate")
    if stated is None:
        if given_hz is None:
            raise SamplingRateMissing
        return given_hz
    return float(stated)


def _number(root: ET.Element, *names: str) -> float:
    texts = (root.findtext(f".//signalcharacteristics/{name}") for name in names)
    value = next((float(text) for text in texts if text), 0.0)
    if not value > 0:
        raise MalformedRecording("The Philips Sierra export states no step of its signal.")
    return value


def _end_of_recording(signal: Floats) -> int:
    """Where the calibration pulse begins that some recorders append: the same in all leads."""
    differs = np.flatnonzero(np.ptp(signal, axis=1) > 0)
    end = int(differs[-1]) + 1 if len(differs) else len(signal)
    return end if end < len(signal) and np.ptp(signal[end:]) > 0 else len(signal)


def _bytes(waves: ET.Element) -> bytes:
    if waves.get("dataencoding", "Base64") != "Base64":
        raise UnsupportedEncoding("The waveforms of the Philips Sierra export are not Base64.")
    try:
        return base64.b64decode("".join((waves.text or "").split()), validate=True)
    except (binascii.Error, ValueError):
        raise MalformedRecording(
            "The waveforms of the Philips Sierra export are damaged."
        ) from None


def _whole(
    stored: dict[str, npt.NDArray[np.int64]], waves: ET.Element, rate_hz: float
) -> dict[str, Floats]:
    """Undo the differences of the limb leads, and cut to the announced duration."""
    values = {name: column.astype(np.float64) for name, column in stored.items()}
    if {"I", "II", "III", "aVR", "aVL", "aVF"} <= values.keys():
        lead_i, lead_ii = values["I"], values["II"]
        lead_iii = values["III"] = lead_ii - lead_i - values["III"]
        values["aVR"] = -values["aVR"] - np.floor((lead_i + lead_ii) / 2)
        values["aVL"] = np.floor((lead_i - lead_iii) / 2) - values["aVL"]
        values["aVF"] = np.floor((lead_ii + lead_iii) / 2) - values["aVF"]
    duration_ms = float(waves.get("durationperchannel") or 0)
    limit = round(duration_ms * rate_hz / 1000) or None
    return {name: column[:limit] for name, column in values.items()}


def expand(content: bytes, n_leads: int) -> list[npt.NDArray[np.int64]]:
    """Undo the XLI compression of every lead.

    Parameters
    ----------
    content : bytes
        The leads one after another, each with a header of eight bytes.
    n_leads : int

    Returns
    -------
    list of (n_samples,) ndarray of int64
        Steps of the recorder; of the limb leads that are differences, those.

    Raises
    ------
    TruncatedRecording
        If the bytes end within a lead.
    MalformedRecording
        If a code stands for nothing.
    """
    leads: list[npt.NDArray[np.int64]] = []
    at = 0
    while len(leads) < n_leads:
        header = content[at : at + _HEADER]
        size = int.from_bytes(header[:4], "little")
        start = int.from_bytes(header[6:8], "little", signed=True)
        chunk = content[at + _HEADER : at + _HEADER + size]
        if len(header) < _HEADER or len(chunk) < size or size == 0:
            raise TruncatedRecording(
                f"The Philips Sierra export announces {n_leads} leads and ends within number "
                f"{len(leads) + 1}."
            )
        leads.append(_undifferenced(_words(_lzw(chunk)), start))
        at += _HEADER + size
    return leads


def _words(text: bytes) -> npt.NDArray[np.int64]:
    """High bytes of all samples, then their low bytes, as signed integers."""
    half = (len(text) + 1) // 2
    padded = np.frombuffer(text.ljust(2 * half, b"\0"), np.uint8).astype(np.uint16)
    return ((padded[:half] << 8) | padded[half:]).view(np.int16).astype(np.int64)


def _undifferenced(words: npt.NDArray[np.int64], last: int) -> npt.NDArray[np.int64]:
    """Second differences back to samples, the first two of which stand as they are."""
    samples = words.tolist()
    if len(samples) < 2:
        raise MalformedRecording("A lead of the Philips Sierra export holds no samples.")
    for index in range(2, len(samples)):
        stored = samples[index]
        samples[index] = 2 * samples[index - 1] - samples[index - 2] - last
        last = stored - _DELTA_ZERO
    # Sums of 16 bits, as the recorder keeps them.
    return np.array(samples, np.int64).astype(np.int16).astype(np.int64)


def _lzw(chunk: bytes) -> bytes:
    """Lempel-Ziv-Welch with codes of ten bits, the highest bit first."""
    strings = [bytes([value]) for value in range(256)]
    text = bytearray()
    previous = b""
    for code in _codes(chunk):
        if code > _LAST_CODE:
            break
        if code < len(strings):
            entry = strings[code]
        elif code == len(strings) and previous:
            entry = previous + previous[:1]
        else:
            raise MalformedRecording("The compressed waveforms of the Sierra export are damaged.")
        text += entry
        if previous and len(strings) <= _LAST_CODE:
            strings.append(previous + entry[:1])
        previous = entry
    return bytes(text)


def _codes(chunk: bytes) -> list[int]:
    bits = np.unpackbits(np.frombuffer(chunk, np.uint8))
    whole = bits[: len(bits) // _CODE_BITS * _CODE_BITS].reshape(-1, _CODE_BITS)
    weights = 1 << np.arange(_CODE_BITS - 1, -1, -1)
    codes: list[int] = (whole @ weights).tolist()
    return codes
