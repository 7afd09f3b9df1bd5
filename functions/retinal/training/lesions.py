"""Train the network of lesions from masks of IDRiD, and write it to `models/`.

    python -m functions.retinal.training.lesions DATA

It learns from the photos with masks, and from photos of eyes without retinopathy as empty ones.
Figures are those on the graded photos of all other eyes.
"""

import argparse
import time
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image
from rich.progress import track
from scipy import ndimage
from torch import nn

from functions.retinal.canvas import bring_to_scale, resample
from functions.retinal.lesions import PIXELS_PER_DEGREE, Lesion
from functions.retinal.training.candidates import lesions_on
from functions.retinal.training.patches import Labelled, Patches, as_bytes
from functions.retinal.training.photos import (
    IDRID,
    IDRID_DEG,
    Graded,
    Photo,
    graded_for_lesions,
    idrid_lesions,
    read_photo,
)
from functions.retinal.training.scores import area_interval
from local.training.augmentation import Geometry, Photometry
from local.training.export import Probabilities, export
from local.training.loop import Schedule, fit
from local.training.losses import cross_entropy_and_dice
from local.training.model_card import Figure, ModelCard, figure, write_card
from local.training.unet import UNet, n_parameters

MODEL = Path(__file__).parents[1] / "models" / "lesions.onnx"

MASKS = {
    Lesion.MICROANEURYSM: "MA",
    Lesion.HEMORRHAGE: "HE",
    Lesion.HARD_EXUDATE: "EX",
    Lesion.SOFT_EXUDATE: "SE",
}
WIDTHS = (8, 16, 32, 48, 64)
SCHEDULE = Schedule(steps=1500, peak_rate=3e-3, average=0.995, seed=1)
DICE_WEIGHT = 0.7
PATCH_PX = 256
BATCH = 6  # of them four with masks
KEPT_SCALE = 1.4  # of photos with masks, relative to PIXELS_PER_DEGREE: what the files hold
COVERED = 77  # of 255: a pixel is lesion when three tenths of it are covered
SPOTS = 60  # drawn of each lesion's parts, so that a photo full of one kind shows the others too
GEOMETRY = Geometry(zoom=(0.8, 1.25), shift=0.2)
REFERABLE = 2  # ICDR grade
UNSEEN = "IDRiD, graded photos of eyes that the network has not seen"


def masked(photo: Photo, masks: dict[str, Image.Image], rng: np.random.Generator) -> Labelled:
    scale = photo.degrees * PIXELS_PER_DEGREE * KEPT_SCALE
    canvas = bring_to_scale(photo.image, photo.field, scale)
    side = len(canvas.rgb)
    none = np.zeros((side, side), np.float32)
    label = as_bytes(
        np.stack(
            [
                resample(masks[name], photo.field, canvas.photo_px, side) if name in masks else none
                for name in MASKS.values()
            ],
            axis=-1,
        )
    )
    inside = canvas.inside.astype(np.uint8) * 255
    spots = spots_of(label, rng)
    return Labelled(as_bytes(canvas.rgb), label, inside, KEPT_SCALE, COVERED, spots)


def spots_of(label: npt.NDArray[np.uint8], rng: np.random.Generator) -> npt.NDArray[np.int_]:
    """Columns and rows of lesions, as many of each kind that the photo has."""
    spots = [np.empty((0, 2), int)]
    for kind in range(label.shape[-1]):
        parts, count = ndimage.label(label[..., kind] > COVERED)
        if count:
            places = ndimage.center_of_mass(parts > 0, parts, range(1, count + 1))
            spots.append(np.array(places)[:, ::-1].astype(int)[rng.integers(0, count, SPOTS)])
    return np.concatenate(spots)


def empty(row: Graded) -> Labelled:
    photo = read_photo(row.path, IDRID_DEG)
    canvas = bring_to_scale(photo.image, photo.field, photo.degrees * PIXELS_PER_DEGREE)
    label = np.zeros((*canvas.inside.shape, len(MASKS)), np.uint8)
    return Labelled(as_bytes(canvas.rgb), label, canvas.inside.astype(np.uint8) * 255, 1.0, COVERED)


def train(data: Path, schedule: Schedule, device: str) -> tuple[nn.Module, int, int]:
    """Return the network and how many photos with masks and without lesions taught it."""
    with_masks = [masked(*pair, np.random.default_rng(0)) for pair in idrid_lesions(data)]
    without = [empty(row) for row in graded_for_lesions(data)[0]]
    model = fit(
        build=lambda: UNet(WIDTHS, n_in=3, n_out=len(MASKS)),
        draw=Patches([with_masks, with_masks, without], PATCH_PX, BATCH, GEOMETRY, Photometry()),
        loss=partial(cross_entropy_and_dice, dice_weight=DICE_WEIGHT),
        schedule=schedule,
        name="lesions",
        device=device,
    )
    return model, len(with_masks), len(without)


def measured(data: Path) -> list[Figure]:
    rows = graded_for_lesions(data)[1]
    lesions = [lesions_on(read_photo(row.path, IDRID_DEG)) for row in track(rows, "lesions")]
    referable = np.array([row.grade >= REFERABLE for row in rows])
    edema = np.array([row.edema_risk > 0 for row in rows])
    hemorrhages = np.array([float(item.hemorrhages) for item in lesions])
    exudate = np.array([item.share(Lesion.HARD_EXUDATE) for item in lesions])
    healthy = np.array([row.grade == 0 for row in rows])
    areas = {
        "referable_by_hemorrhages_auc": area_interval(hemorrhages, referable),
        "edema_risk_by_exudate_auc": area_interval(exudate, edema),
    }
    return [
        *(Figure(name, *area, len(rows), UNSEEN) for name, area in areas.items()),
        figure("hemorrhages_graded_0", hemorrhages[healthy], UNSEEN),
        figure("exudate_percent_graded_0", 100 * exudate[healthy], UNSEEN),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--device", default="cpu")
    asked = parser.parse_args()
    started = time.process_time()
    model, n_masked, n_empty = train(asked.data, SCHEDULE, asked.device)
    minutes = (time.process_time() - started) / 60
    write(model, n_masked + n_empty, minutes, asked.data)


def write(model: nn.Module, n_photos: int, cpu_minutes: float, data: Path) -> None:
    """Export the network and write its card, first without figures: they are taken of the file."""
    export(Probabilities(model), MODEL, (1, 3, PATCH_PX, PATCH_PX), dynamic=True)
    card = partial(
        ModelCard,
        name="retinal-lesions", version="1",
        purpose="Probability of each pixel to be a lesion, for candidates that a person looks at.",
        input="RGB of 0 to 1, 16 px per degree, surround filled; sides multiples of 16",
        output="probability of microaneurysm, hemorrhage, hard and soft exudate per pixel",
        architecture=f"U-Net, widths {WIDTHS}", n_parameters=n_parameters(model),
        licence="Apache-2.0", trained_on=[IDRID.of(n_photos)],
        split="photos with masks, and of eyes graded 0 every other; figures on all other eyes",
        training=f"{SCHEDULE.steps} steps of {BATCH} patches of {PATCH_PX} px",
        cpu_minutes=round(cpu_minutes, 1), seeds=[SCHEDULE.seed],
        limits=[
            "One camera and one clinic; one seed: the spread over seeds was not measured",
            "No photo with masks was kept: agreement with masks was not measured",
            "Reflexes of the retina of young eyes are taken for exudate",
        ],
    )  # fmt: skip
    write_card(card(figures=[]), MODEL)
    write_card(card(figures=measured(data)), MODEL)


if __name__ == "__main__":
    main()
