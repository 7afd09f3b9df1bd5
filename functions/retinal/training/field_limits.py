"""Print how far each limit of the field's search, smaller and larger, moves its diameter.

python -m functions.retinal.training.field_limits DATA
"""

import argparse
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from functions.retinal import field

SETS = ("drive", "hrf", "idrid_grade", "idrid_seg")
PHOTOS = {".jpg", ".jpeg", ".tif", ".png"}
NO_PHOTO = ("mask", "manual")  # in the names of what was drawn on them
N_PHOTOS = 150
SIDE_PX = 768  # a field of view is looked for at half of it
TRIED = {
    "LIT_SHARE": (0.10, 0.12, 0.18, 0.22),
    "LIT_LIMITS": ((8.0, 40.0), (16.0, 40.0), (12.0, 30.0), (12.0, 60.0)),
    "SPECKLE_PX": (3, 7),
    "BRIGHT_PERCENTILE": (90, 98),
    "RIM_TOLERANCE": (0.01, 0.03),
    "FIT_ROUNDS": (4, 12),
    "SEARCH_PX": (256, 512),
}


def photos(folder: Path) -> list[Image.Image]:
    paths = [path for name in SETS for path in sorted((folder / name).rglob("*"))]
    named = [
        path
        for path in paths
        if path.suffix.lower() in PHOTOS and not any(word in path.name for word in NO_PHOTO)
    ]
    order = np.random.default_rng(1).permutation(len(named))
    opened: Iterator[Image.Image] = (Image.open(named[k]) for k in order)
    chosen = list(islice((photo for photo in opened if photo.mode == "RGB"), N_PHOTOS))
    for photo in chosen:
        photo.thumbnail((SIDE_PX, SIDE_PX))
    return chosen


def diameters(chosen: list[Image.Image]) -> npt.NDArray[np.float64]:
    """Shares of the width; nothing where no field was seen."""
    fields = [field.find_field(photo) for photo in chosen]
    return np.array(
        [
            circle.diameter_px / photo.width if circle else np.nan
            for circle, photo in zip(fields, chosen, strict=True)
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    chosen = photos(parser.parse_args().data)
    before = diameters(chosen)
    print(f"{len(chosen)} photos, the field {before.min():.0%} to {before.max():.0%} of the width")
    for name, values in TRIED.items():
        former = getattr(field, name)
        for value in values:
            setattr(field, name, value)
            moved = np.abs(diameters(chosen) / before - 1)
            largest = ", ".join(f"{share:.2%}" for share in np.sort(moved)[-2:])
            print(f"{name} {value}: the two largest changes {largest}", flush=True)
        setattr(field, name, former)


if __name__ == "__main__":
    main()
