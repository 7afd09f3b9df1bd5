"""Which limit holds for which film, and what is said where none does."""

import numpy as np
import pytest

from functions.radiology.film import Film, View
from functions.radiology.findings import (
    judged,
    missing_millimeters,
    missing_ratio,
    risk,
    view_conflict,
    view_warnings,
)
from functions.radiology.heart_size import HeartSize
from functions.radiology.norms import BIOMARKERS
from shared.vocabulary import RiskLevel


def sized(ratio: float) -> HeartSize:
    return HeartSize(ratio * 1000, 1000, 1, 1, None, ())


def film_viewed(view: View | None) -> Film:
    return Film(np.zeros((4, 4), np.float32), (4, 4), "DICOM", view=view)


class TestJudged:
    @pytest.mark.parametrize(
        ("ratio", "word"),
        [
            (0.449, "normal"),
            (0.45, "indeterminate"),
            (0.55, "indeterminate"),
            (0.551, "enlarged"),
        ],
    )
    def test_bands(self, ratio: float, word: str) -> None:
        assert judged(sized(ratio), View.PA, 40) == word

    @pytest.mark.parametrize("view", [None, View.AP, View.LATERAL])
    def test_other_views_have_no_bands(self, view: View | None) -> None:
        assert judged(sized(0.7), view, 40) is None

    @pytest.mark.parametrize(("age_years", "word"), [(17.9, None), (18, "enlarged")])
    def test_bands_are_those_of_adults(self, age_years: float, word: str | None) -> None:
        assert judged(sized(0.7), View.PA, age_years) == word

    def test_unknown_age_is_taken_for_an_adults(self) -> None:
        assert judged(sized(0.7), View.PA, None) == "enlarged"


class TestRisk:
    def test_enlarged_heart_should_be_looked_at(self) -> None:
        danger = risk("enlarged")
        assert danger is not None
        assert danger.level is RiskLevel.MODERATE
        assert [point.score for point in danger.points] == [danger.score]

    @pytest.mark.parametrize("word", ["normal", "indeterminate"])
    def test_other_bands_are_low(self, word: str) -> None:
        danger = risk(word)
        assert danger is not None
        assert (danger.score, danger.level, danger.points) == (0, RiskLevel.LOW, ())

    def test_without_a_judgment_there_is_none(self) -> None:
        assert risk(None) is None


class TestWarnings:
    @pytest.mark.parametrize(
        ("view", "age_years", "said"),
        [
            (None, 40, ["The view is not stated"]),
            (View.PA, None, ["The age is not stated"]),
            (View.PA, 12, ["is not applied"]),
            (None, 12, ["The view is not stated", "is not applied"]),
            (View.AP, None, []),
            (View.PA, 18, []),
        ],
    )
    def test_say_which_circumstance_is_missing(
        self, view: View | None, age_years: float | None, said: list[str]
    ) -> None:
        told = list(view_warnings(view, age_years))
        assert len(told) == len(said)
        assert all(words in text for words, text in zip(said, told, strict=True))

    @pytest.mark.parametrize(
        ("stated", "filed", "conflicts"),
        [(View.PA, View.AP, 1), (View.PA, View.PA, 0), (None, View.AP, 0), (View.PA, None, 0)],
    )
    def test_form_and_file_differ(
        self, stated: View | None, filed: View | None, conflicts: int
    ) -> None:
        assert len(list(view_conflict(stated, film_viewed(filed)))) == conflicts


class TestAbsences:
    def test_are_of_the_catalog(self) -> None:
        gaps = {gap.name for gap in (*missing_millimeters(), missing_ratio("AP"))}
        assert gaps == {"heart_width_mm", "thorax_width_mm", "cardiothoracic_ratio"}
        assert gaps <= set(BIOMARKERS)
