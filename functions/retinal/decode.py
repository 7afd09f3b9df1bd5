"""Bytes to a fundus photo."""

from dataclasses import dataclass

from PIL import Image

from shared.recording import RecordingFile
from shared.science.images.decode import decode_photograph, only_file

# Of the shorter side: the canvas shows 12 pixels per degree, 540 to 720 for a whole field.
SIDE_PX = 1000


@dataclass(frozen=True)
class FundusPhoto:
    """A photo upright; `size_px`, width and height, is that of the file.

    `image` may be a whole fraction of it: `file_px` is the number of the file's pixels per pixel.
    """

    image: Image.Image
    size_px: tuple[int, int]
    file_format: str

    @property
    def file_px(self) -> float:
        return self.size_px[0] / self.image.width


def decode_photo(files: tuple[RecordingFile, ...]) -> FundusPhoto:
    """Decode the one picture.

    Raises
    ------
    UnreadableUpload
        One of its subclasses, whatever the bytes are.
    """
    photograph = decode_photograph(only_file(files), SIDE_PX)
    return FundusPhoto(Image.fromarray(photograph.rgb), photograph.size_px, photograph.file_format)
