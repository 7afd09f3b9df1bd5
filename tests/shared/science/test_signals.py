import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal as scipy_signal

from shared.science.signals import band_pass, fast_length, moving_average, spans, split_at_gaps


def tone(frequency_hz: float, fs_hz: float = 250.0, duration_s: float = 20.0) -> np.ndarray:
    return np.sin(2 * np.pi * frequency_hz * np.arange(round(duration_s * fs_hz)) / fs_hz)


class TestFastLength:
    @given(st.integers(1, 200_000))
    def test_result_is_long_enough_and_has_small_factors(self, n_samples: int) -> None:
        length = fast_length(n_samples)

        assert n_samples <= length <= 1.2 * n_samples + 1
        for factor in (2, 3, 5):
            while length % factor == 0:
                length //= factor
        assert length == 1

    def test_no_shorter_fast_length_exists(self) -> None:
        assert [fast_length(n) for n in (7, 11, 31, 97, 1001)] == [8, 12, 32, 100, 1024]


class TestBandPass:
    def test_tone_inside_the_band_passes_unmoved(self) -> None:
        inside = tone(11.5)

        filtered = band_pass(inside, 250.0, 6.0, 22.0)

        assert np.abs(filtered - inside)[250:-250].max() < 0.01

    @pytest.mark.parametrize("edge_hz", [6.0, 22.0])
    def test_edges_halve_the_amplitude(self, edge_hz: float) -> None:
        filtered = band_pass(tone(edge_hz), 250.0, 6.0, 22.0)

        assert filtered[1250:3750].max() == pytest.approx(0.5, abs=0.01)

    @pytest.mark.parametrize("outside_hz", [0.3, 60.0])
    def test_tone_outside_the_band_vanishes(self, outside_hz: float) -> None:
        filtered = band_pass(tone(outside_hz), 250.0, 6.0, 22.0)

        assert np.abs(filtered[500:-500]).max() < 0.02

    def test_agrees_with_forward_and_backward_butterworth(self) -> None:
        noise = np.random.default_rng(1).standard_normal(5000)
        sos = scipy_signal.butter(2, (6, 22), "bandpass", fs=250, output="sos")

        ours = band_pass(noise, 250.0, 6.0, 22.0)

        theirs = scipy_signal.sosfiltfilt(sos, noise)
        assert ours[250:-250] == pytest.approx(theirs[250:-250], abs=1e-3)

    def test_constant_offset_leaves_nothing(self) -> None:
        assert np.abs(band_pass(np.full(1000, 5.0), 250.0, 0.5, 40.0)).max() < 1e-9

    def test_leads_are_filtered_apart(self) -> None:
        both = np.column_stack((tone(10), tone(100)))

        filtered = band_pass(both, 250.0, 6.0, 22.0)

        assert filtered[:, 0] == pytest.approx(band_pass(tone(10), 250.0, 6.0, 22.0))
        assert np.abs(filtered[500:-500, 1]).max() < 0.02

    def test_upper_edge_beyond_nyquist_is_brought_below_it(self) -> None:
        slow = tone(10, fs_hz=60.0)

        filtered = band_pass(slow, 60.0, 0.5, 40.0)

        assert np.abs(filtered - slow)[300:900].max() < 0.02

    @pytest.mark.parametrize("n_samples", [2, 3, 17, 251])
    def test_short_signals_keep_their_length(self, n_samples: int) -> None:
        assert len(band_pass(np.arange(n_samples, dtype=np.float64), 250.0, 6.0, 22.0)) == n_samples


class TestMovingAverage:
    def test_impulse_becomes_a_centered_box(self) -> None:
        impulse = np.zeros(11)
        impulse[5] = 1

        assert moving_average(impulse, 3) == pytest.approx(
            np.convolve(impulse, [1 / 3] * 3, "same")
        )

    @given(st.integers(1, 60), st.integers(0, 90))
    def test_constant_stays_constant(self, n_samples: int, width: int) -> None:
        assert moving_average(np.full(n_samples, 2.5), width) == pytest.approx(2.5)


class TestSplitAtGaps:
    def test_what_is_as_far_apart_as_the_gap_stays_together(self) -> None:
        parts = split_at_gaps(np.array([0.0, 0.5, 1.0, 1.6]), 0.5)
        assert [part.tolist() for part in parts] == [[0.0, 0.5, 1.0], [1.6]]

    def test_no_places_are_one_empty_part(self) -> None:
        assert [part.tolist() for part in split_at_gaps(np.array([]), 1.0)] == [[]]


class TestSpans:
    def test_short_holes_are_bridged_and_long_ones_are_not(self) -> None:
        present = np.array([1, 1, 0, 1, 0, 0, 0, 1], bool)

        assert spans(present) == [(0, 2), (3, 4), (7, 8)]
        assert spans(present, bridged=1) == [(0, 4), (7, 8)]
        assert spans(present, bridged=1, at_least=2) == [(0, 4)]

    def test_nothing_present_has_no_spans(self) -> None:
        assert spans(np.zeros(5, bool)) == []

    @settings(max_examples=50)
    @given(st.lists(st.booleans(), min_size=1, max_size=40))
    def test_unbridged_spans_are_the_mask(self, mask: list[bool]) -> None:
        rebuilt = np.zeros(len(mask), bool)
        for start, stop in spans(np.array(mask)):
            rebuilt[start:stop] = True

        assert rebuilt.tolist() == mask
