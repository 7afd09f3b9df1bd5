"""Axis and delay of complexes whose deflections are drawn."""

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.cardiology.median_beat import GRID_MS, MedianBeat
from functions.cardiology.qrs_shape import (
    AxisClass,
    Delay,
    axis_class,
    delay_pattern,
    qrs_axis_deg,
)
from shared.science.signals import Floats

START_MS = -400.0
ONSET_MS, OFFSET_MS = -60.0, 60.0


def beat(**waves_mv: tuple[float, ...]) -> MedianBeat:
    """Each lead's complex in parts of equal length from onset to offset, level around it."""
    signal_mv = np.zeros((400, len(waves_mv)))
    start, stop = (round((at - START_MS) / GRID_MS) for at in (ONSET_MS, OFFSET_MS))
    for lead, parts in enumerate(waves_mv.values()):
        drawn = np.repeat(parts, (stop - start - 1) // len(parts))
        signal_mv[start + 1 : start + 1 + len(drawn), lead] = drawn
    halves: Floats = np.stack([signal_mv, signal_mv])
    return MedianBeat(signal_mv, halves, START_MS, tuple(waves_mv), 10, 800)


def delay(
    waves_mv: Mapping[str, tuple[float, ...]], *, offset_ms: float = OFFSET_MS
) -> Delay | None:
    return delay_pattern(beat(**waves_mv), ONSET_MS, offset_ms)


BROAD_S, LATE_R = (0.5, 0.5, -0.3, -0.3), (0.1, 0.1, -0.3, -0.3, 0.6, 0.6)
RIGHT = {"I": BROAD_S, "V1": LATE_R, "V6": BROAD_S}
LEFT = {"I": (0.5,) * 4, "V1": (-0.5,) * 4, "V6": (0.5,) * 4}


class TestAxis:
    @pytest.mark.parametrize(
        ("lead_i", "foot", "axis_deg"), [(1, 0, 0), (0, 1, 90), (-1, 0, 180), (0, -1, -90)]
    )
    def test_axis_points_along_the_lead(self, lead_i: float, foot: float, axis_deg: float) -> None:
        drawn = beat(I=(lead_i,), aVF=(foot,))
        assert qrs_axis_deg(drawn, ONSET_MS, OFFSET_MS) == pytest.approx(axis_deg)

    def test_avf_is_measured_on_a_shorter_scale(self) -> None:
        axis_deg = qrs_axis_deg(beat(I=(1.0,), aVF=(np.sqrt(3) / 2,)), ONSET_MS, OFFSET_MS)
        assert axis_deg == pytest.approx(45)

    @given(st.floats(0.01, 100))
    def test_gain_does_not_turn_it(self, gain: float) -> None:
        axis_deg = qrs_axis_deg(beat(I=(0.4 * gain,), aVF=(0.7 * gain,)), ONSET_MS, OFFSET_MS)
        assert axis_deg == pytest.approx(np.degrees(np.arctan2(2 / np.sqrt(3) * 0.7, 0.4)))

    def test_areas_that_cancel_out_have_none(self) -> None:
        assert qrs_axis_deg(beat(I=(1, -1), aVF=(-1, 1)), ONSET_MS, OFFSET_MS) is None

    @pytest.mark.parametrize("lead", ["I", "aVF"])
    def test_one_frontal_lead_is_too_few(self, lead: str) -> None:
        assert qrs_axis_deg(beat(**{lead: (1.0,)}), ONSET_MS, OFFSET_MS) is None


class TestAxisClass:
    @pytest.mark.parametrize(
        ("axis_deg", "named"),
        [
            (-30, AxisClass.NORMAL),
            (90, AxisClass.NORMAL),
            (-31, AxisClass.LEFT),
            (-90, AxisClass.LEFT),
            (91, AxisClass.RIGHT),
            (180, AxisClass.RIGHT),
            (-91, AxisClass.EXTREME),
        ],
    )
    def test_borders(self, axis_deg: float, named: AxisClass) -> None:
        assert axis_class(axis_deg) is named


class TestDelay:
    @pytest.mark.parametrize(
        ("waves_mv", "complete", "incomplete"),
        [(RIGHT, Delay.RIGHT, Delay.INCOMPLETE_RIGHT), (LEFT, Delay.LEFT, Delay.INCOMPLETE_LEFT)],
    )
    def test_duration_tells_complete_from_incomplete(
        self, waves_mv: dict[str, tuple[float, ...]], complete: Delay, incomplete: Delay
    ) -> None:
        assert delay(waves_mv) is complete
        assert delay(waves_mv, offset_ms=58) is incomplete

    def test_short_complex_has_none(self) -> None:
        assert delay(LEFT, offset_ms=48) is None

    def test_q_wave_in_v6_is_no_left_pattern(self) -> None:
        assert delay(LEFT | {"V6": (-0.2, 0.8, 0.5, 0.5)}) is Delay.UNSPECIFIED

    def test_late_r_in_v1_is_no_left_pattern(self) -> None:
        assert delay(LEFT | {"V1": (-0.9, -0.5, 0.1, -0.5)}) is Delay.UNSPECIFIED

    def test_narrow_s_is_no_right_pattern(self) -> None:
        narrow = (0.5, 0.5, 0.5, 0.5, 0.5, -0.3)
        assert delay(RIGHT | {"I": narrow, "V6": narrow}) is Delay.UNSPECIFIED

    def test_a_broad_s_in_either_lead_is_enough(self) -> None:
        assert delay(RIGHT | {"V6": (0.5,) * 4}) is Delay.RIGHT

    def test_first_r_in_v1_higher_than_the_last_is_no_right_pattern(self) -> None:
        assert delay(RIGHT | {"V1": (0.9, 0.9, *LATE_R[2:])}) is Delay.UNSPECIFIED

    @pytest.mark.parametrize("missing", ["I", "V1", "V6"])
    def test_three_leads_are_needed(self, missing: str) -> None:
        leads = {lead: waves for lead, waves in LEFT.items() if lead != missing}
        assert delay(leads) is None
