"""Pictures that are none of the three: as many as asked, of their size, the same by their seed."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from local.training import decoys
from local.training.decoys import DRAWERS, SIDE_PX, Drawer, crops, drawn, installed, pictures_below


def pixels(image: Image.Image) -> np.ndarray:
    return np.asarray(image)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """Red on the left, transparent on the right."""
    rgba = np.zeros((60, 80, 4), np.uint8)
    rgba[:, :40] = (255, 0, 0, 255)
    Image.fromarray(rgba).save(tmp_path / "half.png")
    return tmp_path / "half.png"


class TestDrawn:
    @pytest.mark.parametrize("draw", DRAWERS, ids=lambda draw: draw.__name__)
    def test_each_kind_has_the_size_and_three_colors(self, draw: Drawer) -> None:
        image = draw(np.random.default_rng(5))
        assert (image.size, image.mode) == ((SIDE_PX, SIDE_PX), "RGB")

    @pytest.mark.parametrize("draw", DRAWERS, ids=lambda draw: draw.__name__)
    def test_no_two_of_a_kind_are_alike(self, draw: Drawer) -> None:
        rng = np.random.default_rng(5)
        assert len({draw(rng).tobytes() for _ in range(4)}) == 4

    def test_seed_decides_and_kinds_take_turns(self) -> None:
        first, second, other = drawn(1, 2), drawn(1, 2), drawn(2, 2)
        assert len(first) == 2 * len(DRAWERS)
        assert all(map(np.array_equal, first, second))
        assert not np.array_equal(first[0], other[0])


class TestCrops:
    def test_first_is_the_whole_on_a_page(self, picture: Path) -> None:
        (whole,) = crops(picture, np.random.default_rng(1), 1)
        values = pixels(whole)
        assert values.shape == (SIDE_PX, SIDE_PX, 3)
        assert (values[:, : SIDE_PX // 2 - 2] == (255, 0, 0)).all()
        page = values[:, SIDE_PX // 2 + 2 :].reshape(-1, 3)
        assert len(np.unique(page, axis=0)) == 1

    def test_as_many_pieces_as_asked_are_of_one_size(self, picture: Path) -> None:
        pieces = list(crops(picture, np.random.default_rng(1), 12))
        assert {piece.size for piece in pieces} == {(SIDE_PX, SIDE_PX)}
        assert len({piece.tobytes() for piece in pieces}) == 12

    def test_some_pieces_are_gray(self, tmp_path: Path) -> None:
        Image.fromarray(np.full((60, 60, 3), (200, 40, 90), np.uint8)).save(tmp_path / "a.png")
        pieces = [pixels(it) for it in crops(tmp_path / "a.png", np.random.default_rng(1), 40)]
        spread = [np.ptp(piece.reshape(-1, 3).mean(axis=0)) for piece in pieces]
        assert 0 < sum(it < 82 for it in spread) < 40

    def test_tiny_picture_is_not_cut_below_its_size(self, tmp_path: Path) -> None:
        Image.new("RGB", (8, 8), "blue").save(tmp_path / "tiny.png")
        assert len(list(crops(tmp_path / "tiny.png", np.random.default_rng(1), 5))) == 5


class TestInstalled:
    def test_pictures_of_the_three_are_left_out(self, tmp_path: Path) -> None:
        for name in ("coffee.png", "retina.jpg", "microaneurysms.png", "notes.txt", "a/cat.jpeg"):
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).touch()
        assert [path.name for path in pictures_below(tmp_path)] == ["cat.jpeg", "coffee.png"]

    def test_folder_that_is_not_there_has_none(self, tmp_path: Path) -> None:
        assert pictures_below(tmp_path / "nothing") == []

    def test_package_that_is_not_installed_is_passed_over(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(decoys, "PACKAGES", (("no_such_package", "data"),))
        assert set(installed()) == {"Adwaita"}
