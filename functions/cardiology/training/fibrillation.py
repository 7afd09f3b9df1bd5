"""Train and measure the atrial fibrillation models, and write them to `models/`.

    uv run python -m functions.cardiology.training.fibrillation

MIT-BIH (ODC-By 1.0) and CPSC 2021 (CC BY 4.0): detected beats, ventricular beats taken out by a
model that never saw the patient; and once more with none taken out, so that irregular rhythms
without fibrillation are met as well. A window is fibrillation if more than half of its beats lie
in an `(AFIB` segment; windows with much atrial flutter are left out of the training. Every figure
is of people left out of the training. Where the recordings are expected is in
tests/accuracy/README.md.
"""

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from functions.cardiology.ecg import Floats
from functions.cardiology.fibrillation import (
    MAX_RR_S,
    SHORT_WINDOW,
    STEP,
    WINDOW,
    Window,
    by_beat,
    fibrillating,
    judged_parts,
    usable_intervals,
    window_evidence,
)
from functions.cardiology.trained import FOLDER
from functions.cardiology.training.fibrillation_windows import (
    FEATURES,
    Heart,
    Table,
    hearts,
    strip_tables,
)
from functions.cardiology.training.uncertainty import interval, reliability_table
from functions.cardiology.training.ventricular import (
    training_set,
)
from shared.science.signals import Mask

CLIPPED = (0.005, 0.995)  # quantiles of the training set
INVERSE_REGULARIZATION = 1 / 3
THRESHOLD = 0.5
# Strips left out of the training fall apart at any value from 0.03 to 0.4.
SHORT_THRESHOLD = 0.2
FOLDS = 5


@dataclass(frozen=True)
class Fit:
    """A logistic model of clipped and standardized features."""

    lows: Floats
    highs: Floats
    means: Floats
    scales: Floats
    weights: Floats
    intercept: float

    def probability(self, rows: Floats) -> Floats:
        score = (np.clip(rows, self.lows, self.highs) - self.means) / self.scales @ self.weights
        probability: Floats = 1 / (1 + np.exp(-(score + self.intercept)))
        return probability


def fit(tables: list[tuple[str, Table]]) -> Fit:
    """Fit a model of windows, in which no long recording outweighs the others.

    Every person counts by the square root of the number of windows. Features beyond the quantiles
    `CLIPPED` are cut there, in the product, too: a single wild window must not rule the score.

    Parameters
    ----------
    tables : list of (patient, Table)

    Returns
    -------
    Fit
    """
    people = sorted({patient for patient, _ in tables})
    totals = {
        person: sum(int(table.judged.sum()) for patient, table in tables if patient == person)
        for person in people
    }
    rows = np.concatenate([table.rows[table.judged] for _, table in tables])
    answer = np.concatenate([table.is_fibrillation[table.judged] for _, table in tables])
    weight = np.concatenate(
        [np.full(int(t.judged.sum()), 1 / np.sqrt(max(totals[person], 1))) for person, t in tables]
    )
    lows, highs = np.quantile(rows, CLIPPED, axis=0)
    rows = np.clip(rows, lows, highs)
    means, scales = rows.mean(axis=0), rows.std(axis=0)
    model = LogisticRegression(C=INVERSE_REGULARIZATION, max_iter=1000)
    model.fit((rows - means) / scales, answer, sample_weight=weight / weight.mean())
    return Fit(lows, highs, means, scales, model.coef_[0], float(model.intercept_[0]))


def judged_beats(heart: Heart, model: Fit) -> Floats:
    """Return the probability of every beat as the product gives it.

    Parameters
    ----------
    heart : Heart
    model : Fit
        Of other people.

    Returns
    -------
    (n_beats,) ndarray of float64
        NaN where none can be given.
    """
    intervals = usable_intervals(heart.time_s, heart.is_ventricular, heart.is_connected)
    windows = []
    for part in judged_parts(intervals, WINDOW, STEP):
        evidence = window_evidence(part, heart.atria)
        score = model.probability(np.array([list(evidence.values())]))
        windows.append(Window(int(part.beat[0]) - 1, int(part.beat[-1]), float(score[0]), evidence))
    return by_beat(windows, len(heart.time_s))


def by_second(heart: Heart, probability: Floats, positive: Mask) -> Floats:
    """Count the seconds rightly called, missed and falsely called.

    Parameters
    ----------
    heart : Heart
    probability : (n_beats,) ndarray of float64
        NaN counts as not called.
    positive : (n_beats,) ndarray of bool
        What should be called.

    Returns
    -------
    (3,) ndarray of float64
        In this order, s.
    """
    called = fibrillating(probability, THRESHOLD)
    seconds = seconds_after(heart)
    return np.array(
        [
            seconds[called & positive].sum(),
            seconds[~called & positive].sum(),
            seconds[called & ~positive].sum(),
        ]
    )


def seconds_after(heart: Heart) -> Floats:
    """Return the time from each beat to the next, a gap being at most `MAX_RR_S` of it.

    Returns
    -------
    (n_beats,) ndarray of float64
        0 after the last one.
    """
    seconds: Floats = np.clip(np.diff(heart.time_s, append=heart.time_s[-1]), 0, MAX_RR_S)
    return seconds


def f1(total: Floats) -> float:
    """Return the F1 of seconds rightly called, missed and falsely called."""
    right, missed, false = total
    return float(2 * right / (2 * right + missed + false))


def reliability(judgments: list[tuple[Heart, Floats]]) -> list[dict[str, float]]:
    """Of the hours with a probability in each range, how many are fibrillation or flutter."""
    given = np.concatenate([probability for _, probability in judgments])
    truth = np.concatenate([heart.fibrillates | heart.flutters for heart, _ in judgments])
    hours = np.concatenate([seconds_after(heart) for heart, _ in judgments]) / 3600
    return reliability_table(given, truth, hours, "hours")


def held_out(sets: dict[str, list[Heart]]) -> dict[str, dict[str, Any]]:
    """By second, each person by a model of all the others."""
    every = [heart for group in sets.values() for heart in group]
    result = {}
    for name, group in sets.items():
        plain: dict[str, Floats] = {}
        with_flutter: dict[str, Floats] = {}
        judgments = []
        for own in group:
            model = fit([(o.patient, o.training) for o in every if o.patient != own.patient])
            probability = judged_beats(own, model)
            judgments.append((own, probability))
            sums = by_second(own, probability, own.fibrillates)
            plain[own.patient] = plain.get(own.patient, 0) + sums
            sums = by_second(own, probability, own.fibrillates | own.flutters)
            with_flutter[own.patient] = with_flutter.get(own.patient, 0) + sums
        result[name] = figures(list(plain.values()), list(with_flutter.values())) | {
            "people": len(plain),
            "people_with_fibrillation": len({o.patient for o in group if o.fibrillates.any()}),
            "reliability": reliability(judgments),
        }
    return result


def figures(plain: list[Floats], with_flutter: list[Floats]) -> dict[str, Any]:
    """F1 and its interval over people, with flutter as fibrillation and as its absence."""
    right, missed, false = (float(total) for total in np.sum(with_flutter, axis=0))
    return {
        "f1_by_second": round(f1(np.sum(plain, axis=0)), 3),
        "f1_by_second_interval": interval(plain, f1),
        "f1_by_second_with_flutter": round(f1(np.sum(with_flutter, axis=0)), 3),
        "f1_by_second_with_flutter_interval": interval(with_flutter, f1),
        "sensitivity": round(right / (right + missed), 3),
        "positive_predictive_value": round(right / (right + false), 3),
    }


def held_out_strips(
    strips: list[tuple[str, Table]], long: list[tuple[str, Table]]
) -> dict[str, int]:
    """Strips in folds, by the other strips and the short windows of the long recordings."""
    called = np.zeros(len(strips), np.bool_)
    for fold in range(FOLDS):
        model = fit(long + [strip for k, strip in enumerate(strips) if k % FOLDS != fold])
        for k, (_, table) in enumerate(strips):
            if k % FOLDS == fold:
                called[k] = model.probability(table.rows)[0] > SHORT_THRESHOLD
    truth = np.array([bool(table.is_fibrillation[0]) for _, table in strips])
    return {
        "fibrillation_called": int((called & truth).sum()),
        "fibrillation": int(truth.sum()),
        "others_called": int((called & ~truth).sum()),
        "others": int((~truth).sum()),
    }


def write_model(name: str, model: Fit, threshold: float, card: dict[str, object]) -> None:
    rows = zip(
        FEATURES, model.means, model.scales, model.weights, model.lows, model.highs, strict=True
    )
    stored = {
        "features": [
            {
                "name": feature, "mean": float(mean), "scale": float(scale),
                "weight": float(weight), "low": float(low), "high": float(high),
            }
            for feature, mean, scale, weight, low, high in rows
        ],
        "intercept": model.intercept,
        "threshold": threshold,
        "card": card,
    }  # fmt: skip
    (FOLDER / f"{name}.json").write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
    print(name, card)


LICENCE = (
    "MIT-BIH, LUDB: Open Data Commons Attribution License 1.0; CPSC 2021, Challenge 2021: "
    "CC BY 4.0 (all PhysioNet). Cite Moody and Mark 2001 (doi:10.1109/51.932724), Wang et al. "
    "2021 (doi:10.13026/ksya-qw89) and Goldberger et al. 2000 (doi:10.1161/01.CIR.101.23.e215)"
)


def main() -> None:
    sets = hearts(training_set(n_leads=2))
    every = [heart for group in sets.values() for heart in group]
    data = "MIT-BIH Arrhythmia Database 1.0.0, records " + " ".join(
        heart.name for heart in sets["MIT-BIH"]
    )
    data += "; CPSC 2021 1.0.0, 9 records of 3 people"
    write_model(
        "fibrillation",
        fit([(heart.patient, heart.training) for heart in every]),
        THRESHOLD,
        {
            "predicts": f"atrial fibrillation in {WINDOW} intervals without ventricular beats",
            "training_data": data,
            "licence": LICENCE,
            "evaluation": "every person left out in turn (the ventricular model too), by second "
            "of detected beats; windows with flutter were in no training",
            "held_out": held_out(sets),
        },
    )
    strips = strip_tables()
    long = [(heart.patient, heart.short_training) for heart in every]
    write_model(
        "fibrillation_short",
        fit(long + strips),
        SHORT_THRESHOLD,
        {
            "predicts": f"atrial fibrillation in a strip of {SHORT_WINDOW} intervals or more",
            "training_data": data + f"; {len(strips)} strips of LUDB 1.0.1 (odd numbers) and the "
            "PhysioNet/CinC Challenge 2021 without flutter and pacemakers",
            "licence": LICENCE,
            "evaluation": f"strips in {FOLDS} parts, each by a model of the others",
            "held_out_strips": held_out_strips(strips, long),
        },
    )


if __name__ == "__main__":
    main()
