"""Stretches cover a recording without holes, and neighbors of one rhythm are one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.cardiology.rhythm_names import RhythmName
from functions.cardiology.rhythm_segments import UNSEEN_S, Segment, covering, merged_segments

SINUS, FIBRILLATION, UNKNOWN = RhythmName.SINUS, RhythmName.FIBRILLATION, RhythmName.UNDETERMINED


def covered(*pieces: Segment, duration_s: float = 100) -> list[tuple[float, float, RhythmName]]:
    stretches = covering(list(pieces), duration_s)
    return [(stretch.start_s, stretch.end_s, stretch.rhythm) for stretch in stretches]


class TestCovering:
    def test_no_beats_at_all(self) -> None:
        assert covered() == [(0, 100, UNKNOWN)]

    def test_short_holes_are_shared_by_the_neighbors(self) -> None:
        pieces = Segment(1, 40, SINUS, None), Segment(42, 99, FIBRILLATION, 0.9)
        assert covered(*pieces) == [(0, 41, SINUS), (41, 100, FIBRILLATION)]

    def test_long_hole_between_is_a_stretch_of_its_own(self) -> None:
        pieces = Segment(0, 40, SINUS, None), Segment(50, 100, SINUS, None)
        assert covered(*pieces) == [(0, 40, SINUS), (40, 50, UNKNOWN), (50, 100, SINUS)]

    def test_long_holes_at_both_ends(self) -> None:
        piece = Segment(10, 90, SINUS, None)
        assert covered(piece) == [(0, 10, UNKNOWN), (10, 90, SINUS), (90, 100, UNKNOWN)]

    def test_hole_of_just_the_limit_is_short(self) -> None:
        assert covered(Segment(UNSEEN_S, 100 - UNSEEN_S, SINUS, None)) == [(0, 100, SINUS)]

    @given(st.lists(st.floats(0, 100), min_size=2, max_size=12, unique=True))
    def test_every_moment_once(self, moments: list[float]) -> None:
        edges = sorted(moments)
        pairs = zip(edges[::2], edges[1::2], strict=False)
        stretches = covered(*(Segment(start, end, SINUS, None) for start, end in pairs))
        assert (stretches[0][0], stretches[-1][1]) == (0, 100)
        assert [start for start, _, _ in stretches[1:]] == [end for _, end, _ in stretches[:-1]]


class TestMerged:
    def test_neighbors_of_one_rhythm_are_one(self) -> None:
        parts = [Segment(0, 10, SINUS, None), Segment(10, 30, SINUS, None)]
        assert merged_segments(iter(parts)) == [Segment(0, 30, SINUS, None)]

    def test_what_lies_between_keeps_them_apart(self) -> None:
        rhythms = (SINUS, FIBRILLATION, SINUS)
        parts = [Segment(k, k + 1, rhythm, None) for k, rhythm in enumerate(rhythms)]
        assert merged_segments(iter(parts)) == parts

    def test_longer_stretch_weighs_more(self) -> None:
        parts = [Segment(0, 30, FIBRILLATION, 0.9), Segment(30, 40, FIBRILLATION, 0.5)]
        (joined,) = merged_segments(iter(parts))
        assert joined.probability == pytest.approx(0.8)

    def test_unknown_probability_has_no_say(self) -> None:
        parts = [Segment(0, 30, FIBRILLATION, 0.9), Segment(30, 90, FIBRILLATION, None)]
        (joined,) = merged_segments(iter(parts))
        assert joined.probability == pytest.approx(0.9)
