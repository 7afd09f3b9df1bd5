"""Synthetic fundus photos whose vessels, disc and fovea are known.

A tree grows from the disc by Murray's law: the cube of a vessel's radius is the sum of the cubes of
its branches' (Murray 1926, doi:10.1073/pnas.12.3.207). Drawn at twice the size and shrunk.
"""

from dataclasses import dataclass
from io import BytesIO

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

type Mask = npt.NDArray[np.bool_]
type Floats = npt.NDArray[np.float64]

SIDE_PX = 1024
FIELD_PX = 960
FIELD_DEG = 45.0
OVERSAMPLING = 2
DISC_DEG = 6.2
DISC_OFFSET_DEG = 13.5
FOVEA_DEG = 15.5  # temporal of the disc, 1.5 below it
FOVEA_DOWN_DEG = 1.5

TRUNK_RADIUS_DEG = 0.27
SMALLEST_RADIUS_DEG = 0.085
STEP_DEG = 0.35
BRANCH_EVERY_DEG = 5.0
SIDE_SHARE = (0.25, 0.5)  # of the cube of the radius that goes to the weaker branch
SIDE_TURN_DEG = (35.0, 65.0)
WANDER_DEG = 5.0  # change of direction a step
# Angle at which each main vessel leaves the disc, seen from the nasal side, and how it bends.
ARCADES = ((62.0, 1.5), (74.0, 1.1), (-62.0, -1.5), (-74.0, -1.1), (150.0, 0.3), (-150.0, -0.3))

RETINA = (0.72, 0.36, 0.16)
DISC = (0.95, 0.72, 0.45)
VESSEL_CONTRAST = (0.22, 0.48, 0.30)
SHADE = 0.35  # darker towards the rim
MACULA_SHADE = 0.25
MACULA_DEG = 2.6
NOISE = 0.012
LENS_BLUR_PX = 1.0


@dataclass(frozen=True)
class SyntheticFundus:
    """A photo and what is true of it; places are (x, y) in pixels."""

    rgb: npt.NDArray[np.uint8]
    vessels: Mask
    field: Mask
    disc_xy: tuple[float, float]
    disc_diameter_px: float
    fovea_xy: tuple[float, float]

    @property
    def density(self) -> float:
        return float(self.vessels[self.field].mean())

    @property
    def jpeg(self) -> bytes:
        stream = BytesIO()
        Image.fromarray(self.rgb).save(stream, "JPEG", quality=95, subsampling=0)
        return stream.getvalue()


def fundus(*, right_eye: bool = True, seed: int = 0) -> SyntheticFundus:
    """Draw a photo of 45 degrees.

    Parameters
    ----------
    right_eye : bool
        The disc lies on the right of a right eye's photo.
    seed : int

    Returns
    -------
    SyntheticFundus
        Disc and fovea are exact, 13.5 degrees nasal and 2 degrees temporal of the middle; the
        vessels' mask is what was drawn before the lens blurs it. No lesion is drawn, and veins do
        not differ from arteries.
    """
    rng = np.random.default_rng(seed)
    scale = FIELD_PX / FIELD_DEG
    middle = SIDE_PX / 2
    nasal = 1 if right_eye else -1
    disc = (middle + nasal * DISC_OFFSET_DEG * scale, middle - FOVEA_DOWN_DEG * scale / 2)
    fovea = (disc[0] - nasal * FOVEA_DEG * scale, disc[1] + FOVEA_DOWN_DEG * scale)
    rows, columns = np.ogrid[:SIDE_PX, :SIDE_PX]
    field = np.hypot(rows - middle, columns - middle) <= FIELD_PX / 2
    vessels = _tree(rng, disc, nasal, scale) & field
    rgb = _photo(rng, vessels, field, disc, fovea, scale)
    return SyntheticFundus(rgb, vessels, field, disc, DISC_DEG * scale, fovea)


def _tree(rng: np.random.Generator, disc: tuple[float, float], nasal: int, scale: float) -> Mask:
    canvas = Image.new("L", (OVERSAMPLING * SIDE_PX,) * 2)
    pen = ImageDraw.Draw(canvas)
    for angle, bend in ARCADES:
        radius = TRUNK_RADIUS_DEG * rng.uniform(0.75, 1.0)
        _grow(pen, rng, np.array(disc), angle, bend, radius, nasal, scale)
    drawn = np.asarray(canvas.resize((SIDE_PX,) * 2, Image.Resampling.BOX))
    mask: Mask = drawn > 255 / 2
    return mask


def _grow(
    pen: ImageDraw.ImageDraw,
    rng: np.random.Generator,
    place: Floats,
    angle: float,
    bend: float,
    radius: float,
    nasal: int,
    scale: float,
) -> None:
    """Draw a vessel until it branches, and its branches; `angle` is that from the temporal side."""
    length = BRANCH_EVERY_DEG * rng.uniform(0.7, 1.3)
    for _ in range(int(length / STEP_DEG)):
        turn = np.deg2rad(180 - angle if nasal > 0 else angle)
        ahead = place + STEP_DEG * scale * np.array([np.cos(turn), -np.sin(turn)])
        _stroke(pen, place, ahead, radius * scale)
        place = ahead
        angle += rng.normal(0, WANDER_DEG) - bend * STEP_DEG
        if np.hypot(*(place - SIDE_PX / 2)) > FIELD_PX / 2 + scale:
            return
    share = rng.uniform(*SIDE_SHARE)
    side = 1 if rng.random() < 1 / 2 else -1
    for part, turn in ((1 - share, -0.2 * side), (share, side)):
        thinner = radius * part ** (1 / 3)
        if thinner >= SMALLEST_RADIUS_DEG:
            away = angle + turn * rng.uniform(*SIDE_TURN_DEG)
            _grow(pen, rng, place, away, bend * part, thinner, nasal, scale)


def _stroke(pen: ImageDraw.ImageDraw, start: Floats, end: Floats, radius: float) -> None:
    start, end, radius = OVERSAMPLING * start, OVERSAMPLING * end, OVERSAMPLING * radius
    pen.line([*start, *end], fill=255, width=max(1, round(2 * radius)))
    pen.ellipse([*(end - radius), *(end + radius)], fill=255)


def _photo(
    rng: np.random.Generator,
    vessels: Mask,
    field: Mask,
    disc: tuple[float, float],
    fovea: tuple[float, float],
    scale: float,
) -> npt.NDArray[np.uint8]:
    rows, columns = np.ogrid[:SIDE_PX, :SIDE_PX]
    away = np.hypot(rows - SIDE_PX / 2, columns - SIDE_PX / 2) / (FIELD_PX / 2)
    from_fovea = np.hypot(rows - fovea[1], columns - fovea[0]) / scale
    from_disc = np.hypot(rows - disc[1], columns - disc[0]) / scale
    light = 1 - SHADE * away**2 - MACULA_SHADE * np.exp(-((from_fovea / MACULA_DEG) ** 2))
    on_disc = _soft(from_disc <= DISC_DEG / 2, 2.0)[..., None]
    picture = light[..., None] * np.array(RETINA) * (1 - on_disc) + on_disc * np.array(DISC)
    picture *= 1 - _soft(vessels, LENS_BLUR_PX)[..., None] * np.array(VESSEL_CONTRAST)
    picture *= _soft(field, 1.5)[..., None]
    picture += rng.normal(0, NOISE, picture.shape) * field[..., None]
    rgb: npt.NDArray[np.uint8] = np.round(255 * np.clip(picture, 0, 1)).astype(np.uint8)
    return rgb


def _soft(mask: Mask, sigma_px: float) -> Floats:
    blurred = Image.fromarray(mask).convert("L").filter(ImageFilter.GaussianBlur(sigma_px))
    return np.asarray(blurred, float) / 255
