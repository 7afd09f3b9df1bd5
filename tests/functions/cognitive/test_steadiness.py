"""Fatigue and consistency of sessions whose course is known."""

import pytest

from functions.cognitive.steadiness import consistency_score, fatigue_index
from functions.cognitive.trials import Family, TaskRun, Trial


def run_of(times: list[float], family: Family = Family.SIMPLE_REACTION) -> TaskRun:
    return TaskRun("simple_reaction", family, tuple(Trial(rt_ms=time) for time in times))


class TestFatigueIndex:
    def test_slowing_by_a_tenth_is_a_tenth_of_the_median(self) -> None:
        wobble = [0.0, 4.0, -4.0, 2.0, -2.0] * 4
        times = [level + w for level in (380, 400, 420) for w in wobble]

        score = fatigue_index([run_of(times)])

        assert score is not None
        assert score.value == pytest.approx(0.1)
        assert score.standard_error is not None

    def test_steady_session_has_none_of_it(self) -> None:
        score = fatigue_index([run_of([400.0, 410.0, 390.0] * 20)])

        assert score is not None
        assert score.value == 0

    def test_adaptive_and_short_tasks_are_left_out(self) -> None:
        assert fatigue_index([run_of([400.0] * 90, Family.N_BACK), run_of([400.0] * 9)]) is None


class TestConsistencyScore:
    def test_identical_times_are_fully_consistent(self) -> None:
        score = consistency_score([run_of([400.0] * 40)])

        assert score is not None
        assert score.value == 1

    def test_no_timed_task_has_no_score(self) -> None:
        assert consistency_score([]) is None
