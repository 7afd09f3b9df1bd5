"""Photos of IDRiD, which have no masks of vessels, with the vessels that trained networks see."""

from pathlib import Path

import numpy as np
from PIL import Image
from torch import nn

from functions.retinal.field import PIXELS_PER_DEGREE, Canvas, Floats, bring_to_scale, resample
from functions.retinal.training.maps import probabilities
from functions.retinal.training.patches import Labelled, as_bytes
from functions.retinal.training.photos import (
    IDRID_DEG,
    Photo,
    idrid_grades,
    idrid_lesions,
    read_photo,
)

KEPT_SCALE = 1.5  # of what is kept in memory, relative to PIXELS_PER_DEGREE; the files have 1.4
LESION_COVER = 0.5


def relabelled(data: Path, teachers: list[nn.Module], n_graded: int) -> list[Labelled]:
    """Photos with the teachers' mean probability; what is marked as a lesion is no vessel.

    `n_graded` photos of the graded part, evenly over its list, and all with masks of lesions.
    """
    graded = [row.path for row in idrid_grades(data)]
    picked = np.linspace(0, len(graded) - 1, n_graded).round().astype(int)
    plain = [_labelled(read_photo(graded[index], IDRID_DEG), {}, teachers) for index in picked]
    return plain + [_labelled(*pair, teachers) for pair in idrid_lesions(data)]


def _labelled(photo: Photo, masks: dict[str, Image.Image], teachers: list[nn.Module]) -> Labelled:
    field_px = photo.degrees * PIXELS_PER_DEGREE
    larger = bring_to_scale(photo.image, photo.field, field_px * KEPT_SCALE)
    label = _enlarged(_mean(teachers, bring_to_scale(photo.image, photo.field, field_px)), larger)
    for name, mask in masks.items():
        if name != "OD":
            lesion = resample(mask, photo.field, larger.photo_px, len(larger.rgb))
            label = np.where(lesion > LESION_COVER, np.float32(0), label)
    inside = larger.inside.astype(np.uint8) * 255
    return Labelled(as_bytes(larger.rgb), as_bytes(label)[..., None], inside, KEPT_SCALE, None)


def _mean(teachers: list[nn.Module], canvas: Canvas) -> Floats:
    """Mean over the teachers, each shown the canvas as it is and mirrored."""
    mirrored = np.ascontiguousarray(canvas.rgb[:, ::-1])
    views = [probabilities(teacher, canvas.rgb)[0] for teacher in teachers]
    views += [probabilities(teacher, mirrored)[0, :, ::-1] for teacher in teachers]
    return np.mean(views, axis=0, dtype=np.float32)


def _enlarged(image: Floats, canvas: Canvas) -> Floats:
    """Bring a map at the scale of the networks to the larger canvas around the same middle."""
    size = len(canvas.rgb)
    margin = (len(image) - size / KEPT_SCALE) / 2
    coefficients = (1 / KEPT_SCALE, 0.0, margin, 0.0, 1 / KEPT_SCALE, margin)
    resampled = Image.fromarray(image).transform(
        (size, size), Image.Transform.AFFINE, coefficients, Image.Resampling.BILINEAR
    )
    return np.asarray(resampled, np.float32)
