import numpy as np
import pytest

from shared.science.images.turns import mean_over_turns


def upper_left(batch: np.ndarray) -> np.ndarray:
    """Two maps that depend on how the picture is held."""
    maps = batch[:, :2].copy()
    maps[:, :, 0, 0] += 1
    return maps


def picture(height: int = 6, width: int = 4) -> np.ndarray:
    rng = np.random.default_rng(1)
    return rng.random((height, width, 3), dtype=np.float32)


class TestMeanOverTurns:
    def test_what_does_not_depend_on_the_turn_stays(self) -> None:
        rgb = picture()
        maps = mean_over_turns(lambda batch: batch, rgb)
        assert maps == pytest.approx(rgb.transpose(2, 0, 1))

    def test_a_corner_is_shared_by_all_corners(self) -> None:
        maps = mean_over_turns(upper_left, np.zeros((6, 4, 3), np.float32))
        assert maps[:, [0, 0, -1, -1], [0, -1, 0, -1]] == pytest.approx(np.full((2, 4), 0.25))
        assert maps.sum() == pytest.approx(2)

    @pytest.mark.parametrize("turn", range(4))
    @pytest.mark.parametrize("mirrored", [False, True])
    def test_a_turned_picture_has_turned_maps(self, turn: int, *, mirrored: bool) -> None:
        rgb = picture()
        held = np.ascontiguousarray(np.rot90(rgb[:, ::-1] if mirrored else rgb, turn))
        expected = mean_over_turns(upper_left, rgb)
        expected = np.rot90(expected[:, :, ::-1] if mirrored else expected, turn, axes=(1, 2))
        assert mean_over_turns(upper_left, held) == pytest.approx(expected)
