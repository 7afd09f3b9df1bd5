"""From the files of an upload to an `Ecg`: the only way in for bytes.

What a file is, is decided by its content; its name only tells which files of a
WFDB record belong together. Sizes are checked before anything is parsed.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from functions.cardiology.ecg import Ecg
from functions.cardiology.formats import dicom, edf, scp
from functions.cardiology.formats.apple_watch import looks_like_apple_watch, read_apple_watch
from functions.cardiology.formats.json_document import read_json
from functions.cardiology.formats.text_samples import read_text
from functions.cardiology.formats.wfdb_record import read_wfdb
from functions.cardiology.formats.xml_document import read_xml
from functions.cardiology.leads import lead_name
from functions.cardiology.unreadable import (
    MAX_MV,
    FileMissing,
    ImplausibleVoltage,
    InvalidUnit,
    LeadNotFound,
    NothingRecorded,
    SamplingRateOutOfRange,
    TooManyFiles,
    UnknownFormat,
    require_plausible,
)
from functions.cardiology.voltage import read_scale
from shared.errors import UploadTooLarge
from shared.recording import RecordingFile

# Two leads for 48 h at 360 Hz in format 16 are 249 MB.
MAX_BYTES = 256_000_000
# A number of text takes about 8 bytes and becomes up to 40 bytes of objects (JSON).
MAX_TEXT_BYTES = 64_000_000
MAX_JSON_BYTES = 32_000_000
_MAX_FILES = 256  # a record of many segments

_FLAC = b"fLaC"
_MFER = b"\x40\x20MFR"  # its preamble, where there is one
# Files that people send by mistake, by their first bytes.
_FOREIGN = {
    b"\xff\xd8\xff": "a JPEG image",
    b"\x89PNG\r\n": "a PNG image",
    b"GIF8": "a GIF image",
    b"II*\x00": "a TIFF image",
    b"MM\x00*": "a TIFF image",
    b"%PDF": "a PDF document",
    b"PK\x03\x04": "a ZIP archive or an Office document (send the files in it)",
    b"\x1f\x8b\x08": "a gzip archive (send the file in it)",
    b"7z\xbc\xaf": "a 7-Zip archive (send the files in it)",
    b"\xfd7zXZ": "an xz archive (send the file in it)",
    b"RIFF": "a WAV or AVI recording",
    b"OggS": "an Ogg recording",
    _FLAC: "a FLAC recording",
    b"ID3": "an MP3 recording",
    b"\x89HDF": "an HDF5 or MATLAB 7.3 file",
    b"MATLAB 5.0": "a MATLAB 5 file",
    b"\xffBIOSEMI": "a BioSemi BDF file",
    b"ISHNE": "an ISHNE Holter file",
    b"ANN  1.0": "an ISHNE annotation file",
    b"GDF 1": "a GDF file",
    b"GDF 2": "a GDF file",
    b"CFWB": "a LabChart (CFWB) file",
    b"Brain Vision": "a BrainVision header",
    b"MSH|": "an HL7 v2 message",
    b"\xd0\xcf\x11\xe0": "an old Office document",
    b"BZh": "a bzip2 archive (send the file in it)",
    b"Rar!": "a RAR archive (send the files in it)",
    b"\x28\xb5\x2f\xfd": "a Zstandard archive (send the file in it)",
    b"\x93NUMPY": "a NumPy array",
    b"PAR1": "a Parquet file",
    b"ARROW1": "an Arrow file",
    b"\x1aE\xdf\xa3": "a Matroska video",
    b"\x7fELF": "a program",
    b"MZ\x90": "a program",
    b"SQLite": "a database",
}


def decode(
    files: Sequence[RecordingFile],
    *,
    fs_hz: float | None = None,
    lead: str | None = None,
    unit: str | None = None,
) -> Ecg:
    """Read one ECG from the files it came in.

    Parameters
    ----------
    files : sequence of RecordingFile
        One file, or the header and signal files of a WFDB record.
    fs_hz : float, optional
        Sampling rate in hertz, for a file that does not state one.
    lead : str, optional
        The only lead or column to keep; names a recording's only lead where it has no name.
    unit : str, optional
        Unit of the samples ("mV", "uV", "V", "nV") or a gain ("200/mV"), for a file
        that does not state one.

    Returns
    -------
    Ecg
        In millivolts. Nothing that names the patient is in it.

    Raises
    ------
    UnreadableUpload
        One of `functions.cardiology.unreadable`, each with its own code.
    UploadTooLarge
        If the files are larger than a recording may be.
    """
    if unit and read_scale(unit) is None:
        raise InvalidUnit
    if fs_hz is not None and not 0 < fs_hz < float("inf"):
        raise SamplingRateOutOfRange(fs_hz)
    _check(files)
    ecg = _read(files, None if fs_hz is None else float(fs_hz), unit, lead)
    ecg = _only(ecg, lead) if lead else ecg
    require_plausible(ecg.fs_hz, *ecg.signal_mv.shape)
    _require_voltages(ecg)
    return ecg


def _require_voltages(ecg: Ecg) -> None:
    # fmax and fmin pass over NaN without a copy of the signal.
    highest = float(np.fmax.reduce(ecg.signal_mv, axis=None))
    lowest = float(np.fmin.reduce(ecg.signal_mv, axis=None))
    if math.isnan(highest):
        raise NothingRecorded
    if max(highest, -lowest) > MAX_MV:
        raise ImplausibleVoltage(max(highest, -lowest))


def _check(files: Sequence[RecordingFile]) -> None:
    if not any(file.content for file in files):
        raise FileMissing("The upload is empty.")
    if len(files) > _MAX_FILES:
        raise TooManyFiles(f"Found {len(files)} files; one recording has at most {_MAX_FILES}.")
    _limit(sum(len(file.content) for file in files), MAX_BYTES, "A recording")
    magics = _FOREIGN.keys() - ({_FLAC} if _is_wfdb(files) else set())  # WFDB refuses it itself
    for file in files:
        magic = next((magic for magic in magics if file.content.startswith(magic)), None)
        if magic:
            raise UnknownFormat(_FOREIGN[magic])


def _is_wfdb(files: Sequence[RecordingFile]) -> bool:
    return any(file.name.casefold().endswith(".hea") for file in files)


def _limit(size: int, largest: int, what: str) -> None:
    if size > largest:
        raise UploadTooLarge(
            f"{what} may have {largest // 1_000_000} MB; this one has {size / 1e6:.0f} MB."
        )


def _read(
    files: Sequence[RecordingFile], fs_hz: float | None, unit: str | None, lead: str | None
) -> Ecg:
    if _is_wfdb(files):
        return read_wfdb(files, fs_hz, lead)
    if len(files) > 1:
        raise TooManyFiles(
            f"Found {len(files)} files and no WFDB header (.hea) that names them."
            " Send the header too."
        )
    content = files[0].content
    if content[dicom.MAGIC_AT :].startswith(dicom.MAGIC):
        return dicom.read_dicom(content, unit, lead)
    if content[scp.MAGIC_AT :].startswith(scp.MAGIC):
        return scp.read_scp(content, lead)
    if content.startswith(_MFER):
        raise UnknownFormat("an MFER file")
    if content.startswith(edf.MAGIC):
        return edf.read_edf(content, unit, lead)
    if files[0].name.casefold().endswith((".dat", ".mat")):
        raise FileMissing("A WFDB signal file needs its header: send the .hea file with it.")
    return _read_text_format(content, fs_hz, unit)


def _read_text_format(content: bytes, fs_hz: float | None, unit: str | None) -> Ecg:
    _limit(len(content), MAX_TEXT_BYTES, "A recording as text")
    start = content[:64].lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n").replace(b"\0", b"")
    if start.startswith(b"<"):
        return read_xml(content, fs_hz)
    text = _text(content)
    if start.startswith((b"{", b"[")) and not start.startswith((b"[0:", b"[1:")):
        _limit(len(content), MAX_JSON_BYTES, "A recording as JSON")
        return read_json(text, fs_hz, unit)
    if looks_like_apple_watch(text[: 1 << 12]):
        return read_apple_watch(text)
    return read_text(text, fs_hz, unit)


def _text(content: bytes) -> str:
    """Decode text as UTF-16 (with its mark), UTF-8, or else Latin-1, as spreadsheets write it."""
    encodings = ["utf-16"] if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ["utf-8-sig"]
    for encoding in [*encodings, "latin-1"]:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text.replace("\r\n", "\n").replace("\r", "\n")
    raise UnknownFormat("binary data of an unknown kind")


def _only(ecg: Ecg, lead: str) -> Ecg:
    """Keep one lead, by its standard name or the file's own."""
    wanted = lead_name(lead)
    if len(ecg.leads) == 1 and ecg.leads[0] == "ECG":
        return replace(ecg, leads=(wanted,))
    names = [name.casefold() for name in ecg.leads]
    if wanted.casefold() not in names:
        raise LeadNotFound(ecg.leads)
    at = names.index(wanted.casefold())
    return replace(ecg, signal_mv=ecg.signal_mv[:, at : at + 1].copy(), leads=(ecg.leads[at],))
