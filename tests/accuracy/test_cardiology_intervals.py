"""PR, QRS and QT against cardiologists.

LUDB, odd-numbered records, 12 leads. Truth: the median over leads and beats of their marks, where
at least 12 P waves are marked. The constants were chosen on records 1, 5, 9, ...; the floors hold
for the 50 records 3, 7, 11, ... alone.
"""

import numpy as np
import pytest

from functions.cardiology.intervals import Interval, Intervals, measure_intervals
from functions.cardiology.quality import assess_quality
from tests.accuracy import recordings
from tests.accuracy.recordings import Delineated, P, T

MIN_P_MARKS = 12
SAMPLE_MS = 2.0
type HeldOut = list[tuple[Intervals, dict[str, float]]]


def marked(recording: Delineated) -> dict[str, float]:
    """Median PR, QRS and QT of all marks of all leads, ms."""
    pr, qrs, qt = [], [], []
    for waves in recording.waves.values():
        complexes = waves[(waves[:, 3] == recordings.QRS) & (waves[:, [0, 2]] >= 0).all(axis=1)]
        for onset, peak, offset, _ in complexes:
            qrs.append(offset - onset)
            before, after = neighbors(waves, peak)
            if after is not None and after[3] == T and after[2] >= 0:
                qt.append(after[2] - onset)
            if before is not None and before[3] == P and before[0] >= 0:
                pr.append(onset - before[0])
    return {
        "pr": SAMPLE_MS * float(np.median(pr)) if len(pr) >= MIN_P_MARKS else np.nan,
        "qrs": SAMPLE_MS * float(np.median(qrs)),
        "qt": SAMPLE_MS * float(np.median(qt)),
    }


def neighbors(waves: np.ndarray, peak: int) -> tuple[np.ndarray | None, np.ndarray | None]:
    at = int(np.flatnonzero(waves[:, 1] == peak)[0])
    before = waves[at - 1] if at > 0 else None
    after = waves[at + 1] if at + 1 < len(waves) else None
    return before, after


@pytest.fixture(scope="module")
def held_out() -> list[tuple[Intervals, dict[str, float]]]:
    recordings.require_data()
    pairs = []
    for name in recordings.ludb_records()[1::2]:
        recording = recordings.ludb(name)
        quality = assess_quality(recording.ecg)
        intervals = measure_intervals(recording.ecg, quality.beats, usable=quality.usable)
        pairs.append((intervals, marked(recording)))
    return pairs


def test_half_of_the_records_is_held_out() -> None:
    recordings.require_data()

    assert recordings.ludb_records()[1::2][:3] == ("3", "7", "11")


@pytest.mark.parametrize(
    ("name", "n_marked", "mean_error_ms", "rejected"),
    [("pr", 44, 7.0, 2), ("qrs", 50, 7.2, 2), ("qt", 50, 9.5, 2)],
)
class TestAgainstCardiologists:
    def test_mean_absolute_error(
        self, held_out: HeldOut, name: str, n_marked: int, mean_error_ms: float, rejected: int
    ) -> None:
        known = [
            (getattr(intervals, name), truth[name])
            for intervals, truth in held_out
            if np.isfinite(truth[name])
        ]
        errors_ms = [abs(interval.value_ms - truth) for interval, truth in known if given(interval)]

        assert len(known) == n_marked
        assert len(known) - len(errors_ms) <= rejected
        assert np.mean(errors_ms) <= mean_error_ms


def given(interval: Interval) -> bool:
    assert (interval.value_ms is None) == (interval.reason is not None)
    return interval.value_ms is not None


def test_fibrillating_atria_have_no_pr(
    held_out: list[tuple[Intervals, dict[str, float]]],
) -> None:
    without_p = [intervals for intervals, truth in held_out if np.isnan(truth["pr"])]

    # What remains is typical flutter, whose waves are locked to the QRS complexes.
    assert len(without_p) == 6
    assert sum(given(intervals.pr) for intervals in without_p) <= 1
