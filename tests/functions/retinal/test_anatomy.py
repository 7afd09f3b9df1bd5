import numpy as np
import pytest

from functions.retinal.canvas import Canvas
from functions.retinal.field import Field, disc
from functions.retinal.macula import Eye, eye_of, find_fovea
from functions.retinal.optic_disc import OpticDisc, find_disc

SIDE, SCALE = 560, 12.0


def disc_at(row: float, column: float) -> OpticDisc:
    mask = disc((SIDE, SIDE), column, row, 74)
    return OpticDisc(mask, row - 0.5, column - 0.5, 74, 0.9)


class TestDisc:
    def test_is_the_part_with_the_most_probability(self) -> None:
        probable = 0.9 * disc((SIDE, SIDE), 400, 280, 74).astype(np.float32)
        probable += 0.8 * disc((SIDE, SIDE), 150, 280, 20).astype(np.float32)
        located = find_disc(probable, np.ones((SIDE, SIDE), bool), SCALE)
        assert located is not None
        assert (located.column_px, located.row_px) == pytest.approx((399.5, 279.5), abs=1)
        assert located.diameter_px == pytest.approx(74, rel=0.02)
        radii = [np.hypot(*point) for point in located.outline(12)]
        assert radii == pytest.approx([37] * 12, abs=1.5)

    @pytest.mark.parametrize(
        "mask",
        [
            pytest.param(np.zeros((SIDE, SIDE)), id="nothing"),
            pytest.param(disc((SIDE, SIDE), 280, 280, 20), id="too small"),
            pytest.param(disc((SIDE, SIDE), 280, 280, 300), id="too large"),
            pytest.param(np.eye(SIDE), id="a line"),
        ],
    )
    def test_what_has_not_its_shape_is_none(self, mask: np.ndarray) -> None:
        probable = mask.astype(np.float32)
        assert find_disc(probable, np.ones((SIDE, SIDE), bool), SCALE) is None


class TestEye:
    @pytest.mark.parametrize(
        ("row", "column", "eye"),
        [
            (280, 450, Eye.RIGHT),
            (280, 110, Eye.LEFT),
            pytest.param(110, 280, Eye.UNKNOWN, id="turned"),
            pytest.param(280, 300, Eye.UNKNOWN, id="centered on the disc"),
        ],
    )
    def test_is_told_by_the_side_of_the_disc(self, row: float, column: float, eye: Eye) -> None:
        assert eye_of(disc_at(row, column), SIDE, SCALE) is eye

    def test_fovea_is_the_dark_place_temporal_of_the_disc(self) -> None:
        rgb = np.full((SIDE, SIDE, 3), 0.5, np.float32)
        rgb[disc((SIDE, SIDE), 270, 310, 30)] = 0.3
        field = Field(280, 280, 540, 1, 1, 0)
        canvas = Canvas(rgb, disc((SIDE, SIDE), 280, 280, 540), 1.0, field)
        fovea = find_fovea(canvas, disc_at(280, 450), Eye.RIGHT, SCALE)
        assert fovea is not None
        assert (fovea.row_px, fovea.column_px) == pytest.approx((309.5, 269.5), abs=2)
        assert find_fovea(canvas, disc_at(280, 450), Eye.LEFT, SCALE) is None  # outside
        assert find_fovea(canvas, disc_at(280, 450), Eye.UNKNOWN, SCALE) is None
