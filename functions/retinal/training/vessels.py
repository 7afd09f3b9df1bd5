"""Train the vessel network from gold masks of HRF and photos of IDRiD, and write it to `models/`.

    python -m functions.retinal.training.vessels DATA

DATA is the folder of labelled recordings (tests/accuracy/README.md). Three small teachers learn
from HRF; their mean labels photos of IDRiD, which have no vessel masks; the network that is
written learns from both. DRIVE is measured on at the end, and nothing is chosen by it.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image
from torch import nn

from functions.retinal.field import (
    PIXELS_PER_DEGREE,
    Canvas,
    Floats,
    bring_to_scale,
    on_photo,
    resample,
)
from functions.retinal.training.maps import probabilities
from functions.retinal.training.patches import Labelled, Patches, as_bytes, halved
from functions.retinal.training.photos import (
    IDRID_DEG,
    Photo,
    drive,
    hrf,
    idrid_grades,
    idrid_lesions,
    read_photo,
    same_eye_as_lesions,
)
from functions.retinal.training.scores import Score, score
from local.training.augmentation import Geometry, Photometry
from local.training.loop import Schedule, fit
from local.training.losses import cross_entropy_and_dice
from local.training.unet import UNet

MODEL = Path(__file__).parents[1] / "models" / "vessels.onnx"

TEACHER_WIDTHS = (8, 16, 32, 64)
STUDENT_WIDTHS = (16, 32, 64, 128)
TEACHER_SEEDS = (1, 2, 3)
TEACHER = Schedule(steps=2000)
STUDENT = Schedule(steps=5000, seed=1)
DICE_WEIGHT = 0.5

PATCH_PX = 160
BATCH = 4
HRF_SCALE = 2.0  # of what is kept in memory, relative to PIXELS_PER_DEGREE
IDRID_SCALE = 1.5
ZOOM = Geometry(zoom=(0.75, 1.43), shift=0.0)
LIGHT = Photometry()
N_IDRID = 160

# A pixel is vessel when this share of it is covered by the gold mask, which is drawn at 4.5 times
# the scale: the largest share at which 98 % of the gold center line is kept (median over HRF),
# see `kept_center_line`.
COVERED = 0.1


def on_canvas(photo: Photo, scale: float = 1.0) -> Canvas:
    return bring_to_scale(photo.image, photo.field, photo.degrees * PIXELS_PER_DEGREE * scale)


def gold(photo: Photo, mask: Image.Image) -> Labelled:
    """A photo of HRF; its mask is drawn at a multiple of the photo's size."""
    canvas = on_canvas(photo, HRF_SCALE)
    larger = mask.width / photo.image.width
    field = photo.field
    moved = type(field)(
        field.x_px * larger, field.y_px * larger, field.diameter_px * larger, 1, 1, 0
    )
    covered = resample(mask, moved, canvas.photo_px * larger, len(canvas.rgb))
    return Labelled(
        as_bytes(canvas.rgb), as_bytes(covered)[..., None], canvas.inside.astype(np.uint8) * 255,
        HRF_SCALE, round(COVERED * 255),
    )  # fmt: skip


def train(
    sources: list[list[Labelled]], widths: tuple[int, ...], schedule: Schedule, device: str
) -> nn.Module:
    return fit(
        build=lambda: UNet(widths, n_in=3, n_out=1),
        draw=Patches(sources, PATCH_PX, BATCH, ZOOM, LIGHT),
        loss=partial(cross_entropy_and_dice, dice_weight=DICE_WEIGHT),
        schedule=schedule,
        name=f"vessels, widths from {widths[0]}, seed {schedule.seed}",
        device=device,
    )


def relabelled(data: Path, teachers: list[nn.Module], n_photos: int) -> list[Labelled]:
    """Photos of IDRiD with the teachers' mean probability; where a lesion is marked, none."""
    masked = same_eye_as_lesions(data)
    graded = [row.path for row in idrid_grades(data) if row.path.name not in masked]
    step = max(1, len(graded) // n_photos)
    photos: list[tuple[Photo, dict[str, Image.Image]]] = [
        (read_photo(path, IDRID_DEG), {}) for path in graded[::step][:n_photos]
    ]
    return [_relabelled(*pair, teachers) for pair in [*photos, *idrid_lesions(data)]]


def _relabelled(photo: Photo, masks: dict[str, Image.Image], teachers: list[nn.Module]) -> Labelled:
    canvas, work = on_canvas(photo, IDRID_SCALE), on_canvas(photo)
    size = (len(canvas.rgb),) * 2
    mean = np.mean([probabilities(teacher, work.rgb)[0] for teacher in teachers], axis=0)
    middle = len(work.rgb) / 2 - len(canvas.rgb) / (2 * IDRID_SCALE)
    box = (middle, middle, len(work.rgb) - middle, len(work.rgb) - middle)
    label = np.asarray(Image.fromarray(mean).resize(size, Image.Resampling.BILINEAR, box=box))
    for name, mask in masks.items():
        if name != "OD":
            lesion = resample(mask, photo.field, canvas.photo_px, len(canvas.rgb))
            label = np.where(lesion > 1 / 2, 0, label)
    inside = canvas.inside.astype(np.uint8) * 255
    return Labelled(as_bytes(canvas.rgb), as_bytes(label)[..., None], inside, IDRID_SCALE, None)


def score_drive(predict: Callable[[Canvas], Floats], data: Path) -> list[Score]:
    scores = []
    for photo, truth, field in drive(data):
        canvas = on_canvas(photo)
        probable = on_photo(predict(canvas), canvas, photo.image.size)
        scores.append(score(probable, truth, field))
    return scores


def score_hrf(predict: Callable[[Canvas], Floats], data: Path) -> list[Score]:
    """Score the photos of HRF left out, with the mask at the scale of the network."""
    scores = []
    for photo, mask in hrf(data, validation=True):
        canvas = on_canvas(photo)
        covered = halved(gold(photo, mask).label.astype(np.float32) / 255)[..., 0]
        shrunk = np.pad(covered, (len(canvas.rgb) - len(covered)) // 2)
        scores.append(score(predict(canvas), shrunk > COVERED, canvas.inside))
    return scores
