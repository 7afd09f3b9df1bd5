"""When a recording was made: the request's word, the file's, in whose zone, or its arrival."""

import io
import struct
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import available_timezones

import asyncpg
import pytest
from PIL import Image
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from functions.cardiology import clock as cardiology
from functions.cognitive import clock as cognitive
from functions.radiology import clock as radiology
from functions.speech import clock as speech
from local.samples.ecg import Episode, Rhythm, synthesize
from local.samples.ecg_files import csv_file, wfdb_files
from shared.examination.recording_time import Clock
from shared.permissions import RoleName
from shared.recording import RecordingFile
from shared.science.images.camera_time import camera_time
from tests.conftest import Clinic
from tests.waiting import PATIENCE_S

SAMPLE = synthesize([Episode(Rhythm.SINUS, 20, rate_bpm=72)], fs_hz=250, leads=("II",))
ECG = csv_file(SAMPLE)
NOON = "2024-07-01T12:00:05"
ORGANIZATION, ANALYZE = "/api/accounts/organization", "/api/cardiology/analyze"
HISTORY = "/api/records/biomarkers/heart_rate/history"


def edf(written: str) -> bytes:
    return b"0       " + b" " * 160 + written.encode() + b" " * 72


def dicom(**tags: str) -> bytes:
    told = FileDataset("", {}, file_meta=FileMetaDataset(), preamble=b"\0" * 128)
    told.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    for name, value in tags.items():
        setattr(told, name, value)
    content = io.BytesIO()
    told.save_as(content, enforce_file_format=False)
    return content.getvalue()


def photo(taken: str, offset: str = "") -> bytes:
    told = Image.Exif()
    details = told.get_ifd(0x8769)
    details[0x9003] = taken
    if offset:
        details[0x9011] = offset
    content = io.BytesIO()
    Image.new("RGB", (8, 8)).save(content, "JPEG", exif=told)
    return content.getvalue()


def movie(seconds: int) -> bytes:
    return b"\0\0\0\x08ftypM4A mvhd" + struct.pack(">II", 0, seconds)


def broadcast(written: str) -> bytes:
    return b"RIFF\0\0\0\0WAVEbext\0\0\0\0" + b"\0" * 320 + written.encode()


TRIALS = b"date,rt\n2024-07-01_12h00.05.123,0.4\n"
WATCH = b'Name,"A"\nRecorded Date,2024-07-01 12:00:05 +0200\n'
AECG = b'<AnnotatedECG><effectiveTime><low value="20240701120005.000+0200"/></effectiveTime>'
MUSE = b"<AcquisitionTime>12:00:05</AcquisitionTime><AcquisitionDate>07-01-2024</AcquisitionDate>"
FHIR = b'{"resourceType": "Observation", "effectiveDateTime": "2024-07-01T12:00:05+02:00"}'

# What each format says, and how it is understood; a zone only where the file names one.
SAID: list[tuple[Clock, bytes, str | None]] = [
    (cardiology.recording_time, edf("01.07.2412.00.05"), NOON),
    (cardiology.recording_time, edf("01.07.8512.00.05"), "1985-07-01T12:00:05"),
    (cardiology.recording_time, edf("01.01.8500.00.00"), None),
    (cardiology.recording_time, b"# c\nr 2 250 5000 12:00:05 01/07/2024\nr.dat 16\n", NOON),
    (cardiology.recording_time, b"r 2 250 5000 12:00:05.125 01/07/2024\r\n", NOON),
    (cardiology.recording_time, b"r 2 250 5000 12:00:05\n", None),
    (cardiology.recording_time, b"r 2 250 5000\nr.dat 16 200 12 0 0 0 0 II\n", None),
    (cardiology.recording_time, AECG, f"{NOON}+02:00"),
    (cardiology.recording_time, FHIR, f"{NOON}+02:00"),
    (cardiology.recording_time, MUSE, NOON),
    (cardiology.recording_time, WATCH, f"{NOON}+02:00"),
    (cardiology.recording_time, ECG.content, None),
    (cardiology.recording_time, dicom(AcquisitionDateTime="20240701120005.5"), NOON),
    (radiology.recording_time, dicom(StudyDate="20240701", StudyTime="120005"), NOON),
    (
        radiology.recording_time,
        dicom(ContentDate="20240701", ContentTime="120005", TimezoneOffsetFromUTC="-0330"),
        f"{NOON}-03:30",
    ),
    (
        radiology.recording_time,
        dicom(AcquisitionDateTime="20240701120005+0200", StudyDate="20200101"),
        f"{NOON}+02:00",
    ),
    (radiology.recording_time, dicom(StudyDate="20240701"), None),
    (radiology.recording_time, photo("2024:07:01 12:00:05"), None),
    (camera_time, photo("2024:07:01 12:00:05"), NOON),
    (camera_time, photo("2024:07:01 12:00:05", "+02:00"), f"{NOON}+02:00"),
    (camera_time, photo("0000:00:00 00:00:00"), None),
    (camera_time, b"no picture", None),
    (speech.recording_time, broadcast("2024-07-0112:00:05"), NOON),
    (speech.recording_time, broadcast("0000-00-0000:00:00"), None),
    (speech.recording_time, b"RIFF\0\0\0\0WAVEfmt ", None),
    (speech.recording_time, movie(3_802_672_805), "2024-07-01T10:00:05+00:00"),
    (speech.recording_time, movie(0), None),
    (cognitive.recording_time, TRIALS, NOON),
    (cognitive.recording_time, b"timestamp,rt\n2024-07-01T12:00:05+02:00,1\n", f"{NOON}+02:00"),
    (cognitive.recording_time, b"rt,date\n0.4,\n", None),
    (cognitive.recording_time, b"[]", None),
]


@pytest.mark.parametrize(("clock", "content", "expected"), SAID)
def test_a_file_is_read_as_its_format_says(
    clock: Callable[[tuple[RecordingFile, ...]], datetime | None],
    content: bytes,
    expected: str | None,
) -> None:
    moment = clock((RecordingFile("recording", content),))
    assert (moment.isoformat() if moment else None) == expected


def recorded(written: str) -> list[tuple[str, tuple[str, bytes]]]:
    """A record of WFDB whose header says when it began, or nothing."""
    header, samples = wfdb_files(SAMPLE)
    first, rest = header.content.split(b"\n", 1)
    content = first + written.encode() + b"\n" + rest
    return [("file", (header.name, content)), ("file", (samples.name, samples.content))]


async def analyzed(clinic: Clinic, written: str, **fields: str) -> dict[str, Any]:
    async with clinic.client(RoleName.CLINICIAN) as client:
        subject = {"subject_id": str(clinic.person_id(RoleName.PATIENT))}
        answer = await client.post(ANALYZE, files=recorded(written), data=subject | fields)
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def move_to(clinic: Clinic, time_zone: str) -> None:
    async with clinic.client(RoleName.ADMIN) as admin:
        answer = await admin.patch(ORGANIZATION, json={"time_zone": time_zone})
        assert answer.status_code == 200, answer.text


class TestZone:
    """A time without a zone is one of the organization's clocks, and the provenance says so."""

    @pytest.mark.parametrize(
        ("time_zone", "moment"),
        [
            (None, "2024-07-01T12:00:05Z"),
            ("Europe/Berlin", "2024-07-01T10:00:05Z"),
            ("America/New_York", "2024-07-01T16:00:05Z"),
        ],
    )
    async def test_is_the_organizations(
        self, clinic: Clinic, time_zone: str | None, moment: str
    ) -> None:
        if time_zone:
            await move_to(clinic, time_zone)
        assessment = await analyzed(clinic, " 12:00:05 01/07/2024")
        assert assessment["recorded_at"] == moment
        told = {"source": "file", "written": NOON, "time_zone": time_zone or "UTC"}
        assert assessment["provenance"]["recorded_at"] == told
        async with clinic.client(RoleName.CLINICIAN) as client:
            stored = (await client.get(f"/api/records/assessments/{assessment['id']}")).json()
            wanted = {"days": 36_525, "subject_id": assessment["subject_id"]}
            history = await client.get(HISTORY, params=wanted)
        assert stored["recorded_at"] == moment
        (point,) = history.json()["points"]
        assert datetime.fromisoformat(point["measured_at"]) == datetime.fromisoformat(moment)

    async def test_what_the_request_says_counts_more(self, clinic: Clinic) -> None:
        said = "2025-01-02T03:04:05Z"
        assessment = await analyzed(clinic, " 12:00:05 01/07/2024", recorded_at=said)
        assert assessment["recorded_at"] == said
        assert assessment["provenance"]["recorded_at"] == {"source": "request"}

    async def test_a_file_that_does_not_say_it_was_recorded_when_it_came(
        self, clinic: Clinic
    ) -> None:
        assessment = await analyzed(clinic, "")
        assert assessment["provenance"]["recorded_at"] == {"source": "arrival"}
        age = datetime.now(UTC) - datetime.fromisoformat(assessment["recorded_at"])
        assert abs(age.total_seconds()) < PATIENCE_S

    @pytest.mark.parametrize(
        ("written", "why"),
        [
            (" 00:00:00 01/01/1980", "never set"),
            (" 12:00:05 01/07/2199", "not come yet"),
            (" 12:00:05 01/07/1990", "before the person was born"),
        ],
    )
    async def test_a_clock_that_was_wrong_is_told_and_not_used(
        self, clinic: Clinic, auditor: asyncpg.Connection, written: str, why: str
    ) -> None:
        await auditor.execute(
            "UPDATE users SET date_of_birth = '1990-07-03' WHERE id = $1",
            clinic.person_id(RoleName.PATIENT),
        )
        assessment = await analyzed(clinic, written)
        assert assessment["provenance"]["recorded_at"]["source"] == "arrival"
        assert assessment["recorded_at"] > "2025"
        assert any(why in warning for warning in assessment["warnings"])

    async def test_the_age_is_that_of_the_day_where_the_organization_is(
        self, clinic: Clinic, auditor: asyncpg.Connection
    ) -> None:
        """At 0:30 on the birthday in Berlin it is the day before in UTC."""
        await move_to(clinic, "Europe/Berlin")
        await auditor.execute(
            "UPDATE users SET date_of_birth = '1980-07-01' WHERE id = $1",
            clinic.person_id(RoleName.PATIENT),
        )
        assessment = await analyzed(clinic, " 00:30:00 01/07/2024")
        assert assessment["provenance"]["from_person"]["age_years"] == 44


async def test_a_zone_is_the_databases_too(auditor: asyncpg.Connection) -> None:
    """What may be set as a time zone begins a day in the database."""
    known = {row["name"] for row in await auditor.fetch("SELECT name FROM pg_timezone_names")}
    assert len(known) > 400
    assert available_timezones() - known - {"localtime", "Factory"} == set()
