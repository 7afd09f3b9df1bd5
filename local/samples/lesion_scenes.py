"""Scenes of every kind that a dermatoscope or a camera may bring, drawn at random for training."""

from collections.abc import Mapping

import numpy as np

from local.samples.clutter import Clutter
from local.samples.lesion import Lesion, Scene
from local.samples.skin import Generator

type Limits = tuple[float, float]

# From very fair to dark, as cameras with and without white balance show it.
SKINS = np.array([
    [0.96, 0.92, 0.88], [0.90, 0.78, 0.76], [0.88, 0.74, 0.66], [0.86, 0.82, 0.88],
    [0.82, 0.62, 0.46], [0.92, 0.70, 0.62], [0.78, 0.58, 0.50], [0.62, 0.44, 0.33],
    [0.44, 0.30, 0.23],
])  # fmt: skip
FEW_TONES = 0.35  # of a Dirichlet distribution: mostly near one of them
EXPOSURE: Limits = (0.85, 1.06)
# How often each kind of lesion comes, and the density and redness of its pigment.
KINDS = {"plain": 0.25, "mottled": 0.27, "many_colors": 0.32, "faint": 0.09, "red": 0.07}
DENSITY: Mapping[str, Limits] = {
    "faint": (0.2, 0.4), "red": (0.25, 0.6), "many_colors": (0.25, 1.5),
}  # fmt: skip
COMMON_DENSITY: Limits = (0.35, 1.9)
REDNESS: Mapping[str, Limits] = {"red": (0.6, 1.0)}
COMMON_REDNESS: Limits = (0.0, 0.45)
DIAMETER: Limits = (0.16, 1.25)
MIN_OFFSET, MAX_OFFSET, OFFSET_SLOPE = 0.04, 0.36, 0.3  # large lesions lie in the middle
ELONGATION = 0.22
ROUGHNESS = {0.02: 0.3, 0.04: 0.35, 0.07: 0.25, 0.12: 0.1}
EDGE: Limits = (0.02, 0.35)  # of the diameter
MOTTLING: Mapping[str, Limits] = {"many_colors": (0.3, 0.9)}
COMMON_MOTTLING: Limits = (0.05, 0.5)
NETWORK = {0.0: 0.5, 0.3: 0.25, 0.7: 0.25}
GLOBULES = {0: 0.5, 15: 0.25, 60: 0.25}
SKEW = {0.0: 0.4, 0.2: 0.4, 0.6: 0.2}
DARK_SHARE: Limits = (0.08, 0.6)
DARK_FACTOR: Limits = (1.4, 4.0)
VEILED = 0.5  # of lesions of many colors, by each veil
BLUE_SHARE: Limits = (0.1, 0.4)
WHITE_SHARE: Limits = (0.05, 0.25)
UNEVENNESS: Limits = (0.01, 0.09)
SKIN_TEXTURE: Limits = (0.004, 0.04)
FRECKLES = {0: 0.5, 4: 0.25, 12: 0.25}
HAIRS = {0: 0.5, 3: 0.17, 10: 0.17, 25: 0.16}
HAIR_WIDTH: Limits = (0.003, 0.012)
HAIR_DARKNESS: Limits = (0.35, 0.85)
RULERS, RULER_MM = 0.2, (8.0, 20.0)
INK = {0: 0.7, 1: 0.15, 4: 0.15}
BUBBLES = {0: 0.5, 4: 0.25, 15: 0.25}
GLARE = {0: 0.75, 3: 0.25}
RIMS, RIM = 0.55, (0.48, 0.9)
RIM_SOFTNESS: Limits = (0.004, 0.25)
BLUR_PX: Limits = (0.2, 1.4)


def random_scene(seed: int, height_px: int = 192, width_px: int = 256) -> Scene:
    """Draw any scene from the chances above; the same seed gives the same.

    Parameters
    ----------
    seed : int
    height_px, width_px : int
        All lengths but the blur follow the height.

    Returns
    -------
    Scene
    """
    rng = np.random.default_rng(seed)
    lesion = _lesion(rng)
    red, green, blue = (
        rng.dirichlet(np.full(len(SKINS), FEW_TONES)) @ SKINS * rng.uniform(*EXPOSURE)
    ).clip(0, 1)
    return Scene(
        lesion=lesion,
        skin_rgb=(float(red), float(green), float(blue)),
        unevenness=_uniform(rng, UNEVENNESS),
        texture=_uniform(rng, SKIN_TEXTURE),
        freckles=int(_choice(rng, FRECKLES)),
        clutter=_clutter(rng),
        height_px=height_px,
        width_px=width_px,
        seed=seed,
    )


def _lesion(rng: Generator) -> Lesion:
    kind = str(rng.choice(list(KINDS), p=list(KINDS.values())))
    diameter = _logarithmic(rng, DIAMETER)
    offset = max(MIN_OFFSET, MAX_OFFSET - OFFSET_SLOPE * diameter)
    row, column = 1 / 2 + offset * rng.uniform(-1, 1, 2)
    has_dark = kind in {"mottled", "many_colors"}
    has_blue, has_white = (rng.random(2) < VEILED) & (kind == "many_colors")
    return Lesion(
        diameter=diameter,
        center=(float(row), float(column)),
        elongation=float(1 + rng.exponential(ELONGATION)),
        turn_rad=float(rng.uniform(0, np.pi)),
        roughness=_choice(rng, ROUGHNESS),
        edge=diameter * _logarithmic(rng, EDGE),
        edge_variation=float(rng.uniform(0, 1)),
        density=_uniform(rng, DENSITY.get(kind, COMMON_DENSITY)),
        mottling=_uniform(rng, MOTTLING.get(kind, COMMON_MOTTLING)),
        redness=_uniform(rng, REDNESS.get(kind, COMMON_REDNESS)),
        network=_choice(rng, NETWORK),
        globules=int(_choice(rng, GLOBULES)),
        skew=_choice(rng, SKEW),
        dark_share=_uniform(rng, DARK_SHARE) if has_dark else 0.0,
        dark_factor=_uniform(rng, DARK_FACTOR),
        blue_share=_uniform(rng, BLUE_SHARE) if has_blue else 0.0,
        white_share=_uniform(rng, WHITE_SHARE) if has_white else 0.0,
    )


def _clutter(rng: Generator) -> Clutter:
    return Clutter(
        hairs=int(_choice(rng, HAIRS)),
        hair_width=_uniform(rng, HAIR_WIDTH),
        hair_darkness=_uniform(rng, HAIR_DARKNESS),
        ruler_mm=_uniform(rng, RULER_MM) if rng.random() < RULERS else None,
        ink=int(_choice(rng, INK)),
        bubbles=int(_choice(rng, BUBBLES)),
        glare=int(_choice(rng, GLARE)),
        rim=_uniform(rng, RIM) if rng.random() < RIMS else None,
        rim_softness=_logarithmic(rng, RIM_SOFTNESS),
        blur_px=_uniform(rng, BLUR_PX),
    )


def _uniform(rng: Generator, limits: Limits) -> float:
    return float(rng.uniform(*limits))


def _logarithmic(rng: Generator, limits: Limits) -> float:
    return float(np.exp(rng.uniform(*np.log(limits))))


def _choice(rng: Generator, chances: Mapping[float, float] | Mapping[int, float]) -> float:
    return float(rng.choice(list(chances), p=list(chances.values())))
