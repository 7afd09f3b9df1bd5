"""How often the rhythm that is said is right, for people whom no model of the analysis has seen.

    uv run python -m functions.cardiology.training.reliability

The whole analysis runs with models fitted without the person: MIT-BIH and CPSC 2021 by the
annotated rhythm of every second, strips of LUDB and Challenge 2021 by what their label says of
the whole strip. Prints, for each kind of rhythm, the share that was right (every person counts
once), which `confidence.py` takes over, and the reliability of the confidence that follows.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from functions.cardiology.analysis import examined
from functions.cardiology.confidence import certainty_of, decidedness, kind_of
from functions.cardiology.ecg import Floats
from functions.cardiology.evidence import Everything
from functions.cardiology.rhythm_names import RhythmName
from functions.cardiology.trained import load_model, standing_in
from functions.cardiology.training.fibrillation import (
    FOLDS,
    SHORT_THRESHOLD,
    THRESHOLD,
    Fit,
    fit,
)
from functions.cardiology.training.fibrillation_windows import FEATURES as WINDOW_FEATURES
from functions.cardiology.training.fibrillation_windows import Heart, Table, hearts, strip_tables
from functions.cardiology.training.uncertainty import reliability_table
from functions.cardiology.training.ventricular import (
    FEATURES,
    LEFT_OUT,
    Labelled,
    fitted,
    patient_of,
    training_set,
)
from shared.science.logistic import Feature, LogisticModel
from shared.science.signals import Mask
from tests.accuracy.recordings import (
    Delineated,
    Recording,
    cinc,
    cinc_records,
    cpsc2021,
    cpsc2021_records,
    ludb,
    ludb_records,
    mitdb,
    mitdb_records,
)

SINUS, FIBRILLATION, OTHER = "sinus", "fibrillation or flutter", "other"
# Annotated rhythms; bigeminy and trigeminy are ventricular beats within sinus rhythm.
ANNOTATED = dict.fromkeys(("N", "B", "T", "SBR", "PREX"), SINUS) | dict.fromkeys(
    ("AFIB", "AFL"), FIBRILLATION
)
# Of a label that names several, the first: a paced heart may fibrillate.
LABELS = {
    OTHER: ("AV-block", "acing", "10370003", "251266004"),
    FIBRILLATION: ("fibrillation", "flutter", "164889003", "164890007"),
    SINUS: ("Rhythm: Sinus", "426783006", "426177001", "427084000"),
}
SAID = {"sinus": SINUS, "fibrillation": FIBRILLATION, "flutter": FIBRILLATION}


@dataclass(frozen=True)
class Said:
    """What was said of one person for some seconds, and whether that was right."""

    person: str
    kind: str
    quality: float
    decided: float
    seconds: float
    is_right: bool


def truth_by_second(recording: Recording) -> list[str]:
    """The kind of the annotated rhythm of every second; "" where none is annotated."""
    fs_hz = recording.ecg.fs_hz
    starts_s = [start / fs_hz for start, _ in recording.rhythms]
    kinds = ["", *(ANNOTATED.get(name, OTHER) for _, name in recording.rhythms)]
    moments = np.arange(int(recording.ecg.duration_s)) + 0.5
    return [kinds[k] for k in np.searchsorted(starts_s, moments, side="right")]


def said_of(person: str, exam: Everything, truth: Sequence[str]) -> Iterator[Said]:
    """Every second with an annotated rhythm, gathered by what was said and whether rightly."""
    seconds: dict[tuple[str, bool], int] = {}
    for segment in exam.rhythm.segments:
        if segment.rhythm is RhythmName.UNDETERMINED:
            continue
        kind = kind_of(segment.rhythm)
        for true in truth[round(segment.start_s) : round(segment.end_s)]:
            if true:
                key = kind, true == SAID.get(kind, OTHER)
                seconds[key] = seconds.get(key, 0) + 1
    for (kind, is_right), count in seconds.items():
        yield Said(person, kind, exam.quality.score, decidedness(exam), count, is_right)


def label_of(strip: Recording | Delineated) -> str:
    words = " ".join(strip.comments)
    return next((kind for kind, w in LABELS.items() if any(x in words for x in w)), "")


def models_without(
    person: str, parts: list[Labelled], every: list[Heart], strips: list[tuple[str, Table]]
) -> dict[str, LogisticModel]:
    """The models as they are stored, fitted without one person."""
    beats = fitted([part for part in parts if part.patient != person])
    ventricular = LogisticModel(
        features=tuple(
            map(Feature, FEATURES, beats.scaler.mean_, beats.scaler.scale_, beats.model.coef_[0])
        ),
        intercept=float(beats.model.intercept_[0]),
        threshold=load_model("ventricular").threshold,
        card={},
        name="ventricular",
        sha256="",
    )
    others = [heart for heart in every if heart.patient != person]
    long = fit([(heart.patient, heart.training) for heart in others])
    short = fit(
        [(heart.patient, heart.short_training) for heart in others]
        + [strip for strip in strips if strip[0] != person]
    )
    return {
        "ventricular": ventricular,
        "fibrillation": _of_windows("fibrillation", long, THRESHOLD),
        "fibrillation_short": _of_windows("fibrillation_short", short, SHORT_THRESHOLD),
    }


def _of_windows(name: str, model: Fit, threshold: float) -> LogisticModel:
    columns = model.means, model.scales, model.weights, model.lows, model.highs
    features = tuple(map(Feature, WINDOW_FEATURES, *columns))
    return LogisticModel(features, model.intercept, threshold, {}, name, "")


def everything_said() -> list[Said]:
    parts = training_set(n_leads=2)
    every = [heart for group in hearts(parts).values() for heart in group]
    strips = strip_tables()
    said: list[Said] = []
    long = [(patient_of(n), mitdb(n)) for n in mitdb_records() if n != LEFT_OUT]
    long += [(f"cpsc {n.split('_')[1]}", cpsc2021(n)) for n in cpsc2021_records()]
    for person in dict.fromkeys(name for name, _ in long):
        with standing_in(models_without(person, parts, every, strips)):
            for recording in (recording for name, recording in long if name == person):
                exam = examined(recording.ecg)
                said += said_of(person, exam, truth_by_second(recording))
    labelled: list[Recording | Delineated] = [*map(ludb, ludb_records())]
    labelled += map(cinc, cinc_records())
    for fold in range(FOLDS):
        held = {f"strip {strip.name}" for strip in labelled[fold::FOLDS]}
        kept_parts = [part for part in parts if part.patient not in held]
        kept_strips = [strip for strip in strips if strip[0] not in held]
        with standing_in(models_without("", kept_parts, every, kept_strips)):
            for strip in labelled[fold::FOLDS]:
                truth = [label_of(strip)] * int(strip.ecg.duration_s)
                said += said_of(f"strip {strip.name}", examined(strip.ecg), truth)
    return said


def _share(rows: list[Said]) -> float:
    return sum(row.seconds for row in rows if row.is_right) / sum(row.seconds for row in rows)


def shares(said: list[Said]) -> dict[str, tuple[int, float, float]]:
    """For each kind: people, mean share of their seconds that was right, certainty that follows.

    The certainty adds one person who was right and one who was not (Laplace): what was never seen
    to fail may yet.
    """
    result = {}
    for kind in sorted({row.kind for row in said}):
        rows = [row for row in said if row.kind == kind]
        people = sorted({row.person for row in rows})
        right = [_share([row for row in rows if row.person == person]) for person in people]
        n_people = len(people)
        result[kind] = n_people, float(np.mean(right)), (sum(right) + 1) / (n_people + 2)
    return result


def main() -> None:
    said = everything_said()
    measured = shares(said)
    for kind, (n_people, share, certainty) in measured.items():
        print(f"{kind}: {n_people} people, right {share:.3f}, certainty {certainty:.2f}")
    totals: dict[str, float] = {}
    for row in said:
        totals[row.person] = totals.get(row.person, 0.0) + row.seconds
    confidence: Floats = np.array(
        [row.quality * min(row.decided, measured[row.kind][2]) for row in said]
    )
    stored: Floats = np.array(
        [row.quality * min(row.decided, certainty_of(row.kind)) for row in said]
    )
    is_right: Mask = np.array([row.is_right for row in said])
    weight: Floats = np.array([row.seconds / totals[row.person] for row in said])
    for name, given in (("certainties of this run", confidence), ("as stored", stored)):
        print("reliability of the confidence,", name)
        for line in reliability_table(given, is_right, weight, "people"):
            print("  ", line)


if __name__ == "__main__":
    main()
