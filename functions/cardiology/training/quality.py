"""Fit the quality index: `uv run python -m functions.cardiology.training.quality`.

Question: are the beats that the detector finds in this lead and these 10 s the annotated ones?
Yes where the F1 score of detection (150 ms, one to one) reaches 0.9; no below 0.75, in
ventricular flutter, and in synthetic noise; what lies between is left out. Each lead is taken
alone. Synthetic tachycardias join the good ones. Data: MIT-BIH Arrhythmia Database and LUDB
(ODC-By 1.0), CPSC 2021 (CC BY 4.0), see tests/accuracy/README.md. Prints figures of 6-fold
cross-validation by person, then the weights of all data for `functions/cardiology/lead_choice.py`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from functions.cardiology.beats import detect_beats
from functions.cardiology.ecg import Ecg, Floats
from functions.cardiology.filters import segment_edges
from functions.cardiology.lead_choice import USABLE_INDEX
from functions.cardiology.quality import Defect, hard_defects
from functions.cardiology.quality_features import segment_features
from local.samples.ecg import Disturbance, Episode, Rhythm, synthesize
from tests.accuracy import recordings
from tests.accuracy.noise import noises

GOOD_F1, BAD_F1 = 0.9, 0.75
FOLDS = 6
NOISE_SEEDS = range(1000, 1015)
FAST_BPM = range(120, 221, 5)
NOISE_SHAPES = ((250.0, 30.0, 1), (500.0, 10.0, 1), (360.0, 30.0, 2), (500.0, 10.0, 12))


@dataclass(frozen=True)
class Sample:
    """One lead of a recording, segment by segment.

    Attributes
    ----------
    source, person : str
        The set of recordings, and whom a fold leaves out.
    features : (n_segments, 5) ndarray of float64
        As `segment_features` gives them.
    label : (n_segments,) ndarray of int64
        1 where the beats found are those annotated, 0 where they are not, -1 between, which is
        not learned from.
    """

    source: str
    person: str
    features: Floats
    label: npt.NDArray[np.int64]


def single(ecg: Ecg, lead: int) -> Ecg:
    return replace(ecg, signal_mv=ecg.signal_mv[:, [lead]], leads=(ecg.leads[lead],))


def sample(recording: recordings.Recording, lead: int, source: str, person: str) -> Sample:
    ecg = single(recording.ecg, lead)
    beats = detect_beats(ecg)
    edges = segment_edges(len(ecg.signal_mv), ecg.fs_hz)
    pairs = recordings.matched(beats.sample, recording.beats, round(0.15 * ecg.fs_hz))
    detected = np.histogram(beats.sample, edges)[0]
    annotated = np.histogram(recording.beats, edges)[0]
    right = np.histogram(recording.beats[pairs[:, 1]], edges)[0]
    f1 = 2 * right / np.maximum(detected + annotated, 1)
    label = np.where(f1 >= GOOD_F1, 1, np.where(f1 < BAD_F1, 0, -1))
    for segment in range(len(label)):
        overlap = sum(
            max(0, min(stop, edges[segment + 1]) - max(start, edges[segment]))
            for start, stop in recording.flutter
        )
        if overlap:
            label[segment] = 0 if overlap > np.diff(edges)[segment] / 2 else -1
    label[hard_defects(ecg)[:, 0] != Defect.NONE] = -1
    return Sample(source, person, segment_features(ecg, beats)[:, 0], label)


def annotated_samples() -> Iterator[Sample]:
    for name in recordings.mitdb_records():
        person = "201" if name == "202" else name
        for lead in (0, 1):
            yield sample(recordings.mitdb(name), lead, f"mitdb {lead}", person)
    for name in recordings.cpsc2021_records():
        for lead in (0, 1):
            yield sample(recordings.cpsc2021(name), lead, "cpsc2021", name.split("_")[1])
    for name in recordings.ludb_records():
        for lead in (0, 1, 6, 10):
            yield sample(between_annotations(name), lead, "ludb", f"ludb {name}")


def between_annotations(name: str) -> recordings.Recording:
    """A LUDB recording without its first and last beats, which are not annotated."""
    recording = recordings.ludb(name)
    marks = recording.waves["II"]
    beats = marks[marks[:, 3] == recordings.QRS, 1]
    inner = slice(int(beats[0]) - 250, int(beats[-1]) + 250)
    cut = replace(recording.ecg, signal_mv=recording.ecg.signal_mv[inner])
    return recordings.Recording(name, cut, beats - inner.start)


def fast_samples() -> Iterator[Sample]:
    """Tachycardias, too rare in these data to be told from fibrillation by them."""
    for seed, rate_bpm in enumerate(FAST_BPM, 1):
        for rhythm in (Rhythm.VENTRICULAR_TACHYCARDIA, Rhythm.SINUS):
            made = synthesize(
                [Episode(rhythm, 60.0, rate_bpm=rate_bpm)],
                leads=("I", "II", "V1", "V5"),
                disturbance=Disturbance(snr_db=12 + 3 * (seed % 5)),
                seed=seed,
            )
            ecg = Ecg(made.signal_mv.astype(np.float32), made.fs_hz, made.leads, "synthetic")
            beats = np.round(made.beat_times_s * made.fs_hz).astype(np.int64)
            recording = recordings.Recording(rhythm, ecg, beats)
            for lead in range(4):
                yield sample(recording, lead, f"fast {rhythm}", f"made {seed}")


def noise_samples() -> Iterator[Sample]:
    for seed in NOISE_SEEDS:
        for fs_hz, duration_s, n_leads in NOISE_SHAPES:
            for name, ecg in noises(seed, fs_hz, duration_s, n_leads).items():
                features = segment_features(ecg, detect_beats(ecg)).reshape(-1, 5)
                label = np.zeros(len(features), np.int64)
                yield Sample(name, f"seed {seed}", features, label)


def main() -> None:
    parts = [*annotated_samples(), *fast_samples(), *noise_samples()]
    features = np.concatenate([part.features for part in parts])
    label = np.concatenate([part.label for part in parts])
    source = np.concatenate([[part.source] * len(part.label) for part in parts])
    person = np.concatenate([[part.person] * len(part.label) for part in parts])
    known = label >= 0
    features, label, source, person = features[known], label[known], source[known], person[known]
    model = make_pipeline(StandardScaler(), LogisticRegression(class_weight="balanced"))

    people = np.unique(person)
    fold_of = dict(zip(people, np.arange(len(people)) % FOLDS, strict=True))
    fold = np.array([fold_of[database] for database in person])
    index = np.empty(len(label))
    for held_out in range(FOLDS):
        model.fit(features[fold != held_out], label[fold != held_out])
        index[fold == held_out] = model.predict_proba(features[fold == held_out])[:, 1]
    for database in np.unique(source):
        for truth in (0, 1):
            chosen = index[(source == database) & (label == truth)]
            if len(chosen):
                low, high = np.quantile(chosen, (0.01, 0.99))
                usable = np.mean(chosen >= USABLE_INDEX)
                print(
                    f"{database:28} {'good' if truth else 'bad':5} n={len(chosen):5} "
                    f"1 % {low:.3f} 99 % {high:.3f} usable {usable:.4f}"
                )

    model.fit(features, label)
    scaler, logistic = model[0], model[1]
    weights = logistic.coef_[0] / scaler.scale_
    intercept = logistic.intercept_[0] - float(weights @ scaler.mean_)
    print("standardized", np.round(logistic.coef_[0], 2).tolist())
    print(f"FEATURE_WEIGHTS = {tuple(np.round(weights, 3).tolist())}")
    print(f"INTERCEPT = {intercept:.3f}")


if __name__ == "__main__":
    main()
