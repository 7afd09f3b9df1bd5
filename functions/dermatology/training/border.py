"""Train the border network on drawn lesions and the CC-0 pictures of ISIC, and write its card.

    python -m functions.dermatology.training.border [--data ../shared/data/dermatology]

Needs the dependency group `training`. PH2 is measured with the finished network and nothing else:
its licence lets nobody fit or choose anything on it.
"""

import argparse
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image
from rich.progress import track
from torch import nn

from functions.dermatology.border import find_border
from functions.dermatology.grids import Bytes, Mask, dice
from local.samples.lesion import draw
from local.samples.lesion_scenes import random_scene
from local.training.augmentation import (
    Batch,
    Geometry,
    Photometry,
    draw_affine,
    photometric,
    stack,
    warp,
)
from local.training.export import Probabilities, export
from local.training.loop import Schedule, fit
from local.training.losses import cross_entropy_and_dice
from local.training.model_card import Figure, ModelCard, Source, figure, write_card
from local.training.unet import UNet, n_parameters
from shared.science.models.network import load_network

MODEL = Path(__file__).parents[1] / "models" / "border.onnx"
WIDTHS = (8, 16, 32, 48, 64)
SIZE_HW = (144, 192)
N_DRAWN, N_CHECKED = 1200, 60
FIRST_DRAWN, FIRST_CHECKED = 10_000, 900_000
REAL_SHARE = 0.3
BATCH = 8
GEOMETRY = Geometry(zoom=(0.8, 1.7), shift=0.12)
LIGHT = Photometry()
DICE_WEIGHT = 1.0
SCHEDULE = Schedule(steps=2400, peak_rate=3e-3, average=0.995, seed=1)

type Labelled = tuple[Bytes, Bytes]


def pictures(folder: Path) -> Iterator[tuple[str, Bytes, Mask]]:
    """Pictures and borders of a folder whose borders end in `_lesion.png`."""
    for border in sorted(folder.glob("*_lesion.png")):
        name = border.name.removesuffix("_lesion.png")
        (path,) = (
            folder / f"{name}{end}"
            for end in (".jpg", ".png")
            if (folder / f"{name}{end}").exists()
        )
        mask = np.asarray(Image.open(border).convert("L")) > 127
        yield name, np.asarray(Image.open(path).convert("RGB")), mask


def drawn(first: int, count: int) -> list[Labelled]:
    scenes = (random_scene(seed) for seed in track(range(first, first + count), "drawing"))
    drawings = (draw(scene) for scene in scenes)
    return [(drawing.picture, as_bytes(drawing.lesion)) for drawing in drawings]


def as_bytes(mask: Mask) -> Bytes:
    return mask.astype(np.uint8) * 255


def batch(real: list[Labelled], synthetic: list[Labelled], rng: np.random.Generator) -> Batch:
    inputs, truths = [], []
    for _ in range(BATCH):
        source = real if rng.random() < REAL_SHARE else synthetic
        picture, mask = source[rng.integers(len(source))]
        height, width = mask.shape
        scale = min(SIZE_HW[0] / height, SIZE_HW[1] / width)
        matrix = draw_affine(rng, (width / 2, height / 2), SIZE_HW, GEOMETRY, scale)
        inputs.append(photometric(warp(picture, matrix, SIZE_HW), rng, LIGHT))
        truths.append(warp(mask, matrix, SIZE_HW))
    truth = stack(truths)
    return stack(inputs), truth, np.ones_like(truth)


def train(data: Path, schedule: Schedule, device: str) -> nn.Module:
    real = [(picture, as_bytes(mask)) for _, picture, mask in pictures(data / "isic_cc0")]
    synthetic = drawn(FIRST_DRAWN, N_DRAWN)
    return fit(
        build=lambda: UNet(WIDTHS, n_in=3, n_out=1),
        draw=partial(batch, real, synthetic),
        loss=partial(cross_entropy_and_dice, dice_weight=DICE_WEIGHT),
        schedule=schedule,
        name=f"lesion border, seed {schedule.seed}",
        device=device,
    )


def overlap(picture: Bytes, truth: Mask, model: Path) -> float:
    """Dice of the whole method with a border, 0 where it finds none."""
    border = find_border(picture, load_network(model))
    return 0.0 if border is None else dice(border.placed(truth.shape), truth)


def figures(model: Path, data: Path) -> list[Figure]:
    checked = [(p, m > 127) for p, m in drawn(FIRST_CHECKED, N_CHECKED)]
    measured = [overlap(picture, truth, model) for picture, truth in checked]
    external = [overlap(picture, truth, model) for _, picture, truth in pictures(data / "ph2")]
    return [
        figure("dice", measured, "drawn lesions not trained on"),
        figure("dice", external, "PH2, measured only"),
        figure("dice_below_0.6", [float(d < 0.6) for d in external], "PH2, measured only"),
    ]


def card(model: nn.Module, minutes: float, schedule: Schedule, measured: list[Figure]) -> ModelCard:
    return ModelCard(
        name="lesion-border",
        version="1",
        purpose="Chance that a pixel of a lesion's picture belongs to the lesion.",
        input="RGB of 0 to 1, longer side 192 px, sides multiples of 16",
        output="chance per pixel",
        architecture=f"U-Net, widths {WIDTHS}, normalization in the graph",
        n_parameters=n_parameters(model),
        licence="Apache-2.0",
        trained_on=[
            Source("drawn lesions", "Apache-2.0", "local/samples/lesion_scenes.py", N_DRAWN),
            Source("ISIC 2017 and 2018, task 1", "CC-0", "isic-archive.com", 12),
        ],
        split="PH2 and drawn lesions of other seeds are measured, never trained on",
        training=f"{schedule.steps} steps of {BATCH}, {REAL_SHARE:.0%} real pictures",
        cpu_minutes=round(minutes, 1),
        seeds=[schedule.seed],
        figures=measured,
        limits=[
            "Twelve real pictures: pale and amelanotic lesions are hardly among them",
            "PH2 is one clinic, one device, light skin and melanocytic lesions",
        ],
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/dermatology"))
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--seed", type=int, default=SCHEDULE.seed)
    parser.add_argument("--model", type=Path, default=MODEL)
    asked = parser.parse_args()
    schedule = replace(SCHEDULE, seed=asked.seed)
    started = time.process_time()
    model = train(asked.data, schedule, asked.device)
    minutes = (time.process_time() - started) / 60
    export(Probabilities(model), asked.model, (1, 3, *SIZE_HW), dynamic=True)
    write_card(card(model, minutes, schedule, []), asked.model)
    measured = figures(asked.model, asked.data)
    write_card(card(model, minutes, schedule, measured), asked.model)
    for line in measured:
        print(line)


if __name__ == "__main__":
    main()
