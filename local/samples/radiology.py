"""The chest films that the demo shows: name, age in days, and how to make the files."""

from collections.abc import Callable, Sequence
from io import BytesIO

import numpy as np
from PIL import Image

from local.samples.film import ChestFilm, draw
from shared.recording import RecordingFile

USUAL = ChestFilm()
SLENDER = ChestFilm(heart_width=0.30, thorax_width=0.76, seed=2)


def _film(film: ChestFilm) -> Callable[[], Sequence[RecordingFile]]:
    def make() -> Sequence[RecordingFile]:
        stream = BytesIO()
        gray = np.round(255 * draw(film).gray).astype(np.uint8)
        Image.fromarray(gray).save(stream, "PNG")
        return [RecordingFile("film.png", stream.getvalue())]

    return make


SAMPLES: list[tuple[str, int, Callable[[], Sequence[RecordingFile]]]] = [
    ("chest film, PNG", 70, _film(SLENDER)),
    ("later chest film, PNG", 8, _film(USUAL)),
]
