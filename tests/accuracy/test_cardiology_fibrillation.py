"""Fibrillation: what the cards claim of people left out, and strips of ten seconds."""

import pytest

from functions.cardiology.analysis import analyze
from functions.cardiology.trained import load_model
from tests.accuracy.recordings import ludb, ludb_records, require_data
from tests.nonempty import nonempty

NOT_SINUS = ("Rhythm: Atrial fibrillation", "Rhythm: Atrial flutter", "AV-block", "acing")


def is_sinus(comments: str) -> bool:
    return "Rhythm: Sinus" in comments and not any(word in comments for word in NOT_SINUS)


class TestCards:
    @pytest.mark.parametrize(("name", "least"), [("MIT-BIH", 0.93), ("CPSC 2021", 0.96)])
    def test_figures_by_second_of_people_left_out(self, name: str, least: float) -> None:
        held_out = load_model("fibrillation").card["held_out"]

        assert held_out[name]["f1_by_second_with_flutter"] >= least

    def test_probabilities_tell_how_often_they_are_right(self) -> None:
        for figures in nonempty(load_model("fibrillation").card["held_out"].values()):
            shares = [row["true"] for row in figures["reliability"]]

            assert shares[0] < 0.03
            assert shares[-1] > 0.93

    def test_strips_left_out(self) -> None:
        figures = load_model("fibrillation_short").card["held_out_strips"]

        assert figures["fibrillation_called"] >= 0.6 * figures["fibrillation"]
        assert figures["others_called"] <= 0.02 * figures["others"]


class TestStrips:
    def test_sinus_rhythm_is_named_and_rarely_sent_to_review(self) -> None:
        require_data()
        sinus = reviewed = named = called = 0
        for record in map(ludb, ludb_records()):
            if not is_sinus(" ".join(record.comments)):
                continue
            findings = analyze(record.ecg)
            sinus += 1
            named += "sinus" in str(findings.result["rhythm_classification"])
            reviewed += findings.review_reason is not None
            called += any("fibrillation" in name for name in findings.result["arrhythmia_types"])

        assert sinus > 80
        assert named >= 0.96 * sinus
        assert reviewed <= 0.10 * sinus
        assert called <= 1

    def test_hardly_any_fibrillation_flutter_or_block_is_named_sinus_unseen(self) -> None:
        require_data()
        others = unseen = 0
        for record in map(ludb, ludb_records()):
            if any(word in " ".join(record.comments) for word in NOT_SINUS):
                findings = analyze(record.ecg)
                others += 1
                unseen += (
                    "sinus" in str(findings.result["rhythm_classification"])
                    and findings.review_reason is None
                )

        assert others >= 10
        assert unseen == 0
