"""Learning a list of words: acquisition, forgetting, intrusions and recognition.

The words are the client's own; none belong to a published test.

Deviations: spelling is not forgiven and no second list interferes; the slope is that of a
least-squares line through all learning trials; d' of recognition has the correction of
`detection.py`.

References
----------
.. [1] Rey (1964) and later list-learning tests score the sum over trials and the slope;
   the scoring here was compared with the scores of the open CNP data set: Poldrack et al.
   (2016). A phenome-wide examination of neural and cognitive function. Sci Data 3, 160110.
   doi:10.1038/sdata.2016.110
"""

from collections.abc import Sequence
from math import sqrt
from unicodedata import combining, normalize

from functions.cognitive.detection import detection
from functions.cognitive.reliability import combined_error, proportion_error
from functions.cognitive.scores import MIN_TRIALS, Score, Scored
from functions.cognitive.trials import TaskRun, Trial
from shared.record import Absence

LEARNING, DELAYED = "learning", "delayed"
OLD, NEW = "old", "new"
MIN_LEARNING_TRIALS = 3  # two points make any line


def word_list_scores(run: TaskRun) -> Scored:
    """Score total recall, learning slope, retention, intrusions, repetitions, recognition."""
    learning = [trial for trial in run.test if trial.condition == LEARNING and trial.items]
    delayed = [trial for trial in run.test if trial.condition == DELAYED and trial.items]
    absent: list[Absence] = []
    scores: list[Score] = []
    if len(learning) >= MIN_LEARNING_TRIALS:
        scores += _learning_scores(run.task, learning)
        scores += _delayed_scores(run.task, learning[-1], delayed)
    else:
        detail = (
            f"Found {len(learning)} learning trials; at least {MIN_LEARNING_TRIALS} are needed."
        )
        absent.append(Absence(f"{run.task}_total", "too-few-trials", detail))
    scores += _recognition_scores(run)
    return Scored(tuple(scores), tuple(absent))


def words_right(trial: Trial) -> int:
    """How many different words of the list came back; spelling is not forgiven."""
    return len(_recalled(trial) & _listed(trial))


def total_recall(right: Sequence[int]) -> int:
    """Sum over the learning trials.

    Examples
    --------
    >>> total_recall([5, 7, 9, 11, 13])
    45
    """
    return sum(right)


def learning_slope(right: Sequence[float]) -> float:
    """Words gained per trial: the least-squares slope over trials.

    Examples
    --------
    >>> learning_slope([5, 7, 9, 11, 13])
    2.0
    """
    middle = (len(right) - 1) / 2
    spread = sum((i - middle) ** 2 for i in range(len(right)))
    return sum((i - middle) * value for i, value in enumerate(right)) / spread


def _learning_scores(task: str, learning: Sequence[Trial]) -> list[Score]:
    right = [words_right(trial) for trial in learning]
    sizes = [len(_listed(trial)) for trial in learning]
    errors = [size * proportion_error(k, size) for k, size in zip(right, sizes, strict=True)]
    produced = [trial for trial in learning if trial.recalled]
    middle = (len(right) - 1) / 2
    spread = sum((i - middle) ** 2 for i in range(len(right)))
    slope_error = sqrt(sum(((i - middle) * e / spread) ** 2 for i, e in enumerate(errors)))
    return [
        Score(
            f"{task}_total",
            float(total_recall(right)),
            sum(sizes),
            combined_error(*errors),
            limits=(0.0, float(sum(sizes))),
        ),
        Score(f"{task}_slope", learning_slope(right), len(right), slope_error),
        Score(f"{task}_intrusions", float(sum(map(_intrusions, produced))), sum(sizes)),
        Score(f"{task}_repetitions", float(sum(map(_repetitions, produced))), sum(sizes)),
    ]


def _delayed_scores(task: str, last: Trial, delayed: Sequence[Trial]) -> list[Score]:
    """Delayed recall, and as a share of the last learning trial."""
    if not delayed:
        return []
    recalled, size = words_right(delayed[0]), len(_listed(delayed[0]))
    error = size * proportion_error(recalled, size)
    scores = [Score(f"{task}_delayed", float(recalled), size, error, limits=(0.0, float(size)))]
    learned = words_right(last)
    if learned:
        retention = 100 * recalled / learned
        scores.append(Score(f"{task}_retention", retention, size, 100 * error / learned))
    return scores


def _recognition_scores(run: TaskRun) -> list[Score]:
    trials = [trial for trial in run.test if trial.correct is not None]
    old = [trial for trial in trials if trial.condition == OLD]
    new = [trial for trial in trials if trial.condition == NEW]
    if min(len(old), len(new)) < MIN_TRIALS:
        return []
    sensitivity = detection(
        sum(bool(trial.correct) for trial in old),
        len(old),
        sum(not trial.correct for trial in new),
        len(new),
    )
    name = f"{run.task}_recognition_d_prime"
    return [Score(name, sensitivity.d_prime, len(old) + len(new), sensitivity.d_prime_error)]


def _listed(trial: Trial) -> set[str]:
    return {plain(word) for word in trial.items}


def _recalled(trial: Trial) -> set[str]:
    return {plain(word) for word in trial.recalled}


def _intrusions(trial: Trial) -> int:
    return len(_recalled(trial) - _listed(trial))


def _repetitions(trial: Trial) -> int:
    return len(trial.recalled) - len(_recalled(trial))


def plain(word: str) -> str:
    """A word without case, accents and surrounding space.

    Examples
    --------
    >>> plain(" Café")
    'cafe'
    """
    letters = normalize("NFKD", word.strip().casefold())
    return "".join(letter for letter in letters if not combining(letter))
