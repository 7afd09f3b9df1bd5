"""Bytes of a photograph to pixels: JPEG, PNG, TIFF, by their first bytes.

The name and the type that a sender gives count for nothing. Size is checked before anything is
decoded. The orientation in EXIF is applied; every other word about the picture, such as a place, a
name or a thumbnail, is dropped here and never travels on.
"""

import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFile, ImageOps

from shared.recording import RecordingFile
from shared.science.images.unreadable import (
    FORMATS,
    MAX_MEGABYTES,
    MAX_MEGAPIXELS,
    MIN_SIDE_PX,
    DamagedPicture,
    PictureTooLarge,
    PictureTooSmall,
    SeveralFrames,
    SeveralPictures,
    UnknownPictureFormat,
    UnsupportedPicture,
)

EXPECTED = "JPEG, PNG or TIFF"
MAGIC = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
)
# What people send instead, named so that they know what to do.
NOT_READ = (
    (b"%PDF", "a PDF document"),
    (b"<svg", "an SVG drawing"),
    (b"<?xml", "an XML document such as SVG"),
    (b"GIF8", "a GIF picture"),
    (b"BM", "a BMP picture"),
)
DICOM_AT, DICOM = 128, b"DICM"
# The largest value of a pixel by Pillow's mode, where it is not 255.
DEEP = {"I;16": 65535, "I;16L": 65535, "I;16B": 65535, "I": 65535}
# A phone keeps a depth map or a second exposure behind the photograph in this kind of JPEG.
BEHIND_A_PHOTOGRAPH = "MPO"
SHRINKS = (8, 4, 2)


@dataclass(frozen=True)
class Photograph:
    """One picture upright: `rgb` of shape (height, width, 3), 8 bits.

    `size_px` is (width, height) as it was sent, upright; `rgb` may be a whole fraction of it.
    `deep` holds a gray picture of 16 bits as it was sent, shape (height, width).
    """

    rgb: npt.NDArray[np.uint8]
    size_px: tuple[int, int]
    file_format: str
    deep: npt.NDArray[np.uint16] | None = None


def only_file(files: tuple[RecordingFile, ...]) -> RecordingFile:
    """Return the file of a recording that has just one.

    Raises
    ------
    SeveralPictures
    """
    if len(files) != 1:
        raise SeveralPictures(len(files))
    return files[0]


def is_dicom(content: bytes) -> bool:
    return content[DICOM_AT : DICOM_AT + len(DICOM)] == DICOM


def file_format(content: bytes, expected: str = EXPECTED) -> str:
    """Name the format by the first bytes.

    Raises
    ------
    UnknownPictureFormat
        With what the file is, where that can be told.
    """
    for magic, name in MAGIC:
        if content.startswith(magic):
            return name
    raise UnknownPictureFormat(_foreign(content), expected)


def _foreign(content: bytes) -> str:
    if content[4:8] == b"ftyp":
        return "a HEIC or AVIF picture or a film: convert it to JPEG"
    if content[:4] == b"RIFF":
        return "a WebP picture or a RIFF file: convert it to JPEG"
    if is_dicom(content):
        return "a DICOM file"
    stripped = content[:64].lstrip()
    for magic, name in NOT_READ:
        if stripped.startswith(magic):
            return name
    return "no known picture format"


def decode_photograph(file: RecordingFile, side_px: int, expected: str = EXPECTED) -> Photograph:
    """Decode a picture whose shorter side should keep at least `side_px` pixels.

    A larger JPEG is decoded at a half, a quarter or an eighth at once, which costs a third; other
    formats are averaged down to the same size. `expected` is what the refusal of another format
    names.

    Raises
    ------
    UnreadableUpload
        Always one of the subclasses in `unreadable.py`, whatever the bytes are.
    """
    name = file_format(file.content, expected)
    require_weight(len(file.content))
    return _decoded(lambda: _photograph(file.content, name, side_px), name)


def require_weight(n_bytes: int) -> None:
    if n_bytes > MAX_MEGABYTES * 1_000_000:
        raise PictureTooLarge(f"{n_bytes / 1_000_000:.0f} megabytes")


def require_size(width: int, height: int) -> None:
    """Refuse, by what a header says, what is too large to decode or too small to measure anything
    on.

    Raises
    ------
    PictureTooLarge, PictureTooSmall
    """
    if width * height > MAX_MEGAPIXELS * 1_000_000:
        raise PictureTooLarge(f"{width * height / 1_000_000:.0f} megapixels")
    if min(width, height) < MIN_SIDE_PX:
        raise PictureTooSmall(width, height)


def _decoded(decode: Callable[[], Photograph], name: str) -> Photograph:
    try:
        with warnings.catch_warnings(action="ignore"):  # they would quote the file
            return decode()
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as bomb:
        raise PictureTooLarge("too many pixels") from bomb
    except (OSError, ValueError, TypeError, KeyError, IndexError, OverflowError) as damage:
        raise DamagedPicture(name) from damage
    except (SyntaxError, EOFError, MemoryError, AttributeError, ArithmeticError) as damage:
        raise DamagedPicture(name) from damage


def _photograph(content: bytes, name: str, side_px: int) -> Photograph:
    assert name in FORMATS
    with Image.open(BytesIO(content), formats=(name,)) as image:
        require_size(*image.size)
        _require_single(image)
        shown = image.size
        _draft(image, side_px)
        image.load()
        upright = _upright(image)
        size_px = shown[::-1] if _turned(image) else shown
        deep = _deep(upright)
        shrunk = _shrunk(_eight_bits(upright), side_px)
        return Photograph(np.asarray(shrunk.convert("RGB")), size_px, name, deep)


def _require_single(image: ImageFile.ImageFile) -> None:
    frames = int(getattr(image, "n_frames", 1))
    if frames > 1 and image.format != BEHIND_A_PHOTOGRAPH:
        raise SeveralFrames(frames)


def _draft(image: ImageFile.ImageFile, side_px: int) -> None:
    """Let the JPEG decoder work at a fraction of the size, never below `side_px`."""
    image.draft(None, (side_px, side_px))


def _orientation(image: Image.Image) -> int:
    with suppress(Exception):  # a damaged note about a whole picture: taken as it lies
        return int(image.getexif().get(0x0112, 1))
    return 1


def _turned(image: Image.Image) -> bool:
    return _orientation(image) in {5, 6, 7, 8}


def _upright(image: Image.Image) -> Image.Image:
    return ImageOps.exif_transpose(image) if _orientation(image) in range(2, 9) else image


def _deep(image: Image.Image) -> npt.NDArray[np.uint16] | None:
    if image.mode not in DEEP:
        return None
    deep: npt.NDArray[np.uint16] = np.clip(np.asarray(image), 0, DEEP[image.mode]).astype(np.uint16)
    return deep


def _eight_bits(image: Image.Image) -> Image.Image:
    """Gray or color of 8 bits; transparency is ignored, for it hides nothing that was measured.

    Raises
    ------
    UnsupportedPicture
        For modes such as floating point.
    """
    deep = _deep(image)
    if deep is not None:
        return Image.fromarray((deep >> 8).astype(np.uint8))
    if image.mode not in {"1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr"}:
        raise UnsupportedPicture(
            f"The picture's pixels are of the kind {image.mode}; expected gray or color of 8 bits."
        )
    return image.convert("L" if image.mode in {"1", "L", "LA"} else "RGB")


def _shrunk(image: Image.Image, side_px: int) -> Image.Image:
    for factor in SHRINKS:
        if min(image.size) >= factor * side_px:
            return image.reduce(factor)
    return image
