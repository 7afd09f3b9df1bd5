"""PhysioNet's WFDB records: a header and one or more signal files."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from functions.cardiology.ecg import Ecg
from functions.cardiology.formats.wfdb_header import (
    Header,
    MasterHeader,
    Signal,
    parse_header,
    parse_master,
)
from functions.cardiology.formats.wfdb_samples import FRAMES_ALIGNED
from functions.cardiology.formats.wfdb_signal_files import SignalFile, plain_name, signal_files
from functions.cardiology.leads import Channel, distinct, ecg_channels, lead_name
from functions.cardiology.unreadable import (
    FileMissing,
    MalformedRecording,
    NothingRecorded,
    TooManyFiles,
    TruncatedRecording,
    require_plausible,
)
from functions.cardiology.voltage import Scale, mv_per
from shared.recording import RecordingFile

_BLOCK_SAMPLES = 1 << 20  # unpacked at a time: 4 MB


def read_wfdb(
    files: Sequence[RecordingFile], fs_hz: float | None = None, lead: str | None = None
) -> Ecg:
    """Read the ECG leads of one record, of one segment or of several.

    Leads keep their own sampling rate where a frame holds several samples of them.

    Parameters
    ----------
    files : sequence of RecordingFile
        Headers and signal files, in any order.
    fs_hz : float, optional
        Where the header states no rate.
    lead : str, optional
        The only one to keep.

    Returns
    -------
    Ecg
        NaN in gaps, where a segment lacks a lead, and where a sample is the code for no value.

    Raises
    ------
    FileMissing
        If a header or signal file did not come.
    TooManyFiles
        If several records came.
    TruncatedRecording
        If a signal file holds fewer samples than its header announces.
    MalformedRecording, UnsupportedEncoding, NothingRecorded
    """
    headers = [file for file in files if plain_name(file.name).endswith(".hea")]
    if not headers:
        raise FileMissing("A WFDB record needs its header: send the .hea file with it.")
    masters = [(file, parse_master(file.content, fs_hz)) for file in headers]
    several = [(file, master) for file, master in masters if master is not None]
    if len(several) == 1:
        return _joined(several[0][1], files, lead)
    if len(headers) > 1:
        raise TooManyFiles(f"Found {len(headers)} WFDB headers; send one record at a time.")
    return _single(headers[0], files, fs_hz, lead)


def _joined(master: MasterHeader, files: Sequence[RecordingFile], lead: str | None) -> Ecg:
    """One recording of all segments; NaN in gaps, and where a segment lacks a lead."""
    headers = {
        plain_name(file.name): file for file in files if plain_name(file.name).endswith(".hea")
    }
    read: list[tuple[int, Ecg]] = []
    at = 0
    for number, part in enumerate(master.parts, 1):
        if part.name is not None:
            header = headers.get(f"{part.name.casefold()}.hea")
            if header is None:
                raise FileMissing(
                    f"The WFDB record has {len(master.parts)} segments; the header of number "
                    f"{number} did not come. Send the headers and signal files of all segments."
                )
            own = _single(header, files, master.frames_per_s, lead)
            if read and own.fs_hz != read[0][1].fs_hz:
                raise MalformedRecording("The segments of the WFDB record differ in their rate.")
            read.append((at, own))
        at += part.n_frames
    if not read:
        raise NothingRecorded
    first = read[0][1]
    per_frame = round(first.fs_hz / master.frames_per_s)
    leads = tuple(dict.fromkeys(name for _, own in read for name in own.leads))
    require_plausible(first.fs_hz, at * per_frame, len(leads))
    signal_mv = np.full((at * per_frame, len(leads)), np.nan, np.float32)
    for start, own in read:
        room = signal_mv[start * per_frame :][: len(own.signal_mv)]
        for column, name in enumerate(own.leads):
            room[:, leads.index(name)] = own.signal_mv[: len(room), column]
    notes = dict.fromkeys(note for _, own in read for note in own.warnings)
    return Ecg(
        signal_mv=signal_mv,
        fs_hz=first.fs_hz,
        leads=leads,
        file_format=f"{first.file_format}, {len(read)} segments",
        warnings=tuple(notes),
        paced=master.paced or any(own.paced for _, own in read),
    )


def _single(
    file: RecordingFile, files: Sequence[RecordingFile], fs_hz: float | None, lead: str | None
) -> Ecg:
    header = parse_header(file.content, fs_hz)
    chosen, warnings = ecg_channels(
        [
            Channel(signal.description, signal.unit, header.frames_per_s * signal.per_frame)
            for signal in header.signals
        ],
        lead,
    )
    rate_hz = header.frames_per_s * header.signals[chosen[0]].per_frame
    if header.n_frames is not None:
        n_claimed = header.n_frames * header.signals[chosen[0]].per_frame
        require_plausible(rate_hz, n_claimed, len(chosen), whole=False)
    sources, notes = signal_files(header, files, chosen)
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
    require_plausible(
        header.frames_per_s * per_frame, n_frames * per_frame, len(chosen), whole=False
    )
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
