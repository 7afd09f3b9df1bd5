"""PhysioNet's WFDB records: a header and one or more signal files."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from functions.cardiology.ecg import Ecg
from functions.cardiology.leads import Channel, distinct, ecg_channels, lead_name
from functions.cardiology.unreadable import (
    FileMissing,
    MalformedRecording,
    TooManyFiles,
    TruncatedRecording,
    UnsupportedEncoding,
    require_plausible,
)
from functions.cardiology.voltage import Scale, mv_per
from functions.cardiology.wfdb_header import Header, Signal, parse_header
from functions.cardiology.wfdb_samples import FRAMES_ALIGNED, PACKINGS, Packing
from shared.recording import RecordingFile

_FLAC = {"508", "516", "524"}
_BLOCK_SAMPLES = 1 << 20  # unpacked at a time: 4 MB


@dataclass(frozen=True)
class SignalFile:
    """One signal file: which signals of the header it holds, and its bytes after the offset."""

    members: tuple[int, ...]
    packing: Packing
    content: memoryview
    frame: int

    @property
    def n_frames(self) -> int:
        return self.packing.whole_samples(len(self.content)) // self.frame


def read_wfdb(files: Sequence[RecordingFile], fs_hz: float | None = None) -> Ecg:
    """Read the ECG leads of one record.

    Leads keep their own sampling rate where a frame holds several samples of them.
    """
    header = parse_header(_header_file(files).content, fs_hz)
    chosen, warnings = ecg_channels(
        [
            Channel(signal.description, signal.unit, header.frames_per_s * signal.per_frame)
            for signal in header.signals
        ]
    )
    rate_hz = header.frames_per_s * header.signals[chosen[0]].per_frame
    if header.n_frames is not None:
        n_claimed = header.n_frames * header.signals[chosen[0]].per_frame
        require_plausible(rate_hz, n_claimed, len(chosen))
    sources, notes = _signal_files(header, files, chosen)
    n_frames = _n_frames(header, sources)
    signal_mv, sums = _samples(header, sources, chosen, n_frames)
    return Ecg(
        signal_mv=signal_mv,
        fs_hz=rate_hz,
        leads=distinct([lead_name(header.signals[k].description) for k in chosen]),
        file_format=f"WFDB {'+'.join(sorted({header.signals[k].fmt for k in chosen}))}",
        warnings=(*warnings, *notes, *_doubts(header, chosen, sums)),
        paced=header.paced,
    )


def _header_file(files: Sequence[RecordingFile]) -> RecordingFile:
    headers = [file for file in files if _plain(file.name).endswith(".hea")]
    if not headers:
        raise FileMissing("A WFDB record needs its header: send the .hea file with it.")
    if len(headers) > 1:
        raise TooManyFiles(f"Found {len(headers)} WFDB headers; send one record at a time.")
    return headers[0]


def _plain(name: str) -> str:
    """The name without folders: names only tell which files belong together."""
    return name.replace("\\", "/").rpartition("/")[2].casefold()


def _signal_files(
    header: Header, files: Sequence[RecordingFile], chosen: Sequence[int]
) -> tuple[list[SignalFile], tuple[str, ...]]:
    """The signal files that hold chosen leads."""
    groups: dict[str, list[int]] = {}
    for k, signal in enumerate(header.signals):
        groups.setdefault(signal.file_name.casefold(), []).append(k)
    sent = _sent(files, groups)
    notes: tuple[str, ...] = ()
    others = [file for name, file in sent.items() if not name.endswith((".hea", ".atr", ".qrs"))]
    if len(groups) == 1 and len(others) == 1 and next(iter(groups)) not in sent:
        sent[next(iter(groups))] = others[0]
        notes = ("The header gives its signal file another name than the one it came with.",)
    sources = []
    for number, (name, members) in enumerate(groups.items(), 1):
        if not set(members) & set(chosen):
            continue
        if name not in sent:
            raise FileMissing(
                f"The WFDB header names {len(groups)} signal file(s); number {number} is missing."
                " Send every file of the record."
            )
        sources.append(_signal_file(header.signals, members, sent[name].content))
    return sources, notes


def _sent(files: Sequence[RecordingFile], names: Iterable[str]) -> dict[str, RecordingFile]:
    """The files by their names.

    Of a file that came through storage only the suffix is known: it has the one name of the
    header that ends in it, as long as no other file does.
    """
    sent = {_plain(file.name): file for file in files}
    for suffix in [name for name in sent if name.startswith(".")]:
        meant = [name for name in names if name.endswith(suffix)]
        alike = [file for file in files if _plain(file.name).endswith(suffix)]
        if len(meant) == len(alike) == 1:
            sent[meant[0]] = sent.pop(suffix)
    return sent


def _signal_file(signals: Sequence[Signal], members: Sequence[int], content: bytes) -> SignalFile:
    first = signals[members[0]]
    if any(signals[k].fmt != first.fmt for k in members):
        raise MalformedRecording("One WFDB signal file is described with two formats.")
    if first.fmt in _FLAC:
        raise UnsupportedEncoding(
            f"WFDB format {first.fmt} is compressed with FLAC, which is not read: convert the "
            "record with `xform` to format 16 or 212."
        )
    if first.fmt not in PACKINGS:
        raise UnsupportedEncoding(
            f"WFDB format {first.fmt} is not supported; supported are: {', '.join(PACKINGS)}."
        )
    frame = sum(signals[k].per_frame for k in members)
    return SignalFile(
        tuple(members), PACKINGS[first.fmt], memoryview(content)[first.offset :], frame
    )


def _n_frames(header: Header, sources: Sequence[SignalFile]) -> int:
    held = min(source.n_frames for source in sources)
    if header.n_frames is not None and held < header.n_frames:
        raise TruncatedRecording(
            f"The WFDB header announces {header.n_frames} samples a signal; the signal file "
            f"holds {held}."
        )
    return header.n_frames or held


def _samples(
    header: Header, sources: Sequence[SignalFile], chosen: Sequence[int], n_frames: int
) -> tuple[npt.NDArray[np.float32], dict[int, int]]:
    """The chosen leads in millivolts, and the sum of the stored samples of each."""
    per_frame = header.signals[chosen[0]].per_frame
    require_plausible(header.frames_per_s * per_frame, n_frames * per_frame, len(chosen))
    signal_mv = np.empty((n_frames * per_frame, len(chosen)), dtype=np.float32)
    columns = {k: column for column, k in enumerate(chosen)}
    sums = dict.fromkeys(chosen, 0)
    for source in sources:
        _read_file(header.signals, source, columns, signal_mv, sums)
    for k, column in columns.items():
        _undo_skew(signal_mv[:, column], header.signals[k].skew * per_frame)
    return signal_mv, sums


def _read_file(
    signals: Sequence[Signal],
    source: SignalFile,
    columns: dict[int, int],
    signal_mv: npt.NDArray[np.float32],
    sums: dict[int, int],
) -> None:
    """Fill the columns of `signal_mv` that one file holds, block by block."""
    per_frame = signals[next(iter(columns))].per_frame
    n_frames = len(signal_mv) // per_frame
    step = FRAMES_ALIGNED * max(1, _BLOCK_SAMPLES // (FRAMES_ALIGNED * source.frame))
    for start in range(0, n_frames, step):
        stop = min(n_frames, start + step)
        flat = source.packing.read(
            source.content, start * source.frame, (stop - start) * source.frame
        )
        frames = flat.reshape(-1, source.frame)
        position = 0
        for k in source.members:
            if k in columns:
                values = frames[:, position : position + per_frame].ravel()
                out = signal_mv[start * per_frame : stop * per_frame, columns[k]]
                _scale(signals[k]).write(values, out)
                out[values == source.packing.lowest] = np.nan
                sums[k] += int(values.sum(dtype=np.int64))
            position += signals[k].per_frame


def _scale(signal: Signal) -> Scale:
    factor = mv_per(signal.unit)
    if factor is None:
        raise MalformedRecording("A WFDB signal has no unit of voltage.")
    return Scale(factor, signal.steps_per_unit, signal.baseline)


def _undo_skew(column_mv: npt.NDArray[np.float32], skew: int) -> None:
    """Move a signal that was sampled `skew` samples late to where it belongs."""
    if skew:
        skew = min(skew, len(column_mv))
        column_mv[: len(column_mv) - skew] = column_mv[skew:].copy()
        column_mv[len(column_mv) - skew :] = np.nan


def _doubts(header: Header, chosen: Sequence[int], sums: dict[int, int]) -> tuple[str, ...]:
    doubts = []
    if not all(header.signals[k].calibrated for k in chosen):
        doubts.append("The header gives no gain: 200 steps a millivolt are assumed, as WFDB does.")
    differing = [
        lead_name(header.signals[k].description)
        for k in chosen
        if header.signals[k].checksum is not None
        and (sums[k] - (header.signals[k].checksum or 0)) % (1 << 16)
    ]
    if differing:
        doubts.append(
            f"The checksum in the header does not fit the samples of {', '.join(differing)}: "
            "the file may be damaged."
        )
    return tuple(doubts)
