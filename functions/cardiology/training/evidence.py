"""The figures of the method card that no training script prints.

    uv run python -m functions.cardiology.training.evidence

Reads the labelled recordings (tests/accuracy/README.md) and takes about three minutes. Matching is
one to one within 150 ms; flutter of record 207 is left out of the beats. Intervals are of 95 %:
people drawn with replacement, or Wilson's for counts of people.
"""

from collections.abc import Callable, Iterable

import numpy as np
import numpy.typing as npt

from functions.cardiology.analysis import analyze, examined
from functions.cardiology.beats import detect_beats
from functions.cardiology.ecg import Ecg
from functions.cardiology.intervals import measure_intervals
from functions.cardiology.quality import assess_quality
from functions.cardiology.risk import least_share
from functions.cardiology.trained import load_model
from functions.cardiology.training.uncertainty import interval
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
from tests.accuracy.test_cardiology_beats import Score, mitdb_score, only, score
from tests.accuracy.test_cardiology_intervals import marked

type Strip = Recording | Delineated

EARLY_ATRIAL = ("A", "a", "J", "S")  # premature beats from above the ventricles
FOLDS = 5
WIDE_MS = 120.0
NOT_SINUS = ("fibrillation", "flutter", "AV-block", "acing", "164889003", "164890007")
SINUS = ("Rhythm: Sinus", "426783006", "426177001", "427084000")


def shown(scores: Iterable[Score]) -> str:
    """Sensitivity and predictive value of all people, with intervals over them."""
    by_person = [np.array([s.hits, s.missed, s.invented]) for s in scores]
    hits, missed, invented = np.sum(by_person, axis=0)
    low, high = interval(by_person, lambda c: 100 * c[0] / (c[0] + c[1]))
    least, most = interval(by_person, lambda c: 100 * c[0] / (c[0] + c[2]))
    return (
        f"Se {100 * hits / (hits + missed):.2f} % ({low:.2f}-{high:.2f}), "
        f"PPV {100 * hits / (hits + invented):.2f} % ({least:.2f}-{most:.2f}); "
        f"{hits} found, {missed} missed, {invented} false"
    )


def share(count: int, n_people: int) -> str:
    """A count among people, with the interval of 95 % of its share (Wilson)."""
    if not n_people:
        return "0 of 0"
    least, most = least_share(count, n_people), 1 - least_share(n_people - count, n_people)
    return f"{count} of {n_people} ({100 * least:.0f}-{100 * most:.0f} %)"


def beats() -> None:
    people = [mitdb(name) for name in mitdb_records()]
    samples: dict[str, Callable[[Recording], npt.NDArray[np.int64]]] = {
        "first lead": lambda person: detect_beats(only(person.ecg, 0)).sample,
        "both leads": lambda person: detect_beats(person.ecg).sample,
        "as the product reads them": lambda person: person.quality.beats.sample,
    }
    for name, detected in samples.items():
        scores = (mitdb_score(person.name, detected(person)) for person in people)
        print("MIT-BIH,", name, shown(scores))
    others = [cpsc2021(name) for name in cpsc2021_records()]
    samples["lead II"] = lambda person: detect_beats(only(person.ecg, 1)).sample
    for name in ("lead II", "both leads", "as the product reads them"):
        scores = (score(samples[name](person), person.beats, 200) for person in others)
        print("CPSC 2021 (intervals over records),", name, shown(scores))
    for name, leads in (("II", (1,)), ("all leads", tuple(range(12)))):
        print("LUDB,", name, shown(ludb_score(ludb(strip), leads) for strip in ludb_records()))
    hard = [cpsc2019(name) for name in cpsc2019_records()]
    print("CPSC 2019, 0.5-9.5 s", shown(
        score(inner(detect_beats(strip.ecg).sample), inner(strip.beats), 500) for strip in hard
    ))  # fmt: skip


def ludb_score(strip: Delineated, leads: tuple[int, ...]) -> Score:
    """From the first to the last annotated beat."""
    marks = strip.waves["II"]
    truth = marks[marks[:, 3] == QRS, 1]
    detected = detect_beats(only(strip.ecg, *leads)).sample
    return score(detected[(detected >= truth[0] - 75) & (detected <= truth[-1] + 75)], truth, 500)


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
    for person in map(mitdb, mitdb_records()):
        named = examined(person.ecg).beats
        sample = np.round(named.time_s * person.ecg.fs_hz).astype(np.int64)
        kinds, early = named.kinds, np.isin(person.types, EARLY_ATRIAL)
        pairs = matched(sample, person.beats, round(0.15 * person.ecg.fs_hz))
        hit += int((early[pairs[:, 1]] & (kinds[pairs[:, 0]] == "early")).sum())
        called += int((kinds == "early").sum())
        present += int(early.sum())
        if person.name == LEFT_OUT:
            print("record 100, ventricular beats called:", int((kinds == "ventricular").sum()))
    print(f"early beats: Se {hit / present:.3f}, PPV {hit / called:.3f}, {present}")


def rhythm_names() -> None:
    """Strips of ten seconds: what the rhythm is called, by what the cardiologists call it."""
    every: list[Strip] = [*map(ludb, ludb_records()), *map(cinc, cinc_records())]
    sinus, others = [0, 0, 0], [0, 0]
    for strip in every:
        words = " ".join(strip.comments)
        findings = analyze(strip.ecg)
        named_sinus = "sinus" in str(findings.result["rhythm_classification"])
        if any(word in words for word in NOT_SINUS):
            others[0] += 1
            others[1] += named_sinus and findings.review_reason is None
        elif any(word in words for word in SINUS):
            sinus[0] += 1
            sinus[1] += named_sinus
            sinus[2] += findings.review_reason is not None
    print("strips in sinus rhythm, named so:", share(sinus[1], sinus[0]))
    print("strips in sinus rhythm, sent to review:", share(sinus[2], sinus[0]))
    print("in fibrillation, flutter, block or paced, sinus without review:", share(*others[::-1]))


def conduction_samples() -> dict[str, list[ConductionSample]]:
    """Blocks and flutter of two leads, 30 or 40 s, by kind."""
    return {
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


def synthesized_conduction() -> None:
    """Blocks and flutter whose truth is known, by kind: named, and named sinus without review."""
    for kind, samples in conduction_samples().items():
        named = unseen = 0
        for sample in samples:
            signal_mv = sample.signal_mv.astype(np.float32)
            findings = analyze(Ecg(signal_mv, sample.fs_hz, sample.leads, "synthetic"))
            is_sinus = "sinus" in str(findings.result["rhythm_classification"])
            named += not is_sinus
            unseen += is_sinus and findings.review_reason is None
        print(f"{kind}: {named} of {len(samples)} not sinus, {unseen} sinus without review")


def strips() -> None:
    """Recordings of ten seconds: what is called, among those whose label says so and the others."""
    labels = {
        "fibrillation": ("Atrial fibrillation", "164889003"),
        "ventricular": ("Ventricular extrasystole", "427172004", "164884008", "17338001"),
        "paced": ("pacing", "10370003", "251266004"),
    }
    for name, every in (
        ("LUDB", [ludb(strip) for strip in ludb_records()]),
        ("CinC 2021", [cinc(strip) for strip in cinc_records()]),
    ):
        called = {kind: called_strips(every, kind) for kind in labels}
        for kind, words in labels.items():
            true = {s.name for s in every if any(w in " ".join(s.comments) for w in words)}
            others = {strip.name for strip in every} - true
            print(
                f"{name}, {kind}: {share(len(called[kind] & true), len(true))}, otherwise "
                f"{share(len(called[kind] & others), len(others))} {sorted(called[kind] & others)}"
            )


def called_strips(every: Iterable[Strip], kind: str) -> set[str]:
    """The strips in which fibrillation or a beat of the kind is called."""
    called = set()
    for strip in every:
        everything = examined(strip.ecg)
        segments = everything.rhythm.segments
        names = [*everything.beats.kinds.tolist(), *(str(part.rhythm) for part in segments)]
        if any(kind in name for name in names):
            called.add(strip.name)
    return called


def intervals() -> None:
    """All leads, and lead II alone, against the marks in all leads of LUDB 3, 7, 11, ..."""
    for name, leads in (("all leads", tuple(range(12))), ("lead II alone", (1,))):
        wrong: dict[str, list[float]] = {"pr": [], "qrs": [], "qt": []}
        wide = np.zeros(4, np.int64)
        for strip in map(ludb, ludb_records()[1::2]):
            ecg, truth = only(strip.ecg, *leads), marked(strip)
            quality = assess_quality(ecg)
            measured = measure_intervals(ecg, quality.beats, usable=quality.usable)
            said, is_wide = (measured.qrs.value_ms or 0) >= WIDE_MS, bool(truth["qrs"] >= WIDE_MS)
            wide += (said and is_wide, is_wide, said and not is_wide, not is_wide)
            for wave, errors in wrong.items():
                value = getattr(measured, wave).value_ms
                if value is not None and np.isfinite(truth[wave]):
                    errors.append(value - truth[wave])
        print(f"{name}, QRS of {WIDE_MS:g} ms or more: {wide[0]} of {wide[1]}, falsely {wide[2]} "
              f"of {wide[3]}")  # fmt: skip
        for wave, errors in wrong.items():
            error = np.array(errors)
            by_person = [np.array([abs(own), 1.0]) for own in errors]
            low, high = interval(by_person, lambda c: c[0] / c[1])
            print(
                f"{name}, {wave}: n {len(error)}, MAE {np.abs(error).mean():.1f} ms "
                f"({low:.1f}-{high:.1f}), "
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
