import numpy as np
import pytest

from functions.retinal.field import Canvas, Field, disc
from functions.retinal.grading import QUADRANTS, grade, quadrant_counts
from functions.retinal.lesions import KINDS, Lesions, find_lesions
from functions.retinal.macula import Eye, Fovea, Landmarks, eye_of, find_fovea
from functions.retinal.optic_disc import OpticDisc, find_disc

SIDE, SCALE = 560, 12.0


def disc_at(row: float, column: float) -> OpticDisc:
    mask = disc((SIDE, SIDE), column, row, 74)
    return OpticDisc(mask, row - 0.5, column - 0.5, 74, 0.9)


class TestDisc:
    def test_is_the_part_with_the_most_probability(self) -> None:
        probable = 0.9 * disc((SIDE, SIDE), 400, 280, 74).astype(np.float32)
        probable += 0.8 * disc((SIDE, SIDE), 150, 280, 20).astype(np.float32)
        found = find_disc(probable, np.ones((SIDE, SIDE), bool), SCALE)
        assert found is not None
        assert (found.column_px, found.row_px) == pytest.approx((399.5, 279.5), abs=1)
        assert found.diameter_px == pytest.approx(74, rel=0.02)
        radii = [np.hypot(*point) for point in found.outline(12)]
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


def lesions(**spots: list[tuple[int, int, int]]) -> Lesions:
    """Lesions of a kind as (row, column, diameter) on a canvas of 16 px per degree."""
    maps = np.zeros((len(KINDS), 736, 736), np.float32)
    for kind, places in spots.items():
        for row, column, diameter in places:
            maps[KINDS.index(kind)][disc((736, 736), column, row, diameter)] = 0.9
    return find_lesions(maps, np.ones((736, 736), bool), None)


LANDMARKS = Landmarks(Eye.RIGHT, Fovea(368, 368), None, 100.0)
SPOTS = [(100, 100, 6), (100, 500, 6), (600, 100, 6)]


class TestGrading:
    @pytest.mark.parametrize(
        ("spots", "expected"),
        [
            ({}, 0),
            ({"microaneurysm": SPOTS}, 1),
            ({"microaneurysm": SPOTS, "hemorrhage": [(300, 200, 20), (500, 500, 30)]}, 2),
            ({"hard_exudate": [(300, 100, 8), (320, 100, 9)]}, 2),
        ],
    )
    def test_grade(self, spots: dict[str, list[tuple[int, int, int]]], expected: int) -> None:
        assert grade(lesions(**spots), LANDMARKS).grade == expected

    @pytest.mark.parametrize(
        ("spots", "risk"),
        [
            ([], 0),
            ([(100, 100, 10), (110, 130, 10)], 1),
            ([(100, 100, 10), (368, 420, 10)], 2),
        ],
    )
    def test_macular_edema_by_distance_from_the_fovea(
        self, spots: list[tuple[int, int, int]], risk: int
    ) -> None:
        assert grade(lesions(hard_exudate=spots), LANDMARKS).dme_risk == risk

    def test_without_a_fovea_the_risk_of_exudates_is_unknown(self) -> None:
        nowhere = Landmarks(Eye.UNKNOWN, None, None, None)
        found = lesions(hard_exudate=[(100, 100, 10), (110, 130, 10)])
        assert grade(found, nowhere).dme_risk is None
        assert grade(lesions(), nowhere).dme_risk == 0

    def test_quadrants_turn_with_the_eye(self) -> None:
        found = lesions(hemorrhage=[(100, 100, 10), (600, 600, 10)])["hemorrhage"]
        right = quadrant_counts(found, LANDMARKS)
        left = quadrant_counts(found, Landmarks(Eye.LEFT, Fovea(368, 368), None, None))
        assert right == dict(zip(QUADRANTS, (0, 1, 1, 0), strict=True))
        assert left == dict(zip(QUADRANTS, (1, 0, 0, 1), strict=True))

    def test_four_quadrants_need_more_than_twenty_in_each(self) -> None:
        places = [
            (row + 40 * (index // 5), column + 40 * (index % 5), 8)
            for row in (80, 420)
            for column in (80, 420)
            for index in range(21)
        ]
        assert grade(lesions(hemorrhage=places), LANDMARKS).hemorrhages_in_4_quadrants is True
        fewer = grade(lesions(hemorrhage=places[1:]), LANDMARKS)
        assert fewer.hemorrhages_in_4_quadrants is False

    def test_a_large_dark_spot_is_no_microaneurysm(self) -> None:
        assert lesions(microaneurysm=[(100, 100, 30)])["microaneurysm"].count == 0

    def test_nothing_on_the_disc_counts(self) -> None:
        maps = np.zeros((len(KINDS), 736, 736), np.float32)
        on_disc = disc((736, 736), 500, 368, 100)
        maps[2][on_disc] = 0.9
        found = find_lesions(maps, np.ones((736, 736), bool), on_disc)
        assert found["hard_exudate"].count == 0
