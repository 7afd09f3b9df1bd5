"""Files of pictures as people send them, made here."""

from io import BytesIO

import numpy as np
import numpy.typing as npt
from PIL import Image

from shared.recording import RecordingFile


def gradient(width: int = 160, height: int = 120) -> Image.Image:
    """A picture whose red grows to the right and whose green grows downwards."""
    red = np.tile(np.linspace(0, 255, width), (height, 1))
    green = np.tile(np.linspace(0, 255, height)[:, None], (1, width))
    return Image.fromarray(np.dstack([red, green, np.full_like(red, 60)]).astype(np.uint8))


def encoded(image: Image.Image, file_format: str, **options: object) -> bytes:
    stream = BytesIO()
    image.save(stream, file_format, **options)
    return stream.getvalue()


def file_of(content: bytes, name: str = "picture") -> RecordingFile:
    return RecordingFile(name, content)


def jpeg(pixels: npt.NDArray[np.uint8], quality: int = 95) -> RecordingFile:
    return file_of(encoded(Image.fromarray(pixels), "JPEG", quality=quality))
