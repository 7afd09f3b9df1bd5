"""The figures of the method card that no training script prints.

    uv run python -m functions.cardiology.training.evidence

Reads the labelled recordings (tests/accuracy/README.md) and takes about two minutes. Matching is
one to one within 150 ms; flutter of record 207 is left out of the beats.
"""

from collections.abc import Callable, Iterable

import numpy as np
import numpy.typing as npt

from functions.cardiology.analysis import analyze
from functions.cardiology.beats import detect_beats
from functions.cardiology.ecg import Floats
from functions.cardiology.intervals import measure_intervals
from functions.cardiology.quality import assess_quality
from functions.cardiology.trained import load_model
from functions.cardiology.training.ventricular import (
    LEFT_OUT,
    Labelled,
    counts,
    figures,
    fitted,
    training_set,
)
from tests.accuracy.recordings import (
    QRS,
    Delineated,
    Recording,
    cinc,
    cinc_records,
    cpsc2019,
    cpsc2019_records,
    cpsc2021,
    cpsc2021_records,
    ludb,
    ludb_records,
    matched,
    mitdb,
    mitdb_records,
)
from tests.accuracy.test_cardiology_beats import Score, mitdb_score, only, score, total
from tests.accuracy.test_cardiology_intervals import marked

type Strip = Recording | Delineated

EARLY_ATRIAL = ("A", "a", "J", "S")  # premature beats from above the ventricles
FOLDS = 5


def shown(found: Score) -> str:
    return f"Se {found.sensitivity:.2f} %, PPV {found.precision:.2f} % ({found})"


def beats() -> None:
    people = [mitdb(name) for name in mitdb_records()]
    print("MIT-BIH, first lead", shown(total(
        mitdb_score(one.name, detect_beats(only(one.ecg, 0)).sample) for one in people
    )))  # fmt: skip
    print("MIT-BIH, both leads", shown(total(
        mitdb_score(one.name, detect_beats(one.ecg).sample) for one in people
    )))  # fmt: skip
    others = [cpsc2021(name) for name in cpsc2021_records()]
    rows: dict[str, Callable[[Recording], npt.NDArray[np.int64]]] = {
        "lead II": lambda one: detect_beats(only(one.ecg, 1)).sample,
        "both leads": lambda one: detect_beats(one.ecg).sample,
        "both leads where usable": lambda one: one.quality.beats.sample,
    }
    for name, found in rows.items():
        print("CPSC 2021,", name, shown(total(score(found(one), one.beats, 200) for one in others)))
    for name, leads in (("II", (1,)), ("all leads", tuple(range(12)))):
        print("LUDB,", name, shown(total(ludb_score(ludb(one), leads) for one in ludb_records())))
    hard = [cpsc2019(name) for name in cpsc2019_records()]
    print("CPSC 2019, 0.5-9.5 s", shown(total(
        score(inner(detect_beats(one.ecg).sample), inner(one.beats), 500) for one in hard
    )))  # fmt: skip


def ludb_score(strip: Delineated, leads: tuple[int, ...]) -> Score:
    """From the first to the last annotated beat."""
    marks = strip.waves["II"]
    truth = marks[marks[:, 3] == QRS, 1]
    found = detect_beats(only(strip.ecg, *leads)).sample
    return score(found[(found >= truth[0] - 75) & (found <= truth[-1] + 75)], truth, 500)


def inner(sample: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    return sample[(sample >= 250) & (sample <= 4750)]


def ventricular_folds() -> None:
    """Fewer hearts to learn from than with one patient left out; people of strips are, too."""
    parts = training_set(n_leads=2)
    patients = sorted({part.patient for part in parts})
    threshold = load_model("ventricular").threshold
    for name, groups in (
        ("a fifth of the patients left out", [patients[fold::FOLDS] for fold in range(FOLDS)]),
        ("half of the patients left out", [patients[::2], patients[1::2]]),
    ):
        found = sum((judged_by_others(parts, held, threshold) for held in groups), np.zeros(3, int))
        print("ventricular beats,", name, figures(found))


def judged_by_others(
    parts: list[Labelled], held: list[str], threshold: float
) -> npt.NDArray[np.int64]:
    scaler, model = fitted([part for part in parts if part.patient not in held])
    probabilities: list[tuple[Labelled, Floats]] = [
        (part, model.predict_proba(scaler.transform(part.table))[:, 1])
        for part in parts
        if part.patient in held
    ]
    return counts(probabilities, threshold)


def supraventricular() -> None:
    hit = called = present = 0
    for one in map(mitdb, mitdb_records()):
        found = analyze(one.ecg).result["beats"]
        sample = np.round(np.array(found["time_s"]) * one.ecg.fs_hz).astype(np.int64)
        kinds, early = np.array(found["kind"]), np.isin(one.types, EARLY_ATRIAL)
        pairs = matched(sample, one.beats, round(0.15 * one.ecg.fs_hz))
        hit += int((early[pairs[:, 1]] & (kinds[pairs[:, 0]] == "supraventricular")).sum())
        called += int((kinds == "supraventricular").sum())
        present += int(early.sum())
        if one.name == LEFT_OUT:
            print("record 100, ventricular beats called:", int((kinds == "ventricular").sum()))
    print(f"premature supraventricular: Se {hit / present:.3f}, PPV {hit / called:.3f}, {present}")


def strips() -> None:
    """Recordings of ten seconds: what is called, among those whose label says so and the others."""
    labels = {
        "fibrillation": ("Atrial fibrillation", "164889003"),
        "ventricular": ("Ventricular extrasystole", "427172004", "164884008", "17338001"),
        "paced": ("pacing", "10370003", "251266004"),
    }
    for name, every in (
        ("LUDB", [ludb(one) for one in ludb_records()]),
        ("CinC 2021", [cinc(one) for one in cinc_records()]),
    ):
        called = {kind: called_strips(every, kind) for kind in labels}
        for kind, words in labels.items():
            true = {one.name for one in every if any(w in " ".join(one.comments) for w in words)}
            others = {one.name for one in every} - true
            print(
                f"{name}, {kind}: {len(called[kind] & true)} of {len(true)}, otherwise "
                f"{len(called[kind] & others)} of {len(others)} {sorted(called[kind] & others)}"
            )


def called_strips(every: Iterable[Strip], kind: str) -> set[str]:
    """The strips in which fibrillation or a beat of the kind is called."""
    found = set()
    for one in every:
        result = analyze(one.ecg).result
        names = [*result["beats"]["kind"], *(s["rhythm"] for s in result["rhythm_segments"])]
        if any(kind in name for name in names):
            found.add(one.name)
    return found


def intervals() -> None:
    """All leads, and lead II alone, against the marks in all leads of LUDB 3, 7, 11, ..."""
    for name, leads in (("all leads", tuple(range(12))), ("lead II alone", (1,))):
        wrong: dict[str, list[float]] = {"pr": [], "qrs": [], "qt": []}
        for strip in map(ludb, ludb_records()[1::2]):
            ecg, truth = only(strip.ecg, *leads), marked(strip)
            quality = assess_quality(ecg)
            found = measure_intervals(ecg, quality.beats, usable=quality.usable)
            for wave, errors in wrong.items():
                value = getattr(found, wave).value_ms
                if value is not None and np.isfinite(truth[wave]):
                    errors.append(value - truth[wave])
        for wave, errors in wrong.items():
            error = np.array(errors)
            print(
                f"{name}, {wave}: n {len(error)}, MAE {np.abs(error).mean():.1f} ms, "
                f"{error.mean():.1f} ± {error.std(ddof=1):.1f} ms"
            )


if __name__ == "__main__":
    beats()
    ventricular_folds()
    supraventricular()
    strips()
    intervals()
