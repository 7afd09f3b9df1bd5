"""The dermoscopy rule's total and the words for it, at the borders between them."""

import pytest

from functions.dermatology.dermoscopy import Grade, Points, points


class TestTotal:
    @pytest.mark.parametrize(
        ("counted", "total"),
        [
            (Points(0, 0, 1, 1), 1.0),
            (Points(1, 0, 1, 1), 2.3),
            (Points(0, 8, 1, 1), 1.8),
            (Points(0, 0, 6, 1), 3.5),
            (Points(0, 0, 1, 5), 3.0),
            (Points(2, 8, 6, 5), 8.9),
        ],
    )
    def test_is_weighted(self, counted: Points, total: float) -> None:
        assert counted.total == total

    @pytest.mark.parametrize(
        ("counted", "grade"),
        [
            (Points(2, 1, 2, 2), Grade.BENIGN),
            (Points(2, 6, 2, 1), Grade.BENIGN),
            (Points(1, 4, 3, 3), Grade.BENIGN),
            (Points(2, 2, 2, 2), Grade.SUSPICIOUS),
            (Points(2, 8, 2, 2), Grade.SUSPICIOUS),
            (Points(2, 4, 3, 2), Grade.HIGHLY_SUSPICIOUS),
        ],
    )
    def test_grade(self, counted: Points, grade: Grade) -> None:
        assert counted.grade is grade


class TestPoints:
    def test_a_lesion_has_a_color_and_a_structure(self) -> None:
        assert points(0, 0, 0, 0) == Points(0, 0, 1, 1)

    def test_more_are_counted_as_they_are(self) -> None:
        assert points(2, 3, 4, 5) == Points(2, 3, 4, 5)
