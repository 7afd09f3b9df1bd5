"""Everything that was found in one sitting."""

from dataclasses import dataclass

from functions.cognitive.domains import DomainScore, Examinee
from functions.cognitive.scores import Score, Scored
from functions.cognitive.trials import Session, TaskRun
from functions.cognitive.validity import Reason, Validity, Verdict


@dataclass(frozen=True)
class ScoredRun:
    """One task after its validity check; without scores where it is invalid."""

    run: TaskRun
    validity: Validity
    scored: Scored

    @property
    def is_valid(self) -> bool:
        return self.validity.verdict is not Verdict.INVALID


@dataclass(frozen=True)
class Examination:
    """Everything that was found in one sitting.

    Attributes
    ----------
    session : Session
        The tasks as they were logged.
    examinee : Examinee
        Who took them, as far as it is known.
    whole : Validity
        Of the sitting itself.
    runs : tuple of ScoredRun
        Each task with its own validity and scores.
    steadiness : tuple of Score
        How even the answers were, over the tasks.
    domains : tuple of DomainScore
        Mean z-scores of the tests of each domain.
    """

    session: Session
    examinee: Examinee
    whole: Validity
    runs: tuple[ScoredRun, ...]
    steadiness: tuple[Score, ...]
    domains: tuple[DomainScore, ...]

    @property
    def scores(self) -> tuple[Score, ...]:
        return tuple(score for task in self.runs for score in task.scored.scores)

    @property
    def reasons(self) -> tuple[tuple[str | None, Reason], ...]:
        """What speaks against the session (None) or against one of its tasks."""
        of_tasks = (
            (task.run.task, reason) for task in self.runs for reason in task.validity.reasons
        )
        return (*((None, reason) for reason in self.whole.reasons), *of_tasks)

    @property
    def verdict(self) -> Verdict:
        """Invalid where every task is; questionable where anything at all speaks against it."""
        if not any(task.is_valid for task in self.runs):
            return Verdict.INVALID
        return Verdict.QUESTIONABLE if self.reasons else Verdict.VALID
