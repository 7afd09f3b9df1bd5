"""Sentences that say what an assessment does not do are true of every one; others are judged."""

import pytest

from functions.assistant.model.limits import without_limits


class TestLimits:
    @pytest.mark.parametrize(
        "sentence",
        [
            "The analysis does not make a diagnosis",
            "This report is no diagnosis",
            "These values do not replace a medical examination",
            "The measures contain no treatment recommendations or medical advice",
            "The software cannot explain the cause of its findings",
            "Interpretation rests with the treating clinician",
            "A value outside its range does not by itself name a disease",
            "The verdict compares the change with the measurement error",
        ],
    )
    def test_a_limit_leaves_nothing(self, sentence: str) -> None:
        assert without_limits(sentence) == ""

    @pytest.mark.parametrize(
        "sentence",
        [
            "The analysis makes a diagnosis",
            "The analysis does not show atrial fibrillation",
            "The heart does not make a diagnosis",
            "The values replace a medical examination",
            "A value outside its range names a disease",
            "Interpretation rests with the patient",
            "The analysis does not make a diagnosis, and the rhythm is normal",
        ],
    )
    def test_what_says_more_stays_whole(self, sentence: str) -> None:
        assert without_limits(sentence) == sentence

    @pytest.mark.parametrize(
        "ending",
        [
            " and make no diagnosis",
            ", but they do not replace a clinical review",
            " without any diagnosis",
        ],
    )
    def test_an_ending_is_cut_off(self, ending: str) -> None:
        assert without_limits(f"These are measurements{ending}") == "These are measurements"
