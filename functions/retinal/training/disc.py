"""Train the optic disc network from masks of IDRiD, and write it to `models/`.

python -m functions.retinal.training.disc DATA
"""

from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image
from torch import nn

from functions.retinal.field import bring_to_scale, resample
from functions.retinal.training.patches import Labelled, Patches, as_bytes
from functions.retinal.training.photos import Photo, idrid_lesions
from local.training.augmentation import Geometry, Photometry
from local.training.loop import Schedule, fit
from local.training.losses import cross_entropy_and_dice
from local.training.unet import UNet

MODEL = Path(__file__).parents[1] / "models" / "disc.onnx"

WIDTHS = (8, 16, 32, 48, 64)
SCHEDULE = Schedule(steps=500, peak_rate=3e-3, average=0.99, seed=1)
DICE_WEIGHT = 1.0
PIXELS_PER_DEGREE = 4.0
KEPT_SCALE = 2.0  # of what is kept in memory, relative to the scale above
PATCH_PX = 208
BATCH = 6
GEOMETRY = Geometry(zoom=(0.75, 1.3), shift=0.125)
LIGHT = Photometry(gamma=0.45)


def labelled(photo: Photo, masks: dict[str, Image.Image]) -> Labelled:
    canvas = bring_to_scale(
        photo.image, photo.field, photo.degrees * PIXELS_PER_DEGREE * KEPT_SCALE
    )
    label = resample(masks["OD"], photo.field, canvas.photo_px, len(canvas.rgb))
    middle = np.full((1, 2), len(canvas.rgb) // 2)
    return Labelled(
        as_bytes(canvas.rgb), as_bytes(label)[..., None],
        np.full(label.shape, 255, np.uint8), KEPT_SCALE, None, middle,
    )  # fmt: skip


def train(photos: list[Labelled], schedule: Schedule, device: str) -> nn.Module:
    return fit(
        build=lambda: UNet(WIDTHS, n_in=3, n_out=1),
        draw=Patches([photos], PATCH_PX, BATCH, GEOMETRY, LIGHT),
        loss=partial(cross_entropy_and_dice, dice_weight=DICE_WEIGHT),
        schedule=schedule,
        name=f"optic disc, seed {schedule.seed}",
        device=device,
    )


def photos_with_disc(data: Path) -> list[tuple[Photo, dict[str, Image.Image]]]:
    return [pair for pair in idrid_lesions(data) if "OD" in pair[1]]
