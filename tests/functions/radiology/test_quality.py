"""What a film lacks is said, and takes a part of the score each."""

import numpy as np
import pytest

from functions.radiology.film import Film, Floats
from functions.radiology.quality import (
    FlatFilm,
    Quality,
    cut_off,
    judge,
    require_size,
    tilt_deg,
)
from shared.science.images.unreadable import PictureTooSmall
from tests.functions.radiology.outlines import SHAPE, organs, rectangle


def speckled(spread: float, middle: float = 0.5) -> Film:
    """Gray that goes up and down by `spread` from pixel to pixel."""
    rows, columns = np.indices(SHAPE)
    gray: Floats = (middle + spread * (2 * ((rows + columns) % 2) - 1)).astype(np.float32)
    return Film(gray, (SHAPE[1], SHAPE[0]), "PNG")


def lines(columns: int, rows: int) -> Film:
    return Film(np.zeros((4, 4), np.float32), (columns, rows), "PNG")


class TestSize:
    @pytest.mark.parametrize("side", [(399, 2000), (2000, 399)])
    def test_shorter_side_counts(self, side: tuple[int, int]) -> None:
        with pytest.raises(PictureTooSmall, match="400"):
            require_size(lines(*side))

    def test_just_large_enough(self) -> None:
        require_size(lines(400, 400))


class TestJudge:
    def test_nothing_to_be_wished_for(self) -> None:
        quality = judge(speckled(0.2), organs())
        assert (quality.concerns, quality.score) == ((), 1)
        assert quality.contrast == pytest.approx(0.2, abs=1e-3)

    def test_almost_one_gray_is_refused(self) -> None:
        with pytest.raises(FlatFilm, match=r"spread 0\.006"):
            judge(speckled(0.006), organs())

    def test_little_contrast_is_measured_and_said(self) -> None:
        quality = judge(speckled(0.015), organs())
        assert len(quality.concerns) == 1
        assert "contrast" in quality.concerns[0]

    def test_blurred(self) -> None:
        gray = np.tile(np.linspace(0.2, 0.8, SHAPE[1], dtype=np.float32), (SHAPE[0], 1))
        quality = judge(Film(gray, (200, 100), "PNG"), organs())
        assert [words.split(":")[0] for words in quality.concerns] == ["The film is blurred"]

    def test_mostly_white(self) -> None:
        film = speckled(0.2)
        film.gray[:, :50] = 1.0
        (concern,) = judge(film, organs()).concerns
        assert "25% of the film is white" in concern

    def test_score_does_not_fall_below_nothing(self) -> None:
        assert Quality(0, 0, 0, 0, ("blurred",) * 2).score == 0.5
        assert Quality(0, 0, 0, 0, ("blurred",) * 5).score == 0


class TestCutOff:
    @pytest.mark.parametrize(
        ("rows", "columns", "edge"),
        [
            ((0, 60), (20, 80), "top"),
            ((10, 100), (20, 80), "bottom"),
            ((10, 60), (0, 80), "left side"),
            ((10, 60), (20, 200), "right side"),
        ],
    )
    def test_edge_that_a_lung_meets_is_named(
        self, rows: tuple[int, int], columns: tuple[int, int], edge: str
    ) -> None:
        (words,) = cut_off(organs(right=rectangle(rows, columns)))
        assert f"reach the {edge}" in words

    def test_a_free_film_is_whole(self) -> None:
        assert cut_off(organs()) == []


class TestTilt:
    def test_level_lungs(self) -> None:
        assert tilt_deg(organs()) == pytest.approx(0)

    def test_left_lung_lower_by_the_distance_is_half_a_right_angle(self) -> None:
        tilted = organs(rectangle((0, 20), (20, 40)), rectangle((70, 90), (90, 110)))
        assert tilt_deg(tilted) == pytest.approx(45)
