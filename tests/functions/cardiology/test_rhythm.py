from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.cardiology.atrial import AtrialActivity, atrial_activity
from functions.cardiology.beat_patterns import (
    NamedBeats,
    Regularity,
    alternates,
    regularity,
    ventricular_runs,
)
from functions.cardiology.fibrillation import Fibrillation, fibrillation
from functions.cardiology.quality import assess_quality
from functions.cardiology.rhythm import Rhythm, rhythm
from functions.cardiology.rhythm_names import RhythmName
from functions.cardiology.shapes import beat_shapes
from functions.cardiology.trained import load_model
from functions.cardiology.ventricular import BeatKind
from local.samples import ecg as samples
from tests.functions.cardiology.test_ventricular import recorded

KINDS = {"N": BeatKind.NORMAL, "V": BeatKind.VENTRICULAR, "S": BeatKind.EARLY}


def named(letters: str, rr_s: float | list[float] = 0.8) -> NamedBeats:
    intervals = rr_s if isinstance(rr_s, list) else [rr_s] * (len(letters) - 1)
    kinds = np.array([KINDS[letter].value for letter in letters])
    return NamedBeats(np.cumsum([0.5, *intervals]), kinds, np.ones(len(letters) - 1, np.bool_))


def with_gaps(letters: str, gaps: list[int]) -> NamedBeats:
    """Beats that are not connected across the gaps, as far as there are such beats."""
    beats = named(letters)
    for gap in gaps:
        if gap < len(beats.is_connected):
            beats.is_connected[gap] = False
    return beats


def plain(n_beats: int) -> AtrialActivity:
    """Beats with the same wave before each."""
    wave = np.sin(np.linspace(0, 9, 83)).astype(np.float32)[None, :, None]
    before = np.repeat(wave, n_beats, axis=0)
    return AtrialActivity(-0.04, before[:, -23:], before, np.full(n_beats, 0.8))


def unjudged(n_beats: int) -> Fibrillation:
    model = load_model("fibrillation_short")
    return Fibrillation((), np.full(n_beats, np.nan), model, is_short=True, n_left_out=0)


class TestVentricularRuns:
    def test_three_fast_beats_in_a_row_are_tachycardia(self) -> None:
        beats = named("NNVVVNN", [0.8, 0.6, 0.4, 0.4, 1.0, 0.8])

        [(row, run)] = ventricular_runs(beats)

        assert (row.start, row.stop, run.n_beats) == (2, 5, 3)
        assert run.rate_bpm == pytest.approx(150)
        assert run.is_tachycardia

    def test_couplet_and_slow_run_are_not(self) -> None:
        runs = [run for _, run in ventricular_runs(named("NVVNNVVVVN"))]

        assert [run.n_beats for run in runs] == [2, 4]
        assert not any(run.is_tachycardia for run in runs)

    def test_gap_ends_a_run(self) -> None:
        beats = named("NVVVVN", 0.4)
        beats.is_connected[2] = False

        assert [run.n_beats for _, run in ventricular_runs(beats)] == [2, 2]


class TestAlternates:
    @pytest.mark.parametrize(
        ("letters", "expected"),
        [("NNVNVNVNN", True), ("NNVNVNN", False), ("NNNVNNVNNV", False)],
    )
    def test_three_alternating_cycles_are_needed(self, letters: str, expected: bool) -> None:
        assert alternates(named(letters), 2) is expected

    def test_every_third_beat_is_another_pattern(self) -> None:
        assert alternates(named("NVNNVNNVNN"), 3)
        assert not alternates(named("NVNNVNNVNN"), 2)


class TestRegularity:
    def test_even_beats_are_regular(self) -> None:
        assert regularity(named("N" * 20)) is Regularity.REGULAR

    def test_ectopic_beats_do_not_make_the_rest_irregular(self) -> None:
        rr_s = [0.8] * 9 + [0.5, 1.1] + [0.8] * 9

        assert regularity(named("N" * 10 + "V" + "N" * 10, rr_s)) is (
            Regularity.REGULAR_WITH_ECTOPY
        )

    def test_wild_intervals_are_irregular(self) -> None:
        rr_s = np.random.default_rng(2).uniform(0.5, 1.2, 29).tolist()

        assert regularity(named("N" * 30, rr_s)) is Regularity.IRREGULAR

    def test_few_beats_say_nothing(self) -> None:
        assert regularity(named("NNNN")) is None


class TestRhythm:
    @pytest.mark.parametrize(("rr_s", "is_told"), [(0.52, True), (0.46, False), (0.34, True)])
    def test_steady_beats_at_half_the_rate_of_flutter_are_not_said_to_be_sinus(
        self, rr_s: float, is_told: bool
    ) -> None:
        told = rhythm(named("N" * 20, rr_s), unjudged(20), plain(20), (), 20 * rr_s)

        assert (told.classification is RhythmName.SINUS_TACHYCARDIA) is is_told
        assert (told.classification is RhythmName.FAST_STEADY) is not is_told

    @pytest.mark.parametrize(
        ("rr_s", "name"),
        [
            (0.8, RhythmName.SINUS),
            (1.2, RhythmName.SINUS_BRADYCARDIA),
            (0.56, RhythmName.SINUS_TACHYCARDIA),
        ],
    )
    def test_constant_wave_before_the_beats_is_sinus_rhythm_by_its_rate(
        self, rr_s: float, name: RhythmName
    ) -> None:
        told = rhythm(named("N" * 20, rr_s), unjudged(20), plain(20), (), 20 * rr_s)

        assert told.classification is name

    def test_too_few_beats_are_undetermined(self) -> None:
        told = rhythm(named("NNN"), unjudged(3), plain(3), (), 3.0)

        assert told.classification is RhythmName.UNDETERMINED

    def test_pause_is_never_seen_across_unusable_signal(self) -> None:
        beats = named("N" * 12, [0.8] * 5 + [6.0] + [0.8] * 5)
        whole = rhythm(beats, unjudged(12), plain(12), (), 15.0)
        beats.is_connected[5] = False
        cut = rhythm(beats, unjudged(12), plain(12), (), 15.0)

        assert whole.pause_max_s == pytest.approx(6)
        assert cut.pause_max_s == pytest.approx(0.8)
        assert RhythmName.UNDETERMINED in {segment.rhythm for segment in cut.segments}

    def test_run_of_ventricular_beats_is_a_segment(self) -> None:
        beats = named("N" * 10 + "V" * 6 + "N" * 10, [0.8] * 9 + [0.4] * 7 + [0.8] * 9)

        told = rhythm(beats, unjudged(26), plain(26), (), 20.0)

        assert [segment.rhythm for segment in told.segments] == [
            RhythmName.SINUS, RhythmName.VENTRICULAR, RhythmName.SINUS
        ]  # fmt: skip

    @given(
        st.text("NNNNVS", min_size=2, max_size=150),
        st.lists(st.integers(0, 148), max_size=4),
        st.floats(0, 20),
    )
    def test_segments_cover_the_recording_without_overlap(
        self, letters: str, gaps: list[int], after_s: float
    ) -> None:
        beats = with_gaps(letters, gaps)
        duration_s, n = float(beats.time_s[-1]) + after_s, len(letters)

        segments = rhythm(beats, unjudged(n), plain(n), (), duration_s).segments

        assert segments[0].start_s == 0
        assert segments[-1].end_s == duration_s
        for left, right in pairwise(segments):
            assert left.end_s == right.start_s
            assert left.rhythm is not right.rhythm

    def test_fibrillation_is_a_segment_of_its_own(self) -> None:
        told = heard(
            samples.Episode(samples.Rhythm.SINUS, 150),
            samples.Episode(samples.Rhythm.ATRIAL_FIBRILLATION, 150, rate_bpm=95),
        )

        assert [segment.rhythm for segment in told.segments] == [
            RhythmName.SINUS, RhythmName.FIBRILLATION
        ]  # fmt: skip
        assert told.classification is RhythmName.FIBRILLATION
        assert told.share(RhythmName.FIBRILLATION) == pytest.approx(0.5, abs=0.12)


def heard(*episodes: samples.Episode) -> Rhythm:
    ecg = recorded(samples.synthesize(episodes, leads=("II", "V1"), seed=11))
    quality = assess_quality(ecg)
    beats = quality.beats
    shapes = beat_shapes(ecg, beats, quality.usable)
    time_s, connected = beats.sample / ecg.fs_hz, ~beats.after_gap[1:]
    none = np.zeros(len(time_s), np.bool_)
    atria = atrial_activity(ecg, beats, shapes, none)
    told = fibrillation(time_s, none, connected, atria)
    kinds = np.full(len(time_s), BeatKind.NORMAL.value)
    return rhythm(NamedBeats(time_s, kinds, connected), told, atria, (), ecg.duration_s)
