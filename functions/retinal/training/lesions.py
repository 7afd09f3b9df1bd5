"""Train the lesion network from masks of IDRiD, and write it to `models/`.

python -m functions.retinal.training.lesions DATA

DATA is the folder of labelled recordings (tests/accuracy/README.md).
"""

import argparse
import time
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image
from torch import nn

from functions.retinal.field import bring_to_scale, resample
from functions.retinal.lesions import PIXELS_PER_DEGREE
from functions.retinal.training.patches import Labelled, Patches, as_bytes
from functions.retinal.training.photos import IDRID, Photo, idrid_lesions
from local.training.augmentation import Geometry, Photometry
from local.training.export import Probabilities, export
from local.training.loop import Schedule, fit
from local.training.losses import cross_entropy_and_dice
from local.training.model_card import ModelCard, write_card
from local.training.unet import UNet, n_parameters

MODEL = Path(__file__).parents[1] / "models" / "lesions.onnx"

MASKS = ("MA", "HE", "EX", "SE")  # microaneurysms, hemorrhages, hard and soft exudates
WIDTHS = (8, 16, 32, 48, 64)
SCHEDULE = Schedule(steps=600, peak_rate=3e-3, average=0.99, seed=1)
DICE_WEIGHT = 0.7
KEPT_SCALE = 1.4
PATCH_PX = 192
BATCH = 4
COVERED = 0.35  # a microaneurysm has few pixels: it must not vanish when the photo shrinks
GEOMETRY = Geometry(zoom=(0.8, 1.25), shift=0.2)
LIGHT = Photometry()


def labelled(photo: Photo, masks: dict[str, Image.Image]) -> Labelled:
    canvas = bring_to_scale(
        photo.image, photo.field, photo.degrees * PIXELS_PER_DEGREE * KEPT_SCALE
    )
    size = len(canvas.rgb)
    channels = [
        resample(masks[kind], photo.field, canvas.photo_px, size)
        if kind in masks
        else np.zeros((size, size), np.float32)
        for kind in MASKS
    ]
    label = as_bytes(np.stack(channels, axis=-1))
    kinds = [np.argwhere(label[..., index] > 0)[:, ::-1] for index in range(len(MASKS))]
    per_kind = max(len(points) for points in kinds)
    # Each kind has as many spots as the most extensive: microaneurysms are drawn as often.
    spots = [np.resize(points, (per_kind, 2)) for points in kinds if len(points)]
    return Labelled(
        as_bytes(canvas.rgb), label, canvas.inside.astype(np.uint8) * 255, KEPT_SCALE,
        round(COVERED * 255), np.concatenate(spots) if spots else np.empty((0, 2), int),
    )  # fmt: skip


def train(photos: list[Labelled], schedule: Schedule, device: str) -> nn.Module:
    return fit(
        build=lambda: UNet(WIDTHS, n_in=3, n_out=len(MASKS)),
        draw=Patches([photos], PATCH_PX, BATCH, GEOMETRY, LIGHT),
        loss=partial(cross_entropy_and_dice, dice_weight=DICE_WEIGHT),
        schedule=schedule,
        name=f"lesions, seed {schedule.seed}",
        device=device,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--device", default="cpu")
    asked = parser.parse_args()
    items = [labelled(*pair) for pair in idrid_lesions(asked.data)]
    started = time.process_time()
    model = train(items, SCHEDULE, asked.device)
    minutes = (time.process_time() - started) / 60
    export(Probabilities(model), MODEL, (1, 3, PATCH_PX, PATCH_PX), dynamic=True)
    write_card(
        ModelCard(
            name="retinal-lesions", version="1",
            purpose="Probability that a pixel of a fundus photo belongs to a diabetic lesion.",
            input="RGB of 0 to 1, 16 px per degree, surround filled; sides multiples of 16",
            output="probabilities per pixel: microaneurysm, hemorrhage, hard and soft exudate",
            architecture=f"U-Net, widths {WIDTHS}", n_parameters=n_parameters(model),
            licence="Apache-2.0", trained_on=[IDRID.of(len(items))],
            split="all photos with masks; what the candidates are worth is measured by the grade, "
            "on eyes without masks (referable.json)",
            training=f"{SCHEDULE.steps} steps of {BATCH} patches", cpu_minutes=round(minutes, 1),
            seeds=[SCHEDULE.seed], figures=[],
            limits=["One camera and one clinic", "Candidates: dust and vessel ends look alike"],
        ),
        MODEL,
    )  # fmt: skip


if __name__ == "__main__":
    main()
