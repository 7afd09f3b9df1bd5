"""When an electrocardiogram was recorded, as its file says.

EDF and BDF, WFDB (with FLAC too), DICOM, HL7 aECG, FHIR, MUSE, SCP-ECG and the watch's export are
read. Plain samples say nothing that is read here.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta, timezone
from struct import Struct

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
# SCP-ECG (ISO 11073-91064): the pointers of section 0 name where section 1 lies, whose fields are a
# tag, a length and a value each.
SCP_MAGIC, SCP_MAGIC_AT, SCP_POINTERS_AT, SCP_POINTERS = b"SCPECG", 16, 22, 12
SCP_POINTER, SCP_FIELD, SCP_SECTION_HEAD = Struct("<HII"), Struct("<BH"), 16
SCP_ABOUT, SCP_END = 1, 255
SCP_DAY, SCP_TIME, SCP_ZONE = 25, 26, 34
SCP_NO_ZONE = 0x7FFF
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


def _scp(content: bytes) -> datetime | None:
    if content[SCP_MAGIC_AT : SCP_MAGIC_AT + len(SCP_MAGIC)] != SCP_MAGIC:
        return None
    told = _scp_fields(content)
    day, time = told.get(SCP_DAY, b""), told.get(SCP_TIME, b"")
    if not day or not time:
        return None
    year, month, of_month = int.from_bytes(day[:2], "little"), *day[2:4]
    offset_min = int.from_bytes(told.get(SCP_ZONE, b"")[:2], "little", signed=True)
    is_told = SCP_ZONE in told and offset_min != SCP_NO_ZONE
    here = timezone(timedelta(minutes=offset_min)) if is_told else None
    hour, minute, second = time[:3]
    return datetime(year, month, of_month, hour, minute, second, tzinfo=here)


def _scp_fields(content: bytes) -> Mapping[int, bytes]:
    """The fields of section 1, what is about the patient and the recording, by their tags."""
    for k in range(SCP_POINTERS):
        at = SCP_POINTERS_AT + k * SCP_POINTER.size
        number, size, index = SCP_POINTER.unpack_from(content, at)
        if number == SCP_ABOUT and size > SCP_SECTION_HEAD:
            section = content[index - 1 + SCP_SECTION_HEAD : index - 1 + size]
            break
    else:
        return {}
    fields, at = {}, 0
    while at + SCP_FIELD.size <= len(section) and section[at] != SCP_END:
        tag, size = SCP_FIELD.unpack_from(section, at)
        fields[tag] = section[at + SCP_FIELD.size : at + SCP_FIELD.size + size]
        at += SCP_FIELD.size + size
    return fields


def _plain(form: str, *parts: bytes) -> datetime:
    return datetime.strptime(b" ".join(parts).decode("ascii"), form)  # noqa: DTZ007  # see `timed`


READERS: tuple[Callable[[bytes], datetime | None], ...] = (
    *(_edf, dicom_time, _wfdb, _aecg, _fhir, _muse, _scp, _watch),
)
