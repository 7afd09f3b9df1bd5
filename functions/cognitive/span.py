"""Span: how many items come back in order, forward and backward.

Deviations: of the scorings in [1]_ partial credit is given by unit, so that each list weighs
the same however long it is. The mean span of [2]_ needs their adaptive procedure and is not given.

References
----------
.. [1] Conway et al. (2005). Working memory span tasks: a methodological review and
   user's guide. Psychon Bull Rev 12, 769-786. doi:10.3758/BF03196772
.. [2] Woods et al. (2011). Improving digit span assessment of short-term verbal memory.
   J Clin Exp Neuropsychol 33(1), 101-111. doi:10.1080/13803395.2010.493149
"""

from collections.abc import Sequence
from statistics import fmean

from functions.cognitive.reliability import mean_error
from functions.cognitive.scores import SHARE, Score, Scored, judged
from functions.cognitive.trials import TaskRun, Trial
from shared.record import Absence

DIRECTIONS = ("forward", "backward")
MIN_LISTS = 3  # a span from one or two lists is luck


def span_scores(run: TaskRun) -> Scored:
    """Score each direction: longest list, lists right, and partial credit."""
    scores: list[Score] = []
    absent: list[Absence] = []
    for direction in DIRECTIONS:
        trials = judged(trial for trial in run.test if trial.condition == direction)
        if len(trials) >= MIN_LISTS:
            scores += _direction_scores(run.task, direction, trials)
        else:
            detail = f"Found {len(trials)} lists; at least {MIN_LISTS} are needed."
            absent.append(Absence(f"{run.task}_{direction}_total", "too-few-trials", detail))
    return Scored(tuple(scores), tuple(absent))


def _direction_scores(task: str, direction: str, trials: Sequence[Trial]) -> list[Score]:
    name = f"{task}_{direction}"
    right = [trial for trial in trials if trial.correct]
    n = len(trials)
    spread = (len(right) * (n - len(right)) / n) ** 0.5  # SD of a binomial count
    scores = [
        Score(f"{name}_longest", float(max((_length(trial) for trial in right), default=0)), n),
        Score(f"{name}_total", float(len(right)), n, spread, limits=(0.0, float(n))),
    ]
    shown = [trial for trial in trials if trial.items]
    if len(shown) >= MIN_LISTS:
        backward = direction == "backward"
        shares = [100 * partial_credit(t.items, t.recalled, backward=backward) for t in shown]
        scores += _partial_credit_score(f"{name}_partial_credit", shares)
    return scores


def _partial_credit_score(name: str, shares: Sequence[float]) -> list[Score]:
    odd, even = fmean(shares[0::2]), fmean(shares[1::2])
    return [Score(name, fmean(shares), len(shares), mean_error(shares), (odd, even), SHARE)]


def _length(trial: Trial) -> int:
    return trial.load if trial.load is not None else len(trial.items)


def partial_credit(shown: Sequence[str], recalled: Sequence[str], *, backward: bool) -> float:
    """Share of items recalled in their own position [1]_.

    What came back of a backward list is compared with the list reversed.

    Examples
    --------
    >>> partial_credit(("5", "9", "2", "7"), ("5", "9", "7", "2"), backward=False)
    0.5
    """
    expected = list(reversed(shown)) if backward else list(shown)
    matched = sum(want == got for want, got in zip(expected, recalled, strict=False))
    return matched / len(expected)
