from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageDraw

from functions.dermatology.grids import resized
from functions.dermatology.hair import thin_lines, without_lines
from functions.dermatology.ruler import find_ruler
from functions.dermatology.scale import scale_of
from local.samples.clutter import Clutter
from local.samples.lesion import Lesion, Scene, draw

SCENE = Scene(lesion=Lesion(diameter=0.4), height_px=480, width_px=640)


@pytest.mark.parametrize("seed", [2, 8])
def test_a_ruler_gives_its_scale(seed: int) -> None:
    drawing = draw(replace(SCENE, clutter=Clutter(ruler_mm=18.0), seed=seed))
    ruler = find_ruler(thin_lines(resized(drawing.picture, 512)))
    scale = scale_of(None, ruler, 640 / 512)
    assert scale is not None
    assert scale.origin == "ruler"
    assert scale.mm_per_px == pytest.approx(drawing.mm_per_px, rel=0.02)


def half_millimeters(step_px: int, hidden: int | None) -> np.ndarray:
    """A scale of 21 ticks, every other one longer, as a dermatoscope's glass has it."""
    canvas = Image.new("RGB", (512, 384), (205, 170, 150))
    brush = ImageDraw.Draw(canvas)
    brush.line((60, 300, 60 + 20 * step_px, 300), fill=(20, 20, 20), width=3)
    for tick in range(21):
        if tick != hidden:
            place, length = 60 + tick * step_px, 8 if tick % 2 else 16
            brush.line((place, 300, place, 300 - length), fill=(20, 20, 20), width=3)
    return np.asarray(canvas)


@pytest.mark.parametrize("step_px", [15, 20])
def test_ticks_by_twos_are_half_millimeters(step_px: int) -> None:
    ruler = find_ruler(thin_lines(half_millimeters(step_px, None)))
    assert ruler is not None
    assert ruler.spacing_px == pytest.approx(2 * step_px, rel=0.01)


def test_of_ticks_by_twos_none_may_be_missing() -> None:
    assert find_ruler(thin_lines(half_millimeters(15, hidden=3))) is None


# Here hairs lengthen every other tick, or hide as many as they leave.
@pytest.mark.parametrize(
    ("ruler_mm", "hairs", "seed"),
    [(19.8, 12, 1025), (13.0, 24, 1203), (26.51, 12, 50142), (12.04, 12, 50283)],
)
def test_hairs_over_a_ruler_make_no_other_scale(ruler_mm: float, hairs: int, seed: int) -> None:
    clutter = Clutter(ruler_mm=ruler_mm, hairs=hairs)
    drawing = draw(replace(SCENE, clutter=clutter, seed=seed))
    ruler = find_ruler(thin_lines(resized(drawing.picture, 512)))
    scale = scale_of(None, ruler, 640 / 512)
    assert scale is None or scale.mm_per_px == pytest.approx(drawing.mm_per_px, rel=0.02)


@pytest.mark.parametrize("seed", range(4))
def test_hairs_are_no_ruler(seed: int) -> None:
    drawing = draw(replace(SCENE, clutter=Clutter(hairs=20), seed=seed))
    assert find_ruler(thin_lines(resized(drawing.picture, 512))) is None


def test_what_the_form_says_comes_first() -> None:
    assert scale_of(0.05, None, 1.0).mm_per_px == 0.05  # type: ignore[union-attr]
    assert scale_of(None, None, 1.0) is None


def test_hairs_are_found_and_painted_over() -> None:
    drawing = draw(replace(SCENE, clutter=Clutter(hairs=6), seed=1))
    picture = resized(drawing.picture, 512)
    lines = thin_lines(picture).mask
    truth = np.asarray(resized(drawing.hair.astype(np.uint8) * 255, 512)) > 127
    assert (lines & truth).sum() / truth.sum() > 0.5
    bare = without_lines(picture, lines)
    assert bare[truth & lines].mean() > picture[truth & lines].mean() + 20
