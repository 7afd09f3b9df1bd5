from collections.abc import Callable

import numpy as np
import pytest

from functions.dermatology.grids import Bytes, dice
from functions.dermatology.threshold import by_threshold, otsu
from local.samples.lesion import Scene, draw
from tests.functions.dermatology.scenes import MANY, PLAIN, outlined

MOVES: dict[str, Callable[[Bytes], Bytes]] = {
    "turned left": np.rot90,
    "upside down": lambda picture: np.rot90(picture, 2),
    "turned right": lambda picture: np.rot90(picture, -1),
    "mirrored": lambda picture: picture[:, ::-1],
    "mirrored and turned": lambda picture: np.rot90(picture[:, ::-1]),
}


@pytest.mark.parametrize("scene", [PLAIN, MANY])
def test_the_border_is_the_one_that_was_drawn(scene: Scene) -> None:
    drawing = draw(scene)
    border = outlined(drawing.picture)
    assert dice(border.placed(drawing.lesion.shape), drawing.lesion) > 0.93
    assert border.agreement > 0.8


@pytest.mark.parametrize("move", MOVES)
def test_turned_or_mirrored_the_area_stays(move: str) -> None:
    picture = draw(MANY).picture
    area = outlined(picture).placed(picture.shape[:2]).sum()
    moved = np.ascontiguousarray(MOVES[move](picture))
    assert outlined(moved).placed(moved.shape[:2]).sum() == pytest.approx(area, rel=0.03)


def test_the_threshold_finds_a_plain_lesion_too() -> None:
    drawing = draw(PLAIN)
    assert dice(by_threshold(drawing.picture), drawing.lesion) > 0.9


@pytest.mark.parametrize("counts", [[100, 100, 100, 100], [30, 10, 70, 20]])
def test_two_levels_are_parted_between_them(counts: list[int]) -> None:
    values = np.repeat([40.0, 41.0, 200.0, 203.0], counts)
    assert 41 < otsu(values) <= 200


def test_levels_are_parted_where_both_classes_vary_least() -> None:
    values = np.concatenate([np.arange(10, 30), np.arange(100, 180)]).astype(float)
    assert 29 < otsu(values) <= 100


def test_nothing_is_found_on_an_even_picture() -> None:
    even = np.full((120, 160, 3), 180, np.uint8)
    assert not by_threshold(even).any() or by_threshold(even).mean() < 0.9


@pytest.mark.parametrize("width", [255, 271, 333])
def test_a_lesion_near_the_edge_of_an_odd_picture_is_placed(width: int) -> None:
    picture = np.ascontiguousarray(draw(PLAIN).picture[:, :width])
    border = outlined(picture)
    assert border.placed((288, width)).shape == (288, width)
