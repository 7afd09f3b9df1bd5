"""Pictures that are none of the three: what people send by mistake.

Photographs that ship with installed packages, crops of them and drawings made here. Licences:
scikit-image's data (each file named in its README; public domain, CC0 or BSD-like), scikit-learn's
`china.jpg` and `flower.jpg` (CC BY 2.0, D. Buechele and vultilion), the Adwaita icons (CC BY-SA
3.0). They are read where they are installed; none is redistributed.
"""

import colorsys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter, ImageFont

type Generator = np.random.Generator
type Drawer = Callable[[Generator], Image.Image]

SIDE_PX = 224
PACKAGES = (("skimage", "data"), ("sklearn", "datasets/images"))
ICONS = Path("/usr/share/icons/Adwaita/512x512")
SUFFIXES = {".png", ".jpg", ".jpeg"}
# Of scikit-image's own pictures: a fundus photograph and a part of one.
NO_DECOYS = {"retina.jpg", "microaneurysms.png"}
WORDS = [
    "Report",
    "of",
    "the",
    "visit",
    "Patient",
    "blood",
    "pressure",
    "120/80",
    "Name",
    "Date",
    "mg",
    "daily",
    "total",
    "page",
]


def installed() -> dict[str, list[Path]]:
    """Return the pictures of each package, by its name."""
    paths: dict[str, list[Path]] = {}
    for package, folder in PACKAGES:
        spec = find_spec(package)
        if spec is not None and spec.origin is not None:
            paths[package] = pictures_below(Path(spec.origin).parent / folder)
    paths["Adwaita"] = pictures_below(ICONS)
    return paths


def pictures_below(folder: Path) -> list[Path]:
    paths = (path for path in folder.rglob("*") if path.suffix in SUFFIXES)
    return sorted(path for path in paths if path.name not in NO_DECOYS)


def crops(path: Path, rng: Generator, n: int) -> Iterator[Image.Image]:
    """Cut pieces of many sizes out of a picture, turned, recolored and gray at times."""
    with Image.open(path) as opened:
        image = opened.convert("RGBA")
    page = Image.new("RGBA", image.size, _color(rng))
    whole = Image.alpha_composite(page, image).convert("RGB")
    for index in range(n):
        share = 1.0 if index == 0 else rng.uniform(0.25, 1.0)
        width, height = (max(16, round(side * share)) for side in whole.size)
        left = int(rng.integers(0, whole.width - width + 1)) if width < whole.width else 0
        top = int(rng.integers(0, whole.height - height + 1)) if height < whole.height else 0
        piece = whole.crop((left, top, left + width, top + height))
        piece = piece.resize((SIDE_PX, SIDE_PX), Image.Resampling.BOX)
        yield _recolored(piece, rng) if index else piece


def _recolored(image: Image.Image, rng: Generator) -> Image.Image:
    pixels = np.asarray(image, np.float32)
    if rng.random() < 0.3:
        pixels = np.repeat(pixels.mean(axis=2, keepdims=True), 3, axis=2)
    elif rng.random() < 0.5:
        pixels = pixels[..., rng.permutation(3)]
    gains = np.exp(rng.uniform(-0.35, 0.35, 3))
    turned = np.rot90(pixels, int(rng.integers(4)))
    return Image.fromarray(np.clip(turned * gains, 0, 255).astype(np.uint8))


def _color(rng: Generator) -> tuple[int, int, int, int]:
    red, green, blue = colorsys.hsv_to_rgb(rng.random(), rng.random() ** 2, rng.random())
    return round(255 * red), round(255 * green), round(255 * blue), 255


def text_page(rng: Generator) -> Image.Image:
    """A screenshot or a page: dark words on light paper, or the other way round."""
    paper, ink = (250, 20) if rng.random() < 0.7 else (25, 230)
    image = Image.new("RGB", (SIDE_PX, SIDE_PX), (paper,) * 3)
    draw = ImageDraw.Draw(image)
    size = int(rng.integers(8, 26))
    font = ImageFont.load_default(size)
    for y in range(int(rng.integers(4, 40)), SIDE_PX - size, round(size * 1.4)):
        words = " ".join(rng.choice(WORDS, int(rng.integers(1, 9))))
        draw.text((int(rng.integers(4, 30)), y), words, (ink,) * 3, font)
    return image


def plot(rng: Generator) -> Image.Image:
    """Axes with curves or bars."""
    image = Image.new("RGB", (SIDE_PX, SIDE_PX), "white")
    draw = ImageDraw.Draw(image)
    draw.line([(24, 10), (24, 200), (216, 200)], "black", 2)
    for _ in range(int(rng.integers(1, 5))):
        heights = 105 + np.cumsum(rng.normal(0, rng.uniform(2, 18), 40))
        if rng.random() < 0.3:
            for k, y in enumerate(heights[::5]):
                draw.rectangle([28 + 24 * k, min(y, 198), 44 + 24 * k, 199], _color(rng)[:3])
        else:
            points = [(24 + 4.8 * k, float(y)) for k, y in enumerate(heights)]
            draw.line(points, _color(rng)[:3], int(rng.integers(1, 4)))
    return image


def ecg_strip(rng: Generator) -> Image.Image:
    """A trace on millimeter paper."""
    paper = (255, 240, 238) if rng.random() < 0.7 else (245, 250, 245)
    image = Image.new("RGB", (SIDE_PX, SIDE_PX), paper)
    draw = ImageDraw.Draw(image)
    for place in range(0, SIDE_PX, 8):
        for line in ([(place, 0), (place, SIDE_PX)], [(0, place), (SIDE_PX, place)]):
            draw.line(line, (240, 180, 180), 1)
    for row in range(30, SIDE_PX, int(rng.integers(40, 90))):
        t = np.arange(SIDE_PX) % rng.uniform(25, 70)
        beat = -22 * np.exp(-(((t - 10) / 1.5) ** 2)) - 6 * np.exp(-(((t - 22) / 5) ** 2))
        draw.line([(x, row + float(y)) for x, y in enumerate(beat)], "black", 1)
    return image


def spectrogram(rng: Generator) -> Image.Image:
    """Bands of sound over time, in one of a few color scales."""
    rows, columns = np.indices((SIDE_PX, SIDE_PX)) / SIDE_PX
    pitch = rng.uniform(8, 40) * (1 + 0.1 * np.sin(columns * rng.uniform(3, 20)))
    bands = np.cos(2 * np.pi * rows * pitch) ** 2 * np.exp(-2 * (1 - rows))
    level = bands * (np.sin(columns * rng.uniform(5, 40)) > -0.5) + rng.random(rows.shape) * 0.3
    level = np.clip(level, 0, 1)[..., None]
    low, high = np.array(_color(rng)[:3]) * 0.3, np.array(_color(rng)[:3])
    return Image.fromarray((low + (high - low) * level).clip(0, 255).astype(np.uint8))


def noise(rng: Generator) -> Image.Image:
    """Noise, white or smooth, gray or in color."""
    grain = int(rng.choice([4, 14, 56, 224]))
    channels = 1 if rng.random() < 0.4 else 3
    values = rng.normal(
        rng.uniform(40, 210, channels), rng.uniform(5, 80), (grain, grain, channels)
    )
    pixels = np.broadcast_to(values, (grain, grain, 3)).clip(0, 255).astype(np.uint8)
    return Image.fromarray(np.ascontiguousarray(pixels)).resize((SIDE_PX, SIDE_PX))


def shapes(rng: Generator) -> Image.Image:
    """Discs and boxes on an even ground: round as a fundus, dark as a lesion, and neither."""
    image = Image.new("RGB", (SIDE_PX, SIDE_PX), _color(rng)[:3])
    draw = ImageDraw.Draw(image)
    for _ in range(int(rng.integers(1, 7))):
        x, y = rng.uniform(0, SIDE_PX, 2)
        a, b = rng.uniform(8, 110, 2)
        kind = draw.ellipse if rng.random() < 0.6 else draw.rectangle
        kind([x - a, y - b, x + a, y + b], fill=_color(rng)[:3])
    blur = rng.uniform(0, 3)
    return image.filter(ImageFilter.GaussianBlur(blur)) if rng.random() < 0.5 else image


DRAWERS: tuple[Drawer, ...] = (text_page, plot, ecg_strip, spectrogram, noise, shapes)


def drawn(seed: int, n: int) -> list[npt.NDArray[np.uint8]]:
    """Return `n` drawings of each kind."""
    rng = np.random.default_rng(seed)
    return [np.asarray(draw(rng)) for _ in range(n) for draw in DRAWERS]
