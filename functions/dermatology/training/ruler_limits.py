"""Print how many drawn rulers are read, and how many wrong, with each limit smaller and larger.

python -m functions.dermatology.training.ruler_limits
"""

from dataclasses import replace

import numpy as np

from functions.dermatology import ruler
from functions.dermatology.grids import resized
from functions.dermatology.hair import ThinLines, thin_lines
from functions.dermatology.scale import scale_of
from local.samples.clutter import Clutter
from local.samples.lesion import Lesion, Scene, draw

SCENE = Scene(lesion=Lesion(diameter=0.4), height_px=480, width_px=640)
SIDE_PX = 512
HEIGHT_MM = (9.0, 30.0)  # that a picture shows
# Seeds of the pictures that limits are tried on, and of others that no limit was chosen on; two of
# three rulers lie under hairs.
TRIED_ON, N_TRIED_ON = 1_000, 240
UNSEEN, N_UNSEEN = 500_000, 720
HAIRS = (0, 12, 24)
N_HAIRY = 20
TOLERANCE = 0.02  # of the scale, beyond which it is wrong
TRIED = {
    "MIN_LENGTH_PX": (60, 130),
    "MAX_CANDIDATES": (1, 5),
    "DIRECTIONS": (90, 360),
    "LINE_HALF_WIDTH_PX": (1.5, 4.0),
    "MAX_GAP_PX": (8.0, 22.0),
    "MAX_TICK_LENGTH_PX": (25.0, 60.0),
    "NEXT_LEVEL": (1.25, 1.9),
    "RATIO_TOLERANCE": (0.03, 0.12),
    "GAP_PX": (1.0, 2.5),
    "MIN_SPACING_PX": (3.0, 6.0),
    "MIN_REGULARITY": (0.7, 0.9),
    "TOLERANCE": (0.12, 0.25),
    "MIN_TICKS": (5, 10),
    "MAX_MISSING": (0.25, 1.0),
}

type Drawn = tuple[ThinLines, float | None]


def drawn(clutter: Clutter, seed: int) -> Drawn:
    """Lines of a drawing, and its true scale in millimeters a pixel where it has a ruler."""
    drawing = draw(replace(SCENE, clutter=clutter, seed=seed))
    return thin_lines(resized(drawing.picture, SIDE_PX)), drawing.mm_per_px


def counts(with_ruler: list[Drawn], hairy: list[Drawn]) -> tuple[int, int, int]:
    """Scales read, of these wrong; hairs that were taken for a ruler."""
    scales = [
        (scale_of(None, ruler.find_ruler(lines), SCENE.width_px / SIDE_PX), truth)
        for lines, truth in with_ruler
    ]
    off = [abs(scale.mm_per_px / truth - 1) for scale, truth in scales if scale and truth]
    taken = sum(ruler.find_ruler(lines) is not None for lines, _ in hairy)
    return len(off), sum(share > TOLERANCE for share in off), taken


def rulers(first_seed: int, n: int) -> list[Drawn]:
    heights_mm = np.random.default_rng(first_seed).uniform(*HEIGHT_MM, n).tolist()
    return [
        drawn(Clutter(ruler_mm=height_mm, hairs=HAIRS[k % len(HAIRS)]), first_seed + k)
        for k, height_mm in enumerate(heights_mm)
    ]


def main() -> None:
    tried_on = rulers(TRIED_ON, N_TRIED_ON)
    hairy = [drawn(Clutter(hairs=20), 200 + k) for k in range(N_HAIRY)]
    print("limit, value: read, wrong, hairs taken for a ruler")
    print("as they are:", *counts(tried_on, hairy))
    print("as they are, other rulers:", *counts(rulers(UNSEEN, N_UNSEEN), hairy))
    for name, values in TRIED.items():
        former = getattr(ruler, name)
        for value in values:
            setattr(ruler, name, value)
            print(f"{name} {value}:", *counts(tried_on, hairy), flush=True)
        setattr(ruler, name, former)


if __name__ == "__main__":
    main()
