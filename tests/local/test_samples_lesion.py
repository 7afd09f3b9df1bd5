from dataclasses import replace

import numpy as np
import pytest

from local.samples.clutter import Clutter
from local.samples.lesion import Lesion, Scene, draw
from local.samples.lesion_scenes import random_scene
from shared.science.images.regions import components

PLAIN = Scene(lesion=Lesion(diameter=0.5, elongation=1.0, roughness=0.0), texture=0.0)


def test_the_same_scene_is_the_same_picture() -> None:
    scene = random_scene(11)
    assert np.array_equal(draw(scene).picture, draw(scene).picture)
    assert not np.array_equal(draw(scene).picture, draw(replace(scene, seed=12)).picture)


def test_a_round_lesion_has_the_area_of_its_circle() -> None:
    truth = draw(PLAIN).lesion
    # The border lies 0.3 of the edge outside of where half of the pigment is gone.
    diameter_px = (0.5 + 2 * 0.3 * 0.03) * 384
    assert truth.sum() == pytest.approx(np.pi / 4 * diameter_px**2, rel=0.01)


def test_the_lesion_is_darker_than_its_skin() -> None:
    drawing = draw(PLAIN)
    assert drawing.picture[drawing.lesion].mean() < drawing.picture[~drawing.lesion].mean() - 20


def test_a_ruler_tells_its_scale_and_hairs_their_place() -> None:
    bare = draw(PLAIN)
    drawing = draw(replace(PLAIN, clutter=Clutter(hairs=8, ruler_mm=12.0)))
    assert bare.mm_per_px is None
    assert not bare.hair.any()
    assert drawing.mm_per_px == pytest.approx(12 / 384)
    assert 0.001 < drawing.hair.mean() < 0.1


@pytest.mark.parametrize("seed", range(12))
def test_any_scene_has_a_lesion_in_a_single_part(seed: int) -> None:
    drawing = draw(random_scene(seed))
    assert components(drawing.lesion).count == 1
    assert drawing.picture.shape == (192, 256, 3)
