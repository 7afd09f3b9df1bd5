"""When a camera says that it took a picture."""

from datetime import datetime, timedelta, timezone

import pytest
from PIL import Image

from shared.science.images.camera_time import camera_time
from tests.shared.science.images.pictures import encoded, file_of, gradient

# Of Exif 2.32: the private IFD, DateTimeOriginal, OffsetTimeOriginal.
DETAILS, TAKEN, OFFSET = 0x8769, 0x9003, 0x9011
EIGHT = datetime(2026, 3, 5, 8, 30, 15)  # noqa: DTZ001  # most cameras name no zone


def told(taken: str | None, offset: str | None = None, name: str = "JPEG") -> datetime | None:
    exif = Image.Exif()
    details = exif.get_ifd(DETAILS)
    details.update({tag: value for tag, value in ((TAKEN, taken), (OFFSET, offset)) if value})
    exif[DETAILS] = 0  # Pillow writes the details where their tag is there
    return camera_time((file_of(encoded(gradient(), name, exif=exif)),))


@pytest.mark.parametrize("name", ["JPEG", "PNG", "TIFF"])
def test_is_read_of_every_format(name: str) -> None:
    assert told("2026:03:05 08:30:15", name=name) == EIGHT


def test_has_the_zone_that_the_camera_wrote() -> None:
    zone = timezone(-timedelta(hours=3, minutes=30))
    assert told("2026:03:05 08:30:15", "-03:30") == EIGHT.replace(tzinfo=zone)
    assert told("2026:03:05 08:30:15", "   ") == EIGHT


@pytest.mark.parametrize("taken", [None, "0000:00:00 00:00:00", "2026:03:05"])
def test_clock_that_nobody_has_set_says_nothing(taken: str | None) -> None:
    assert told(taken) is None


@pytest.mark.parametrize("content", [b"", b"no picture"])
def test_what_is_no_picture_says_nothing(content: bytes) -> None:
    assert camera_time((file_of(content),)) is None


def test_picture_without_a_note_says_nothing() -> None:
    assert camera_time((file_of(encoded(gradient(), "PNG")),)) is None
