"""Whether a run can be believed: valid, questionable or invalid, always with reasons.

An invalid run yields no scores. A questionable one is scored and marked.

What is looked for follows the literature on disengaged responding [1]_; the limits are
this project's own and stand below with their reasons.

References
----------
.. [1] Scott et al. (2023). Development and application of novel performance validity
   metrics for computerized neurocognitive batteries. J Int Neuropsychol Soc.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from statistics import stdev

from functions.cognitive.detection import detection
from functions.cognitive.reliability import STANDARD_NORMAL, binomial_tail, longest_plausible_run
from functions.cognitive.scores import MIN_TRIALS, judged
from functions.cognitive.trials import Concern, Family, Session, TaskRun, Trial

CHANCE_LEVEL = 0.05  # one-sided: guessing reaches this accuracy more often than that
# One in ten may be haste; where one in four is, times are those of guesses as well.
ANTICIPATION_SHARE, ANTICIPATION_SHARE_INVALID = 0.10, 0.25
# One in five may be a slow or distracted person; where half are missing, the task was not done.
MISSING_SHARE, MISSING_SHARE_INVALID = 0.20, 0.50
ONE_KEY_SHARE = 0.95  # of answers, where the task asks for several keys
SHORTEST_SUSPECT_RUN = 8  # of one key; longer runs occur in long tasks by chance
MACHINE_SD_MS = 10.0  # no person repeats a reaction this closely
MIN_REFRESH_HZ = 50.0  # below, a stimulus appears more than 20 ms late
PRACTICE_LEVEL = 0.5  # practice is short: failed means at or below what guessing gives
MIN_FOR_SHARES = 10  # fewer trials make no share
MIN_FOR_THIRDS = 30  # ten trials in each third

TIMED = frozenset(
    {
        Family.SIMPLE_REACTION,
        Family.CHOICE_REACTION,
        Family.INTERFERENCE,
        Family.N_BACK,
        Family.GO_NO_GO,
        Family.STOP_SIGNAL,
        Family.CODING,
        Family.SWITCHING,
        Family.CUEING,
    }
)
CHOOSING = frozenset({Family.CHOICE_REACTION, Family.INTERFERENCE, Family.CODING, Family.SWITCHING})


class Verdict(StrEnum):
    VALID = "valid"
    QUESTIONABLE = "questionable"
    INVALID = "invalid"


_ORDER = (Verdict.VALID, Verdict.QUESTIONABLE, Verdict.INVALID)


@dataclass(frozen=True)
class Reason:
    """One thing that speaks against a run, and how much."""

    code: str
    verdict: Verdict
    text: str


@dataclass(frozen=True)
class Validity:
    """The worst of the reasons; valid where there are none."""

    reasons: tuple[Reason, ...]

    @property
    def verdict(self) -> Verdict:
        return max((reason.verdict for reason in self.reasons), key=_ORDER.index, default=_ORDER[0])


def session_validity(session: Session) -> Validity:
    """Check what concerns all tasks at once: attention to the window, and the display."""
    reasons: list[Reason] = []
    if session.focus_losses:
        text = f"The window lost the focus; it was counted {session.focus_losses} times."
        reasons.append(Reason("focus-lost", Verdict.QUESTIONABLE, text))
    refresh_hz = session.device.refresh_hz
    if refresh_hz is not None and refresh_hz < MIN_REFRESH_HZ:
        text = f"The display ran at {refresh_hz:.0f} Hz; at least {MIN_REFRESH_HZ:.0f} are needed."
        reasons.append(Reason("slow-display", Verdict.QUESTIONABLE, text))
    reasons += _concerns(session.concerns)
    reasons += [
        Reason("practice-only", Verdict.QUESTIONABLE, f"{run.task}: the log holds practice alone.")
        for run in session.runs
        if not run.test
    ]
    return Validity(tuple(reasons))


def run_validity(run: TaskRun) -> Validity:
    """Check one task: what its log leaves unclear, amount, chance, missing answers, collapse."""
    checks: tuple[Callable[[TaskRun], Reason | None], ...] = (
        _amount,
        _at_chance,
        _anticipations,
        _missing,
        _one_key,
        _machine,
        _practice_failed,
        _collapse,
    )
    reasons = tuple(reason for check in checks if (reason := check(run)) is not None)
    return Validity((*reasons, *_concerns(run.concerns)))


def _concerns(concerns: Sequence[Concern]) -> list[Reason]:
    """What a log leaves unclear makes it questionable."""
    return [Reason(concern.code, Verdict.QUESTIONABLE, concern.text) for concern in concerns]


def _amount(run: TaskRun) -> Reason | None:
    trials = len(run.test)
    if run.family in TIMED and trials < MIN_TRIALS:
        text = f"{run.task}: {trials} test trials; at least {MIN_TRIALS} are needed."
        return Reason("too-few-trials", Verdict.INVALID, text)
    return None


def _at_chance(run: TaskRun) -> Reason | None:
    trials = judged(run.test)
    if run.family not in TIMED or len(trials) < MIN_FOR_SHARES or not _guessed(run, trials):
        return None
    accuracy = sum(bool(trial.correct) for trial in trials) / len(trials)
    text = f"{run.task}: {accuracy:.0%} right is no better than guessing."
    if _guessed(run, trials, 1 - CHANCE_LEVEL):
        text += " It is worse: the keys may have been swapped."
    return Reason("at-chance", Verdict.INVALID, text)


def _guessed(run: TaskRun, trials: Sequence[Trial], level: float = CHANCE_LEVEL) -> bool:
    """Whether guessing would reach this accuracy with a probability above `level`.

    Where one answer is rare (n-back, go/no-go), always giving the other is right most
    of the time, so there the test is on d'.
    """
    if run.family in (Family.N_BACK, Family.GO_NO_GO):
        return _no_sensitivity(trials, level)
    if run.family is Family.STOP_SIGNAL:
        trials = [trial for trial in trials if trial.condition == "go"]
    choices = run.choice_count()
    if choices is None or not trials:
        return False
    right = sum(bool(trial.correct) for trial in trials)
    return binomial_tail(right, len(trials), 1 / choices) > level


def _no_sensitivity(trials: Sequence[Trial], level: float) -> bool:
    signals = [trial for trial in trials if trial.condition in ("target", "go")]
    noise = [trial for trial in trials if trial.condition in ("nontarget", "nogo")]
    if min(len(signals), len(noise)) < MIN_TRIALS:
        return False
    hits = sum(bool(trial.correct) for trial in signals)
    sensitivity = detection(
        hits, len(signals), sum(not trial.correct for trial in noise), len(noise)
    )
    return sensitivity.d_prime < STANDARD_NORMAL.inv_cdf(1 - level) * sensitivity.d_prime_error


def _anticipations(run: TaskRun) -> Reason | None:
    times = [trial.rt_ms for trial in run.test if trial.rt_ms is not None]
    if run.family not in TIMED or len(times) < MIN_FOR_SHARES:
        return None
    share = sum(time < run.floor_ms for time in times) / len(times)
    text = f"{run.task}: {share:.0%} of the responses came before {run.floor_ms:.0f} ms."
    return _graded("anticipations", share, ANTICIPATION_SHARE, ANTICIPATION_SHARE_INVALID, text)


def _missing(run: TaskRun) -> Reason | None:
    """Unanswered trials, where answering was asked for."""
    asked = [trial for trial in run.test if not (trial.rt_ms is None and trial.correct)]
    if run.family not in TIMED or len(asked) < MIN_FOR_SHARES:
        return None
    share = sum(trial.rt_ms is None and trial.condition != "stop" for trial in asked) / len(asked)
    text = f"{run.task}: {share:.0%} of the trials that ask for a response have none."
    return _graded("missing", share, MISSING_SHARE, MISSING_SHARE_INVALID, text)


def _graded(
    code: str, share: float, questionable: float, invalid: float, text: str
) -> Reason | None:
    if share > invalid:
        return Reason(code, Verdict.INVALID, text)
    return Reason(code, Verdict.QUESTIONABLE, text) if share > questionable else None


def _one_key(run: TaskRun) -> Reason | None:
    """The same key over and over, where the task asks for several about equally often.

    A run of one key is suspect beyond 8, or beyond what answering at random shows in one
    session of a hundred where the task is long.
    """
    keys = [trial.response for trial in run.test if trial.response is not None]
    if run.family not in CHOOSING or len(keys) < MIN_FOR_SHARES:
        return None
    share = max(Counter(keys).values()) / len(keys)
    if share > ONE_KEY_SHARE:
        text = f"{run.task}: {share:.0%} of the answers are the same key."
        return Reason("one-key", Verdict.INVALID, text)
    longest = max(len(list(same)) for _, same in groupby(keys))
    if longest > max(SHORTEST_SUSPECT_RUN, longest_plausible_run(len(keys), share)):
        text = f"{run.task}: the same key was pressed {longest} times in a row."
        return Reason("straight-lining", Verdict.QUESTIONABLE, text)
    return None


def _machine(run: TaskRun) -> Reason | None:
    times = [trial.rt_ms for trial in run.test if trial.rt_ms is not None]
    if run.family not in TIMED or len(times) < MIN_FOR_SHARES or stdev(times) >= MACHINE_SD_MS:
        return None
    text = f"{run.task}: response times vary by {stdev(times):.1f} ms; no person is that steady."
    return Reason("machine-like", Verdict.INVALID, text)


def _practice_failed(run: TaskRun) -> Reason | None:
    practice = judged(run.practice)
    is_judged = run.family in TIMED and len(practice) >= MIN_FOR_SHARES
    if not (is_judged and _guessed(run, practice, PRACTICE_LEVEL)):
        return None
    text = f"{run.task}: practice was answered no better than by guessing."
    return Reason("practice-failed", Verdict.QUESTIONABLE, text)


def _collapse(run: TaskRun) -> Reason | None:
    """Accuracy above chance in the first third, but no longer in the last."""
    trials = judged(run.test)
    if run.family not in CHOOSING or len(trials) < MIN_FOR_THIRDS:
        return None
    third = len(trials) // 3
    if _guessed(run, trials[:third]) or not _guessed(run, trials[-third:]):
        return None
    text = f"{run.task}: the last third was answered no better than by guessing."
    return Reason("collapse", Verdict.QUESTIONABLE, text)
