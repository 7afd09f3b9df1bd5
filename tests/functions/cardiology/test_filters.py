import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.cardiology.filters import blocks, filled, long_holes, segment_edges
from shared.science.signals import band_pass


class TestBlocks:
    @given(st.integers(0, 50), st.integers(1, 500), st.integers(1, 90), st.integers(0, 30))
    def test_cores_tile_the_stretch(self, start: int, length: int, core: int, margin: int) -> None:
        parts = list(blocks(start, start + length, core, margin))

        tiles = np.concatenate([np.arange(block.start, block.stop) for block in parts])
        assert tiles.tolist() == list(range(start, start + length))
        recording = np.arange(start + length)
        for block in parts:
            inner = recording[block.whole][block.core]
            assert inner.tolist() == list(range(block.start, block.stop))

    def test_filtering_in_blocks_is_filtering_at_once(self) -> None:
        noise = np.random.default_rng(2).standard_normal(20_000)
        whole = band_pass(noise, 250.0, 6.0, 22.0)

        parts = [
            band_pass(noise[block.whole], 250.0, 6.0, 22.0)[block.core]
            for block in blocks(0, len(noise), 5000, 500)
        ]

        assert np.concatenate(parts) == pytest.approx(whole, abs=1e-4)


class TestHoles:
    def test_only_holes_longer_than_allowed_are_long(self) -> None:
        signal = np.ones((8, 2))
        signal[1:3, 0] = np.nan
        signal[4:8, 1] = np.nan

        long = long_holes(signal, allowed=2)

        assert not long[:, 0].any()
        assert long[:, 1].tolist() == [False] * 4 + [True] * 4

    def test_holes_are_filled_with_a_straight_line(self) -> None:
        signal = np.array([[0.0, np.nan], [np.nan, np.nan], [2.0, np.nan]])

        assert filled(signal).tolist() == [[0.0, 0.0], [1.0, 0.0], [2.0, 0.0]]

    def test_whole_signals_are_not_copied(self) -> None:
        signal = np.ones((3, 1))

        assert filled(signal) is signal


class TestSegmentEdges:
    @pytest.mark.parametrize(
        ("duration_s", "borders_s"),
        [(4, [0, 4]), (10, [0, 10]), (14, [0, 14]), (16, [0, 10, 16]), (24, [0, 10, 24])],
    )
    def test_remainder_below_half_a_segment_joins_the_last(
        self, duration_s: int, borders_s: list[int]
    ) -> None:
        assert (segment_edges(duration_s * 250, 250.0) / 250).tolist() == borders_s
