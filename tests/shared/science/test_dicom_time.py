"""When an object says that it was acquired, in the words of its tags."""

import io
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian

from shared.science.dicom_time import dicom_time, zone

EIGHT = datetime(2026, 3, 5, 8, 30, 15)  # noqa: DTZ001  # a device names no zone
EAST = timezone(timedelta(hours=5, minutes=30))
WEST = timezone(-timedelta(hours=3, minutes=30))


def dicom(**tags: str) -> bytes:
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID = meta.MediaStorageSOPInstanceUID = UID("1.2.3")
    written = FileDataset("", {}, file_meta=meta, preamble=bytes(128))
    for name, value in tags.items():
        setattr(written, name, value)
    stream = io.BytesIO()
    written.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


def at(day: str, time: str, *, of: str = "Study") -> dict[str, str]:
    return {f"{of}Date": day, f"{of}Time": time}


class TestWhichTag:
    ORDER = ("Acquisition", "Content", "Series", "Study")

    @pytest.mark.parametrize("of", ORDER)
    def test_day_and_time_of_any_will_do(self, of: str) -> None:
        assert dicom_time(dicom(**at("20260305", "083015", of=of))) == EIGHT

    @pytest.mark.parametrize(("closer", "farther"), list(pairwise(ORDER)))
    def test_closest_to_the_acquisition_counts(self, closer: str, farther: str) -> None:
        tags = at("20260305", "083015", of=closer) | at("20200101", "000000", of=farther)
        assert dicom_time(dicom(**tags)) == EIGHT

    def test_moment_itself_comes_before_all(self) -> None:
        tags = at("20200101", "000000", of="Acquisition")
        assert dicom_time(dicom(AcquisitionDateTime="20260305083015", **tags)) == EIGHT

    @pytest.mark.parametrize("time", ["", "0830", "08"])
    def test_one_without_seconds_is_passed_over(self, time: str) -> None:
        tags = at("20200101", time, of="Acquisition") | at("20260305", "083015")
        assert dicom_time(dicom(**tags)) == EIGHT

    def test_day_and_time_are_never_of_two_tags(self) -> None:
        assert dicom_time(dicom(AcquisitionDate="20260305", StudyTime="083015")) is None


class TestZone:
    def test_of_the_moment_comes_before_that_of_the_object(self) -> None:
        tags = {"AcquisitionDateTime": "20260305083015+0530", "TimezoneOffsetFromUTC": "-0330"}
        moment = dicom_time(dicom(**tags))
        assert moment is not None
        assert moment.tzinfo == EAST

    def test_of_the_object_holds_for_its_days_and_times(self) -> None:
        moment = dicom_time(dicom(TimezoneOffsetFromUTC="-0330", **at("20260305", "083015")))
        assert moment == EIGHT.replace(tzinfo=WEST)

    def test_none_is_made_up(self) -> None:
        moment = dicom_time(dicom(**at("20260305", "083015.999999")))
        assert moment is not None
        assert moment.tzinfo is None

    @pytest.mark.parametrize(
        ("offset", "told"),
        [("+0530", EAST), ("-0330", WEST), ("+0000", UTC), ("-0000", UTC), ("-0030", None)],
    )
    def test_offset_is_hours_and_minutes(self, offset: str, told: timezone | None) -> None:
        assert zone(offset) == (told or timezone(-timedelta(minutes=30)))

    @pytest.mark.parametrize("offset", ["", "0530", "+530", "+05:30", "Z", "+05300", "+05é0"])
    def test_anything_else_is_no_zone(self, offset: str) -> None:
        assert zone(offset) is None


@pytest.mark.parametrize(
    "content", [b"", b"DICM", bytes(128) + b"DICX", b"\xff\xd8\xff" + bytes(200)]
)
def test_file_that_is_no_dicom_has_no_time(content: bytes) -> None:
    assert dicom_time(content) is None
