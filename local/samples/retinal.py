"""The fundus photos that the demo shows: name, age in days, and how to make the file."""

from collections.abc import Callable, Sequence

from local.samples.fundus import fundus
from shared.recording import RecordingFile


def _right() -> Sequence[RecordingFile]:
    return [RecordingFile("fundus.jpg", fundus(right_eye=True, seed=1).jpeg)]


def _left() -> Sequence[RecordingFile]:
    return [RecordingFile("fundus.jpg", fundus(right_eye=False, seed=2).jpeg)]


SAMPLES: list[tuple[str, int, Callable[[], Sequence[RecordingFile]]]] = [
    ("right eye, JPEG", 40, _right),
    ("left eye, JPEG", 39, _left),
]
