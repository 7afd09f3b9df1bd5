"""Train and measure the ventricular beat models, and write them to `models/`.

    uv run python -m functions.cardiology.training.ventricular

Reads the MIT-BIH records in ../shared/data (ODC-By 1.0). Every figure is measured on detected
beats of patients left out of the training; the threshold used for a patient is the one that was
best for the others.
"""

import json
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from functions.cardiology.ecg import Floats
from functions.cardiology.logistic import FOLDER
from functions.cardiology.quality import assess_quality
from functions.cardiology.shapes import beat_shapes
from functions.cardiology.ventricular import beat_features
from tests.accuracy.recordings import Recording, matched, mitdb, mitdb_records

FEATURES = (
    "before", "after", "after_before", "correlation", "oddness", "width", "width_ratio",
    "height", "area", "slope", "t_wave", "group_before", "group_after", "group_after_before",
    "group_width_ratio", "group_p_wave", "group_oddness", "group_height", "group_spread",
    "group_size", "usual_group",
)  # fmt: skip

VENTRICULAR = ("V", "E")
NOT_JUDGED = ("F", "Q", "/", "f", "?")  # fusion, paced and unclassifiable: neither side
TOLERANCE_S = 0.15
THRESHOLDS = np.arange(0.05, 0.96, 0.05)
INVERSE_REGULARIZATION = 0.1

LEFT_OUT = "100"  # belongs to DS2: kept for a check on a person no figure here has seen


@dataclass(frozen=True)
class Labelled:
    """Detected beats of one recording with what the annotators call them.

    `judged` leaves out fusion and unclassifiable beats and ventricular flutter; `n_missed`
    counts annotated ventricular beats that were not detected.
    """

    patient: str
    features: dict[str, Floats]
    is_ventricular: npt.NDArray[np.bool_]
    judged: npt.NDArray[np.bool_]
    n_missed: int

    @property
    def table(self) -> Floats:
        return np.column_stack([self.features[name] for name in FEATURES])


def labelled(recording: Recording, n_leads: int) -> Labelled:
    """Detect the beats of the first `n_leads` leads, and label them."""
    whole = recording.ecg
    ecg = replace(whole, signal_mv=whole.signal_mv[:, :n_leads], leads=whole.leads[:n_leads])
    quality = assess_quality(ecg)
    beats = quality.beats
    pairs = matched(beats.sample, recording.beats, round(TOLERANCE_S * ecg.fs_hz))
    types = np.full(len(beats.sample), "-")
    types[pairs[:, 0]] = recording.types[pairs[:, 1]]
    judged = ~np.isin(types, NOT_JUDGED)
    for start, stop in recording.flutter:
        judged &= (beats.sample < start) | (beats.sample > stop)
    missed = np.delete(recording.types, pairs[:, 1])
    return Labelled(
        patient="201" if recording.name == "202" else recording.name,  # one man
        features=beat_features(beat_shapes(ecg, beats, quality.usable)),
        is_ventricular=np.isin(types, VENTRICULAR),
        judged=judged,
        n_missed=int(np.isin(missed, VENTRICULAR).sum()),
    )


def training_set(n_leads: int) -> list[Labelled]:
    return [labelled(mitdb(name), n_leads) for name in mitdb_records() if name != LEFT_OUT]


def fitted(parts: list[Labelled]) -> tuple[StandardScaler, LogisticRegression]:
    table = np.concatenate([part.table[part.judged] for part in parts])
    answer = np.concatenate([part.is_ventricular[part.judged] for part in parts])
    scaler = StandardScaler().fit(table)
    model = LogisticRegression(C=INVERSE_REGULARIZATION, max_iter=1000)
    return scaler, model.fit(scaler.transform(table), answer)


def held_out_probabilities(parts: list[Labelled]) -> dict[str, list[tuple[Labelled, Floats]]]:
    """Each recording with the probabilities of a model that never saw its patient."""
    patients = sorted({part.patient for part in parts})
    found = {}
    for patient in patients:
        scaler, model = fitted([part for part in parts if part.patient != patient])
        found[patient] = [
            (part, model.predict_proba(scaler.transform(part.table))[:, 1])
            for part in parts
            if part.patient == patient
        ]
    return found


def counts(judgments: list[tuple[Labelled, Floats]], threshold: float) -> npt.NDArray[np.int64]:
    """True positives, false negatives (with undetected beats) and false positives."""
    total = np.zeros(3, np.int64)
    for part, probability in judgments:
        called = (probability > threshold)[part.judged]
        truth = part.is_ventricular[part.judged]
        missed = (~called & truth).sum() + part.n_missed
        total += ((called & truth).sum(), missed, (called & ~truth).sum())
    return total


def best_threshold(judgments: list[tuple[Labelled, Floats]]) -> float:
    """The threshold of the highest F1."""

    def f1(threshold: float) -> float:
        hit, missed, false = counts(judgments, threshold)
        return float(2 * hit / (2 * hit + missed + false))

    return float(round(max(THRESHOLDS, key=f1), 2))


def held_out_counts(parts: list[Labelled]) -> dict[str, npt.NDArray[np.int64]]:
    """Counts of each patient, by a model and a threshold that never saw the patient."""
    probabilities = held_out_probabilities(parts)
    result = {}
    for patient, own in probabilities.items():
        others = [
            pair for name, pairs in probabilities.items() if name != patient for pair in pairs
        ]
        result[patient] = counts(own, best_threshold(others))
    return result


def figures(total: npt.NDArray[np.int64]) -> dict[str, float]:
    hit, missed, false = (int(count) for count in total)
    return {
        "sensitivity": round(hit / (hit + missed), 4),
        "positive_predictive_value": round(hit / (hit + false), 4),
        "beats_found": hit,
        "beats_missed": missed,
        "false_beats": false,
    }


def write_model(name: str, n_leads: int) -> None:
    parts = training_set(n_leads)
    per_patient = held_out_counts(parts)
    everyone = [pair for pairs in held_out_probabilities(parts).values() for pair in pairs]
    scaler, model = fitted(parts)
    card = {
        "predicts": "ventricular beat (MIT-BIH V or E), detected beats",
        "leads": "the first lead (mostly MLII)" if n_leads == 1 else "two leads (mostly MLII, V1)",
        "training_data": "MIT-BIH Arrhythmia Database 1.0.0, records "
        + " ".join(record for record in mitdb_records() if record != LEFT_OUT),
        "licence": "Open Data Commons Attribution License 1.0 (PhysioNet); cite Moody and Mark "
        "2001 (doi:10.1109/51.932724) and Goldberger et al. 2000 "
        "(doi:10.1161/01.CIR.101.23.e215)",
        "evaluation": "leave one patient out (201 and 202 are one), threshold from the other "
        "patients, detected beats within 150 ms, undetected ventricular beats count as missed; "
        "fusion and unclassifiable beats and ventricular flutter left out",
        "held_out": figures(np.sum(list(per_patient.values()), axis=0)),
        "held_out_patients": {key: value.tolist() for key, value in per_patient.items()},
    }
    stored = {
        "features": [
            {"name": name, "mean": float(mean), "scale": float(scale), "weight": float(weight)}
            for name, mean, scale, weight in zip(
                FEATURES, scaler.mean_, scaler.scale_, model.coef_[0], strict=True
            )
        ],
        "intercept": float(model.intercept_[0]),
        "threshold": best_threshold(everyone),
        "card": card,
    }
    (FOLDER / f"{name}.json").write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
    print(name, stored["threshold"], card["held_out"], card["held_out_patients"])


if __name__ == "__main__":
    write_model("ventricular", n_leads=2)
    write_model("ventricular_one_lead", n_leads=1)
