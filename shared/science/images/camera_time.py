"""When a camera took a picture (Exif 2.32, 4.6.5 F)."""

import io
from datetime import datetime

from shared.recording import RecordingFile

DETAILS = 0x8769
TAKEN, OFFSET = 0x9003, 0x9011


def camera_time(files: tuple[RecordingFile, ...]) -> datetime | None:
    """Return when a picture was taken, without a zone where the camera wrote none.

    Returns
    -------
    datetime or None
        None where the picture says nothing. Cameras write 0000:00:00 where nobody has set the
        clock.

    Raises
    ------
    ValueError
        If what is written there is no time. Damage raises what Pillow makes of it: the caller takes
        any exception for a picture that does not tell.
    """
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415 - not at the start

    try:
        with Image.open(io.BytesIO(files[0].content)) as picture:
            told = picture.getexif().get_ifd(DETAILS)
    except UnidentifiedImageError:
        return None
    taken, offset = str(told.get(TAKEN, "")), str(told.get(OFFSET, ""))
    day, _, time = taken.strip("\0 ").partition(" ")
    if not time or day.startswith("0000"):
        return None
    return datetime.fromisoformat(f"{day.replace(':', '-')}T{time}{offset.strip(chr(0) + ' ')}")
