"""The electrocardiograms that the demo shows: name, age in days, and how to make the files."""

from collections.abc import Callable, Sequence

from local.samples.ecg import Disturbance, Episode, Rhythm, synthesize
from local.samples.ecg_files import csv_file, edf_file, wfdb_files
from shared.recording import RecordingFile

MILD = Disturbance(snr_db=24, wander_mv=0.1)


def _sinus() -> Sequence[RecordingFile]:
    sample = synthesize([Episode(Rhythm.SINUS, 60, rate_bpm=72)], leads=("II",), seed=1)
    return [csv_file(sample)]


def _twelve_lead() -> Sequence[RecordingFile]:
    sample = synthesize([Episode(Rhythm.SINUS, 30, rate_bpm=64)], disturbance=MILD, seed=2)
    return wfdb_files(sample)


def _five_minutes() -> Sequence[RecordingFile]:
    episode = Episode(Rhythm.SINUS, 320, rate_bpm=66, variability=0.06)
    return wfdb_files(synthesize([episode], leads=("II",), disturbance=MILD, seed=3), fmt="212")


def _premature() -> Sequence[RecordingFile]:
    episode = Episode(Rhythm.SINUS, 60, rate_bpm=75, ventricular_every=8)
    return [edf_file(synthesize([episode], leads=("II", "V1"), disturbance=MILD, seed=4))]


def _fibrillation() -> Sequence[RecordingFile]:
    episodes = [
        Episode(Rhythm.SINUS, 120, rate_bpm=70),
        Episode(Rhythm.ATRIAL_FIBRILLATION, 180, rate_bpm=95),
    ]
    return wfdb_files(synthesize(episodes, leads=("II", "V1"), disturbance=MILD, seed=5))


SAMPLES: list[tuple[str, int, Callable[[], Sequence[RecordingFile]]]] = [
    ("sinus rhythm, CSV", 75, _sinus),
    ("twelve leads, WFDB", 60, _twelve_lead),
    ("five minutes, WFDB 212", 40, _five_minutes),
    ("premature beats, EDF", 20, _premature),
    ("fibrillation begins, WFDB", 2, _fibrillation),
]
