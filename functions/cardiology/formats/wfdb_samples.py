"""How WFDB signal files pack samples into bytes (`signal(5)` of the WFDB Applications Guide)."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

type Bytes = npt.NDArray[np.uint8]
type Integers = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Packing:
    """`samples` samples stand in `size` bytes; `lowest` is the code for "no value"."""

    samples: int
    size: int
    lowest: int
    unpack: Callable[[Bytes], Integers]

    def read(self, content: memoryview, first: int, count: int) -> Integers:
        """Unpack `count` samples from number `first`, which begins a block.

        Returns fewer where the content ends before.
        """
        start = first // self.samples * self.size
        blocks = -(-count // self.samples)
        raw = np.frombuffer(content[start : start + blocks * self.size], dtype=np.uint8)
        whole = self.whole_samples(len(raw))
        padded = np.zeros(-(-len(raw) // self.size) * self.size, dtype=np.uint8)
        padded[: len(raw)] = raw
        return self.unpack(padded)[: min(count, whole)]

    def whole_samples(self, n_bytes: int) -> int:
        """How many samples `n_bytes` hold, the last block being cut short or not."""
        blocks, rest = divmod(n_bytes, self.size)
        return blocks * self.samples + rest * self.samples // self.size


def _as(dtype: str, offset: int = 0) -> Callable[[Bytes], Integers]:
    def unpack(raw: Bytes) -> Integers:
        return raw.view(dtype).astype(np.int32) - np.int32(offset)

    return unpack


def _signed(values: Integers, bits: int) -> Integers:
    """Read the lowest `bits` as two's complement."""
    shift = np.int32(32 - bits)
    return (values << shift) >> shift


def _unpack_24(raw: Bytes) -> Integers:
    low, middle, high = raw.reshape(-1, 3).astype(np.int32).T
    return _signed(low | middle << 8 | high << 16, 24)


def _unpack_212(raw: Bytes) -> Integers:
    first, second, third = raw.reshape(-1, 3).astype(np.int32).T
    pairs = np.column_stack([first | (second & 0x0F) << 8, third | (second & 0xF0) << 4])
    return _signed(pairs.ravel(), 12)


def _unpack_310(raw: Bytes) -> Integers:
    octets = raw.reshape(-1, 4).astype(np.int32).T
    first = octets[0] >> 1 | (octets[1] & 0x07) << 7
    second = octets[2] >> 1 | (octets[3] & 0x07) << 7
    third = octets[1] >> 3 | (octets[3] & 0xF8) << 2
    return _signed(np.column_stack([first, second, third]).ravel(), 10)


def _unpack_311(raw: Bytes) -> Integers:
    word = raw.view("<u4").astype(np.int64)
    triple = np.column_stack([word, word >> 10, word >> 20]) & 0x3FF
    return _signed(triple.astype(np.int32).ravel(), 10)


PACKINGS = {
    "16": Packing(1, 2, -(1 << 15), _as("<i2")),
    "24": Packing(1, 3, -(1 << 23), _unpack_24),
    "32": Packing(1, 4, -(1 << 31), _as("<i4")),
    "61": Packing(1, 2, -(1 << 15), _as(">i2")),
    "80": Packing(1, 1, -(1 << 7), _as("u1", 1 << 7)),
    "160": Packing(1, 2, -(1 << 15), _as("<u2", 1 << 15)),
    "212": Packing(2, 3, -(1 << 11), _unpack_212),
    "310": Packing(3, 4, -(1 << 9), _unpack_310),
    "311": Packing(3, 4, -(1 << 9), _unpack_311),
}
# Compressed by FLAC; unpacked here, their samples stand in four bytes each.
FLAC_PACKINGS = {
    "508": Packing(1, 4, -(1 << 7), _as("<i4")),
    "516": Packing(1, 4, -(1 << 15), _as("<i4")),
    "524": Packing(1, 4, -(1 << 23), _as("<i4")),
}
# A block of this many frames begins on a packing's own border, whatever a frame holds.
FRAMES_ALIGNED = 6
