"""What speaks against a session is found; what does not is left alone."""

from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest

from functions.cognitive.trials import Device, Family, Phase, Session, TaskRun, Trial
from functions.cognitive.validity import (
    Verdict,
    run_validity,
    session_validity,
)
from local.samples import tasklog
from local.samples.tasklog_trials import TaskSample


def run_of(sample: TaskSample, family: Family) -> TaskRun:
    return TaskRun(sample.task, family, sample.trials)


def honest() -> TaskRun:
    return run_of(tasklog.flanker(1), Family.INTERFERENCE)


def changed(change: Callable[[int, Trial], Trial], *, run: TaskRun | None = None) -> TaskRun:
    run = run or honest()
    return replace(run, trials=tuple(change(i, trial) for i, trial in enumerate(run.trials)))


def codes(run: TaskRun) -> dict[str, Verdict]:
    return {reason.code: reason.verdict for reason in run_validity(run).reasons}


class TestRunValidity:
    @pytest.mark.parametrize(
        ("make", "family"),
        [
            (tasklog.flanker, Family.INTERFERENCE),
            (tasklog.simple_reaction, Family.SIMPLE_REACTION),
            (tasklog.go_no_go, Family.GO_NO_GO),
            (tasklog.n_back, Family.N_BACK),
            (tasklog.stop_signal, Family.STOP_SIGNAL),
        ],
    )
    def test_honest_session_has_no_reasons(
        self, make: Callable[[int], TaskSample], family: Family
    ) -> None:
        for seed in range(5):
            assert codes(run_of(make(seed), family)) == {}

    def test_guessing_is_invalid(self) -> None:
        assert codes(run_of(tasklog.guessing(1), Family.INTERFERENCE)) == {
            "at-chance": Verdict.INVALID
        }

    def test_swapped_keys_are_said(self) -> None:
        run = changed(lambda _, t: replace(t, correct=not t.correct))

        reason = next(r for r in run_validity(run).reasons if r.code == "at-chance")

        assert "swapped" in reason.text

    def test_pressing_go_always_has_no_sensitivity(self) -> None:
        run = changed(
            lambda _, t: replace(t, correct=t.condition == "go", response="x", rt_ms=300.0 + _),
            run=run_of(tasklog.go_no_go(1), Family.GO_NO_GO),
        )

        assert codes(run) == {"at-chance": Verdict.INVALID}

    @pytest.mark.parametrize(
        ("every", "verdict"), [(6, Verdict.QUESTIONABLE), (3, Verdict.INVALID)]
    )
    def test_anticipations_are_graded(self, every: int, verdict: Verdict) -> None:
        run = changed(lambda i, t: replace(t, rt_ms=20.0) if i % every == 0 else t)

        assert codes(run)["anticipations"] is verdict

    @pytest.mark.parametrize(
        ("every", "verdict"), [(4, Verdict.QUESTIONABLE), (1, Verdict.INVALID)]
    )
    def test_missing_responses_are_graded(self, every: int, verdict: Verdict) -> None:
        run = changed(
            lambda i, t: (
                replace(t, rt_ms=None, response=None, correct=False) if i % every == 0 else t
            )
        )

        assert codes(run)["missing"] is verdict

    def test_one_key_all_along_is_invalid(self) -> None:
        run = changed(lambda _, t: replace(t, response="f"))

        assert codes(run)["one-key"] is Verdict.INVALID

    def test_long_run_of_one_key_is_questionable(self) -> None:
        run = changed(lambda i, t: replace(t, response="f") if 20 <= i < 45 else t)

        assert codes(run)["straight-lining"] is Verdict.QUESTIONABLE

    def test_machine_is_invalid(self) -> None:
        run = changed(lambda i, t: replace(t, rt_ms=400.0 + i % 3))

        assert codes(run)["machine-like"] is Verdict.INVALID

    def test_failed_practice_is_questionable(self) -> None:
        run = changed(
            lambda i, t: replace(t, correct=i % 3 == 0) if t.phase is Phase.PRACTICE else t
        )

        assert codes(run) == {"practice-failed": Verdict.QUESTIONABLE}

    def test_giving_up_in_the_last_third_is_questionable(self) -> None:
        random = Random(1)
        run = changed(lambda i, t: replace(t, correct=random.random() < 0.5) if i > 92 else t)

        assert codes(run) == {"collapse": Verdict.QUESTIONABLE}

    def test_too_few_trials_are_invalid(self) -> None:
        run = replace(honest(), trials=honest().test[:4])

        assert codes(run)["too-few-trials"] is Verdict.INVALID


class TestSessionValidity:
    def test_unknown_circumstances_are_no_reason(self) -> None:
        assert session_validity(Session((), "x")).verdict is Verdict.VALID

    def test_lost_focus_and_slow_display_are_reasons(self) -> None:
        session = Session((), "x", device=Device(refresh_hz=30.0), focus_losses=1)

        assert [r.code for r in session_validity(session).reasons] == ["focus-lost", "slow-display"]
