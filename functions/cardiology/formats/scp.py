"""SCP-ECG, the European standard of files from electrocardiographs (EN 1064, ISO 11073-91064).

Read are the pointers (section 0), the leads (3) and the rhythm (6), plain or in differences, packed
by the standard's own Huffman table (2) or not packed. Names and dates (1) are not looked at. Rhythm
from which a reference beat was subtracted, or whose stretches were thinned out (bimodal), and
tables of a maker's own are refused by name.
"""

import binascii
import struct
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from functions.cardiology.ecg import Ecg
from functions.cardiology.leads import distinct, lead_name
from functions.cardiology.unreadable import (
    LeadNotFound,
    MalformedRecording,
    TruncatedRecording,
    UnsupportedEncoding,
    require_plausible,
)

type Integers = npt.NDArray[np.int64]

MAGIC_AT, MAGIC = 16, b"SCPECG"
_POINTERS, _TABLES, _LEADS, _RHYTHM = 0, 2, 3, 6
_POINTERS_AT, _SECTION_HEAD, _POINTER = 6, 16, struct.Struct("<HII")
_LEAD, _RHYTHM_HEAD = struct.Struct("<IIB"), struct.Struct("<HHBB")
_STANDARD_TABLE = 19_999
_REFERENCE_BEAT = 1  # a flag of section 3
_MOST_LEADS, _MOST_SECTIONS = 85, 1024
_NANOVOLTS, _MICROSECONDS = 1e-6, 1e6

# Numbers of the standard's leads.
_NAMES = {
    1: "I", 2: "II", 3: "V1", 4: "V2", 5: "V3", 6: "V4", 7: "V5", 8: "V6", 9: "V7", 10: "V2R",
    11: "V3R", 12: "V4R", 13: "V5R", 14: "V6R", 15: "V7R", 16: "X", 17: "Y", 18: "Z", 19: "CC5",
    20: "CM5", 61: "III", 62: "aVR", 63: "aVL", 64: "aVF", 65: "-aVR", 66: "V8", 67: "V9",
    68: "V8R", 69: "V9R",
}  # fmt: skip

# Of the standard's table: as many ones as the number is large, a zero and a sign. Nine ones and a
# zero stand before a number of 8 bits, ten ones before one of 16.
_SHORT_ONES, _LONG_ONES = 9, 10


def read_scp(content: bytes, lead: str | None = None) -> Ecg:
    """Read the rhythm of one SCP-ECG file.

    Parameters
    ----------
    content : bytes
    lead : str, optional
        The only one to unpack.

    Returns
    -------
    Ecg
        NaN where a lead begins later or ends earlier than another; a warning where the checksum
        does not fit.

    Raises
    ------
    UnsupportedEncoding
        If it has bimodal compression, a table of a maker's own, or a reference beat taken off.
    LeadNotFound
        If the lead asked for is not there.
    TruncatedRecording, MalformedRecording
    """
    sections = _sections(content)
    if _LEADS not in sections or _RHYTHM not in sections:
        raise MalformedRecording("The SCP-ECG file has no rhythm: sections 3 and 6 are needed.")
    leads = _leads(sections[_LEADS])
    rhythm = sections[_RHYTHM]
    if len(rhythm) < _RHYTHM_HEAD.size + 2 * len(leads):
        raise TruncatedRecording("The rhythm of the SCP-ECG file ends before its samples.")
    nanovolts, interval_us, difference, bimodal = _RHYTHM_HEAD.unpack_from(rhythm)
    if bimodal:
        raise UnsupportedEncoding("SCP-ECG with bimodal compression is not read.")
    if not nanovolts or not interval_us or difference > 2:
        raise MalformedRecording("The SCP-ECG file states no scale, rate or way of differences.")
    is_packed = _is_packed(sections)
    wanted = _wanted(leads, lead)
    fs_hz = _MICROSECONDS / interval_us
    first = min(start for _, start, _ in leads)
    n_samples = max(stop for _, _, stop in leads) + 1 - first
    require_plausible(fs_hz, n_samples, len(wanted))
    signal_mv = np.full((n_samples, len(wanted)), np.nan, np.float32)
    for column, (number, packed) in enumerate(_packed(rhythm, len(leads), wanted)):
        _, start, stop = leads[number]
        stored = huffman_values(packed, stop + 1 - start) if is_packed else _plain(packed)
        values = _summed(stored[: stop + 1 - start], difference) * (nanovolts * _NANOVOLTS)
        signal_mv[start - first : start - first + len(values), column] = values
    names = [leads[number][0] for number in wanted]
    return Ecg(signal_mv, fs_hz, distinct(names), "SCP-ECG", warnings=_doubts(content))


def _sections(content: bytes) -> Mapping[int, bytes]:
    """The data of each section by its number."""
    if len(content) < _POINTERS_AT + _SECTION_HEAD:
        raise TruncatedRecording("The SCP-ECG file ends before its pointers.")
    size = int.from_bytes(content[_POINTERS_AT + 4 : _POINTERS_AT + 8], "little")
    listed = content[_POINTERS_AT + _SECTION_HEAD : _POINTERS_AT + size]
    count = min(len(listed) // _POINTER.size, _MOST_SECTIONS)
    sections = {}
    for number, length, at in _POINTER.iter_unpack(listed[: count * _POINTER.size]):
        if length > _SECTION_HEAD and at and number != _POINTERS:
            section = content[at - 1 : at - 1 + length]
            if len(section) < length:
                raise TruncatedRecording(
                    f"Section {number} of the SCP-ECG file has {length} bytes, of which "
                    f"{len(section)} came."
                )
            sections[number] = section[_SECTION_HEAD:]
    return sections


def _leads(section: bytes) -> list[tuple[str, int, int]]:
    """Name, first and last sample of each lead."""
    count, flags = section[0], section[1] if len(section) > 1 else 0
    if flags & _REFERENCE_BEAT:
        raise UnsupportedEncoding(
            "SCP-ECG from whose rhythm a reference beat was subtracted is not read."
        )
    if not 1 <= count <= min(_MOST_LEADS, (len(section) - 2) // _LEAD.size):
        raise MalformedRecording(f"The SCP-ECG file announces {count} leads.")
    listed = _LEAD.iter_unpack(section[2 : 2 + count * _LEAD.size])
    leads = [(_NAMES.get(number, f"lead {number}"), start, stop) for start, stop, number in listed]
    if any(stop < start for _, start, stop in leads):
        raise MalformedRecording("A lead of the SCP-ECG file ends before it begins.")
    return leads


def _is_packed(sections: Mapping[int, bytes]) -> bool:
    if _TABLES not in sections:
        return False
    tables = int.from_bytes(sections[_TABLES][:2], "little")
    if tables != _STANDARD_TABLE:
        raise UnsupportedEncoding("SCP-ECG with a Huffman table of a maker's own is not read.")
    return True


def _wanted(leads: list[tuple[str, int, int]], lead: str | None) -> list[int]:
    if lead is None:
        return list(range(len(leads)))
    wanted = [k for k, (name, _, _) in enumerate(leads) if name == lead_name(lead)]
    if not wanted:
        raise LeadNotFound([name for name, _, _ in leads])
    return wanted[:1]


def _packed(rhythm: bytes, n_leads: int, wanted: list[int]) -> list[tuple[int, bytes]]:
    """The bytes of the wanted leads."""
    at = _RHYTHM_HEAD.size
    sizes = np.frombuffer(rhythm, "<u2", n_leads, at).astype(np.int64)
    ends = at + 2 * n_leads + np.cumsum(sizes)
    if ends[-1] > len(rhythm):
        raise TruncatedRecording("The rhythm of the SCP-ECG file ends before its last lead.")
    return [(k, rhythm[int(ends[k] - sizes[k]) : int(ends[k])]) for k in wanted]


def _plain(packed: bytes) -> Integers:
    return np.frombuffer(packed, "<i2", len(packed) // 2).astype(np.int64)


def huffman_values(packed: bytes, count: int) -> Integers:
    """Unpack numbers of the standard's Huffman table.

    Parameters
    ----------
    packed : bytes
    count : int
        How many there are.

    Returns
    -------
    (count,) ndarray of int64

    Raises
    ------
    TruncatedRecording
        If the bytes end within a number.
    """
    bits = "".join(f"{byte:08b}" for byte in packed)
    values: list[int] = []
    at = 0
    while len(values) < count:
        zero = bits.find("0", at, at + _LONG_ONES)
        ones = zero - at if zero >= 0 else min(_LONG_ONES, len(bits) - at)
        if ones >= _SHORT_ONES:
            start, width = at + _LONG_ONES, 16 if ones == _LONG_ONES else 8
            end = start + width
            value = int(bits[start:end] or "0", 2)
            value -= (bits[start : start + 1] == "1") << width
        else:
            end = at + ones + (2 if ones else 1)
            value = -ones if bits[end - 1 : end] == "1" else ones
        if (zero < 0 and ones < _LONG_ONES) or end > len(bits):
            raise TruncatedRecording("A lead of the SCP-ECG file ends before its last sample.")
        values.append(value)
        at = end
    return np.array(values, np.int64)


def _summed(stored: Integers, difference: int) -> Integers:
    """Samples from differences of some order; as many plain samples stand first."""
    values = stored.copy()
    if difference == 2 and len(values) > 1:
        values[1] -= values[0]
        values[1:] = np.cumsum(values[1:])
    return np.cumsum(values) if difference else values


def _doubts(content: bytes) -> tuple[str, ...]:
    if binascii.crc_hqx(content[2:], 0xFFFF) == int.from_bytes(content[:2], "little"):
        return ()
    return ("The checksum of the SCP-ECG file does not fit its content: it may be damaged.",)
