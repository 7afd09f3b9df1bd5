"""Windows of intervals of the labelled recordings, with what tells fibrillation and what it was."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from functions.cardiology.atrial import AtrialActivity, atrial_activity
from functions.cardiology.ecg import Floats
from functions.cardiology.fibrillation import (
    SHORT_WINDOW,
    STEP,
    WINDOW,
    judged_parts,
    usable_intervals,
    window_evidence,
)
from functions.cardiology.filters import Samples
from functions.cardiology.shapes import beat_shapes, shape_groups
from functions.cardiology.training.ventricular import FEATURES as BEAT_FEATURES
from functions.cardiology.training.ventricular import (
    LEFT_OUT,
    Labelled,
    fitted,
    patient_of,
)
from functions.cardiology.ventricular import (
    beat_features,
    ventricular_model,
    ventricular_probability,
)
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

FEATURES = ("rmssd_ratio", "median_change", "changed_share", "entropy", "p_on", "p_far")
SHORT_TRAINING_WINDOW = 12  # what a strip of ten seconds holds
MUCH_FLUTTER = 0.3  # of a window: in training it is neither fibrillation nor its absence
STRIP_FIBRILLATION = ("Atrial fibrillation", "164889003")
NOT_IN_STRIPS = ("flutter", "acing", "164890007", "10370003", "251266004")


@dataclass(frozen=True)
class Table:
    """Windows: features (n, n_features), whether each is fibrillation, the share of flutter."""

    rows: Floats
    is_fibrillation: Mask
    flutter: Floats

    @property
    def judged(self) -> Mask:
        mask: Mask = self.flutter < MUCH_FLUTTER
        return mask


@dataclass(frozen=True)
class Heart:
    """One recording, its beats called by a ventricular model.

    Attributes
    ----------
    name, patient : str
        Several recordings may be of one patient.
    time_s : (n_beats,) ndarray of float64
    is_connected : (n_beats - 1,) ndarray of bool
    is_ventricular : (n_beats,) ndarray of bool
        As the product calls them: annotated kinds are not known to it, either.
    atria : AtrialActivity
    fibrillates, flutters : (n_beats,) ndarray of bool
        By the annotated rhythm; False throughout a strip, which has a label instead.
    """

    name: str
    patient: str
    time_s: Floats
    is_connected: Mask
    is_ventricular: Mask
    atria: AtrialActivity
    fibrillates: Mask
    flutters: Mask

    def table(self, length: int, step: int, *, with_ventricular: bool = False) -> Table:
        """Judge windows of `length` intervals every `step`, with the features of the product."""
        none = np.zeros_like(self.is_ventricular)
        out = none if with_ventricular else self.is_ventricular
        intervals = usable_intervals(self.time_s, out, self.is_connected)
        parts = judged_parts(intervals, length, step)
        rows = [list(window_evidence(part, self.atria).values()) for part in parts]
        return Table(
            np.array(rows).reshape(-1, len(FEATURES)),
            np.array([self.fibrillates[part.beat].mean() > 0.5 for part in parts], np.bool_),
            np.array([self.flutters[part.beat].mean() for part in parts]),
        )

    @cached_property
    def training(self) -> Table:
        """Windows with ventricular beats left out, and again with none left out."""
        return joined([self.table(WINDOW, STEP), self.table(WINDOW, STEP, with_ventricular=True)])

    @cached_property
    def short_training(self) -> Table:
        length = SHORT_TRAINING_WINDOW
        return joined(
            [self.table(length, length), self.table(length, length, with_ventricular=True)]
        )


def joined(tables: Sequence[Table]) -> Table:
    return Table(
        np.concatenate([table.rows for table in tables]),
        np.concatenate([table.is_fibrillation for table in tables]),
        np.concatenate([table.flutter for table in tables]),
    )


def in_rhythm(recording: Recording, sample: Samples, name: str) -> Mask:
    """Mark the beats in a segment to which the annotators give a name.

    Parameters
    ----------
    recording : Recording
    sample : (n_beats,) ndarray of int64
    name : str
        Such as "AFIB" or "AFL".

    Returns
    -------
    (n_beats,) ndarray of bool
        False before the first annotation.
    """
    starts = [start for start, _ in recording.rhythms]
    names = np.array(["", *(name for _, name in recording.rhythms)])
    is_named: Mask = names[np.searchsorted(starts, sample, side="right")] == name
    return is_named


def heart(
    recording: Recording | Delineated, patient: str, beat_parts: list[Labelled] | None
) -> Heart:
    """Judge the beats of a recording.

    Parameters
    ----------
    recording : Recording or Delineated
    patient : str
    beat_parts : list of Labelled or None
        What the ventricular model is fitted on, this patient left out. None for the stored model:
        it never saw CPSC 2021, but learned from the strips without ventricular beats.

    Returns
    -------
    Heart
    """
    ecg, quality = recording.ecg, recording.quality
    beats = quality.beats
    shapes = beat_shapes(ecg, beats, quality.usable)
    if beat_parts is None:
        probability = ventricular_probability(shapes)
    else:
        group = shape_groups(shapes)
        features = beat_features(shapes, group)
        fit_of_others = fitted([part for part in beat_parts if part.patient != patient])
        table = np.column_stack([features[name] for name in BEAT_FEATURES])
        probability = fit_of_others.probability(table, group)
    ventricular = probability > ventricular_model(shapes).threshold
    none = np.zeros(len(beats.sample), np.bool_)
    rhythms = recording if isinstance(recording, Recording) else None
    return Heart(
        name=recording.name,
        patient=patient,
        time_s=beats.sample / ecg.fs_hz,
        is_connected=~beats.after_gap[1:],
        is_ventricular=ventricular,
        atria=atrial_activity(ecg, beats, shapes, ventricular),
        fibrillates=in_rhythm(rhythms, beats.sample, "AFIB") if rhythms else none,
        flutters=in_rhythm(rhythms, beats.sample, "AFL") if rhythms else none,
    )


def hearts(beat_parts: list[Labelled]) -> dict[str, list[Heart]]:
    """The recordings with annotated rhythms, by set."""
    names = [record for record in mitdb_records() if record != LEFT_OUT]
    return {
        "MIT-BIH": [heart(mitdb(name), patient_of(name), beat_parts) for name in names],
        "CPSC 2021": [
            heart(cpsc2021(name), f"cpsc {name.split('_')[1]}", None) for name in cpsc2021_records()
        ],
    }


def strip_tables() -> list[tuple[str, Table]]:
    """Strips of ten seconds, one window each; those with flutter or a pacemaker are left out."""
    tables = []
    strips: list[Recording | Delineated] = [ludb(name) for name in ludb_records()]
    strips += [cinc(name) for name in cinc_records()]
    for strip in strips:
        words = " ".join(strip.comments)
        if any(word in words for word in NOT_IN_STRIPS):
            continue
        beats = heart(strip, strip.name, None)
        intervals = usable_intervals(beats.time_s, beats.is_ventricular, beats.is_connected)
        parts = judged_parts(intervals, max(SHORT_WINDOW, len(intervals.rr_s)), STEP)
        rows = [list(window_evidence(part, beats.atria).values()) for part in parts]
        is_fibrillation = any(word in words for word in STRIP_FIBRILLATION)
        if rows:
            table = Table(np.array(rows), np.array([is_fibrillation]), np.zeros(1))
            tables.append((f"strip {strip.name}", table))
    return tables
