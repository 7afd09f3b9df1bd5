"""Skin lesions drawn with known truth: their outline, hairs and scale.

Lengths are shares of the picture's height unless their name says another unit, so that a lesion can
be drawn at any size. Pigment absorbs light (Beer and Lambert): the picture is the skin times
exp(-density x absorption of each color), so that the density alone goes from light to dark brown.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from local.samples.clutter import Clutter, draw_clutter
from local.samples.skin import (
    Floats,
    Generator,
    Mask,
    Shape,
    logistic,
    noise,
    skin,
    through_camera,
)
from shared.science.images.regions import fill_holes, largest_component

# What melanin and blood take of red, green and blue, relative to melanin's blue.
MELANIN = np.array([0.50, 0.76, 1.0])
BLOOD = np.array([0.15, 0.90, 0.80])
# Veils over the pigment, on skin whose mean is 0.75.
BLUE_GRAY = np.array([0.40, 0.44, 0.52])
WHITE = np.array([0.90, 0.86, 0.84])
VEIL_OPACITY, SKIN_MEAN = 0.75, 0.75
ANGLES = np.linspace(-np.pi, np.pi, 721)
HARMONICS = np.arange(2, 16)
AMPLITUDES = (2 / HARMONICS) ** 0.9  # finer waves are lower
NARROWEST, WIDEST = 0.35, 1.8  # of the radius
WOBBLE, WOBBLE_SCALE = 0.5, 0.07
STEEPNESS = 4.0  # of the fade across its edge
# People draw the border where the pigment has nearly gone, not at half of it.
BORDER_AT = -0.3
EDGE_SPREAD = 1.3  # e-fold between mean and widest edge
MESH, MESH_WIDTH, MESH_MEAN = 0.022, 6.0, 0.35  # scale of a network, of its lines, their mean
DARKEST, LIGHTEST = 4.0, 0.2  # factors of density
ZONE_SCALE, MIN_SCALE, ZONE_STEEPNESS = 0.3, 0.02, 8.0
MOTTLE_SCALES = (0.12, 0.03)
CENTER_GAIN = 0.25  # pigment is denser towards the middle
FRECKLE, GLOBULE = 0.02, 0.012  # radius
SPOT_DEPTHS, SPOT_REACH = (0.1, 0.35), 3.0
GLOBULE_SPREAD = 0.28  # of the lesion's diameter


@dataclass(frozen=True)
class Lesion:
    """What a lesion looks like."""

    diameter: float = 0.5
    center: tuple[float, float] = (0.5, 0.5)  # shares of height and of width
    elongation: float = 1.15
    turn_rad: float = 0.4
    roughness: float = 0.03
    edge: float = 0.03  # over which the pigment fades out
    edge_variation: float = 0.0  # 0: alike all around; 1: from sharp to wide
    density: float = 0.9
    mottling: float = 0.15
    dark_share: float = 0.0
    dark_factor: float = 2.2
    redness: float = 0.15
    blue_share: float = 0.0
    white_share: float = 0.0
    network: float = 0.0
    globules: int = 0
    skew: float = 0.0  # pigment denser on one side


@dataclass(frozen=True)
class Scene:
    """A lesion in its picture."""

    lesion: Lesion = field(default_factory=Lesion)
    skin_rgb: tuple[float, float, float] = (0.86, 0.70, 0.62)
    unevenness: float = 0.03
    texture: float = 0.015
    freckles: int = 0
    clutter: Clutter = field(default_factory=Clutter)
    height_px: int = 384
    width_px: int = 512
    seed: int = 1


@dataclass(frozen=True)
class Drawing:
    """A picture, shape (height, width, 3), and what is true of it."""

    picture: npt.NDArray[np.uint8]
    lesion: Mask
    hair: Mask
    mm_per_px: float | None


@dataclass(frozen=True)
class _Extent:
    """How much of the pigment is there (0-1), how deep inside in radii, and the border drawn."""

    cover: Floats
    depth: Floats
    inside: Mask


def draw(scene: Scene) -> Drawing:
    """Draw a scene; the same scene gives the same picture.

    Returns
    -------
    Drawing
        The lesion is what a person would outline, a little outside of half its pigment, without
        what the rim hides and in one piece. Hairs are true to half their cover; the ruler's
        millimeter is exact. What is not known: the share of each color, which pigment and light
        make together.
    """
    rng = np.random.default_rng(scene.seed)
    shape = scene.height_px, scene.width_px
    picture = skin(rng, shape, np.array(scene.skin_rgb), scene.unevenness, scene.texture)
    picture *= _spots(rng, shape, rng.uniform(0, 1, (scene.freckles, 2)), FRECKLE)[..., None]
    extent = _extent(rng, shape, scene.lesion)
    picture = _veiled(rng, picture * _pigment(rng, extent, scene.lesion), extent, scene.lesion)
    cluttered = draw_clutter(rng, picture, scene.clutter)
    return Drawing(
        through_camera(rng, cluttered.picture, scene.clutter.blur_px),
        largest_component(fill_holes(extent.inside & cluttered.lit)),
        cluttered.hair,
        scene.clutter.ruler_mm / scene.height_px if scene.clutter.ruler_mm else None,
    )


def _extent(rng: Generator, shape: Shape, lesion: Lesion) -> _Extent:
    angle, radius = _polar(shape, lesion)
    amplitudes = lesion.roughness * AMPLITUDES * rng.standard_normal(len(HARMONICS))
    phases = rng.uniform(0, 2 * np.pi, len(HARMONICS))
    waves = amplitudes @ np.cos(HARMONICS[:, None] * ANGLES + phases[:, None])
    limits = lesion.diameter / 2 * np.clip(1 + waves, NARROWEST, WIDEST)
    wobble = WOBBLE * lesion.roughness * lesion.diameter * noise(rng, shape, WOBBLE_SCALE)
    inward = np.interp(angle, ANGLES, limits) - radius + wobble
    sharpness = np.cos(ANGLES + phases[1]) + np.cos(3 * ANGLES + phases[0]) / 2
    edges = lesion.edge * np.exp(EDGE_SPREAD * lesion.edge_variation * sharpness)
    edge = np.maximum(np.interp(angle, ANGLES, edges), 1 / (2 * shape[0]))
    cover = logistic(STEEPNESS * inward / edge)
    return _Extent(cover, 2 * inward / lesion.diameter, inward > BORDER_AT * edge)


def _polar(shape: Shape, lesion: Lesion) -> tuple[Floats, Floats]:
    """Angle and radius of each pixel about the lesion, its elongation taken out."""
    height, width = shape
    rows, columns = np.mgrid[:height, :width]
    down = rows / height - lesion.center[0]
    right = (columns - width * lesion.center[1]) / height
    stretch = lesion.elongation**0.5
    along = (np.cos(lesion.turn_rad) * right + np.sin(lesion.turn_rad) * down) / stretch
    across = (np.cos(lesion.turn_rad) * down - np.sin(lesion.turn_rad) * right) * stretch
    return np.arctan2(across, along), np.hypot(across, along)


def _pigment(rng: Generator, extent: _Extent, lesion: Lesion) -> Floats:
    """Light that comes back through the pigment, of each color."""
    shape = extent.cover.shape[0], extent.cover.shape[1]
    turn = rng.uniform(0, 2 * np.pi)
    rows, columns = (np.linspace(-1, 1, n) for n in shape)
    side = np.sin(turn) * rows[:, None] + np.cos(turn) * columns
    coarse, fine = (noise(rng, shape, s * lesion.diameter + MIN_SCALE) for s in MOTTLE_SCALES)
    mottled = lesion.mottling * (coarse + fine / 2) + lesion.skew * side / lesion.diameter
    density = lesion.density * np.exp(mottled) * (1 + CENTER_GAIN * np.clip(extent.depth, 0, 1))
    density *= 1 + (lesion.dark_factor - 1) * _zone(rng, shape, lesion.dark_share, lesion.diameter)
    density *= _structures(rng, shape, lesion)
    absorption = (1 - lesion.redness) * MELANIN + lesion.redness * BLOOD
    light: Floats = np.exp(-(extent.cover * density)[..., None] * absorption)
    return light


def _veiled(rng: Generator, picture: Floats, extent: _Extent, lesion: Lesion) -> Floats:
    """Blue-gray and white zones over the pigment."""
    shape = extent.cover.shape[0], extent.cover.shape[1]
    skin_mean = float(np.median(picture))
    for color, share in ((BLUE_GRAY, lesion.blue_share), (WHITE, lesion.white_share)):
        veil = VEIL_OPACITY * extent.cover * _zone(rng, shape, share, lesion.diameter)
        picture = picture + veil[..., None] * (color * skin_mean / SKIN_MEAN - picture)
    return picture


def _zone(rng: Generator, shape: Shape, share: float, diameter: float) -> Floats:
    """Soft patches of the lesion's scale over a share of the picture."""
    if share <= 0:
        return np.zeros(shape)
    patches = noise(rng, shape, ZONE_SCALE * diameter + MIN_SCALE)
    return logistic(ZONE_STEEPNESS * (patches - np.quantile(patches, 1 - share)))


def _structures(rng: Generator, shape: Shape, lesion: Lesion) -> Floats:
    """Factor of density: the lines of a network, and globules."""
    factor = np.ones(shape)
    if lesion.network > 0:
        lines = np.exp(-MESH_WIDTH * np.abs(noise(rng, shape, MESH)))
        factor *= 1 + lesion.network * (lines - MESH_MEAN)
    places = lesion.diameter * GLOBULE_SPREAD * rng.standard_normal((lesion.globules, 2))
    places = np.array(lesion.center) + places * (1, shape[0] / shape[1])
    factor /= _spots(rng, shape, places, GLOBULE)
    return np.clip(factor, LIGHTEST, DARKEST)


def _spots(rng: Generator, shape: Shape, places: Floats, radius: float) -> Floats:
    """Light behind round spots at `places`, shape (n, 2), shares of height and width."""
    light = np.ones(shape)
    for row, column in places * shape:
        size = radius * float(np.exp(rng.uniform(-1, 1))) * shape[0]
        depth = rng.uniform(*SPOT_DEPTHS)
        first = np.maximum(np.array([row, column]) - SPOT_REACH * size, 0).astype(int)
        last = np.maximum(np.array([row, column]) + SPOT_REACH * size + 1, 0).astype(int)
        window = light[first[0] : last[0], first[1] : last[1]]
        rows, columns = np.ogrid[: window.shape[0], : window.shape[1]]
        distance = np.hypot(rows + first[0] - row, columns + first[1] - column) / size
        window *= 1 - depth / (1 + distance**4)
    return light
