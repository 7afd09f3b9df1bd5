"""Labelled fundus photos, read for training and measuring; SOURCES.md of the data lists them."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from functions.retinal.field import Field, Mask, find_field
from local.training.model_card import Source

HRF_DEG = 60.0
DRIVE_DEG = 45.0
IDRID_DEG = 50.0
HRF_VALIDATION = ("05", "10")  # subjects, each with several photos


@dataclass(frozen=True)
class DataSet:
    """A set as the cards of models name it."""

    name: str
    licence: str
    origin: str

    def of(self, n: int) -> Source:
        return Source(self.name, self.licence, self.origin, n)


IDRID = DataSet(
    "IDRiD, Porwal et al. 2018, doi:10.3390/data3030025",
    "CC BY 4.0",
    "github.com/imsaksham-c/EyeDisease_IDRiD at b82ed3a9f57283ee010ad8d5cf1ed80840d5ce9f",
)
HRF = DataSet(
    "HRF, Budai et al. 2013, doi:10.1155/2013/154860",
    "CC BY 4.0, as the repository that carries it states",
    "github.com/404Simon/VesSkel at 56066189a2c59eff84915d43260b13291fc685f5",
)


@dataclass(frozen=True)
class Photo:
    """A photo with its field of view; `degrees` is the camera's angle."""

    name: str
    image: Image.Image
    field: Field
    degrees: float


def read_image(path: Path, mode: str) -> Image.Image:
    with Image.open(path) as image:
        return image.convert(mode)


def read_photo(path: Path, degrees: float) -> Photo:
    image = read_image(path, "RGB")
    field = find_field(image)
    if field is None:
        raise ValueError(f"{path}: no field of view")
    return Photo(path.stem, image, field, degrees)


def hrf(data: Path, *, validation: bool) -> list[tuple[Photo, Image.Image]]:
    """Photos of HRF with the gold mask of vessels, which is at twice the photo's size."""
    pairs = []
    for mask in sorted((data / "retinal/hrf").glob("*_vessel.png")):
        name = mask.stem.removesuffix("_vessel")
        if (name[:2] in HRF_VALIDATION) == validation:
            photo = read_photo(mask.with_name(f"{name}.jpg"), HRF_DEG)
            pairs.append((photo, read_image(mask, "L")))
    return pairs


def drive(data: Path) -> list[tuple[Photo, Mask, Mask]]:
    """Photos of DRIVE with vessels and field as drawn; to measure on, never to fit."""
    folder = data / "retinal/drive"
    return [
        (
            read_photo(path, DRIVE_DEG),
            np.asarray(read_image(folder / f"{path.stem}_vessel.gif", "L")) > 0,
            np.asarray(read_image(folder / f"{path.stem}_fov.gif", "L")) > 0,
        )
        for path in sorted(folder.glob("*.png"))
    ]


def idrid_lesions(data: Path) -> list[tuple[Photo, dict[str, Image.Image]]]:
    """Photos of IDRiD with masks by their names there (MA, HE, EX, SE, OD); no mask, no lesion."""
    folder = data / "retinal/idrid_seg"
    return [
        (
            read_photo(path, IDRID_DEG),
            {
                mask.stem.rsplit("_", 1)[1]: read_image(mask, "L")
                for mask in sorted(folder.glob(f"{path.stem}_*.png"))
            },
        )
        for path in sorted(folder.glob("*.jpg"))
    ]


@dataclass(frozen=True)
class Graded:
    path: Path
    grade: int
    edema_risk: int
    eye: int  # photos of an eye share the number


def idrid_grades(data: Path) -> list[Graded]:
    """Photos of IDRiD with grades; `eye` is the same for photos known to show one eye."""
    folder = data / "retinal/idrid_grade"
    with (folder / "labels.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    eyes = _eyes(data)
    return [
        Graded(
            path=folder / row["image"],
            grade=int(row["dr_grade_icdr"]),
            edema_risk=int(row["dme_risk"]),
            eye=eyes.get(f"idrid_grade/{row['image']}", -1 - index),
        )
        for index, row in enumerate(rows)
    ]


def graded_for_lesions(data: Path) -> tuple[list[Graded], list[Graded]]:
    """Photos that the lesion network learns from as empty, and those of eyes that it never saw.

    Empty are those of every other eye graded 0. Eyes with masks are in neither part: the network
    learns from the masks.
    """
    masked = {eye for name, eye in _eyes(data).items() if "idrid_seg" in name}
    rows = [row for row in idrid_grades(data) if row.eye not in masked]
    healthy = sorted({row.eye for row in rows if row.grade == 0})
    empty = set(healthy[::2])
    learned = [row for row in rows if row.grade == 0 and row.eye in empty]
    return learned, [row for row in rows if row.eye not in empty]


def _eyes(data: Path) -> dict[str, int]:
    eyes: dict[str, int] = {}
    with (data / "retinal/idrid_same_eye.csv").open(encoding="utf-8") as file:
        for index, row in enumerate(csv.DictReader(file)):
            pair = (row["image_a"], row["image_b"])
            merged = {eyes[name] for name in pair if name in eyes}
            eyes |= dict.fromkeys(pair, index)
            eyes = {name: index if eye in merged else eye for name, eye in eyes.items()}
    return eyes
