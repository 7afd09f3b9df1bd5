"""Cognitive sessions whose truth is known exactly.

Response times are the quantiles of a normal distribution in shuffled order, so their
mean and median are the stated number and no trimming touches them; errors and omissions
are counted out, not drawn. What a scorer must find stands beside the trials.

>>> sample = stroop(seed=1)
>>> sample.truth["stroop_effect"]
80.0
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from random import Random
from statistics import NormalDist

from functions.cognitive.trials import Phase, Trial

LETTERS = "BDGTV"
WORDS = (
    *("river", "candle", "mountain", "pepper", "violin", "blanket", "sailor", "meadow"),
    *("copper", "ladder", "window", "garden", "falcon", "basket", "thunder", "marble"),
)
NEW_WORDS = (
    *("forest", "button", "anchor", "saddle", "lemon", "mirror", "rocket", "feather"),
    *("hammer", "orchid", "tunnel", "pillow", "compass", "walnut", "harbor", "velvet"),
)
_CORSI_SPAN = 6
_OLD_KNOWN, _NEW_MISTAKEN = 14, 2  # of sixteen each, in the recognition part


@dataclass(frozen=True)
class TaskSample:
    """The trials of one task, and the scores they must give, by biomarker name."""

    task: str
    trials: tuple[Trial, ...]
    truth: Mapping[str, float]


def simple_reaction(seed: int, *, median_ms: float = 300.0, n: int = 60) -> TaskSample:
    """Space bar on a sign; three false starts and two misses beside `n` reactions."""
    random = _seeded(seed)
    trials = [Trial(response="space", rt_ms=rt) for rt in quantile_times(random, median_ms, n)]
    trials += [Trial(response="space", rt_ms=60.0)] * 3 + [Trial()] * 2
    random.shuffle(trials)
    total = n + 5
    truth = {
        "simple_reaction_median": median_ms,
        "simple_reaction_false_starts": 300 / total,
        "simple_reaction_lapses": 200 / (n + 2),
    }
    return TaskSample("simple_reaction", (*_practice(trials), *trials), truth)


def choice_reaction(seed: int, *, median_ms: float = 450.0, n: int = 80) -> TaskSample:
    """Two keys; a tenth wrong."""
    random = _seeded(seed)
    right = [_keyed(random, rt, right=True) for rt in quantile_times(random, median_ms, n)]
    wrong = [_keyed(random, median_ms, right=False) for _ in range(n // 9)]
    trials = [*right, *wrong]
    random.shuffle(trials)
    truth = {
        "choice_reaction_median": median_ms,
        "choice_reaction_accuracy": 100 * n / len(trials),
    }
    return TaskSample("choice_reaction", (*_practice(trials), *trials), truth)


def flanker(seed: int, *, effect_ms: float = 50.0) -> TaskSample:
    return _conflict("flanker", seed, 420.0, effect_ms)


def stroop(seed: int, *, effect_ms: float = 80.0) -> TaskSample:
    return _conflict("stroop", seed, 620.0, effect_ms)


def attention_network(seed: int, *, effect_ms: float = 60.0) -> TaskSample:
    """A flanker whose cues speed things up: alerting 40 ms, orienting 50 ms."""
    plain = _conflict("ant", seed, 500.0, effect_ms)
    gains = {"none": 0.0, "double": 40.0, "center": 30.0, "spatial": 80.0}
    trials = [
        replace(trial, cue=cue, rt_ms=None if trial.rt_ms is None else trial.rt_ms - gain)
        for trial in plain.trials
        for cue, gain in gains.items()
    ]
    practice = [trial for trial in trials if trial.phase is Phase.PRACTICE]
    test = [trial for trial in trials if trial.phase is Phase.TEST]
    _seeded(seed).shuffle(test)
    trials = [*practice, *test]
    return TaskSample(
        "ant",
        tuple(trials),
        {"ant_effect": effect_ms, "ant_alerting": 40.0, "ant_orienting": 50.0},
    )


def _conflict(task: str, seed: int, congruent_ms: float, effect_ms: float) -> TaskSample:
    """Sixty right trials of each kind, and three wrong and one unanswered where incongruent."""
    random = _seeded(seed)
    trials: list[Trial] = []
    for condition, mean_ms in (
        ("congruent", congruent_ms),
        ("incongruent", congruent_ms + effect_ms),
    ):
        times = quantile_times(random, mean_ms, 60)
        trials += [_keyed(random, rt, right=True, condition=condition) for rt in times]
    trials += [_keyed(random, 500.0, right=False, condition="incongruent") for _ in range(3)]
    trials.append(Trial(condition="incongruent", target="f", correct=False))
    random.shuffle(trials)
    truth = {
        f"{task}_effect": effect_ms,
        f"{task}_error_effect": 100 * 4 / 64,
        f"{task}_accuracy": 100 * 120 / 124,
    }
    return TaskSample(task, (*_practice(trials), *trials), truth)


def n_back(seed: int, *, load: int = 2) -> TaskSample:
    """Thirty targets with 24 hits, seventy lures with 7 false alarms."""
    random = _seeded(seed)
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
    random = _seeded(seed)
    times = quantile_times(random, 340.0, 76)
    trials = [Trial(condition="go", response="space", correct=True, rt_ms=rt) for rt in times]
    trials += [Trial(condition="go", correct=False)] * 4
    trials += [Trial(condition="nogo", response="space", correct=False, rt_ms=300.0)] * 5
    trials += [Trial(condition="nogo", correct=True)] * 15
    random.shuffle(trials)
    truth = {
        "go_no_go_omissions": 5.0,
        "go_no_go_commissions": 25.0,
        "go_no_go_median": 340.0,
    }
    return TaskSample("go_no_go", tuple(trials), truth)


def stop_signal(seed: int, *, ssrt_ms: float = 220.0, stops: int = 100) -> TaskSample:
    """An independent race with a fixed stopping time and a 50 ms staircase."""
    random = _seeded(seed)
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
        delay_ms = max(50.0, delay_ms + (-50.0 if escaped else 50.0))
    return TaskSample("stop_signal", tuple(trials), {"stop_signal_ssrt": ssrt_ms})


def digit_span(seed: int) -> TaskSample:
    """Spans of 3 to 8 in both directions; forward fails at 8, backward from 6 on."""
    random = _seeded(seed)
    trials: list[Trial] = []
    for direction, limit in (("forward", 7), ("backward", 5)):
        for size in range(3, 9):
            shown = tuple(str(random.randint(0, 9)) for _ in range(size))
            expected = shown if direction == "forward" else shown[::-1]
            wrong = (str((int(expected[0]) + 1) % 10), *expected[1:])
            right = size <= limit
            trials.append(
                Trial(
                    condition=direction,
                    load=size,
                    items=shown,
                    recalled=expected if right else wrong,
                    correct=right,
                    rt_ms=900.0 * size,
                )
            )
    truth = {
        "digit_span_forward_longest": 7.0,
        "digit_span_forward_total": 5.0,
        "digit_span_backward_longest": 5.0,
        "digit_span_backward_total": 3.0,
    }
    return TaskSample("digit_span", tuple(trials), truth)


def trail_making(seed: int, *, first_s: float = 25.0, second_s: float = 55.0) -> TaskSample:
    """Twenty-five circles a part, two wrong taps in the second."""
    random = _seeded(seed)
    trials: list[Trial] = []
    for part, total_s in (("first", first_s), ("second", second_s)):
        gaps = [random.uniform(0.6, 1.4) for _ in range(25)]
        onset_ms = 0.0
        for gap in gaps:
            onset_ms += 1000 * total_s * gap / sum(gaps)
            trials.append(Trial(condition=part, onset_ms=onset_ms, correct=True))
        if part == "second":
            slips = [
                replace(trials[-i], correct=False, onset_ms=(trials[-i].onset_ms or 0) - 200)
                for i in (7, 3)
            ]
            trials[-7:-7], trials[-3:-3] = [slips[0]], [slips[1]]
    truth = {
        "trail_making_first_time": first_s,
        "trail_making_second_time": second_s,
        "trail_making_difference": second_s - first_s,
        "trail_making_ratio": second_s / first_s,
        "trail_making_second_errors": 2.0,
    }
    return TaskSample("trail_making", tuple(trials), truth)


def word_list(seed: int) -> TaskSample:
    """Sixteen words: 6, 8, 10, 12, 14 recalled, 12 after a delay, then recognition."""
    random = _seeded(seed)
    counts = (6, 8, 10, 12, 14)
    trials = [
        Trial(condition="learning", block=str(i + 1), items=WORDS, recalled=WORDS[:count])
        for i, count in enumerate(counts)
    ]
    trials[0] = replace(trials[0], recalled=(*WORDS[:6], "giraffe", WORDS[0]))
    trials.append(Trial(condition="delayed", items=WORDS, recalled=WORDS[:12]))
    probes = [(word, "old", i < _OLD_KNOWN) for i, word in enumerate(WORDS)]
    probes += [(word, "new", i >= _NEW_MISTAKEN) for i, word in enumerate(NEW_WORDS)]
    random.shuffle(probes)
    trials += [Trial(condition=kind, stimulus=word, correct=right) for word, kind, right in probes]
    z = NormalDist().inv_cdf
    truth = {
        "word_list_total": 50.0,
        "word_list_slope": 2.0,
        "word_list_intrusions": 1.0,
        "word_list_repetitions": 1.0,
        "word_list_delayed": 12.0,
        "word_list_retention": 100 * 12 / 14,
        "word_list_recognition_d_prime": z((_OLD_KNOWN + 0.5) / 17) - z((_NEW_MISTAKEN + 0.5) / 17),
    }
    return TaskSample("word_list", tuple(trials), truth)


def fluency(seed: int) -> TaskSample:
    """Words with f and animals; one repetition and one word of another letter."""
    random = _seeded(seed)
    letters = ("fish", "fin", "fire", "fork", "fox", "flag", "fish", "garden", "frog", "fruit")
    animals = ("dog", "cat", "horse", "cow", "goat", "lion", "tiger", "bear")
    trials: list[Trial] = []
    for condition, cue, words in (("letter", "f", letters), ("category", "animals", animals)):
        onset_ms = 0.0
        for word in words:
            onset_ms += random.uniform(2500, 3500)
            trials.append(Trial(condition=condition, cue=cue, response=word, onset_ms=onset_ms))
    truth = {
        "fluency_letter_correct": 8.0,
        "fluency_letter_repetitions": 1.0,
        "fluency_letter_intrusions": 1.0,
        "fluency_category_correct": 8.0,
    }
    return TaskSample("fluency", tuple(trials), truth)


def digit_symbol(seed: int, *, median_ms: float = 1500.0) -> TaskSample:
    """Items of 1.5 s for two minutes, every tenth wrong; 54 of the first 60 are right."""
    random = _seeded(seed)
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


def corsi(seed: int) -> TaskSample:
    """Sequences of 2 to 9 blocks, two of each length; right up to 6."""
    random = _seeded(seed)
    trials: list[Trial] = []
    for size in range(2, 10):
        for _ in range(2):
            shown = tuple(str(block) for block in random.sample(range(1, 10), size))
            back = shown if size <= _CORSI_SPAN else shown[1:] + shown[:1]
            trials.append(
                Trial(
                    condition="forward",
                    load=size,
                    items=shown,
                    recalled=back,
                    correct=size <= _CORSI_SPAN,
                    rt_ms=800.0 * size,
                )
            )
    truth = {
        "corsi_forward_longest": float(_CORSI_SPAN),
        "corsi_forward_total": 2.0 * (_CORSI_SPAN - 1),
    }
    return TaskSample("corsi", tuple(trials), truth)


def task_switching(seed: int, *, cost_ms: float = 150.0) -> TaskSample:
    """Repeats 60 ms slower than single-task trials, switches slower by `cost_ms` again."""
    random = _seeded(seed)
    trials: list[Trial] = []
    for condition, mean_ms in (
        ("single", 600.0),
        ("repeat", 660.0),
        ("switch", 660.0 + cost_ms),
    ):
        times = quantile_times(random, mean_ms, 50)
        trials += [_keyed(random, rt, right=True, condition=condition) for rt in times]
    trials += [_keyed(random, 700.0, right=False, condition="switch") for _ in range(5)]
    random.shuffle(trials)
    truth = {
        "task_switching_switch_cost": cost_ms,
        "task_switching_mixing_cost": 60.0,
        "task_switching_switch_error_cost": 100 * 5 / 55,
    }
    return TaskSample("task_switching", (*_practice(trials), *trials), truth)


def posner(seed: int, *, effect_ms: float = 40.0) -> TaskSample:
    """Eighty valid, twenty invalid and forty neutral cues; a wrong cue costs 25 ms."""
    random = _seeded(seed)
    trials: list[Trial] = []
    for condition, mean_ms, n in (
        ("valid", 300.0, 80),
        ("neutral", 300.0 + effect_ms - 25.0, 40),
        ("invalid", 300.0 + effect_ms, 20),
    ):
        times = quantile_times(random, mean_ms, n)
        trials += [_keyed(random, rt, right=True, condition=condition) for rt in times]
    random.shuffle(trials)
    truth = {
        "posner_validity_effect": effect_ms,
        "posner_cost": 25.0,
        "posner_benefit": effect_ms - 25.0,
    }
    return TaskSample("posner", (*_practice(trials), *trials), truth)


def finger_tapping(
    seed: int, *, interval_ms: float = 180.0, decrement_percent: float = 20.0
) -> TaskSample:
    """Sixty-one taps a hand; intervals grow along a line by `decrement_percent` of their mean."""
    random = _seeded(seed)
    trials: list[Trial] = []
    for hand in ("right", "left"):
        onset_ms = 500.0 + random.uniform(0, 100)
        for i in range(61):
            trials.append(Trial(condition=hand, block=hand, onset_ms=onset_ms, response="space"))
            onset_ms += interval_ms * (1 + decrement_percent / 100 * (i / 59 - 0.5))
    truth = {
        f"finger_tapping_{hand}_{score}": value
        for hand in ("right", "left")
        for score, value in (("rate", 1000 / interval_ms), ("decrement", decrement_percent))
    }
    return TaskSample("finger_tapping", tuple(trials), truth)


def guessing(seed: int) -> TaskSample:
    """A Stroop answered blindly: every other answer is right, and nothing may be scored."""
    random = _seeded(seed)
    trials = [
        replace(
            _keyed(random, random.uniform(200, 900), right=bool(i % 2)), condition=trial.condition
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


def _seeded(seed: int) -> Random:
    return Random(seed)  # noqa: S311  a sample is to be repeatable, not secret


def quantile_times(random: Random, mean_ms: float, n: int, *, spread: float = 0.12) -> list[float]:
    """The quantiles of a normal distribution, shuffled; mean and median are exact."""
    normal = NormalDist(mean_ms, spread * mean_ms)
    times = [normal.inv_cdf((i + 0.5) / n) for i in range(n)]
    random.shuffle(times)
    return times


def _keyed(random: Random, rt_ms: float, *, right: bool, condition: str | None = None) -> Trial:
    target = random.choice("fj")
    other = "j" if target == "f" else "f"
    return Trial(
        condition=condition,
        target=target,
        response=target if right else other,
        correct=right,
        rt_ms=rt_ms,
    )


def _practice(trials: list[Trial]) -> list[Trial]:
    """Twelve slow practice trials, which no score may hold."""
    first = [trial for trial in trials if trial.rt_ms is not None and trial.correct is not False]
    return [
        replace(trial, phase=Phase.PRACTICE, rt_ms=(trial.rt_ms or 0) + 700) for trial in first[:12]
    ]
