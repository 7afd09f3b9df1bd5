"""When a DICOM object was acquired (PS3.3 C.12.1, PS3.5 6.2)."""

import io
import re
from datetime import datetime, timedelta, timezone
from typing import Any

MAGIC, MAGIC_AT = b"DICM", 128
# The moment itself, else a day and a time, the closest to the acquisition first.
MOMENT = "AcquisitionDateTime"
PAIRS = (
    ("AcquisitionDate", "AcquisitionTime"),
    ("ContentDate", "ContentTime"),
    ("SeriesDate", "SeriesTime"),
    ("StudyDate", "StudyTime"),
)
OFFSET = "TimezoneOffsetFromUTC"
TAGS = [MOMENT, OFFSET, *(tag for pair in PAIRS for tag in pair)]

WRITTEN = re.compile(r"(\d{8})(\d{6})(?:\.\d+)?([+-]\d{4})?")


def dicom_time(content: bytes) -> datetime | None:
    """Return when an object was acquired, without a zone where it names none.

    Returns
    -------
    datetime or None
        None where it is no DICOM file, or does not say so to the second: fractions are cut off.

    Raises
    ------
    ValueError
        If what is written there is no time, such as a thirteenth month.
    """
    if content[MAGIC_AT : MAGIC_AT + len(MAGIC)] != MAGIC:
        return None
    import pydicom  # noqa: PLC0415 - a quarter of a second that only a DICOM file should cost

    # What pydicom would print about a broken value quotes it.
    pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE
    told = pydicom.dcmread(io.BytesIO(content), stop_before_pixels=True, specific_tags=TAGS)
    pairs = (_text(told, day) + _text(told, time) for day, time in PAIRS)
    for written in (_text(told, MOMENT), *pairs):
        if match := WRITTEN.fullmatch(written):
            day, time, offset = match.groups()
            moment = datetime.strptime(day + time, "%Y%m%d%H%M%S")  # noqa: DTZ007  # added below
            return moment.replace(tzinfo=zone(offset or _text(told, OFFSET)))
    return None


def _text(told: Any, tag: str) -> str:
    return str(getattr(told, tag, None) or "").strip()


def zone(offset: str) -> timezone | None:
    """Return the zone of an offset such as `+0100`; None of anything else."""
    if not re.fullmatch(r"[+-]\d{4}", offset):
        return None
    sign = -1 if offset[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(offset[1:3]), minutes=int(offset[3:])))
