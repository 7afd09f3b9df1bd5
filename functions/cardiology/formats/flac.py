"""Samples compressed without loss by FLAC, as WFDB keeps them in formats 508, 516 and 524.

`read_flac(content, wanted, n_samples) -> ndarray` decodes whole streams from their first frame on
[1]_: what a decoder of sound would add (seeking, playing, cue sheets) is left out, and so are the
check sums of frames, because a WFDB header has one of its own for each signal.

References
----------
.. [1] van Beurden M Q C, Weaver A (2024). Free Lossless Audio Codec (FLAC). RFC 9639.
   doi:10.17487/RFC9639
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import numpy.typing as npt

from functions.cardiology.formats.flac_bits import Bits, Subframe, read_subframe
from functions.cardiology.unreadable import MalformedRecording, TruncatedRecording

type Integers = npt.NDArray[np.int64]

MAGIC = b"fLaC"
_STREAMINFO_AT, _STREAMINFO_SIZE = 8, 34
_LONGEST_HEAD = 16  # bytes
_SYNC = 0x7FFC  # the first 15 bits of a frame; the 16th tells whether blocks differ in size
_NO_HEADER = MalformedRecording("A FLAC signal file lacks its stream header.")
_BROKEN_FRAME = MalformedRecording("A frame of a FLAC signal file is malformed.")

# Codes of the frame header (RFC 9639, 9.1); None: stands elsewhere.
_BLOCK_SIZES = (0, 192, 576, 1152, 2304, 4608, -8, -16, *(256 << k for k in range(8)))
_BITS = (None, 8, 12, 0, 16, 20, 24, 32)
_RATE_BYTES = {12: 1, 13: 2, 14: 2}
_LEFT_SIDE, _SIDE_RIGHT, _MID_SIDE = 8, 9, 10
_SIDE_CHANNEL = {_LEFT_SIDE: 1, _SIDE_RIGHT: 0, _MID_SIDE: 1}
_MOST_NUMBER_BYTES = 7

_BATCH_SAMPLES = 1 << 20  # restored at a time: 8 MB


@dataclass(frozen=True)
class Stream:
    """`n_samples` of each channel, 0 where the writer did not know."""

    channels: int
    bits: int
    n_samples: int
    frames_at: int


@dataclass(frozen=True)
class Frame:
    """One block of samples, compressed."""

    assignment: int
    n_samples: int
    subframes: tuple[Subframe, ...]
    end: int


def read_stream_header(content: memoryview) -> Stream:
    """Read what stands before the first frame."""
    info = bytes(content[_STREAMINFO_AT : _STREAMINFO_AT + _STREAMINFO_SIZE])
    if content[:4] != MAGIC or len(info) < _STREAMINFO_SIZE or content[4] & 0x7F:
        raise _NO_HEADER
    packed = int.from_bytes(info[10:18])
    at, last = 4, False
    while not last:
        if at + 4 > len(content):
            raise _NO_HEADER
        last = content[at] >= 0x80
        at += 4 + int.from_bytes(content[at + 1 : at + 4])
    return Stream(
        channels=(packed >> 41 & 7) + 1,
        bits=(packed >> 36 & 31) + 1,
        n_samples=packed & (1 << 36) - 1,
        frames_at=at,
    )


def read_flac(content: memoryview, wanted: Sequence[int], n_samples: int) -> npt.NDArray[np.int32]:
    """Decode the first samples of some channels.

    Parameters
    ----------
    content : memoryview
        The whole stream, from its marker on.
    wanted : sequence of int
        Channels, counted from 0.
    n_samples : int
        Of each channel, as the WFDB header announces them.

    Returns
    -------
    (n_samples, n_wanted) ndarray of int32

    Raises
    ------
    MalformedRecording
        If the stream header is missing, or a frame does not follow RFC 9639 or this header.
    TruncatedRecording
        If the stream ends before `n_samples`.
    """
    stream = read_stream_header(content)
    decoded = np.empty((n_samples, len(wanted)), np.int32)
    at = 0
    for batch in _batches(_frames(content, stream, n_samples)):
        block = _restored(batch)[:, wanted]
        room = decoded[at : at + len(block)]
        room[:] = block[: len(room)]
        at += len(block)
    if at < n_samples:
        raise TruncatedRecording(
            f"The WFDB header announces {n_samples} samples a signal; the FLAC file holds {at}."
        )
    return decoded


def _frames(content: memoryview, stream: Stream, n_samples: int) -> Iterator[Frame]:
    at, n_read = stream.frames_at, 0
    while n_read < n_samples and at + 2 <= len(content):
        frame = _frame(content, at, stream)
        yield frame
        at, n_read = frame.end, n_read + frame.n_samples


def _batches(frames: Iterator[Frame]) -> Iterator[list[Frame]]:
    """Frames of one length and channel assignment that follow each other."""
    for _, alike in groupby(frames, lambda frame: (frame.n_samples, frame.assignment)):
        batch: list[Frame] = []
        for frame in alike:
            batch.append(frame)
            if len(batch) * frame.n_samples * len(frame.subframes) >= _BATCH_SAMPLES:
                yield batch
                batch = []
        if batch:
            yield batch


def _frame(content: memoryview, start: int, stream: Stream) -> Frame:
    """Read one frame, its samples still as differences from what is predicted."""
    head = bytes(content[start : start + _LONGEST_HEAD]).ljust(_LONGEST_HEAD, b"\0")
    if int.from_bytes(head[:2]) >> 1 != _SYNC:
        raise _BROKEN_FRAME
    assignment = head[3] >> 4
    bits = _BITS[head[3] >> 1 & 7]
    n_channels = 2 if assignment in _SIDE_CHANNEL else assignment + 1
    at = 4 + _coded_number_size(head[4])
    n_samples = _BLOCK_SIZES[head[2] >> 4]
    if n_samples < 0:
        width = -n_samples // 8
        n_samples = int.from_bytes(head[at : at + width]) + 1
        at += width
    at += _RATE_BYTES.get(head[2] & 15, 0) + 1  # and a check sum
    if n_channels != stream.channels or not n_samples or bits not in (None, stream.bits):
        raise _BROKEN_FRAME
    # No encoder makes a subframe larger than the plain samples: it would write those.
    longest = n_channels * (n_samples * (stream.bits + 1) // 8 + 64)
    reader = Bits(content[start + at : start + at + longest])
    side = _SIDE_CHANNEL.get(assignment)
    subframes = tuple(
        read_subframe(reader, n_samples, stream.bits + (channel == side))
        for channel in range(n_channels)
    )
    return Frame(assignment, n_samples, subframes, start + at + reader.n_bytes + 2)


def _coded_number_size(first: int) -> int:
    """Bytes of the frame's number, coded like UTF-8: as many as the first has leading ones."""
    if first < 0x80:
        return 1
    size = next((k for k in range(8) if not first << k & 0x80), 8)
    if not 2 <= size <= _MOST_NUMBER_BYTES:
        raise _BROKEN_FRAME
    return size


def _restored(frames: list[Frame]) -> Integers:
    """The samples of frames of one length, shape (n_frames * n_samples, n_channels)."""
    subframes = [subframe for frame in frames for subframe in frame.subframes]
    values = _predicted(subframes).T.reshape(len(frames), -1, frames[0].n_samples)
    first, second = values[:, 0], values[:, -1]
    match frames[0].assignment:
        case 8:
            second[:] = first - second
        case 9:
            first += second
        case 10:
            middle = first << 1 | second & 1
            first[:], second[:] = (middle + second) >> 1, (middle - second) >> 1
    samples: Integers = values.transpose(0, 2, 1).reshape(-1, values.shape[1])
    return samples


def _predicted(subframes: list[Subframe]) -> Integers:
    """Add to every difference what the samples before it predict, shape (n_samples, n_subframes).

    One sample depends on the one before, but subframes are independent: all are restored together.
    """
    orders = np.array([len(subframe.weights) for subframe in subframes])
    values = np.column_stack([subframe.differences for subframe in subframes])
    shift = np.array([subframe.shift for subframe in subframes])
    weights = np.zeros((int(orders.max()), len(subframes)), np.int64)
    for column, subframe in enumerate(subframes):
        # Turned round: the weight of the latest sample stands last, as its sample does.
        weights[len(weights) - orders[column] :, column] = subframe.weights[::-1]
    for at in range(1, len(values) if len(weights) else 0):
        before = values[max(0, at - len(weights)) : at]
        prediction = (before * weights[len(weights) - len(before) :]).sum(axis=0) >> shift
        values[at] += np.where(at >= orders, prediction, 0)
    values <<= np.array([subframe.wasted for subframe in subframes])
    return values
