"""Train and measure the ventricular beat models, and write them to `models/`.

    uv run python -m functions.cardiology.training.ventricular

Reads MIT-BIH records with labelled beats, and strips of ten seconds whose diagnosis names neither
ventricular beats nor a pacemaker (LUDB, CinC 2021; tests/accuracy/README.md). The strips are 110
more hearts, though each with a dozen beats. Every figure is measured on detected beats of MIT-BIH
patients left out of the training; the threshold used for a patient is the one that was best for
the others.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from functions.cardiology.ecg import Floats
from functions.cardiology.quality import assess_quality
from functions.cardiology.shapes import Indices, beat_shapes, shape_groups
from functions.cardiology.trained import FOLDER
from functions.cardiology.training.uncertainty import interval, reliability_table
from functions.cardiology.ventricular import MIN_BEATS, beat_features, shared_by_shape
from shared.science.signals import Mask
from tests.accuracy.recordings import (
    Delineated,
    Recording,
    cinc,
    cinc_records,
    ludb,
    ludb_records,
    matched,
    mitdb,
    mitdb_records,
)

FEATURES = (
    "before", "after", "after_before", "correlation", "oddness", "width", "width_ratio",
    "height", "area", "slope", "t_wave", "group_before", "group_after", "group_after_before",
    "group_width_ratio", "group_p_wave", "group_oddness", "group_height", "group_spread",
    "group_size", "usual_group",
)  # fmt: skip

VENTRICULAR = ("V", "E")
NOT_JUDGED = ("F", "Q", "/", "f", "?")  # fusion, paced and unclassifiable: neither side
TOLERANCE_S = 0.15
THRESHOLDS = np.arange(0.04, 0.97, 0.02)
INVERSE_REGULARIZATION = 1.0

# A patient with hundreds of like beats counts for less than as many patients with a few each:
# ventricular beats are weighted by (their number / 100) to the power of minus one half.
TYPICAL_COUNT = 100
STRIP_WEIGHT = 5.0
NOT_IN_STRIPS = (
    "Ventricular extrasystole", "Pacemaker", "427172004", "164884008", "17338001", "10370003"
)  # fmt: skip

LEFT_OUT = "100"  # belongs to DS2: kept for a check on a person no figure here has seen


type Counts = npt.NDArray[np.int64]
type Judgments = list[tuple["Labelled", Floats]]


@dataclass(frozen=True)
class Labelled:
    """Detected beats of one recording with what the annotators call them.

    Attributes
    ----------
    patient : str
    features : dict of (n_beats,) ndarray of float64
    group : (n_beats,) ndarray of int64
    is_ventricular : (n_beats,) ndarray of bool
    judged : (n_beats,) ndarray of bool
        False for fusion and unclassifiable beats and within ventricular flutter.
    n_missed : int
        Annotated ventricular beats that were not detected.
    """

    patient: str
    features: dict[str, Floats]
    group: Indices
    is_ventricular: Mask
    judged: Mask
    n_missed: int

    @property
    def table(self) -> Floats:
        return np.column_stack([self.features[name] for name in FEATURES])


def labelled(recording: Recording, n_leads: int) -> Labelled:
    """Detect the beats of the first `n_leads` leads, and label them."""
    whole = recording.ecg
    ecg = replace(whole, signal_mv=whole.signal_mv[:, :n_leads], leads=whole.leads[:n_leads])
    quality = recording.quality if n_leads == len(whole.leads) else assess_quality(ecg)
    beats = quality.beats
    pairs = matched(beats.sample, recording.beats, round(TOLERANCE_S * ecg.fs_hz))
    types = np.full(len(beats.sample), "-")
    types[pairs[:, 0]] = recording.types[pairs[:, 1]]
    judged = ~np.isin(types, NOT_JUDGED)
    for start, stop in recording.flutter:
        judged &= (beats.sample < start) | (beats.sample > stop)
    missed = np.delete(recording.types, pairs[:, 1])
    shapes = beat_shapes(ecg, beats, quality.usable)
    group = shape_groups(shapes)
    return Labelled(
        patient=patient_of(recording.name),
        features=beat_features(shapes, group),
        group=group,
        is_ventricular=np.isin(types, VENTRICULAR),
        judged=judged,
        n_missed=int(np.isin(missed, VENTRICULAR).sum()),
    )


def patient_of(record: str) -> str:
    return "201" if record == "202" else record  # one man


def training_set(n_leads: int) -> list[Labelled]:
    records = [name for name in mitdb_records() if name != LEFT_OUT]
    return [*(labelled(mitdb(name), n_leads) for name in records), *strips(n_leads)]


def strips(n_leads: int) -> list[Labelled]:
    """Strips without ventricular beats, by all leads or by lead II alone."""
    recordings: list[Recording | Delineated] = [ludb(name) for name in ludb_records()]
    recordings += [cinc(name) for name in cinc_records()]
    allowed = [
        recording
        for recording in recordings
        if not any(word in " ".join(recording.comments) for word in NOT_IN_STRIPS)
    ]
    parts = [strip_part(recording, n_leads) for recording in allowed]
    return [part for part in parts if len(part.judged) >= MIN_BEATS]


def strip_part(recording: Recording | Delineated, n_leads: int) -> Labelled:
    ecg, quality = recording.ecg, recording.quality
    if n_leads == 1:
        second = ecg.leads.index("II")
        ecg = replace(ecg, signal_mv=ecg.signal_mv[:, second : second + 1], leads=("II",))
        quality = assess_quality(ecg)
    shapes = beat_shapes(ecg, quality.beats, quality.usable)
    group, none = shape_groups(shapes), np.zeros(len(quality.beats.sample), np.bool_)
    features = beat_features(shapes, group)
    return Labelled(f"strip {recording.name}", features, group, none, ~none, 0)


def weights(part: Labelled) -> Floats:
    """How much each judged beat counts in the training."""
    truth = part.is_ventricular[part.judged]
    if part.patient.startswith("strip"):
        return np.full(len(truth), STRIP_WEIGHT)
    rare = np.sqrt(TYPICAL_COUNT / max(int(truth.sum()), 1))
    return np.where(truth, rare, 1.0)


@dataclass(frozen=True)
class Fit:
    """A logistic model of standardized features."""

    scaler: StandardScaler
    model: LogisticRegression

    def probability(self, table: Floats, group: Indices) -> Floats:
        """As the product gives it, shape (n_beats,)."""
        own = self.model.predict_proba(self.scaler.transform(table))[:, 1]
        return shared_by_shape(own, group)


def fitted(parts: Sequence[Labelled]) -> Fit:
    table = np.concatenate([part.table[part.judged] for part in parts])
    answer = np.concatenate([part.is_ventricular[part.judged] for part in parts])
    weight = np.concatenate([weights(part) for part in parts])
    scaler = StandardScaler().fit(table)
    model = LogisticRegression(C=INVERSE_REGULARIZATION, max_iter=1000)
    return Fit(scaler, model.fit(scaler.transform(table), answer, sample_weight=weight))


def judged_by_others(parts: Sequence[Labelled], held: Sequence[str]) -> Judgments:
    """Recordings of some patients with the probabilities of a model that never saw them."""
    fit = fitted([part for part in parts if part.patient not in held])
    own = [part for part in parts if part.patient in held]
    return [(part, fit.probability(part.table, part.group)) for part in own]


def held_out_probabilities(parts: Sequence[Labelled]) -> dict[str, Judgments]:
    """Each patient's recordings with the probabilities of a model that never saw them."""
    patients = sorted({part.patient for part in parts if not part.patient.startswith("strip")})
    return {patient: judged_by_others(parts, [patient]) for patient in patients}


def counts(judgments: Judgments, threshold: float) -> Counts:
    """True positives, false negatives (with undetected beats) and false positives."""
    total = np.zeros(3, np.int64)
    for part, probability in judgments:
        called = (probability > threshold)[part.judged]
        truth = part.is_ventricular[part.judged]
        missed = (~called & truth).sum() + part.n_missed
        total += ((called & truth).sum(), missed, (called & ~truth).sum())
    return total


def best_threshold(judgments: Judgments) -> float:
    """The threshold of the highest F1."""

    def f1(threshold: float) -> float:
        hit, missed, false = counts(judgments, threshold)
        return float(2 * hit / (2 * hit + missed + false))

    return float(round(max(THRESHOLDS, key=f1), 2))


def held_out_counts(probabilities: dict[str, Judgments]) -> dict[str, Counts]:
    """Counts of each patient, by a model and a threshold that never saw the patient."""
    result = {}
    for patient, own in probabilities.items():
        others = [
            pair for name, pairs in probabilities.items() if name != patient for pair in pairs
        ]
        result[patient] = counts(own, best_threshold(others))
    return result


def figures(by_patient: Sequence[Counts]) -> dict[str, Any]:
    """Sensitivity and positive predictive value, with their intervals over people."""
    hit, missed, false = (int(count) for count in np.sum(by_patient, axis=0))
    return {
        "sensitivity": round(hit / (hit + missed), 4),
        "sensitivity_interval": interval(by_patient, lambda c: c[0] / (c[0] + c[1])),
        "positive_predictive_value": round(hit / (hit + false), 4),
        "positive_predictive_value_interval": interval(by_patient, lambda c: c[0] / (c[0] + c[2])),
        "beats_found": hit,
        "beats_missed": missed,
        "false_beats": false,
    }


def reliability(judgments: Judgments) -> list[dict[str, float]]:
    """Of the beats with a probability in each range, how many are ventricular."""
    given = np.concatenate([probability[part.judged] for part, probability in judgments])
    truth = np.concatenate([part.is_ventricular[part.judged] for part, _ in judgments])
    return reliability_table(given, truth, np.ones(len(given)), "beats")


def write_model(name: str, n_leads: int) -> None:
    parts = training_set(n_leads)
    probabilities = held_out_probabilities(parts)
    per_patient = held_out_counts(probabilities)
    everyone = [pair for pairs in probabilities.values() for pair in pairs]
    fit = fitted(parts)
    card = {
        "predicts": "ventricular beat (MIT-BIH V or E), detected beats",
        "leads": "the first lead (mostly MLII)" if n_leads == 1 else "two leads (mostly MLII, V1)",
        "training_data": "MIT-BIH Arrhythmia Database 1.0.0, records "
        + " ".join(record for record in mitdb_records() if record != LEFT_OUT)
        + "; strips without ventricular beats of the Lobachevsky University Database 1.0.1 (odd "
        "numbers) and of the PhysioNet/CinC Challenge 2021 (23 strips)",
        "licence": "MIT-BIH, LUDB: Open Data Commons Attribution License 1.0; Challenge 2021: "
        "CC BY 4.0 (all PhysioNet). Cite Moody and Mark 2001 (doi:10.1109/51.932724), Kalyakulina "
        "et al. 2020 (doi:10.1109/ACCESS.2020.3029211), Reyna et al. 2021 "
        "(doi:10.23919/CinC53138.2021.9662687), Goldberger et al. 2000 "
        "(doi:10.1161/01.CIR.101.23.e215)",
        "evaluation": "leave one patient out (201 and 202 are one), threshold from the other "
        "patients, detected beats within 150 ms, undetected ventricular beats count as missed; "
        "fusion and unclassifiable beats and ventricular flutter left out",
        "held_out": figures(list(per_patient.values())),
        "reliability": reliability(everyone),
        "held_out_patients": {key: value.tolist() for key, value in per_patient.items()},
    }
    stored = {
        "features": [
            {"name": name, "mean": float(mean), "scale": float(scale), "weight": float(weight)}
            for name, mean, scale, weight in zip(
                FEATURES, fit.scaler.mean_, fit.scaler.scale_, fit.model.coef_[0], strict=True
            )
        ],
        "intercept": float(fit.model.intercept_[0]),
        "threshold": best_threshold(everyone),
        "card": card,
    }
    (FOLDER / f"{name}.json").write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
    print(name, stored["threshold"], card["held_out"], card["held_out_patients"])


if __name__ == "__main__":
    write_model("ventricular", n_leads=2)
    write_model("ventricular_one_lead", n_leads=1)
