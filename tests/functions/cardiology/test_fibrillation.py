import numpy as np
import pytest

from functions.cardiology.atrial import AtrialActivity, atrial_activity, constancy
from functions.cardiology.beats import Beats
from functions.cardiology.ecg import Ecg, Floats
from functions.cardiology.fibrillation import (
    STEP,
    WINDOW,
    Fibrillation,
    fibrillation,
    judged_parts,
    sample_entropy,
    usable_intervals,
)
from functions.cardiology.quality import assess_quality
from functions.cardiology.shapes import beat_shapes
from local.samples.ecg import Episode, Rhythm, synthesize
from tests.functions.cardiology.test_ventricular import recorded


def steady(n_beats: int, rr_s: float) -> Floats:
    """Times of beats that come evenly."""
    return np.linspace(0, rr_s * (n_beats - 1), n_beats)


def judged(*episodes: Episode) -> tuple[Floats, Fibrillation]:
    ecg = recorded(synthesize(episodes, leads=("II", "V1"), seed=7))
    beats, atria = atria_of(ecg)
    none = np.zeros(len(beats.sample), np.bool_)
    time_s = beats.sample / ecg.fs_hz
    return time_s, fibrillation(time_s, none, ~beats.after_gap[1:], atria)


def atria_of(ecg: Ecg) -> tuple[Beats, AtrialActivity]:
    quality = assess_quality(ecg)
    beats = quality.beats
    shapes = beat_shapes(ecg, beats, quality.usable)
    return beats, atrial_activity(ecg, beats, shapes, np.zeros(len(beats.sample), np.bool_))


class TestSampleEntropy:
    def test_equal_intervals_are_predictable(self) -> None:
        rr_s = np.full(20, 0.8)

        assert sample_entropy(rr_s, np.arange(20) > 0) == pytest.approx(0)

    def test_hand_count_of_matches(self) -> None:
        # Three pairs alike now (0.8, 0.8, 0.8), one of them alike next: -ln(1.5 / 3.5).
        rr_s = np.array([0.8, 0.8, 1.0, 0.8, 1.2])

        entropy = sample_entropy(rr_s, np.array([False, True, True, True, True]))

        assert entropy == pytest.approx(-np.log(0.5 / 3.5))

    def test_scale_does_not_matter(self) -> None:
        rr_s = np.random.default_rng(0).uniform(0.5, 1.2, 60)
        follows = np.arange(60) > 0

        assert sample_entropy(rr_s, follows) == sample_entropy(2 * rr_s, follows)


class TestUsableIntervals:
    def test_ventricular_beat_takes_both_its_intervals_along(self) -> None:
        ventricular = np.array([False, False, True, False, False])

        intervals = usable_intervals(steady(5, 0.8), ventricular, np.ones(4, bool))

        assert intervals.beat.tolist() == [1, 4]
        assert not intervals.follows.any()


class TestJudgedParts:
    def test_last_window_ends_with_the_last_interval(self) -> None:
        count = 2 * WINDOW + 7
        intervals = usable_intervals(
            steady(count + 1, 0.8), np.zeros(count + 1, bool), np.ones(count, bool)
        )

        parts = judged_parts(intervals, WINDOW, STEP)

        assert {len(part.rr_s) for part in parts} == {WINDOW}
        assert parts[-1].beat[-1] == count

    def test_too_few_intervals_make_no_window(self) -> None:
        intervals = usable_intervals(steady(9, 0.8), np.zeros(9, bool), np.ones(8, bool))

        assert judged_parts(intervals, WINDOW, STEP) == []


class TestConstancy:
    def test_same_wave_before_every_beat_is_constant(self) -> None:
        wave = np.random.default_rng(1).normal(size=(1, 101, 2)).astype(np.float32)

        assert constancy(np.repeat(wave, 30, axis=0)) == pytest.approx(1)

    def test_unrelated_waves_are_not(self) -> None:
        waves = np.random.default_rng(1).normal(size=(60, 101, 2)).astype(np.float32)

        assert abs(constancy(waves)) < 0.05


class TestFibrillation:
    def test_episode_is_found_where_it_lies(self) -> None:
        time_s, judgment = judged(
            Episode(Rhythm.SINUS, 150), Episode(Rhythm.ATRIAL_FIBRILLATION, 150, rate_bpm=95)
        )

        assert not judgment.is_short
        assert judgment.beats[time_s > 180].mean() > 0.95
        assert judgment.beats[time_s < 120].mean() < 0.05

    def test_short_strip_is_one_short_window(self) -> None:
        _, judgment = judged(Episode(Rhythm.ATRIAL_FIBRILLATION, 15, rate_bpm=90))

        assert judgment.is_short
        assert len(judgment.windows) == 1
        assert judgment.fraction == 1

    def test_ventricular_beats_everywhere_leave_nothing_to_judge(self) -> None:
        ecg = recorded(synthesize([Episode(Rhythm.SINUS, 20)], leads=("II",), seed=1))
        beats, atria = atria_of(ecg)
        n_beats = len(beats.sample)

        judgment = fibrillation(
            beats.sample / ecg.fs_hz, np.ones(n_beats, bool), np.ones(n_beats - 1, bool), atria
        )

        assert judgment.windows == ()
        assert judgment.fraction is None
