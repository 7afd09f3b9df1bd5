"""Labelled electrocardiograms, for accuracy tests and training.

README.md gives the origin and the licence of each set, and where it is expected. Call
`require_data()` first in a test: it skips where they are absent. Read recordings are kept
for the process, because several test files use the same ones.

    mitdb_records(), mitdb(name) -> Recording       360 Hz, two leads, beats with types, rhythms
    ludb_records(), ludb(name) -> Delineated        500 Hz, 12 leads, 10 s, wave borders a lead
    cpsc2021_records(), cpsc2021(name) -> Recording 200 Hz, leads I and II, beats, rhythm
    cpsc2019_records(), cpsc2019(name) -> Recording 500 Hz, one lead, 10 s (measuring only)
    noise_stress(snr_db) -> Recording               record 118 with noise at 24, 12, 6, 0 dB
    cinc_records(), cinc(name) -> Recording         500 Hz, 12 leads; no beats; codes in `comments`
"""

import lzma
import tarfile
import tempfile
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import wfdb
from scipy.io import loadmat

from functions.cardiology.ecg import Ecg
from functions.cardiology.quality import Quality, assess_quality, connected
from tests.accuracy import sets

DATA = sets.DATA / "cardiology"

# Annotation codes of PhysioNet that mean a heartbeat.
BEAT_CODES = frozenset("NLRBAaJSVrFejnE/fQ?")

P, QRS, T = 0, 1, 2  # kinds of waves in `Delineated`

type Samples = npt.NDArray[np.int64]


class Judged:
    """What has an `ecg`, with its quality, which is costly and asked for by several tests."""

    ecg: Ecg

    @cached_property
    def quality(self) -> Quality:
        return assess_quality(connected(self.ecg))


@dataclass(frozen=True)
class Recording(Judged):
    """A recording and what its annotators say.

    `beats` and `types` (one PhysioNet code a beat) belong together; `rhythms` are
    (start sample, name) pairs, each valid until the next; `flutter` are spans of
    ventricular flutter or fibrillation, where no beats are annotated.
    """

    name: str
    ecg: Ecg
    beats: Samples = field(default_factory=lambda: np.empty(0, np.int64))
    types: npt.NDArray[np.str_] = field(default_factory=lambda: np.empty(0, np.str_))
    rhythms: tuple[tuple[int, str], ...] = ()
    flutter: tuple[tuple[int, int], ...] = ()
    comments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Delineated(Judged):
    """A 12-lead recording with the borders of its waves.

    `waves[lead]` holds rows of (onset, peak, offset, kind) with kind 0 = P, 1 = QRS, 2 = T;
    -1 stands for a border that was not marked.
    """

    name: str
    ecg: Ecg
    waves: dict[str, Samples]
    comments: tuple[str, ...]


def require_data() -> None:
    sets.require("cardiology")


def _unpacked(archive: Path) -> Path:
    """Where the files of an archive lie, unpacked once a process."""
    folder = _temporary() / archive.name.split(".")[0]
    if not folder.exists():
        with lzma.open(archive) as stream, tarfile.open(fileobj=stream) as tar:
            tar.extractall(folder, filter="data")
    return folder


@cache
def _temporary() -> Path:
    holder = tempfile.TemporaryDirectory(prefix="medilens-recordings-")
    _KEPT.append(holder)
    return Path(holder.name)


_KEPT: list[tempfile.TemporaryDirectory[str]] = []  # removed when the process ends


def _lead_names(names: list[str]) -> tuple[str, ...]:
    """Standard spelling where the file writes AVR or avr."""
    standard = {"AVR": "aVR", "AVL": "aVL", "AVF": "aVF"}
    known = {lead.upper() for lead in ("I", "II", "III", "V1", "V2", "V3", "V4", "V5", "V6")}
    upper = [name.upper() for name in names]
    return tuple(
        standard.get(up, up if up in known else name) for name, up in zip(names, upper, strict=True)
    )


def _read_ecg(path: Path, file_format: str) -> tuple[Ecg, tuple[str, ...]]:
    record = wfdb.rdrecord(str(path), return_res=32)
    ecg = Ecg(
        signal_mv=np.asarray(record.p_signal, np.float32),
        fs_hz=float(record.fs),
        leads=_lead_names(record.sig_name),
        file_format=file_format,
    )
    return ecg, tuple(record.comments)


def _rhythms(annotation: wfdb.Annotation) -> tuple[tuple[int, str], ...]:
    pairs = zip(annotation.sample.tolist(), annotation.aux_note, strict=True)
    return tuple((sample, note.strip("\x00 ")[1:]) for sample, note in pairs if note[:1] == "(")


def _flutter(annotation: wfdb.Annotation) -> tuple[tuple[int, int], ...]:
    marks = [
        (int(sample), code)
        for sample, code in zip(annotation.sample, annotation.symbol, strict=True)
        if code in "[]"
    ]
    return tuple((start, stop) for (start, a), (stop, _) in pairwise(marks) if a == "[")


def _annotated(path: Path, file_format: str) -> Recording:
    ecg, comments = _read_ecg(path, file_format)
    annotation = wfdb.rdann(str(path), "atr")
    is_beat = np.array([code in BEAT_CODES for code in annotation.symbol], np.bool_)
    return Recording(
        name=path.name,
        ecg=ecg,
        beats=np.asarray(annotation.sample[is_beat], np.int64),
        types=np.array(annotation.symbol)[is_beat],
        rhythms=_rhythms(annotation),
        flutter=_flutter(annotation),
        comments=comments,
    )


@cache
def mitdb_records() -> tuple[str, ...]:
    """The 23 records of the set, and 100, which comes with the format cases."""
    return tuple(sorted({path.name[:3] for path in (DATA / "mitdb").iterdir()} | {"100"}))


@cache
def mitdb(name: str) -> Recording:
    folder = DATA / ("wfdb" if name == "100" else "mitdb")
    archive = folder / f"{name}.tar.xz"
    path = _unpacked(archive) if archive.exists() else folder
    return _annotated(path / name, "WFDB 212")


@cache
def cpsc2021_records() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in (DATA / "cpsc2021").glob("*.hea")))


@cache
def cpsc2021(name: str) -> Recording:
    return _annotated(DATA / "cpsc2021" / name, "WFDB 16")


@cache
def cpsc2019_records() -> tuple[str, ...]:
    return tuple(sorted(path.stem[5:] for path in (DATA / "cpsc2019").glob("data_*.mat")))


@cache
def cpsc2019(name: str) -> Recording:
    signal = loadmat(DATA / "cpsc2019" / f"data_{name}.mat")["ecg"]
    beats = loadmat(DATA / "cpsc2019" / f"R_{name}.mat")["R_peak"]
    ecg = Ecg(np.asarray(signal, np.float32).reshape(-1, 1), 500.0, ("ECG",), "MATLAB 5")
    return Recording(name, ecg, np.sort(np.asarray(beats, np.int64).ravel()))


@cache
def noise_stress(snr_db: int) -> Recording:
    """Record 118 with calibrated noise; the first five minutes are clean, then every other two."""
    path = DATA / "nstdb_heartpy" / f"118e{snr_db:02d}.csv"
    signal = np.loadtxt(path, dtype=np.float32).reshape(-1, 1)
    beats = np.loadtxt(path.with_name(f"{path.stem}_ann.csv"), dtype=np.int64)
    return Recording(path.stem, Ecg(signal, 360.0, ("II",), "CSV"), beats)


@cache
def cinc_records() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in (DATA / "cinc2021").glob("*.hea")))


@cache
def cinc(name: str) -> Recording:
    ecg, comments = _read_ecg(DATA / "cinc2021" / name, "WFDB MATLAB 4")
    return Recording(name, ecg, comments=comments)


@cache
def ludb_records() -> tuple[str, ...]:
    """The 100 odd-numbered records, in numeric order."""
    folder = _unpacked(DATA / "ludb" / "ludb_odd.tar.xz")
    return tuple(sorted((path.stem for path in folder.glob("*.hea")), key=int))


@cache
def ludb(name: str) -> Delineated:
    path = _unpacked(DATA / "ludb" / "ludb_odd.tar.xz") / name
    ecg, comments = _read_ecg(path, "WFDB 16")
    waves = {lead: _waves(path, lead.lower()) for lead in ecg.leads}
    return Delineated(name, ecg, waves, comments)


def _waves(path: Path, extension: str) -> Samples:
    annotation = wfdb.rdann(str(path), extension)
    marks = list(zip(annotation.sample.tolist(), annotation.symbol, strict=True))
    rows = []
    for index, (peak, code) in enumerate(marks):
        if code not in "pNt":
            continue
        before = marks[index - 1] if index else (-1, "")
        after = marks[index + 1] if index + 1 < len(marks) else (-1, "")
        onset = before[0] if before[1] == "(" else -1
        offset = after[0] if after[1] == ")" else -1
        rows.append((onset, peak, offset, "pNt".index(code)))
    return np.array(rows, np.int64).reshape(-1, 4)


def matched(samples: Samples, annotated: Samples, tolerance: int) -> Samples:
    """Pair beats one to one, nearest in order; rows of (index found, index annotated)."""
    pairs, left, right = [], 0, 0
    while left < len(samples) and right < len(annotated):
        distance = int(samples[left]) - int(annotated[right])
        if abs(distance) > tolerance:
            left, right = (left + 1, right) if distance < 0 else (left, right + 1)
            continue
        if left + 1 < len(samples) and abs(int(samples[left + 1]) - int(annotated[right])) < abs(
            distance
        ):
            left += 1
            continue
        pairs.append((left, right))
        left, right = left + 1, right + 1
    return np.array(pairs, np.int64).reshape(-1, 2)
