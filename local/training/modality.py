"""Train the network that tells a fundus photograph, a chest film and a skin lesion from the rest.

    python -m local.training.modality

Writes `shared/science/images/models/modality.onnx` and its card. Fundus: IDRiD and a third of HRF
(CC BY 4.0); chest: Wingspan (MIT); lesion: the CC0 pictures of ISIC and drawn ones; the rest: see
`decoys.py`. A fifth of everything is left out and measured. DRIVE, JSRT and PH2 are measured and
never trained on.
"""

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from rich.console import Console
from torch import Tensor, nn
from torch.nn import functional

from local.samples.lesion import draw
from local.samples.lesion_scenes import random_scene
from local.training import decoys
from local.training.augmentation import Batch, DrawBatch, Photometry, photometric, stack
from local.training.export import export
from local.training.loop import Schedule, fit
from local.training.model_card import Figure, ModelCard, Source, figure, write_card
from local.training.unet import n_parameters

type Pixels = npt.NDArray[np.uint8]

DATA = Path("../shared/data")
MODEL = Path("shared/science/images/models/modality.onnx")
CLASSES = ("fundus", "chest", "lesion", "other")
SIDE_PX, STORED_PX = 56, 84
WIDTHS = (12, 24, 32, 48)
STEPS, BATCH = 5000, 64
SHARES = (0.2, 0.2, 0.2, 0.4)
SMOOTHING = 0.03
CROPS, DRAWN, LESIONS = 24, 150, 400
HOLD_OUT = 5  # every fifth of a class is left out of the measured network
GRAY_SHARE = 0.15
PART_SHARE, COLLAGE_SHARE = 0.12, 0.25
PHOTOMETRY = Photometry(gamma=0.45, channel_gain=0.12, gain=0.2, slope=0.2, noise=0.03)


class Gate(nn.Module):
    """Logits `(n, 4)` of pictures `(n, 3, 56, 56)` of values of 0 to 1."""

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for n_in, n_out in zip((3, *WIDTHS), WIDTHS, strict=False):
            convolution = nn.Conv2d(n_in, n_out, 3, stride=2, padding=1, bias=False)
            layers += [convolution, nn.BatchNorm2d(n_out), nn.ReLU()]
        self.features = nn.Sequential(*layers)
        self.head = nn.Linear(2 * WIDTHS[-1], len(CLASSES))

    def forward(self, picture: Tensor) -> Tensor:
        features = self.features(picture - 0.5)
        pooled = torch.cat([features.mean((2, 3)), features.amax((2, 3))], dim=1)
        return self.head(pooled)


@dataclass(frozen=True)
class Album:
    """Pictures of one class, of a side of `STORED_PX`; what shows one thing stands together."""

    groups: list[list[Pixels]]

    def split(self) -> tuple["Album", "Album"]:
        """Return what trains and what is left out."""
        training = [group for index, group in enumerate(self.groups) if index % HOLD_OUT]
        return Album(training), Album(self.groups[::HOLD_OUT])

    @property
    def pictures(self) -> list[Pixels]:
        return [picture for group in self.groups for picture in group]


def stored(image: Image.Image) -> Pixels:
    small = image.convert("RGB").resize((STORED_PX, STORED_PX), Image.Resampling.BOX)
    return np.asarray(small)


def whole_and_middle(path: Path) -> list[Pixels]:
    """Return a picture as it is, and its middle as a square: cameras differ in their frame."""
    with Image.open(path) as image:
        image.draft("RGB", (256, 256))
        width, height = image.size
        side = min(width, height)
        left, top = (width - side) // 2, (height - side) // 2
        return [stored(image), stored(image.crop((left, top, left + side, top + side)))]


def photographs(folder: Path, pattern: str, every: int = 1) -> list[Path]:
    """Return the pictures of a folder, without the masks that lie beside them."""
    marks = ("_lung", "_heart", "_lesion", "_mask", "_vessels", "_fov", "_disc", "_manual1")
    paths = [path for path in sorted(folder.glob(pattern)) if not path.stem.endswith(marks)]
    return paths[::every]


def album(paths: Iterable[Path]) -> Album:
    return Album([whole_and_middle(path) for path in paths])


def albums() -> tuple[Album, ...]:
    """Return what trains, in the order of `CLASSES`."""
    fundus = [
        *photographs(DATA / "retinal/idrid_grade", "*.jpg"),
        *photographs(DATA / "retinal/hrf", "*.jpg", every=3),
    ]
    lesions = album(photographs(DATA / "dermatology/isic_cc0", "*.jpg"))
    drawn = [[stored(Image.fromarray(draw(random_scene(seed)).picture))] for seed in range(LESIONS)]
    return (
        album(fundus),
        album(photographs(DATA / "radiology/wingspan", "*.png")),
        Album([*(group * 4 for group in lesions.groups), *drawn]),
        rest(),
    )


def rest() -> Album:
    rng = np.random.default_rng(0)
    paths = [path for listed in decoys.installed().values() for path in listed]
    cut = [[stored(piece) for piece in decoys.crops(path, rng, CROPS)] for path in paths]
    return Album([*cut, *([stored(Image.fromarray(decoy))] for decoy in decoys.drawn(1, DRAWN))])


def batches(training: Sequence[Album]) -> DrawBatch:
    """Draw batches that hold each kind by its share."""
    pictures = [album.pictures for album in training]

    def draw_batch(rng: np.random.Generator) -> Batch:
        labels = rng.choice(len(CLASSES), BATCH, p=SHARES)
        views = [varied(drawn_from(pictures, int(label), rng), int(label), rng) for label in labels]
        truth = np.eye(len(CLASSES), dtype=np.float32)[labels]
        return stack(views), truth, np.ones(1, np.float32)

    return draw_batch


def drawn_from(pictures: Sequence[list[Pixels]], label: int, rng: np.random.Generator) -> Pixels:
    """Draw a picture of a class; of the rest, collages and mere parts of films and fundi too."""
    listed = pictures[label]
    picture = listed[rng.integers(len(listed))]
    if CLASSES[label] != "other":
        return picture
    chance = rng.random()
    if chance < PART_SHARE:
        whole = pictures[int(rng.integers(2))]
        return part_of(whole[rng.integers(len(whole))], rng)
    if chance < PART_SHARE + COLLAGE_SHARE:
        cut = int(rng.integers(STORED_PX // 5, STORED_PX - STORED_PX // 5))
        other = listed[rng.integers(len(listed))]
        collage = np.concatenate([picture[:, :cut], other[:, cut:]], axis=1)
        return collage if rng.random() < 1 / 2 else collage.transpose(1, 0, 2)
    return picture


def part_of(picture: Pixels, rng: np.random.Generator) -> Pixels:
    """Return a piece of at most 45 % of the side, enlarged."""
    side = int(rng.integers(round(0.2 * STORED_PX), round(0.45 * STORED_PX)))
    top, left = rng.integers(0, STORED_PX - side + 1, 2)
    piece = np.ascontiguousarray(picture[top : top + side, left : left + side])
    return cv2.resize(piece, (STORED_PX, STORED_PX), interpolation=cv2.INTER_CUBIC)


def varied(picture: Pixels, label: int, rng: np.random.Generator) -> npt.NDArray[np.float32]:
    """Cut, turn and light a picture anew; a chest film stays upright and gray."""
    least = 40 if CLASSES[label] == "other" else 68
    height, width = rng.integers(least, STORED_PX + 1, 2)
    top, left = rng.integers(STORED_PX - height + 1), rng.integers(STORED_PX - width + 1)
    piece = picture[top : top + height, left : left + width]
    if rng.random() < 0.5:
        piece = piece[:, ::-1]
    if CLASSES[label] != "chest":
        piece = np.rot90(piece, int(rng.integers(4)))
    small = cv2.resize(
        np.ascontiguousarray(piece), (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_AREA
    )
    values = small.astype(np.float32) / 255
    if CLASSES[label] == "chest":
        lit = photometric(values[..., :1], rng, PHOTOMETRY)
        return np.repeat(lit, 3, axis=2)
    if CLASSES[label] == "other" and rng.random() < GRAY_SHARE:
        values = np.repeat(values.mean(axis=2, keepdims=True), 3, axis=2)
    return photometric(values, rng, PHOTOMETRY)


def loss(logits: Tensor, truth: Tensor, weight: Tensor) -> Tensor:
    return functional.cross_entropy(logits, truth, label_smoothing=SMOOTHING) * weight.mean()


@torch.no_grad()
def named(model: nn.Module, pictures: Sequence[Pixels]) -> list[str]:
    """Return the class of each picture."""
    sides = (SIDE_PX, SIDE_PX)
    small = [cv2.resize(picture, sides, interpolation=cv2.INTER_AREA) for picture in pictures]
    values = torch.from_numpy(stack([picture.astype(np.float32) / 255 for picture in small]))
    return [CLASSES[index] for index in model(values).argmax(1).tolist()]


def right(model: nn.Module, album: Album, label: str, data: str) -> Figure:
    """Share of pictures, one of a group, that are given their own class."""
    names = named(model, [group[0] for group in album.groups])
    share = figure(f"{label}_right", [name == label for name in names], data)
    wrong = {name: names.count(name) for name in CLASSES if name != label and name in names}
    Console().print(f"{data}: {share.value:.4f} of {share.n} are {label}; else {wrong}")
    return share


def measured_elsewhere(model: nn.Module) -> list[Figure]:
    """Figures of sets that may be measured, never trained on."""
    sets = (
        ("fundus", "retinal/drive", "*", "DRIVE"),
        ("chest", "radiology/jsrt", "*.png", "JSRT"),
        ("lesion", "dermatology/ph2", "*", "PH2"),
    )
    return [
        right(model, album(pictures_of(DATA / folder, pattern)), label, name)
        for label, folder, pattern, name in sets
    ]


def pictures_of(folder: Path, pattern: str) -> list[Path]:
    suffixes = {".png", ".jpg", ".jpeg", ".bmp", ".tif"}
    return [path for path in photographs(folder, pattern) if path.suffix in suffixes]


def trained(training: Sequence[Album], seed: int, name: str) -> nn.Module:
    schedule = Schedule(STEPS, peak_rate=3e-3, seed=seed)
    return fit(Gate, batches(training), loss, schedule, name)


def card(model: nn.Module, training: Sequence[Album], measured: list[Figure]) -> ModelCard:
    """Say of the network what it learned from, and how well it does."""
    sizes = dict(zip(CLASSES, (len(album.groups) for album in training), strict=True))
    return ModelCard(
        name="modality",
        version="1",
        purpose="Tells a fundus photograph, a frontal chest film and a skin lesion from the rest",
        input=f"the whole picture as RGB, {SIDE_PX} x {SIDE_PX} px, values 0 to 1",
        output=f"logits of {', '.join(CLASSES)}",
        architecture=f"four 3x3 convolutions of stride 2, {WIDTHS}; mean and maximum; linear",
        n_parameters=n_parameters(model),
        licence="Apache-2.0",
        trained_on=[
            Source(
                "IDRiD and HRF", "CC BY 4.0", "every photo; of HRF every third", sizes["fundus"]
            ),
            Source("Wingspan", "MIT", "see outlines.json of radiology", sizes["chest"]),
            Source("ISIC; drawn", "CC0; own", "local/samples/lesion_scenes.py", sizes["lesion"]),
            Source(
                "pictures of installed packages; drawn",
                "scikit-image: as its README names; scikit-learn: CC BY 2.0; Adwaita: CC BY-SA 3.0",
                "local/training/decoys.py; read where installed, none redistributed",
                sizes["other"],
            ),
        ],
        split=f"Every {HOLD_OUT}th picture of a class and its crops were left out: the "
        "figures are of these. DRIVE, JSRT and PH2 are never trained on.",
        training=f"{STEPS} steps of {BATCH}, AdamW, cosine from 3e-3, averaged weights",
        cpu_minutes=4,
        seeds=[0],
        figures=measured,
        limits=[
            "Everyday photographs are few in training: a pipeline looks a second time",
            "One seed; PH2 and DRIVE are of one camera each",
        ],
    )


def main() -> None:
    argparse.ArgumentParser(description="Train the gate of modalities.").parse_args()
    parts = [whole.split() for whole in albums()]
    training, left_out = [part for part, _ in parts], [rest for _, rest in parts]
    model = trained(training, 0, "modality")
    measured = [
        right(model, part, label, f"left out, {label}")
        for label, part in zip(CLASSES, left_out, strict=True)
    ]
    measured += measured_elsewhere(model)
    MODEL.parent.mkdir(exist_ok=True)
    export(model, MODEL, (1, 3, SIDE_PX, SIDE_PX), dynamic=False)
    write_card(card(model, training, measured), MODEL)


if __name__ == "__main__":
    main()
