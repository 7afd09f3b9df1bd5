"""The skin lesions that the demo shows: name, age in days, fields, and how to make the file."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from io import BytesIO

import numpy as np
import numpy.typing as npt
from PIL import Image

from local.samples.clutter import Clutter
from local.samples.lesion import Lesion, Scene, draw
from shared.recording import RecordingFile

JPEG_QUALITY = 92
NEVUS = Scene(
    lesion=Lesion(diameter=0.34, density=0.8, roughness=0.02, mottling=0.1, network=0.3),
    clutter=Clutter(ruler_mm=18.0),
    height_px=600,
    width_px=800,
    seed=21,
)
GROWN = replace(NEVUS, lesion=replace(NEVUS.lesion, diameter=0.44, density=1.1), seed=21)
IRREGULAR = Scene(
    lesion=Lesion(
        diameter=0.55,
        density=1.1,
        roughness=0.09,
        dark_share=0.3,
        blue_share=0.2,
        skew=0.3,
        globules=30,
        edge_variation=1.0,
    ),
    clutter=Clutter(rim=0.62, rim_softness=0.05),
    height_px=600,
    width_px=800,
    seed=22,
)
CLINICAL = Scene(
    lesion=Lesion(diameter=0.2, density=0.7), freckles=6, height_px=800, width_px=600, seed=23
)


def file_of(picture: npt.NDArray[np.uint8], picture_format: str = "PNG") -> RecordingFile:
    """A picture as somebody would send it."""
    stream = BytesIO()
    Image.fromarray(picture).save(stream, picture_format, quality=JPEG_QUALITY)
    suffix = {"PNG": "png", "JPEG": "jpg", "TIFF": "tiff"}[picture_format]
    return RecordingFile(f"lesion.{suffix}", stream.getvalue())


def _of(scene: Scene, picture_format: str) -> Callable[[], Sequence[RecordingFile]]:
    return lambda: [file_of(draw(scene).picture, picture_format)]


DERMOSCOPY = {"image_source": "dermoscopy"}
NEVUS_FIELDS = {**DERMOSCOPY, "lesion_key": "back-1", "body_location": "back"}

SAMPLES: list[tuple[str, int, Mapping[str, str], Callable[[], Sequence[RecordingFile]]]] = [
    ("nevus, PNG", 190, NEVUS_FIELDS, _of(NEVUS, "PNG")),
    ("nevus half a year later, PNG", 10, NEVUS_FIELDS, _of(GROWN, "PNG")),
    ("irregular lesion, JPEG", 9, DERMOSCOPY, _of(IRREGULAR, "JPEG")),
    ("lesion by a phone, JPEG", 8, {"image_source": "clinical"}, _of(CLINICAL, "JPEG")),
]
