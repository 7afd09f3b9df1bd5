"""An examination in the words of the contract: result columns, biomarkers, warnings."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from statistics import fmean
from typing import Any

from functions.cognitive.domains import DomainScore
from functions.cognitive.examination import Examination, ScoredRun
from functions.cognitive.import_report import import_json
from functions.cognitive.norms import BIOMARKERS, Domain
from functions.cognitive.reliability import session_reliability
from functions.cognitive.samples import SPREAD
from functions.cognitive.scores import (
    MAD_TO_SD,
    OUTLIER_DEVIATIONS,
    Score,
    responded,
)
from functions.cognitive.trials import Mode, Session, TaskRun
from functions.cognitive.validity import TIMED, Reason, Verdict
from shared.record import Absence, Findings, Measured, Picture

_PLACES = {name: place for place, name in enumerate(BIOMARKERS)}
DIGITS = 6  # of a result; beyond the precision of any clock


def findings(examination: Examination, pictures: tuple[Picture, ...]) -> Findings:
    """Put an examination into the words that every pipeline answers in."""
    return Findings(
        result=_result(examination),
        biomarkers=tuple(sorted(_biomarkers(examination), key=_place)),
        quality_score=_quality(examination.runs),
        confidence=None,  # no method gives a probability that a session is right
        risk=None,  # no cited rule turns task scores into a risk
        review_reason=_review_reason(examination.verdict),
        absent=tuple(
            absence for absence in _absent(examination.runs) if absence.name in BIOMARKERS
        ),
        warnings=_warnings(examination),
        parameters=_parameters(examination),
        pictures=pictures,
    )


def _review_reason(verdict: Verdict) -> str | None:
    if verdict is Verdict.VALID:
        return None
    return f"The session is {verdict.value}; its reasons stand under validity."


def _biomarkers(examination: Examination) -> Iterator[Measured]:
    """Each score with the task and the device that made it: another one is another method."""
    for task in examination.runs:
        method = _method(examination.session, [task.run])
        yield from (
            _measured(score, method) for score in task.scored.scores if score.name in BIOMARKERS
        )
    method = _method(examination.session, [task.run for task in examination.runs if task.is_valid])
    yield from (_measured(score, method) for score in examination.steadiness)


def _absent(runs: Sequence[ScoredRun]) -> Iterator[Absence]:
    """What a task could not yield; of an invalid task, the scores it counts by."""
    for task in runs:
        yield from task.scored.absent
        if not task.is_valid:
            codes = ", ".join(reason.code for reason in task.validity.reasons)
            detail = f"The task is invalid ({codes}), and an invalid task yields no scores."
            yield from (
                Absence(name, "task-invalid", detail)
                for name, biomarker in BIOMARKERS.items()
                if biomarker.primary and biomarker.task == task.run.task
            )


def _place(biomarker: Measured) -> int:
    return _PLACES[biomarker.name]


def _measured(score: Score, method: str) -> Measured:
    return Measured(score.name, score.value, confidence=_reliability(score), method=method)


def _method(session: Session, runs: Sequence[TaskRun]) -> str:
    """Such as "stroop 2, web, Windows"; what the log does not tell is left out."""
    tasks = sorted(f"{run.task} {run.version or ''}".rstrip() for run in runs)
    mode = None if session.mode is Mode.UNKNOWN else session.mode.value
    device = session.device
    told = (" + ".join(tasks), mode, device.system, device.input_kind)
    return ", ".join(word for word in told if word is not None)


def _reliability(score: Score) -> float | None:
    """How much of the spread between people this session's error leaves, where that is known."""
    spread = SPREAD.get(score.name)
    return None if spread is None else session_reliability(score.standard_error, spread)


def _quality(scored: Sequence[ScoredRun]) -> float | None:
    """Share of timed test trials that can be used, mean over tasks; an invalid task has none."""
    timed = [task for task in scored if task.run.family in TIMED]
    shares = [_usable_share(task.run) if task.is_valid else 0.0 for task in timed]
    return fmean(shares) if shares else None


def _usable_share(run: TaskRun) -> float:
    withheld = sum(trial.rt_ms is None and trial.correct is True for trial in run.test)
    return (len(responded(run.test, run.floor_ms)) + withheld) / len(run.test)


def _warnings(examination: Examination) -> tuple[str, ...]:
    runs = examination.runs
    unlisted = sum(score.name not in BIOMARKERS for score in examination.scores)
    catalog = f"{unlisted} scores are not in the catalog and stand in task_scores only."
    return (
        *examination.session.warnings,
        *(reason.text for _, reason in examination.reasons),
        *(
            f"{absence.name}: {absence.detail}"
            for absence in _absent(runs)
            if absence.name not in BIOMARKERS
        ),
        *([catalog] if unlisted else ()),
        *(
            f"No {domain.domain.value} score: {domain.reason}"
            for domain in examination.domains
            if domain.reason is not None
        ),
    )


def _parameters(examination: Examination) -> dict[str, Any]:
    session, examinee = examination.session, examination.examinee
    return {
        "file_format": session.file_format,
        "mode": session.mode.value,
        "client": session.client,
        "device": asdict(session.device),
        "age_years": examinee.age_years,
        "sex": examinee.sex,
        "education_years": examinee.education_years,
        "site_norms": {
            standing.biomarker: standing.norm_key
            for domain in examination.domains
            for standing in domain.standings
            if standing.norm_key is not None
        },
        "outlier_limit": f"median + {OUTLIER_DEVIATIONS:g} x {MAD_TO_SD} MAD",
        "tasks": {task.run.task: _task_parameters(task.run) for task in examination.runs},
    }


def _task_parameters(run: TaskRun) -> Mapping[str, Any]:
    return {
        "version": run.version,
        "rt_unit": run.rt_unit,
        "floor_ms": run.floor_ms,
        **dict(run.settings),
    }


def _result(examination: Examination) -> dict[str, Any]:
    runs = examination.runs
    z_scores = {domain.domain: domain.z for domain in examination.domains}
    steady = {score.name: _rounded(score.value) for score in examination.steadiness}
    return {
        "cognitive_decline_probability": None,
        "attention_z": _rounded(z_scores[Domain.ATTENTION]),
        "memory_z": _rounded(z_scores[Domain.MEMORY]),
        "executive_function_z": _rounded(z_scores[Domain.EXECUTIVE]),
        "processing_speed_z": _rounded(z_scores[Domain.SPEED]),
        "language_z": _rounded(z_scores[Domain.LANGUAGE]),
        "tasks_completed": len(runs),
        "valid_tasks": sum(task.is_valid for task in runs),
        "fatigue_index": steady.get("fatigue_index"),
        "consistency_score": steady.get("consistency_score"),
        "domains": {domain.domain.value: _domain_json(domain) for domain in examination.domains},
        "task_scores": {task.run.task: _task_json(task) for task in runs},
        "validity": {
            "verdict": examination.verdict.value,
            "reasons": [_reason_json(task, reason) for task, reason in examination.reasons],
        },
        "import_report": import_json(examination.session.imports),
    }


def _domain_json(domain: DomainScore) -> Mapping[str, Any]:
    return {
        "z": _rounded(domain.z),
        "interval_90": _pair(domain.interval),
        "reason": domain.reason,
        "tests": [
            {
                "biomarker": standing.biomarker,
                "z": _rounded(standing.z),
                "standard_error": _rounded(standing.z_error),
                "norm": standing.norm,
            }
            for standing in domain.standings
        ],
    }


def _task_json(task: ScoredRun) -> Mapping[str, Any]:
    return {
        "family": task.run.family.value,
        "version": task.run.version,
        "practice_trials": len(task.run.practice),
        "test_trials": len(task.run.test),
        "verdict": task.validity.verdict.value,
        "scores": {score.name: _score_json(score) for score in task.scored.scores},
    }


def _score_json(score: Score) -> Mapping[str, Any]:
    return {
        "value": _rounded(score.value),
        "unit": BIOMARKERS[score.name].unit if score.name in BIOMARKERS else None,
        "n": score.n,
        "standard_error": _rounded(score.standard_error),
        "interval_95": _pair(score.interval_95),
        "reliability": _rounded(_reliability(score)),
        "halves": _pair(score.halves),
    }


def _reason_json(task: str | None, reason: Reason) -> Mapping[str, Any]:
    return {
        "task": task,
        "code": reason.code,
        "verdict": reason.verdict.value,
        "text": reason.text,
    }


def _pair(pair: tuple[float, float] | None) -> list[float] | None:
    return None if pair is None else [round(value, DIGITS) for value in pair]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS)
