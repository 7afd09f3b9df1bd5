"""The steps of a cognitive session, in order: validity, scores, domains, pictures."""

from collections.abc import Callable, Mapping, Sequence

from functions.cognitive.coding import coding_scores
from functions.cognitive.cueing import cueing_scores
from functions.cognitive.domains import Examinee, Norms, domain_scores
from functions.cognitive.examination import Examination, ScoredRun
from functions.cognitive.findings import findings
from functions.cognitive.fluency import fluency_scores
from functions.cognitive.inhibition import go_no_go_scores, stop_signal_scores
from functions.cognitive.interference import interference_scores
from functions.cognitive.nback import n_back_scores
from functions.cognitive.pictures import rt_distribution, score_intervals, trial_timeline
from functions.cognitive.reaction import choice_reaction_scores, simple_reaction_scores
from functions.cognitive.scores import Score, Scored
from functions.cognitive.sitenorms import SiteNorm
from functions.cognitive.span import span_scores
from functions.cognitive.steadiness import consistency_score, fatigue_index
from functions.cognitive.switching import switching_scores
from functions.cognitive.tapping import tapping_scores
from functions.cognitive.trails import trail_scores
from functions.cognitive.trials import Family, NoTestTrials, Session, TaskRun
from functions.cognitive.validity import (
    TIMED,
    Reason,
    Validity,
    Verdict,
    run_validity,
    session_validity,
)
from functions.cognitive.wordlist import word_list_scores
from shared.record import Findings, Picture, StageMarker, unmarked
from shared.vocabulary import Sex

SCORERS: Mapping[Family, Callable[[TaskRun], Scored]] = {
    Family.SIMPLE_REACTION: simple_reaction_scores,
    Family.CHOICE_REACTION: choice_reaction_scores,
    Family.INTERFERENCE: interference_scores,
    Family.N_BACK: n_back_scores,
    Family.GO_NO_GO: go_no_go_scores,
    Family.STOP_SIGNAL: stop_signal_scores,
    Family.SPAN: span_scores,
    Family.TRAILS: trail_scores,
    Family.WORD_LIST: word_list_scores,
    Family.FLUENCY: fluency_scores,
    Family.CODING: coding_scores,
    Family.SWITCHING: switching_scores,
    Family.CUEING: cueing_scores,
    Family.TAPPING: tapping_scores,
}


def analyze(
    session: Session,
    *,
    age_years: float | None = None,
    sex: Sex | None = None,
    education_years: float | None = None,
    site_norms: Sequence[SiteNorm] = (),
    stage: StageMarker = unmarked,
) -> Findings:
    """Score one sitting.

    Parameters
    ----------
    session : Session
    age_years, sex, education_years : float, Sex, float, or None
        The person's, for norms that need them; without an age there is no z-score.
    site_norms : sequence of SiteNorm
        The organization's own norms, the newest first.
    stage : StageMarker
        Named once for each of validity, scores, domains and pictures.

    Returns
    -------
    Findings

    Raises
    ------
    NoTestTrials
        If no task has a trial after practice.

    Notes
    -----
    An invalid task yields no scores. No score is a diagnosis: there is no risk and
    no probability of decline, because no cited rule gives one from such a session.
    """
    with stage("validity"):
        runs = [run for run in session.runs if run.test]
        if not runs:
            raise NoTestTrials
        whole = session_validity(session)
        validities = [run_validity(run) for run in runs]
    with stage("scores"):
        scored = tuple(
            _score(run, validity) for run, validity in zip(runs, validities, strict=True)
        )
        steadiness = _steadiness(scored)
    with stage("domains"):
        examinee = Examinee(session.mode, age_years, sex, education_years)
        domains = domain_scores(
            [(score, task.run.version) for task in scored for score in task.scored.scores],
            examinee,
            Norms(site_norms),
        )
    with stage("pictures"):
        pictures = _pictures(scored)
    return findings(Examination(session, examinee, whole, scored, steadiness, domains), pictures)


def _score(run: TaskRun, validity: Validity) -> ScoredRun:
    if validity.verdict is Verdict.INVALID:
        return ScoredRun(run, validity, Scored(()))
    scored = SCORERS[run.family](run)
    if not scored.scores:
        text = f"{run.task}: none of its scores could be measured."
        reason = Reason("no-score", Verdict.QUESTIONABLE, text)
        validity = Validity((*validity.reasons, reason))
    return ScoredRun(run, validity, scored)


def _steadiness(scored: Sequence[ScoredRun]) -> tuple[Score, ...]:
    valid = [task.run for task in scored if task.is_valid]
    measures = (fatigue_index(valid), consistency_score(valid))
    return tuple(score for score in measures if score is not None)


def _pictures(scored: Sequence[ScoredRun]) -> tuple[Picture, ...]:
    """The timeline shows invalid tasks too, so that people see why they are invalid."""
    valid = [task for task in scored if task.is_valid]
    timed = [task.run for task in scored if task.run.family in TIMED]
    pictures = [*trial_timeline(timed)] if timed else []
    if any(task.run.family in TIMED for task in valid):
        pictures += rt_distribution([task.run for task in valid])
    return (*pictures, *_intervals(valid))


def _intervals(valid: Sequence[ScoredRun]) -> tuple[Picture, ...]:
    scores = [score for task in valid for score in task.scored.scores]
    has_errors = any(score.standard_error is not None for score in scores)
    return score_intervals(scores) if has_errors else ()
