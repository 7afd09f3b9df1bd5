"""What was measured, put into the words and numbers that are stored and shown.

`findings(everything) -> Findings`.
"""

from itertools import pairwise
from typing import Any

import numpy as np

from functions.cardiology.absences import absences
from functions.cardiology.beat_patterns import RUN_BEATS
from functions.cardiology.confidence import confidence
from functions.cardiology.evidence import Everything, measured_values
from functions.cardiology.filters import segment_edges
from functions.cardiology.hrv import MAX_REMOVED_PERCENT
from functions.cardiology.norms import NORMS
from functions.cardiology.pictures import draw
from functions.cardiology.precision import precision
from functions.cardiology.qrs_shape import axis_class
from functions.cardiology.quality import Defect
from functions.cardiology.remarks import review_reason, warnings
from functions.cardiology.rhythm import MARKED_PAUSE_S, NOTED_PAUSE_S
from functions.cardiology.rhythm_names import RhythmName
from functions.cardiology.risk import LONG_PR_MS, Signs, risk
from functions.cardiology.ventricular import BeatKind, ventricular_model
from shared.norms import Circumstances, reference_range
from shared.record import Findings, Measured, ModelUsed

DECIMALS = 3
LETTERS = {
    BeatKind.NORMAL.value: "N",
    BeatKind.VENTRICULAR.value: "V",
    BeatKind.EARLY.value: "E",
    BeatKind.PACED.value: "P",
    BeatKind.UNKNOWN.value: "?",
}


def findings(exam: Everything) -> Findings:
    """Put what was measured into everything that is stored of an assessment.

    Parameters
    ----------
    exam : Everything

    Returns
    -------
    Findings
        No risk where no heart rate could be measured, and an absence for every biomarker without
        a value.
    """
    values = measured_values(exam)
    danger = risk(_signs(exam, values))
    title = str(exam.rhythm.classification)
    if "heart_rate" in values:
        title += f", {values['heart_rate']:.0f}/min"
    return Findings(
        result=result(exam, values),
        biomarkers=tuple(_measured(exam, name, value) for name, value in values.items()),
        quality_score=exam.quality.score,
        confidence=confidence(exam),
        risk=danger,
        review_reason=review_reason(exam, danger),
        absent=absences(exam, values),
        warnings=warnings(exam, values),
        parameters=parameters(exam),
        models=models(exam),
        pictures=draw(
            exam.ecg.signal_mv,
            exam.ecg.fs_hz,
            exam.ecg.leads,
            exam.beats.time_s,
            [LETTERS[kind] for kind in exam.beats.kinds.tolist()],
            rhythm=title,
            rhythms=[
                (segment.start_s, segment.end_s, str(segment.rhythm))
                for segment in exam.rhythm.segments
            ],
            after_gap=exam.quality.beats.after_gap,
            sd1_ms=values.get("sd1"),
            sd2_ms=values.get("sd2"),
        ),
    )


def _measured(exam: Everything, name: str, value: float) -> Measured:
    given = Circumstances(
        exam.sex, exam.age_years, duration_s=exam.variability.intervals.duration_s
    )
    confidences = {
        "heart_rate": exam.quality.score,
        "pr_interval": exam.intervals.pr.confidence,
        "p_duration": exam.intervals.p_duration.confidence,
        "qrs_axis": exam.intervals.qrs.confidence,
        "qrs_duration": exam.intervals.qrs.confidence,
        "qt_interval": exam.intervals.qt.confidence,
    }
    key = "qt_interval" if name.startswith("qtc_") else name
    return Measured(name, value, confidences.get(key), reference_range(NORMS, name, given))


def _signs(exam: Everything, values: dict[str, float]) -> Signs:
    named = {segment.rhythm for segment in exam.rhythm.segments}
    runs_s = [run.duration_s for run in exam.rhythm.runs if run.is_tachycardia]
    return Signs(
        heart_rate_bpm=values.get("heart_rate"),
        has_fibrillation=exam.is_fibrillating or RhythmName.FLUTTER in named,
        blocks=exam.rhythm.blocks,
        longest_ventricular_run_s=max(runs_s, default=None),
        pause_s=values.get("pause_max"),
        ventricular_beats=int(exam.beats.are(BeatKind.VENTRICULAR).sum())
        if exam.knows_kinds
        else None,
        n_beats=len(exam.beats.kinds),
        pr_ms=values.get("pr_interval"),
        qrs_ms=values.get("qrs_duration"),
        qtc_ms=values.get("qtc_fridericia"),
        sex=exam.sex,
        is_adult=exam.is_adult,
    )


def result(exam: Everything, values: dict[str, float]) -> dict[str, Any]:
    """The columns of the results table; None where nothing could be measured."""
    types = arrhythmia_types(exam, values)
    qtc = values.get("qtc_fridericia")
    return {
        "heart_rate_bpm": values.get("heart_rate"),
        "rhythm_classification": str(exam.rhythm.classification),
        "regularity": str(exam.rhythm.regularity) if exam.rhythm.regularity else None,
        "r_peaks_detected": len(exam.beats.time_s),
        "rmssd_ms": values.get("rmssd"),
        "sdnn_ms": values.get("sdnn"),
        "pnn50_percent": values.get("pnn50"),
        "pr_interval_ms": values.get("pr_interval"),
        "qrs_duration_ms": values.get("qrs_duration"),
        "qt_interval_ms": values.get("qt_interval"),
        "qtc_ms": qtc,
        "qtc_formula": "Fridericia" if qtc is not None else None,
        "arrhythmia_detected": bool(types),
        "arrhythmia_types": types,
        "signal_quality_score": exam.quality.score,
        "duration_s": exam.ecg.duration_s,
        "fs_hz": exam.ecg.fs_hz,
        "leads": list(exam.ecg.leads),
        "beats": {
            "time_s": np.round(exam.beats.time_s, DECIMALS).tolist(),
            "kind": exam.beats.kinds.tolist(),
        },
        "rhythm_segments": rhythm_segments(exam),
        "quality_segments": quality_segments(exam),
        "atrial_fibrillation": fibrillation_evidence(exam),
        "conduction": conduction_evidence(exam),
        "measure_precision": precision(exam, values),
    }


def arrhythmia_types(exam: Everything, values: dict[str, float]) -> list[str]:
    """What departs from a regular sinus rhythm of ordinary rate, most urgent first."""
    ventricular = bool(exam.beats.are(BeatKind.VENTRICULAR).any())
    runs = exam.rhythm.runs
    named = {segment.rhythm for segment in exam.rhythm.segments}
    pause_s = values.get("pause_max", 0.0)
    slow_run = any(run.n_beats >= RUN_BEATS and not run.is_tachycardia for run in runs)
    present = {
        "ventricular tachycardia, three beats or more": any(run.is_tachycardia for run in runs),
        "pause of 3 s or more": pause_s >= MARKED_PAUSE_S,
        **{str(block): True for block in exam.rhythm.blocks},
        "atrial fibrillation or flutter possible": RhythmName.FIBRILLATION in named,
        "atrial flutter possible": RhythmName.FLUTTER in named,
        "run of ventricular beats up to 100/min": slow_run,
        "ventricular couplets": any(run.n_beats == RUN_BEATS - 1 for run in runs),
        "ventricular bigeminy": exam.rhythm.has_bigeminy,
        "ventricular trigeminy": exam.rhythm.has_trigeminy,
        "premature ventricular beats": ventricular,
        "early beats of the usual shape": bool(exam.beats.are(BeatKind.EARLY).any()),
        "pause of more than 2 s": NOTED_PAUSE_S < pause_s < MARKED_PAUSE_S,
        "first-degree AV block": exam.is_adult and values.get("pr_interval", 0.0) > LONG_PR_MS,
    }
    present |= {str(name): name in named for name in RhythmName if name in _RATE_NAMES}
    return [name for name, is_there in present.items() if is_there]


_RATE_NAMES = (
    RhythmName.SINUS_BRADYCARDIA,
    RhythmName.SINUS_TACHYCARDIA,
    RhythmName.SLOW_NO_P_WAVES,
    RhythmName.FAST_NO_P_WAVES,
    RhythmName.IRREGULAR,
)


def rhythm_segments(exam: Everything) -> list[dict[str, Any]]:
    return [
        {
            "start_s": round(segment.start_s, DECIMALS),
            "end_s": round(segment.end_s, DECIMALS),
            "rhythm": str(segment.rhythm),
            "probability": _rounded(segment.probability),
        }
        for segment in exam.rhythm.segments
    ]


def quality_segments(exam: Everything) -> list[dict[str, Any]]:
    """Stretches of like quality: usable by at least one lead, or why by none."""
    defect = exam.quality.defect
    worst = np.where(exam.quality.usable.any(axis=1), Defect.NONE, defect.max(axis=1))
    edges_s = segment_edges(len(exam.ecg.signal_mv), exam.ecg.fs_hz) / exam.ecg.fs_hz
    changes = np.flatnonzero(np.diff(worst)) + 1
    best = np.where(exam.quality.usable, exam.quality.index, 0.0).max(axis=1)
    return [
        {
            "start_s": round(float(edges_s[start]), DECIMALS),
            "end_s": round(float(edges_s[stop]), DECIMALS),
            "quality": round(float(best[start:stop].mean()), DECIMALS),
            "defect": None if worst[start] == Defect.NONE else Defect(worst[start]).name.lower(),
        }
        for start, stop in pairwise([0, *changes.tolist(), len(worst)])
    ]


def fibrillation_evidence(exam: Everything) -> dict[str, Any]:
    """What speaks for and against fibrillation, beside the answer."""
    judged = exam.fibrillation
    strongest = max(judged.windows, key=lambda window: window.probability, default=None)
    lengths_s = [
        segment.end_s - segment.start_s
        for segment in exam.rhythm.segments
        if segment.rhythm is RhythmName.FIBRILLATION
    ]
    return {
        "windows": len(judged.windows),
        "windows_positive": sum(
            window.probability > judged.model.threshold for window in judged.windows
        ),
        "share_of_beats": _rounded(judged.fraction),
        "intervals_left_out": judged.n_left_out,
        "is_short": judged.is_short,
        "longest_s": round(max(lengths_s, default=0.0), DECIMALS),
        "highest_probability": _rounded(strongest.probability) if strongest else None,
        "evidence": {name: _rounded(value) for name, value in strongest.evidence.items()}
        if strongest
        else None,
    }


def conduction_evidence(exam: Everything) -> dict[str, Any]:
    """P waves that keep a pace of their own, and how the ventricles are reached."""
    rates = [segment.p_rate_bpm for segment in exam.conduction if segment.p_rate_bpm is not None]
    waves = [segment.flutter_waves for segment in exam.conduction if segment.flutter_waves]
    return {
        "stretches": len(exam.conduction),
        "stretches_with_p_rate": len(rates),
        "p_rate_bpm": _rounded(float(np.median(rates))) if rates else None,
        "blocked_p_waves": sum(
            stretch.n_blocked for stretch in exam.conduction if stretch.block is not None
        ),
        "flutter_waves_per_beat": round(float(np.median(waves))) if waves else None,
        "axis": str(axis_class(exam.axis_deg)) if exam.axis_deg is not None else None,
        "intraventricular": str(exam.delay) if exam.delay is not None else None,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, DECIMALS)


def parameters(exam: Everything) -> dict[str, Any]:
    """Settings that the numbers depend on."""
    return {
        "ventricular_threshold": ventricular_model(exam.shapes).threshold,
        "fibrillation_threshold": exam.fibrillation.model.threshold,
        "variability_most_removed_percent": MAX_REMOVED_PERCENT,
        "variability_removed_percent": exam.variability.intervals.removed_percent,
        "pnn50_denominator": "differences",
    }


def models(exam: Everything) -> tuple[ModelUsed, ...]:
    """Return the trained models that had a say; one that was not asked is no part of the result."""
    asked = [ventricular_model(exam.shapes)] if exam.knows_kinds else []
    asked += [exam.fibrillation.model] if exam.fibrillation.windows else []
    return tuple(ModelUsed(model.name, model.sha256) for model in asked)
