"""What is refused: nearly nothing of labelled hearts, all of what is no heart."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest

from functions.cardiology.beats import detect_beats
from functions.cardiology.ecg import Ecg
from functions.cardiology.filters import segment_edges
from functions.cardiology.quality import NoiseOnly, Quality, assess_quality, connected
from shared.errors import UnusableRecording
from tests.accuracy import recordings
from tests.accuracy.noise import noises, unseen_noises

NOISE_SHAPES = ((250.0, 10.0, 1), (500.0, 10.0, 12), (360.0, 60.0, 2), (128.0, 30.0, 1))
NOISE_SEEDS = range(5)


def of_one_lead(ecg: Ecg, leads: slice) -> Ecg:
    return replace(ecg, signal_mv=ecg.signal_mv[:, leads], leads=("II",))


def judged(ecg: Ecg) -> Quality:
    return assess_quality(connected(ecg))


def is_refused(quality: Quality) -> bool:
    try:
        quality.require_usable()
    except UnusableRecording:
        return True
    return False


def usable_share(qualities: Iterable[Quality]) -> float:
    segments = np.concatenate([quality.usable.any(axis=1) for quality in qualities])
    return float(segments.mean())


@pytest.fixture(scope="module")
def data() -> None:
    recordings.require_data()


@pytest.mark.usefixtures("data")
class TestHearts:
    @pytest.mark.parametrize("leads", [None, slice(1, 2)], ids=["all", "II"])
    def test_no_ludb_or_challenge_recording_is_refused(self, leads: slice | None) -> None:
        every: list[recordings.Judged] = [*map(recordings.ludb, recordings.ludb_records())]
        every += [recordings.cinc(name) for name in recordings.cinc_records()]

        qualities = (
            recording.quality if leads is None else judged(of_one_lead(recording.ecg, leads))
            for recording in every
        )

        assert not any(map(is_refused, qualities))

    def test_fibrillating_atria_are_usable(self) -> None:
        qualities = [recordings.cpsc2021(name).quality for name in recordings.cpsc2021_records()]

        assert not any(map(is_refused, qualities))
        assert usable_share(qualities) >= 0.98

    def test_mitdb_is_usable_but_for_ventricular_flutter(self) -> None:
        n_hearts = n_unusable = n_flutter = n_flutter_usable = 0
        for recording in map(recordings.mitdb, recordings.mitdb_records()):
            quality = recording.quality
            assert not is_refused(quality)
            usable = quality.usable.any(axis=1)
            flutter = flutter_share(recording)
            n_flutter += int((flutter > 0.5).sum())
            n_flutter_usable += int(usable[flutter > 0.5].sum())
            n_hearts += int((flutter == 0).sum())
            n_unusable += int((~usable[flutter == 0]).sum())

        assert n_flutter == 15
        assert n_flutter_usable == 0
        assert n_unusable / n_hearts <= 0.005

    @pytest.mark.parametrize(("snr_db", "unusable"), [(24, 0), (12, 2)])
    def test_noise_stress_is_not_refused(self, snr_db: int, unusable: int) -> None:
        quality = judged(recordings.noise_stress(snr_db).ecg)

        assert not is_refused(quality)
        assert (~quality.usable).sum() <= unusable


def flutter_share(recording: recordings.Recording) -> np.ndarray:
    """Share of each segment that is ventricular flutter."""
    inside = np.zeros(len(recording.ecg.signal_mv))
    for start, stop in recording.flutter:
        inside[start:stop] = 1
    edges = segment_edges(len(inside), recording.ecg.fs_hz)
    return np.add.reduceat(inside, edges[:-1]) / np.diff(edges)


class TestNoise:
    @pytest.mark.parametrize("seed", NOISE_SEEDS)
    @pytest.mark.parametrize(("fs_hz", "duration_s", "n_leads"), NOISE_SHAPES)
    def test_noise_is_refused(
        self, seed: int, fs_hz: float, duration_s: float, n_leads: int
    ) -> None:
        every = noises(seed, fs_hz, duration_s, n_leads)
        every |= unseen_noises(seed, fs_hz, duration_s, n_leads)

        # The detector alone would believe nearly all of them.
        assert np.mean([len(detect_beats(ecg).sample) > 0 for ecg in every.values()]) > 0.9
        for ecg in every.values():
            with pytest.raises(NoiseOnly):
                judged(ecg).require_usable()
