"""Why a file is no picture that can be read, and how large a picture may be."""

from shared.errors import UnreadableUpload

MAX_MEGABYTES = 25
MAX_MEGAPIXELS = 40
# As a method card says them.
LIMITS = {"max_megapixels": MAX_MEGAPIXELS, "max_megabytes": MAX_MEGABYTES}
MIN_SIDE_PX = 64
FORMATS = ("JPEG", "PNG", "TIFF")


class UnknownPictureFormat(UnreadableUpload):
    """The first bytes are those of no format that is read here."""

    code = "unknown-format"

    def __init__(self, beginning: str, expected: str) -> None:
        super().__init__(f"The file begins like {beginning}; expected {expected}.")


class DamagedPicture(UnreadableUpload):
    """The format is known, but the content does not decode."""

    code = "malformed-recording"

    def __init__(self, file_format: str) -> None:
        super().__init__(
            f"The file begins like {file_format}, but its content is damaged or incomplete; "
            "expected a whole picture."
        )


class UnsupportedPicture(UnreadableUpload):
    """The format is known, but the encoding inside is not read."""

    code = "unsupported-encoding"


class PictureTooLarge(UnreadableUpload):
    """The picture has more bytes or pixels than are decoded; it was refused before decoding."""

    code = "picture-too-large"

    def __init__(self, size: str) -> None:
        super().__init__(
            f"The picture has {size}; expected at most {MAX_MEGABYTES} megabytes "
            f"and {MAX_MEGAPIXELS} megapixels."
        )


class PictureTooSmall(UnreadableUpload):
    """The picture has too few pixels to measure anything."""

    code = "picture-too-small"

    def __init__(self, width: int, height: int, expected_px: int = MIN_SIDE_PX) -> None:
        super().__init__(
            f"The picture has {width} x {height} pixels; expected at least {expected_px} "
            "on the short side."
        )


class SeveralFrames(UnreadableUpload):
    """The file is an animation, a stack or a document of several pages."""

    code = "several-frames"

    def __init__(self, frames: int) -> None:
        super().__init__(f"The file holds {frames} pictures; expected a single one.")


class SeveralPictures(UnreadableUpload):
    """More files came than the one picture that is measured."""

    code = "too-many-files"

    def __init__(self, files: int) -> None:
        super().__init__(f"{files} files came; expected one picture.")
