"""What lies over the skin: hairs, ink, a ruler, bubbles, glare, the dermatoscope's rim."""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from local.samples.skin import Floats, Generator, Mask, Shape, logistic

INK = np.array([0.36, 0.26, 0.55])
INK_OPACITY, INK_WIDTH, INK_LENGTH = 0.8, 0.03, 0.25
HAIR_TINT = np.array([0.92, 1.0, 1.05])
HAIR_LENGTH, HAIR_BEND = 0.9, 0.15
IS_HAIR, IS_LIT = 0.5, 0.35  # of full cover, of full light
RULER_DARKNESS = 0.75
RULER_WIDTH = 0.004  # of the height, as are its ticks
TICKS = {10: 0.045, 5: 0.035, 1: 0.022}  # every tenth, fifth and other millimeter
RULER_PLACE = ((0.1, 0.3), (0.82, 0.92))  # of the width, of the height: where it begins
RULER_TURN_RAD, RULER_SPAN, RULER_TICKS = 0.25, 0.6, (6, 20)
BUBBLE, GLARE = (0.015, 0.18), (0.02, 0.7)  # radius and gain of light
SPOT_SIZES, SPOT_GAINS, SPOT_DECAY = (0.4, 2.0), (0.3, 1.0), 3.0
RIM_OFFSET, RIM_DARK, RIM_LIGHT = 0.05, 0.15, 0.9
# Drawn so many times larger, then reduced: thin lines are smooth.
OVERSAMPLING = 2
WAY = np.linspace(0, 1, 24)[:, None]  # along a stroke


@dataclass(frozen=True)
class Clutter:
    """Lengths are shares of the picture's height unless their name says another unit."""

    hairs: int = 0
    hair_width: float = 0.006
    hair_darkness: float = 0.75
    ruler_mm: float | None = None  # millimeters that the picture is high; None: no ruler
    ink: int = 0
    bubbles: int = 0
    glare: int = 0
    rim: float | None = None  # radius of the bright field; None: no rim
    rim_softness: float = 0.02
    blur_px: float = 0.6


@dataclass(frozen=True)
class Cluttered:
    """A picture with clutter, where its hairs are and what of it is lit."""

    picture: Floats
    hair: Mask
    lit: Mask


def draw_clutter(rng: Generator, picture: Floats, clutter: Clutter) -> Cluttered:
    """Lay ink, a ruler, hairs, bubbles, glare and a rim over a picture, in this order.

    Parameters
    ----------
    rng : Generator
    picture : (height, width, 3) ndarray of float64
        0-1.
    clutter : Clutter

    Returns
    -------
    Cluttered
        `hair` and `lit` of shape (height, width). A pixel is hair from half its cover on; bubbles
        and glare lie over hair that still counts as such.
    """
    shape = picture.shape[0], picture.shape[1]
    ink = _strokes(rng, shape, clutter.ink, INK_WIDTH, INK_LENGTH)
    picture = picture + INK_OPACITY * ink[..., None] * (INK - picture)
    if clutter.ruler_mm is not None:
        ruler = _ruler(rng, shape, len(picture) / clutter.ruler_mm)
        picture *= 1 - RULER_DARKNESS * ruler[..., None]
    hair = _strokes(rng, shape, clutter.hairs, clutter.hair_width, HAIR_LENGTH)
    picture *= 1 - clutter.hair_darkness * hair[..., None] * HAIR_TINT
    for count, (size, gain) in ((clutter.bubbles, BUBBLE), (clutter.glare, GLARE)):
        picture += _spots(rng, shape, count, size, gain)[..., None]
    light = np.ones(shape)
    if clutter.rim is not None:
        light = _rim(rng, shape, clutter.rim, clutter.rim_softness)
    lit = np.clip(picture * light[..., None], 0, 1)
    return Cluttered(lit, hair > IS_HAIR, light > IS_LIT)


def _strokes(rng: Generator, shape: Shape, count: int, width: float, length: float) -> Floats:
    """Quadratic curves of about a width and a length, 0-1."""
    canvas = Image.new("L", (OVERSAMPLING * shape[1], OVERSAMPLING * shape[0]))
    brush, height = ImageDraw.Draw(canvas), canvas.height
    for _ in range(count):
        start = rng.uniform(0, 1, 2) * canvas.size
        direction = rng.standard_normal(2)
        reach = height * length * rng.uniform(0.4, 1.4)
        end = start + direction / np.hypot(*direction) * reach
        bend = (start + end) / 2 + rng.standard_normal(2) * HAIR_BEND * height * length
        points = (1 - WAY) ** 2 * start + 2 * WAY * (1 - WAY) * bend + WAY**2 * end
        thickness = max(1, round(width * height * rng.uniform(0.6, 1.4)))
        brush.line([(x, y) for x, y in points.tolist()], fill=255, width=thickness)
    return _reduced(canvas, shape)


def _reduced(canvas: Image.Image, shape: Shape) -> Floats:
    small = canvas.resize((shape[1], shape[0]), Image.Resampling.BOX)
    return np.asarray(small, np.float64) / 255


def _ruler(rng: Generator, shape: Shape, px_per_mm: float) -> Floats:
    """A line with a tick a millimeter, longer at five and ten, 0-1."""
    canvas = Image.new("L", (OVERSAMPLING * shape[1], OVERSAMPLING * shape[0]))
    brush, (width, height) = ImageDraw.Draw(canvas), canvas.size
    step = px_per_mm * OVERSAMPLING
    turn = rng.uniform(-RULER_TURN_RAD, RULER_TURN_RAD)
    along, across = np.array([np.cos(turn), np.sin(turn)]), np.array([np.sin(turn), -np.cos(turn)])
    count = int(np.clip(RULER_SPAN * width / step, *RULER_TICKS))
    start = np.array([rng.uniform(*limits) for limits in RULER_PLACE]) * canvas.size
    thickness = max(1, round(RULER_WIDTH * height))
    brush.line([*start, *(start + count * step * along)], fill=255, width=thickness)
    for tick in range(count + 1):
        length = height * next(long for every, long in TICKS.items() if tick % every == 0)
        foot = start + tick * step * along
        brush.line([*foot, *(foot + length * across)], fill=255, width=thickness)
    return _reduced(canvas, shape)


def _spots(rng: Generator, shape: Shape, count: int, size: float, gain: float) -> Floats:
    """Light of round reflections, as spots or as rings."""
    height, width = shape
    rows, columns = np.mgrid[:height, :width]
    light = np.zeros(shape)
    for _ in range(count):
        row, column = rng.uniform(0, height), rng.uniform(0, width)
        radius = size * height * rng.uniform(*SPOT_SIZES)
        distance = np.hypot(rows - row, columns - column) / radius - rng.choice([0, 1])
        light += gain * rng.uniform(*SPOT_GAINS) * np.exp(-(distance**2) * SPOT_DECAY)
    return light


def _rim(rng: Generator, shape: Shape, radius: float, softness: float) -> Floats:
    """Light within the dermatoscope's round field, near none beyond it."""
    height, width = shape
    rows, columns = np.mgrid[:height, :width]
    row, column = 1 / 2 + rng.uniform(-RIM_OFFSET, RIM_OFFSET, 2)
    distance = np.hypot(rows - row * height, columns - column * width) / height
    inside = logistic((radius - distance) / softness)
    return rng.uniform(0, RIM_DARK) + RIM_LIGHT * inside
