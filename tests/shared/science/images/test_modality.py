import re

import numpy as np
import pytest

from local.samples.film import ChestFilm
from local.samples.film import draw as draw_film
from local.samples.lesion import draw as draw_lesion
from local.samples.lesion_scenes import random_scene
from local.training.decoys import DRAWERS, Drawer
from shared.science.images.modality import (
    WORDS,
    Modality,
    WrongModality,
    likeness_of,
    require_modality,
)

LESION_SEEDS = range(10_000, 10_020)  # no scene that trained


def film() -> np.ndarray:
    gray = np.round(255 * draw_film(ChestFilm()).gray).astype(np.uint8)
    return np.repeat(gray[..., None], 3, axis=2)


class TestModality:
    def test_film_is_a_film(self) -> None:
        assert require_modality(film(), Modality.CHEST).probabilities[Modality.CHEST] > 0.5

    def test_film_is_refused_elsewhere_by_what_it_looks_like(self) -> None:
        with pytest.raises(WrongModality, match=re.escape(WORDS[Modality.CHEST])):
            require_modality(film(), Modality.FUNDUS)

    def test_lesions_are_lesions(self) -> None:
        scenes = [random_scene(seed) for seed in LESION_SEEDS]
        words = [likeness_of(draw_lesion(scene).picture).words for scene in scenes]
        assert words.count(WORDS[Modality.LESION]) >= len(words) - 1

    @pytest.mark.parametrize("draw", DRAWERS, ids=lambda draw: draw.__name__)
    @pytest.mark.parametrize("modality", Modality)
    def test_drawings_are_none_of_them(self, draw: Drawer, modality: Modality) -> None:
        rng = np.random.default_rng(999)
        pictures = [np.asarray(draw(rng)) for _ in range(20)]
        refused = [likeness_of(picture).words != WORDS[modality] for picture in pictures]
        assert sum(refused) >= len(refused) - 1

    def test_probabilities_leave_room_for_none(self) -> None:
        likeness = likeness_of(film())
        assert sum(likeness.probabilities.values()) <= 1 + 1e-9
        assert likeness.used.name == "modality"
