"""Heartbeats against annotations.

One-to-one matching within 150 ms, all minutes. MIT-BIH: 24 records (23 of the set, and 100),
ventricular flutter of record 207 and 150 ms around it left out. LUDB: lead II, from the first to
the last annotated beat. CPSC 2019: between 0.5 and 9.5 s, reported in the method card only.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import pytest

from functions.cardiology.beats import detect_beats
from functions.cardiology.ecg import Ecg
from functions.cardiology.filters import Samples
from tests.accuracy import recordings

WINDOW_S = 0.150


@dataclass(frozen=True)
class Score:
    hits: int = 0
    missed: int = 0
    invented: int = 0

    def __add__(self, other: "Score") -> "Score":
        return Score(
            self.hits + other.hits, self.missed + other.missed, self.invented + other.invented
        )

    @property
    def sensitivity(self) -> float:
        return 100 * self.hits / (self.hits + self.missed)

    @property
    def precision(self) -> float:
        return 100 * self.hits / (self.hits + self.invented)


def total(scores: Iterable[Score]) -> Score:
    return sum(scores, Score())


def score(detected: Samples, truth: Samples, fs_hz: float) -> Score:
    pairs = recordings.matched(detected, truth, round(WINDOW_S * fs_hz))
    return Score(len(pairs), len(truth) - len(pairs), len(detected) - len(pairs))


def outside(beats: Samples, spans: Iterable[tuple[int, int]], margin: int) -> Samples:
    for start, stop in spans:
        beats = beats[(beats < start - margin) | (beats > stop + margin)]
    return beats


def mitdb_score(name: str, detected: Samples) -> Score:
    recording = recordings.mitdb(name)
    margin = round(WINDOW_S * recording.ecg.fs_hz)
    return score(
        outside(detected, recording.flutter, margin),
        outside(recording.beats, recording.flutter, margin),
        recording.ecg.fs_hz,
    )


def only(ecg: Ecg, *leads: int) -> Ecg:
    names = tuple(ecg.leads[lead] for lead in leads)
    return replace(ecg, signal_mv=ecg.signal_mv[:, leads], leads=names)


@pytest.fixture(autouse=True, scope="module")
def data() -> None:
    recordings.require_data()


class TestMitBih:
    def test_first_lead_alone(self) -> None:
        sums = total(
            mitdb_score(name, detect_beats(only(recordings.mitdb(name).ecg, 0)).sample)
            for name in recordings.mitdb_records()
        )

        assert sums.hits + sums.missed == 55_430
        assert sums.sensitivity >= 99.85
        assert sums.precision >= 99.75

    def test_both_leads_together(self) -> None:
        sums = total(
            mitdb_score(name, detect_beats(recordings.mitdb(name).ecg).sample)
            for name in recordings.mitdb_records()
        )

        assert sums.sensitivity >= 99.88
        assert sums.precision >= 99.76


class TestCpsc2021:
    def test_lead_two(self) -> None:
        sums = total(
            score(detect_beats(only(recording.ecg, 1)).sample, recording.beats, 200.0)
            for recording in map(recordings.cpsc2021, recordings.cpsc2021_records())
        )

        assert sums.sensitivity >= 99.9
        assert sums.precision >= 99.5

    def test_both_leads_where_usable(self) -> None:
        sums = total(
            score(recording.quality.beats.sample, recording.beats, 200.0)
            for recording in map(recordings.cpsc2021, recordings.cpsc2021_records())
        )

        assert sums.sensitivity >= 99.9  # beats in unusable segments count as missed
        assert sums.precision >= 99.6


class TestLudb:
    @pytest.mark.parametrize("leads", [(1,), tuple(range(12))], ids=["II", "all"])
    def test_every_beat_is_found(self, leads: tuple[int, ...]) -> None:
        sums = Score()
        for name in recordings.ludb_records():
            recording = recordings.ludb(name)
            marks = recording.waves["II"]
            truth = marks[marks[:, 3] == recordings.QRS, 1]
            beats = detect_beats(only(recording.ecg, *leads)).sample
            inside = beats[(beats >= truth[0] - 75) & (beats <= truth[-1] + 75)]
            sums += score(inside, truth, recording.ecg.fs_hz)

        assert sums.sensitivity >= 99.9
        assert sums.precision >= 99.8


class TestHardRecordings:
    def test_cpsc2019(self) -> None:
        sums = Score()
        for recording in map(recordings.cpsc2019, recordings.cpsc2019_records()):
            inside = [
                beats[(beats >= 250) & (beats <= 4750)]
                for beats in (detect_beats(recording.ecg).sample, recording.beats)
            ]
            sums += score(inside[0], inside[1], 500.0)

        assert sums.sensitivity >= 91
        assert sums.precision >= 93

    @pytest.mark.parametrize(
        ("snr_db", "sensitivity", "precision"), [(24, 99, 99), (12, 99, 88), (6, 95, 70)]
    )
    def test_noise_stress(self, snr_db: int, sensitivity: float, precision: float) -> None:
        recording = recordings.noise_stress(snr_db)

        sums = score(detect_beats(recording.ecg).sample, recording.beats, 360.0)

        assert sums.sensitivity >= sensitivity
        assert sums.precision >= precision

    def test_confidence_tells_right_from_wrong(self) -> None:
        confident, right = [], []
        for name in ("108", "203", "208"):
            recording = recordings.mitdb(name)
            beats = detect_beats(recording.ecg)
            pairs = recordings.matched(beats.sample, recording.beats, 54)
            right.append(np.isin(np.arange(len(beats.sample)), pairs[:, 0]))
            confident.append(beats.confidence)
        confidence, is_right = np.concatenate(confident), np.concatenate(right)

        assert is_right[confidence >= 0.7].mean() > 0.997
        assert is_right[confidence < 0.2].mean() < 0.6
