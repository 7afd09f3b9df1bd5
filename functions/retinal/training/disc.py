"""Train the optic disc network from masks of IDRiD, and write it to `models/`.

python -m functions.retinal.training.disc DATA
"""

import argparse
import time
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image
from torch import nn

from functions.retinal.canvas import PIXELS_PER_DEGREE as CANVAS_SCALE
from functions.retinal.canvas import bring_to_scale, on_photo, resample
from functions.retinal.field import Mask
from functions.retinal.optic_disc import PIXELS_PER_DEGREE, locate_disc
from functions.retinal.training.maps import batch_maps
from functions.retinal.training.patches import Labelled, Patches, as_bytes
from functions.retinal.training.photos import IDRID, Photo, idrid_lesions
from local.training.augmentation import Geometry, Photometry
from local.training.export import Probabilities, export
from local.training.loop import Schedule, fit
from local.training.losses import cross_entropy_and_dice
from local.training.model_card import Figure, ModelCard, figure, write_card
from local.training.unet import UNet, n_parameters

MODEL = Path(__file__).parents[1] / "models" / "disc.onnx"

WIDTHS = (8, 16, 32, 48, 64)
# The average forgets its start within 500 steps (0.99 to the 500th is under 1 %).
SCHEDULE = Schedule(steps=500, peak_rate=3e-3, average=0.99, seed=1)
DICE_WEIGHT = 1.0
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


def train(photos: list[Labelled], device: str) -> nn.Module:
    return fit(
        build=lambda: UNet(WIDTHS, n_in=3, n_out=1),
        draw=Patches([photos], PATCH_PX, BATCH, GEOMETRY, LIGHT),
        loss=partial(cross_entropy_and_dice, dice_weight=DICE_WEIGHT),
        schedule=SCHEDULE,
        name="optic disc",
        device=device,
    )


def photos_with_disc(data: Path) -> list[tuple[Photo, dict[str, Image.Image]]]:
    return [pair for pair in idrid_lesions(data) if "OD" in pair[1]]


def measured(model: nn.Module, photos: list[tuple[Photo, dict[str, Image.Image]]]) -> list[Figure]:
    """Overlap of the outlined disc with the expert's, 0 where there is none, and centers in it."""
    dice, hits = [], []
    for photo, masks in photos:
        canvas = bring_to_scale(photo.image, photo.field, photo.degrees * CANVAS_SCALE)
        disc = locate_disc(photo.image, canvas, photo.degrees, partial(batch_maps, model))
        truth = np.asarray(masks["OD"]) > 0
        if disc is None:
            dice.append(0.0)
            hits.append(0.0)
            continue
        drawn = on_photo(disc.mask.astype(np.float32), canvas, photo.image.size) > 1 / 2
        column, row, _ = disc.on_photo(canvas)
        hits.append(float(truth[int(row), int(column)]))
        dice.append(overlap(drawn, truth))
    data = "IDRiD, a third of the photos that the network had not seen"
    return [figure("dice", dice, data), figure("center_in_disc", hits, data)]


def overlap(drawn: Mask, truth: Mask) -> float:
    return 2 * int((drawn & truth).sum()) / int(drawn.sum() + truth.sum())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--device", default="cpu")
    asked = parser.parse_args()
    photos = photos_with_disc(asked.data)
    items = [labelled(*pair) for pair in photos]
    training = [item for index, item in enumerate(items) if index % 3]
    figures = measured(train(training, asked.device), photos[::3])
    for line in figures:
        print(line)
    started = time.process_time()
    model = train(items, asked.device)
    minutes = (time.process_time() - started) / 60
    export(Probabilities(model), MODEL, (1, 3, PATCH_PX, PATCH_PX), dynamic=True)
    write_card(
        ModelCard(
            name="retinal-optic-disc", version="1",
            purpose="Probability that a pixel of a fundus photo belongs to the optic disc.",
            input="RGB of 0 to 1, 4 px per degree, surround filled; sides multiples of 16",
            output="probability per pixel", architecture=f"U-Net, widths {WIDTHS}",
            n_parameters=n_parameters(model), licence="Apache-2.0",
            trained_on=[IDRID.of(len(items))], split="every third photo kept for the figures",
            training=f"{SCHEDULE.steps} steps of {BATCH} photos",
            cpu_minutes=round(minutes, 1),
            seeds=[SCHEDULE.seed], figures=figures,
            limits=["Cup and rim are not told apart", "One camera and one clinic"],
        ),
        MODEL,
    )  # fmt: skip


if __name__ == "__main__":
    main()
