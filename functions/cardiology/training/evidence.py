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
from functions.cardiology.ecg import Ecg
from functions.cardiology.intervals import measure_intervals
from functions.cardiology.quality import assess_quality
from functions.cardiology.trained import load_model
from functions.cardiology.training.ventricular import (
    LEFT_OUT,
    counts,
    figures,
    judged_by_others,
    training_set,
)
from local.samples.ecg_conduction import (
    ConductionSample,
    complete_block,
    flutter,
    mobitz,
    wenckebach,
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
WIDE_MS = 120.0
NOT_SINUS = ("fibrillation", "flutter", "AV-block", "acing", "164889003", "164890007")
SINUS = ("Rhythm: Sinus", "426783006", "426177001", "427084000")


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
    print("MIT-BIH, as the product reads them", shown(total(
        mitdb_score(one.name, one.quality.beats.sample) for one in people
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
        judgments = [pair for held in groups for pair in judged_by_others(parts, held)]
        print(
            "ventricular beats,", name, figures([counts([pair], threshold) for pair in judgments])
        )


def early_beats() -> None:
    """How many annotated premature beats from above the ventricles are called early."""
    hit = called = present = 0
    for one in map(mitdb, mitdb_records()):
        found = analyze(one.ecg).result["beats"]
        sample = np.round(np.array(found["time_s"]) * one.ecg.fs_hz).astype(np.int64)
        kinds, early = np.array(found["kind"]), np.isin(one.types, EARLY_ATRIAL)
        pairs = matched(sample, one.beats, round(0.15 * one.ecg.fs_hz))
        hit += int((early[pairs[:, 1]] & (kinds[pairs[:, 0]] == "early")).sum())
        called += int((kinds == "early").sum())
        present += int(early.sum())
        if one.name == LEFT_OUT:
            print("record 100, ventricular beats called:", int((kinds == "ventricular").sum()))
    print(f"early beats: Se {hit / present:.3f}, PPV {hit / called:.3f}, {present}")


def rhythm_names() -> None:
    """Strips of ten seconds: what the rhythm is called, by what the cardiologists call it."""
    every: list[Strip] = [*map(ludb, ludb_records()), *map(cinc, cinc_records())]
    sinus, others = [0, 0, 0], [0, 0]
    for strip in every:
        words = " ".join(strip.comments)
        found = analyze(strip.ecg)
        named_sinus = "sinus" in str(found.result["rhythm_classification"])
        if any(word in words for word in NOT_SINUS):
            others[0] += 1
            others[1] += named_sinus and found.review_reason is None
        elif any(word in words for word in SINUS):
            sinus[0] += 1
            sinus[1] += named_sinus
            sinus[2] += found.review_reason is not None
    print(f"strips in sinus rhythm: {sinus[0]}, named so {sinus[1]}, sent to review {sinus[2]}")
    print(f"in fibrillation, flutter, block or paced: {others[0]}, named sinus unseen {others[1]}")


def synthesized_conduction() -> None:
    """Blocks and flutter whose truth is known, by kind: named, and named sinus without review."""
    kinds: dict[str, list[ConductionSample]] = {
        "blocked P waves, PR constant": [
            mobitz(period, 30.0, pp_s=pp_s, seed=seed)
            for period in (3, 4, 5) for pp_s in (0.7, 0.85) for seed in range(3)
        ],
        "blocked P waves, PR lengthens": [
            wenckebach(period, 40.0, pp_s=pp_s, seed=seed)
            for period in (3, 4, 5) for pp_s in (0.75, 0.9) for seed in range(3)
        ],
        "2:1 block": [mobitz(2, 30.0, pp_s=pp, seed=s) for pp in (0.6, 0.7) for s in range(4)],
        "complete block": [
            complete_block(pp_s, rr_s, 30.0, seed=seed)
            for pp_s in (0.65, 0.8) for rr_s in (1.3, 1.6) for seed in range(4)
        ],
        "flutter, 3:1 to 5:1": [
            flutter(wave_bpm, ratio, 30.0, seed=seed)
            for wave_bpm in (240, 270, 300) for ratio in (3, 4, 5) for seed in range(4)
        ],
        "flutter, 2:1": [flutter(w, 2, 30.0, seed=s) for w in (240, 270, 300) for s in range(4)],
    }  # fmt: skip
    for kind, samples in kinds.items():
        named = unseen = 0
        for sample in samples:
            signal_mv = sample.signal_mv.astype(np.float32)
            found = analyze(Ecg(signal_mv, sample.fs_hz, sample.leads, "synthetic"))
            is_sinus = "sinus" in str(found.result["rhythm_classification"])
            named += not is_sinus
            unseen += is_sinus and found.review_reason is None
        print(f"{kind}: {named} of {len(samples)} not sinus, {unseen} sinus without review")


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
        wide = np.zeros(4, np.int64)
        for strip in map(ludb, ludb_records()[1::2]):
            ecg, truth = only(strip.ecg, *leads), marked(strip)
            quality = assess_quality(ecg)
            found = measure_intervals(ecg, quality.beats, usable=quality.usable)
            said, is_wide = (found.qrs.value_ms or 0) >= WIDE_MS, bool(truth["qrs"] >= WIDE_MS)
            wide += (said and is_wide, is_wide, said and not is_wide, not is_wide)
            for wave, errors in wrong.items():
                value = getattr(found, wave).value_ms
                if value is not None and np.isfinite(truth[wave]):
                    errors.append(value - truth[wave])
        print(f"{name}, QRS of {WIDE_MS:g} ms or more: {wide[0]} of {wide[1]}, falsely {wide[2]} "
              f"of {wide[3]}")  # fmt: skip
        for wave, errors in wrong.items():
            error = np.array(errors)
            print(
                f"{name}, {wave}: n {len(error)}, MAE {np.abs(error).mean():.1f} ms, "
                f"{error.mean():.1f} ± {error.std(ddof=1):.1f} ms"
            )


if __name__ == "__main__":
    beats()
    ventricular_folds()
    early_beats()
    strips()
    rhythm_names()
    synthesized_conduction()
    intervals()
