"""Cognitive sessions whose truth is known exactly.

Response times are the quantiles of a normal distribution in shuffled order, so their
mean and median are the stated number and no trimming touches them; errors and omissions
are counted out, not drawn. What a scorer must find stands beside the trials.

>>> sample = stroop(seed=1)
>>> sample.truth["stroop_effect"]
80.0
"""

from dataclasses import replace
from statistics import NormalDist

from functions.cognitive.trials import Phase, Trial
from local.samples.tasklog_free import (
    corsi,
    digit_span,
    finger_tapping,
    fluency,
    trail_making,
    word_list,
)
from local.samples.tasklog_trials import TaskSample, keyed, practice_of, quantile_times, seeded

LETTERS = "BDGTV"
STEP_MS = 50.0  # of the staircase of stop delays, and the shortest of them


def simple_reaction(seed: int, *, median_ms: float = 300.0, n: int = 60) -> TaskSample:
    """Space bar on a sign; three false starts and two misses beside `n` reactions."""
    random = seeded(seed)
    trials = [Trial(response="space", rt_ms=rt) for rt in quantile_times(random, median_ms, n)]
    trials += [Trial(response="space", rt_ms=60.0)] * 3 + [Trial()] * 2
    random.shuffle(trials)
    total = n + 5
    truth = {
        "simple_reaction_median": median_ms,
        "simple_reaction_false_starts": 300 / total,
        "simple_reaction_lapses": 200 / (n + 2),
    }
    return TaskSample("simple_reaction", (*practice_of(trials), *trials), truth)


def choice_reaction(seed: int, *, median_ms: float = 450.0, n: int = 80) -> TaskSample:
    """Two keys; a ninth of `n` wrong answers beside `n` right ones."""
    random = seeded(seed)
    right = [keyed(random, rt, right=True) for rt in quantile_times(random, median_ms, n)]
    wrong = [keyed(random, median_ms, right=False) for _ in range(n // 9)]
    trials = [*right, *wrong]
    random.shuffle(trials)
    truth = {
        "choice_reaction_median": median_ms,
        "choice_reaction_accuracy": 100 * n / len(trials),
    }
    return TaskSample("choice_reaction", (*practice_of(trials), *trials), truth)


def flanker(seed: int, *, effect_ms: float = 50.0) -> TaskSample:
    """Sixty trials of each kind, congruent at 420 ms; a wrong or missing answer is incongruent."""
    return _conflict("flanker", seed, 420.0, effect_ms)


def stroop(seed: int, *, effect_ms: float = 80.0) -> TaskSample:
    """Sixty trials of each kind, congruent at 620 ms; a wrong or missing answer is incongruent."""
    return _conflict("stroop", seed, 620.0, effect_ms)


def attention_network(seed: int, *, effect_ms: float = 60.0) -> TaskSample:
    """A flanker whose cues speed things up: alerting 40 ms, orienting 50 ms."""
    plain = _conflict("ant", seed, 500.0, effect_ms)
    gains = {"none": 0, "double": 40, "center": 30, "spatial": 80.0}
    trials = [
        replace(trial, cue=cue, rt_ms=None if trial.rt_ms is None else trial.rt_ms - gain)
        for trial in plain.trials
        for cue, gain in gains.items()
    ]
    practice = [trial for trial in trials if trial.phase is Phase.PRACTICE]
    test = [trial for trial in trials if trial.phase is Phase.TEST]
    seeded(seed).shuffle(test)
    trials = [*practice, *test]
    return TaskSample(
        "ant",
        tuple(trials),
        {"ant_effect": effect_ms, "ant_alerting": 40, "ant_orienting": 50.0},
    )


def _conflict(task: str, seed: int, congruent_ms: float, effect_ms: float) -> TaskSample:
    """Sixty right trials of each kind, and three wrong and one unanswered where incongruent."""
    random = seeded(seed)
    trials: list[Trial] = []
    for condition, mean_ms in (
        ("congruent", congruent_ms),
        ("incongruent", congruent_ms + effect_ms),
    ):
        times = quantile_times(random, mean_ms, 60)
        trials += [keyed(random, rt, right=True, condition=condition) for rt in times]
    trials += [keyed(random, 500.0, right=False, condition="incongruent") for _ in range(3)]
    trials.append(Trial(condition="incongruent", target="f", correct=False))
    random.shuffle(trials)
    truth = {
        f"{task}_effect": effect_ms,
        f"{task}_error_effect": 100 * 4 / 64,
        f"{task}_accuracy": 100 * 120 / 124,
    }
    return TaskSample(task, (*practice_of(trials), *trials), truth)


def n_back(seed: int, *, load: int = 2) -> TaskSample:
    """Thirty targets with 24 hits, seventy lures with 7 false alarms."""
    random = seeded(seed)
    trials: list[Trial] = []
    for condition, n, right in (("target", 30, 24), ("nontarget", 70, 63)):
        target = "m" if condition == "target" else "n"
        other = "n" if condition == "target" else "m"
        trials += [
            Trial(
                condition=condition,
                load=load,
                stimulus=random.choice(LETTERS),
                target=target,
                response=target if i < right else other,
                correct=i < right,
                rt_ms=random.uniform(400, 800),
            )
            for i in range(n)
        ]
    random.shuffle(trials)
    z = NormalDist().inv_cdf
    d_prime = z(24.5 / 31) - z(7.5 / 71)  # Hautus 1995
    truth = {f"n_back_{load}_d_prime": d_prime, "n_back_accuracy": 87.0}
    return TaskSample("n_back", tuple(trials), truth)


def go_no_go(seed: int) -> TaskSample:
    """Eighty go trials with 4 omissions, twenty no-go trials with 5 commissions."""
    random = seeded(seed)
    times = quantile_times(random, 340.0, 76)
    trials = [Trial(condition="go", response="space", correct=True, rt_ms=rt) for rt in times]
    trials += [Trial(condition="go", correct=False)] * 4
    trials += [Trial(condition="nogo", response="space", correct=False, rt_ms=300.0)] * 5
    trials += [Trial(condition="nogo", correct=True)] * 15
    random.shuffle(trials)
    truth = {
        "go_no_go_omissions": 5,
        "go_no_go_commissions": 25,
        "go_no_go_median": 340.0,
    }
    return TaskSample("go_no_go", tuple(trials), truth)


def stop_signal(seed: int, *, ssrt_ms: float = 220.0, stops: int = 100) -> TaskSample:
    """An independent race with a fixed stopping time and a 50 ms staircase.

    Parameters
    ----------
    seed : int
    ssrt_ms : float
    stops : int
        Stop trials, of four times as many in all.

    Returns
    -------
    TaskSample
        Its truth is that of the process: the estimate of one session scatters about it.
    """
    random = seeded(seed)
    kinds = ["stop"] * stops + ["go"] * (3 * stops)
    random.shuffle(kinds)
    go_times = iter(quantile_times(random, 520.0, len(kinds), spread=0.18))
    delay_ms = 250.0
    trials: list[Trial] = []
    for kind in kinds:
        go_ms, key = next(go_times), random.choice("fj")
        if kind == "go":
            trials.append(
                Trial(condition="go", target=key, response=key, correct=True, rt_ms=go_ms)
            )
            continue
        escaped = go_ms < delay_ms + ssrt_ms
        trials.append(
            Trial(
                condition="stop",
                target=key,
                response=key if escaped else None,
                correct=not escaped,
                rt_ms=go_ms if escaped else None,
                stop_delay_ms=delay_ms,
            )
        )
        delay_ms = max(STEP_MS, delay_ms + (-STEP_MS if escaped else STEP_MS))
    return TaskSample("stop_signal", tuple(trials), {"stop_signal_ssrt": ssrt_ms})


def digit_symbol(seed: int, *, median_ms: float = 1500.0) -> TaskSample:
    """Items of 1.5 s for two minutes, every tenth wrong; 54 of the first 60 are right.

    Their times lie 100 ms above and below the median in turns; `truth` holds the accuracy alone.
    """
    random = seeded(seed)
    trials = [
        Trial(
            stimulus=str(i % 9 + 1),
            target=str(i % 9 + 1),
            response=str(i % 9 + 1 if i % 10 else (i + 1) % 9 + 1),
            correct=bool(i % 10),
            rt_ms=median_ms + (100.0 if i % 2 else -100.0) + random.uniform(-20, 20),
        )
        for i in range(80)
    ]
    return TaskSample("digit_symbol", tuple(trials), {"digit_symbol_accuracy": 90.0})


def task_switching(seed: int, *, cost_ms: float = 150.0) -> TaskSample:
    """Repeats 60 ms slower than single-task trials, switches slower by `cost_ms` again."""
    random = seeded(seed)
    trials: list[Trial] = []
    for condition, mean_ms in (
        ("single", 600.0),
        ("repeat", 660.0),
        ("switch", 660.0 + cost_ms),
    ):
        times = quantile_times(random, mean_ms, 50)
        trials += [keyed(random, rt, right=True, condition=condition) for rt in times]
    trials += [keyed(random, 700.0, right=False, condition="switch") for _ in range(5)]
    random.shuffle(trials)
    truth = {
        "task_switching_switch_cost": cost_ms,
        "task_switching_mixing_cost": 60,
        "task_switching_switch_error_cost": 100 * 5 / 55,
    }
    return TaskSample("task_switching", (*practice_of(trials), *trials), truth)


def posner(seed: int, *, effect_ms: float = 40.0) -> TaskSample:
    """Eighty valid, twenty invalid and forty neutral cues; a wrong cue costs 25 ms."""
    random = seeded(seed)
    trials: list[Trial] = []
    for condition, mean_ms, n in (
        ("valid", 300.0, 80),
        ("neutral", 300.0 + effect_ms - 25.0, 40),
        ("invalid", 300.0 + effect_ms, 20),
    ):
        times = quantile_times(random, mean_ms, n)
        trials += [keyed(random, rt, right=True, condition=condition) for rt in times]
    random.shuffle(trials)
    truth = {
        "posner_validity_effect": effect_ms,
        "posner_cost": 25,
        "posner_benefit": effect_ms - 25.0,
    }
    return TaskSample("posner", (*practice_of(trials), *trials), truth)


def guessing(seed: int) -> TaskSample:
    """A Stroop answered blindly: every other answer is right, and nothing may be scored."""
    random = seeded(seed)
    trials = [
        replace(
            keyed(random, random.uniform(200, 900), right=bool(i % 2)), condition=trial.condition
        )
        for i, trial in enumerate(stroop(seed).trials)
        if trial.phase is Phase.TEST
    ]
    return TaskSample("stroop", tuple(trials), {})


SAMPLES = (
    *(simple_reaction, choice_reaction, flanker, stroop, attention_network, n_back, go_no_go),
    *(stop_signal, digit_span, trail_making, word_list, fluency, digit_symbol),
    *(corsi, task_switching, posner, finger_tapping),
)
