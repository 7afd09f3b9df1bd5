"""When an electrocardiogram was recorded, as its file says.

EDF and BDF, WFDB, DICOM, HL7 aECG, FHIR, MUSE and the watch's export are read. SCP-ECG, FLAC and
plain samples say nothing that is read here.
"""

import re
from collections.abc import Callable
from datetime import date, datetime

from shared.recording import RecordingFile
from shared.science.dicom_time import dicom_time, zone

# Enough for whatever stands before the samples.
HEAD_BYTES = 65_536

# EDF+ writes this day where the true one is not to be known.
EDF_ANONYMOUS = date(1985, 1, 1)
EDF_MAGIC = (b"0       ", b"\xffBIOSEMI")
EDF_START, EDF_END = 168, 184
# Two digits stand for 1985 to 2084.
EDF_FIRST_YEAR = 85

WFDB = re.compile(
    rb"\S+ +\d+ +\S+ +\d+ +(\d{1,2}:\d{2}:\d{2})(?:\.\d+)? +(\d{1,2}/\d{1,2}/\d{4})\s*"
)
AECG = re.compile(rb"<effectiveTime\b.{0,200}?value=\"(\d{14})(?:\.\d+)?([+-]\d{4})?\"", re.DOTALL)
FHIR = re.compile(rb'"(?:effectiveDateTime|effectiveInstant|start)"\s*:\s*"([^"]{19,40})"')
MUSE_DAY = re.compile(rb"<AcquisitionDate>(\d\d-\d\d-\d{4})<")
MUSE_TIME = re.compile(rb"<AcquisitionTime>(\d\d:\d\d:\d\d)<")
WATCH = re.compile(rb"^Recorded Date,\"?(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4})", re.MULTILINE)


def recording_time(files: tuple[RecordingFile, ...]) -> datetime | None:
    """Return when the recording began, without a zone where the file names none."""
    for file in files:
        for read in READERS:
            if moment := read(file.content):
                return moment
    return None


def _edf(content: bytes) -> datetime | None:
    if not content.startswith(EDF_MAGIC):
        return None
    written = content[EDF_START:EDF_END].decode("ascii")
    day, month, year, hour, minute, second = map(int, re.findall(r"\d\d", written))
    year += 1900 if year >= EDF_FIRST_YEAR else 2000
    moment = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001  # see `timed`
    return None if moment.date() == EDF_ANONYMOUS else moment


def _wfdb(content: bytes) -> datetime | None:
    lines = (line for line in content[:HEAD_BYTES].splitlines() if not line.startswith(b"#"))
    match = WFDB.fullmatch(next(lines, b""))
    return _plain("%d/%m/%Y %H:%M:%S", match[2], match[1]) if match else None


def _aecg(content: bytes) -> datetime | None:
    head = content[:HEAD_BYTES]
    match = AECG.search(head) if b"AnnotatedECG" in head else None
    if match is None:
        return None
    return _plain("%Y%m%d%H%M%S", match[1]).replace(tzinfo=zone((match[2] or b"").decode()))


def _fhir(content: bytes) -> datetime | None:
    match = FHIR.search(content[:HEAD_BYTES]) if b'"resourceType"' in content[:HEAD_BYTES] else None
    return datetime.fromisoformat(match[1].decode()) if match else None


def _muse(content: bytes) -> datetime | None:
    day, time = (pattern.search(content[:HEAD_BYTES]) for pattern in (MUSE_DAY, MUSE_TIME))
    return _plain("%m-%d-%Y %H:%M:%S", day[1], time[1]) if day and time else None


def _watch(content: bytes) -> datetime | None:
    match = WATCH.search(content[:HEAD_BYTES])
    return _plain("%Y-%m-%d %H:%M:%S %z", match[1]) if match else None


def _plain(form: str, *parts: bytes) -> datetime:
    return datetime.strptime(b" ".join(parts).decode("ascii"), form)  # noqa: DTZ007  # see `timed`


READERS: tuple[Callable[[bytes], datetime | None], ...] = (
    *(_edf, dicom_time, _wfdb, _aecg, _fhir, _muse, _watch),
)
