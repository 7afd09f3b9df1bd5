"""The signal files of a WFDB record: which of them came, and how to read samples from them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from functions.cardiology.formats.flac import read_flac, read_stream_header
from functions.cardiology.formats.wfdb_header import Header
from functions.cardiology.formats.wfdb_samples import FLAC_PACKINGS, PACKINGS, Packing
from functions.cardiology.unreadable import (
    FileMissing,
    MalformedRecording,
    UnsupportedEncoding,
    require_plausible,
)
from shared.recording import RecordingFile


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


def plain_name(name: str) -> str:
    """The name without folders: names only tell which files belong together."""
    return name.replace("\\", "/").rpartition("/")[2].casefold()


def signal_files(
    header: Header, files: Sequence[RecordingFile], chosen: Sequence[int]
) -> tuple[list[SignalFile], tuple[str, ...]]:
    """Find the signal files that hold chosen leads.

    Parameters
    ----------
    header : Header
    files : sequence of RecordingFile
    chosen : sequence of int
        Positions of the leads in the header.

    Returns
    -------
    sources : list of SignalFile
    notes : tuple of str
        Where the only signal file came by another name than the header gives it.

    Raises
    ------
    FileMissing
        If one did not come.
    MalformedRecording
        If a file is described with two formats, or is not what the header says.
    UnsupportedEncoding
    """
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
        sources.append(_signal_file(header, members, chosen, sent[name].content))
    return sources, notes


def _sent(files: Sequence[RecordingFile], names: Iterable[str]) -> dict[str, RecordingFile]:
    """The files by their names.

    Of a file that came through storage only the suffix is known: it has the one name of the
    header that ends in it, as long as no other file does.
    """
    sent = {plain_name(file.name): file for file in files}
    for suffix in [name for name in sent if name.startswith(".")]:
        meant = [name for name in names if name.endswith(suffix)]
        alike = [file for file in files if plain_name(file.name).endswith(suffix)]
        if len(meant) == len(alike) == 1:
            sent[meant[0]] = sent.pop(suffix)
    return sent


def _signal_file(
    header: Header, members: Sequence[int], chosen: Sequence[int], content: bytes
) -> SignalFile:
    first = header.signals[members[0]]
    if any(header.signals[k].fmt != first.fmt for k in members):
        raise MalformedRecording("One WFDB signal file is described with two formats.")
    if first.fmt in FLAC_PACKINGS:
        return _flac_file(header, members, chosen, memoryview(content))
    if first.fmt not in PACKINGS:
        supported = ", ".join([*PACKINGS, *FLAC_PACKINGS])
        raise UnsupportedEncoding(
            f"WFDB format {first.fmt} is not supported; supported are: {supported}."
        )
    frame = sum(header.signals[k].per_frame for k in members)
    return SignalFile(
        tuple(members), PACKINGS[first.fmt], memoryview(content)[first.offset :], frame
    )


def _flac_file(
    header: Header, members: Sequence[int], chosen: Sequence[int], content: memoryview
) -> SignalFile:
    """Decompress the chosen signals of a file; their offset counts samples, not bytes."""
    first = header.signals[members[0]]
    packing, stream = FLAC_PACKINGS[first.fmt], read_stream_header(content)
    per_frame, wanted = first.per_frame, [k for k in members if k in chosen]
    if stream.channels != len(members) or -(1 << stream.bits - 1) < packing.lowest:
        raise MalformedRecording(
            f"The WFDB header announces {len(members)} signals of format {first.fmt}; its FLAC "
            f"file has {stream.channels} of {stream.bits} bits."
        )
    if any(header.signals[k].per_frame != per_frame for k in members):
        raise MalformedRecording("The signals of one FLAC file differ in their sampling rate.")
    n_frames = header.n_frames or (stream.n_samples - first.offset) // per_frame
    n_samples = n_frames * per_frame
    require_plausible(header.frames_per_s * per_frame, n_samples, len(wanted), whole=False)
    samples = read_flac(content, [members.index(k) for k in wanted], first.offset + n_samples)
    frames = samples[first.offset :].reshape(n_frames, per_frame, len(wanted)).swapaxes(1, 2)
    plain = memoryview(frames.astype("<i4").tobytes())
    return SignalFile(tuple(wanted), packing, plain, per_frame * len(wanted))
