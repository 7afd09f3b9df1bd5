from dataclasses import replace

import numpy as np
import pytest

from functions.cardiology.beats import Beats, detect_beats
from functions.cardiology.ecg import Ecg, Floats
from functions.cardiology.pacing import is_paced
from functions.cardiology.shapes import Shapes, beat_shapes, relative_intervals
from functions.cardiology.ventricular import (
    BeatKind,
    beat_kinds,
    ventricular_model,
    ventricular_probability,
)
from local.samples.ecg import Episode, Kind, Rhythm, SyntheticEcg, synthesize


def recorded(sample: SyntheticEcg) -> Ecg:
    return Ecg(sample.signal_mv.astype(np.float32), sample.fs_hz, tuple(sample.leads), "synthetic")


def seen(ecg: Ecg) -> tuple[Beats, Shapes]:
    usable = np.ones((max(1, round(ecg.duration_s / 10)), len(ecg.leads)), np.bool_)
    beats = detect_beats(ecg, usable)
    return beats, beat_shapes(ecg, beats, usable)


class TestVentricularProbability:
    @pytest.mark.parametrize("leads", [("II",), ("II", "V1")])
    def test_synthetic_ventricular_beats_are_told_from_the_others(
        self, leads: tuple[str, ...]
    ) -> None:
        sample = synthesize([Episode(Rhythm.SINUS, 60, ventricular_every=7)], leads=leads, seed=3)
        ecg = recorded(sample)
        beats, shapes = seen(ecg)
        nearest = np.abs(beats.sample[:, None] / ecg.fs_hz - sample.beat_times_s).argmin(axis=1)
        truth = np.array(sample.beat_kinds)[nearest] == Kind.VENTRICULAR

        called = ventricular_probability(shapes) > ventricular_model(shapes).threshold

        assert truth.sum() >= 5
        assert (called == truth).mean() > 0.97

    def test_sinus_rhythm_has_none(self) -> None:
        _, shapes = seen(recorded(synthesize([Episode(Rhythm.SINUS, 60)], leads=("II",), seed=4)))

        assert not (ventricular_probability(shapes) > ventricular_model(shapes).threshold).any()


class TestRelativeIntervals:
    def test_bigeminy_keeps_the_early_beat_early(self) -> None:
        time_s = np.cumsum([0.0, *[0.5, 1.1] * 20])

        before, after = relative_intervals(time_s, np.arange(len(time_s)) == 0)

        assert before[1::2] == pytest.approx(0.5 / 0.8)
        assert after[1:-1:2] == pytest.approx(1.1 / 0.8)

    def test_interval_across_a_gap_says_nothing(self) -> None:
        time_s: Floats = np.array([0.0, 0.8, 1.6, 9.0, 9.8])

        before, after = relative_intervals(time_s, np.array([True, False, False, True, False]))

        assert before[3] == 1
        assert after[2] == 1


class TestBeatKinds:
    def test_early_beat_of_usual_shape_is_early(self) -> None:
        sample = synthesize(
            [Episode(Rhythm.SINUS, 60, supraventricular_every=9)], leads=("II", "V1"), seed=5
        )
        ecg = recorded(sample)
        beats, shapes = seen(ecg)
        none = np.zeros(len(beats.sample), np.bool_)
        nearest = np.abs(beats.sample[:, None] / ecg.fs_hz - sample.beat_times_s).argmin(axis=1)
        truth = np.array(sample.beat_kinds)[nearest] == Kind.SUPRAVENTRICULAR

        kinds = beat_kinds(shapes, none, none, none)

        assert ((kinds == BeatKind.EARLY) == truth).mean() > 0.97

    def test_few_beats_are_unknown(self) -> None:
        _, shapes = seen(recorded(synthesize([Episode(Rhythm.SINUS, 3)], leads=("II",), seed=1)))
        none = np.zeros(len(shapes.windows), np.bool_)

        assert set(beat_kinds(shapes, none, none, none).tolist()) == {"unknown"}


class TestIsPaced:
    def test_spikes_before_most_beats_are_a_pacemaker(self) -> None:
        ecg = recorded(synthesize([Episode(Rhythm.SINUS, 20)], leads=("I", "II"), seed=2))
        beats, _ = seen(ecg)
        ecg.signal_mv[beats.sample - round(0.06 * ecg.fs_hz)] += 1.0

        assert is_paced(ecg, beats).mean() > 0.9

    def test_plain_complexes_are_not(self) -> None:
        ecg = recorded(synthesize([Episode(Rhythm.SINUS, 20)], leads=("I", "II"), seed=2))
        beats, _ = seen(ecg)

        assert not is_paced(ecg, beats).any()

    def test_slow_recorder_cannot_tell(self) -> None:
        sample = synthesize([Episode(Rhythm.SINUS, 20)], leads=("II",), fs_hz=250, seed=2)
        ecg = recorded(sample)
        beats, _ = seen(ecg)
        ecg.signal_mv[beats.sample - round(0.06 * ecg.fs_hz)] += 1.0

        assert not is_paced(ecg, beats).any()

    def test_known_pacemaker_may_pace_few_beats(self) -> None:
        ecg = recorded(synthesize([Episode(Rhythm.SINUS, 20)], leads=("I", "II"), seed=2))
        beats, _ = seen(ecg)
        ecg.signal_mv[beats.sample[:3] - round(0.06 * ecg.fs_hz)] += 1.0

        assert not is_paced(ecg, beats).any()
        assert np.flatnonzero(is_paced(replace(ecg, paced=True), beats)).tolist() == [0, 1, 2]
