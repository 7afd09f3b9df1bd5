"""No rhythm is trusted more than it was said rightly of people whom no model had seen."""

import pytest

from functions.cardiology.confidence import CERTAINTY, certainty_of, kind_of
from functions.cardiology.rhythm_names import RhythmName


class TestKind:
    @pytest.mark.parametrize(
        ("name", "kind"),
        [
            (RhythmName.SINUS_TACHYCARDIA, "sinus"),
            (RhythmName.FIBRILLATION, "fibrillation"),
            (RhythmName.FAST_STEADY, "flutter"),
            (RhythmName.COMPLETE_BLOCK, "block"),
            (RhythmName.SECOND_DEGREE, "block"),
            (RhythmName.SLOW_NO_P_WAVES, "no P waves"),
            (RhythmName.UNDETERMINED, "no P waves"),
        ],
    )
    def test_shares_are_counted_by_kind(self, name: RhythmName, kind: str) -> None:
        assert kind_of(name) == kind

    @pytest.mark.parametrize("name", RhythmName)
    def test_nothing_is_surer_than_sinus_rhythm(self, name: RhythmName) -> None:
        assert 0 < certainty_of(kind_of(name)) <= CERTAINTY["sinus"]
