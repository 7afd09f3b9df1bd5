import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.retinal.field import disc
from functions.retinal.fractal import box_dimension
from functions.retinal.optic_disc import OpticDisc
from functions.retinal.vessel_tree import STRETCH_PX, vessel_tree
from functions.retinal.vessels import (
    caliber_equivalent,
    calibers_in_zone_b,
    measure_vessels,
)

SIDE = 240


def drawn(*lines: tuple[float, float, float, float], width: float = 5) -> np.ndarray:
    """Straight vessels from (row, column) to (row, column)."""
    rows, columns = np.mgrid[:SIDE, :SIDE]
    mask = np.zeros((SIDE, SIDE), bool)
    for row, column, end_row, end_column in lines:
        along = np.array([end_row - row, end_column - column])
        share = ((rows - row) * along[0] + (columns - column) * along[1]) / (along @ along)
        share = np.clip(share, 0, 1)
        away = np.hypot(rows - row - share * along[0], columns - column - share * along[1])
        mask |= away <= width / 2
    return mask


class TestBoxDimension:
    @pytest.mark.parametrize(
        ("mask", "dimension"),
        [
            pytest.param(np.ones((256, 256), bool), 2.0, id="a square"),
            pytest.param(np.arange(256 * 256).reshape(256, 256) // 256 == 100, 1.0, id="a line"),
        ],
    )
    def test_of_known_shapes(self, mask: np.ndarray, dimension: float) -> None:
        assert box_dimension(mask) == pytest.approx(dimension, abs=0.05)

    def test_of_the_sierpinski_carpet(self) -> None:
        carpet = np.ones((1, 1), bool)
        for _ in range(5):
            carpet = np.kron(np.array([[1, 1, 1], [1, 0, 1], [1, 1, 1]], bool), carpet)
        # Boxes are no powers of three: they meet the holes in part, which takes a little.
        assert box_dimension(carpet) == pytest.approx(np.log(8) / np.log(3), abs=0.1)

    def test_nothing_has_none(self) -> None:
        assert box_dimension(np.zeros((64, 64), bool)) is None

    @given(seed=st.integers(0, 99))
    def test_turned_or_mirrored_it_is_the_same(self, seed: int) -> None:
        mask = np.random.default_rng(seed).random((60, 60)) < 0.2
        known = box_dimension(mask)
        assert box_dimension(np.rot90(mask)) == pytest.approx(known)
        assert box_dimension(mask[:, ::-1]) == pytest.approx(known)


class TestTree:
    def test_a_straight_vessel_has_its_width_length_and_no_tortuosity(self) -> None:
        tree = vessel_tree(drawn((30, 20, 200, 210), width=7))
        (segment,) = tree.segments
        # Thinning takes up to one and a half widths from each end.
        length_px = np.hypot(*np.diff(segment.smooth_path, axis=0).T).sum()
        assert 0 <= np.hypot(170, 190) - length_px <= 3 * 7
        assert np.median(segment.widths_px) == pytest.approx(7, abs=1)
        assert tree.tortuosity == pytest.approx(0, abs=0.01)
        assert len(tree.branch_points) == 0

    def test_a_half_circle_is_as_tortuous_as_a_stretch_of_it(self) -> None:
        ring = disc((SIDE, SIDE), 120, 120, 124) & ~disc((SIDE, SIDE), 120, 120, 116)
        ring[120:] = False
        half_turn = STRETCH_PX / 60 / 2
        expected = half_turn / np.sin(half_turn) - 1
        assert vessel_tree(ring).tortuosity == pytest.approx(expected, abs=0.003)

    @pytest.mark.parametrize(("height", "length"), [(4, 40), (6, 60)])
    def test_a_wave_has_the_tortuosity_of_its_stretches(self, height: int, length: int) -> None:
        columns = np.linspace(20, 220, 4000)
        rows = 120 + height * np.sin(2 * np.pi * columns / length)
        mask = np.zeros((SIDE, SIDE), bool)
        for row, column in zip(rows[::10], columns[::10], strict=True):
            mask |= disc((SIDE, SIDE), column, row, 6)
        along = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(columns), np.diff(rows)))])
        ends = np.searchsorted(along, along + STRETCH_PX)
        begins = np.flatnonzero(ends < len(along))
        ends = ends[begins]
        chords = np.hypot(columns[ends] - columns[begins], rows[ends] - rows[begins])
        expected = np.median(STRETCH_PX / chords - 1)
        for turned in (mask, np.rot90(mask), mask[:, ::-1]):
            assert vessel_tree(turned).tortuosity == pytest.approx(expected, abs=0.01)

    def test_a_fork_has_a_branch_point_and_three_segments(self) -> None:
        tree = vessel_tree(drawn((120, 20, 120, 120), (120, 120, 50, 210), (120, 120, 190, 210)))
        assert len(tree.branch_points) == 1
        assert tree.branch_points[0] == pytest.approx((120, 120), abs=4)
        assert len(tree.segments) == 3

    def test_a_short_spur_is_no_branch(self) -> None:
        mask = drawn((120, 20, 120, 210), (120, 120, 114, 120), width=5)
        assert len(vessel_tree(mask).branch_points) == 0

    def test_nothing_has_no_tortuosity(self) -> None:
        assert vessel_tree(np.zeros((64, 64), bool)).tortuosity is None

    def test_density_is_the_share_of_the_field(self) -> None:
        field = np.ones((SIDE, SIDE), bool)
        mask = drawn((120, 20, 120, 210))
        vessels = measure_vessels(mask.astype(np.float32), field)
        assert vessels.density == pytest.approx(mask.mean())


class TestCalibers:
    def test_of_vessels_through_zone_b_the_widest_first(self) -> None:
        mask = drawn((120, 120, 120, 230), width=9) | drawn((120, 120, 10, 120), width=5)
        center = disc((SIDE, SIDE), 120.5, 120.5, 60)
        widths = calibers_in_zone_b(vessel_tree(mask), OpticDisc(center, 120, 120, 60, 0.9))
        assert 60 * widths == pytest.approx([9, 5], abs=1.2)

    def test_equivalent_of_six_like_vessels_by_hand(self) -> None:
        """Three pairs, then two of those and one left over, then the last two."""
        pair = 0.95 * np.sqrt(2)
        expected = 0.95 * np.hypot(pair * pair, pair)
        assert caliber_equivalent(np.ones(6)) == pytest.approx(expected)

    def test_five_are_too_few(self) -> None:
        assert caliber_equivalent(np.ones(5)) is None
