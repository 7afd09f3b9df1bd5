"""Bits of a FLAC frame: plain numbers, and differences in Rice's code.

`read_subframe(bits, n_samples, width) -> Subframe` reads one channel of one frame (RFC 9639, 9.2).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from functions.cardiology.unreadable import MalformedRecording

type Integers = npt.NDArray[np.int64]

_BROKEN = MalformedRecording("A frame of a FLAC signal file is malformed or cut short.")

_CONSTANT, _VERBATIM, _FIXED, _LINEAR = 0, 1, 8, 32
# Differences of first to fourth order, the latest sample first.
_FIXED_WEIGHTS: tuple[tuple[int, ...], ...] = ((), (1,), (2, -1), (3, -3, 1), (4, -6, 4, -1))
_INVALID_PRECISION = 16
_PARAMETER_BITS = {0: 4, 1: 5}
_WIDEST = 63  # bits of a number here


@dataclass(frozen=True)
class Subframe:
    """One channel of one frame.

    `differences` begins with as many plain samples as there are `weights`, by which each further
    sample is predicted: the sum of weighted samples before it, latest first, over 2 to the `shift`.
    Everything is to be multiplied by 2 to the power of `wasted`.
    """

    differences: Integers
    weights: tuple[int, ...]
    shift: int
    wasted: int


class Bits:
    """Reads numbers from bytes, the highest bit first.

    Every bit becomes a byte, so that `bytes.find` runs over the zeros of Rice's code.
    """

    def __init__(self, content: memoryview) -> None:
        self._flags = np.unpackbits(np.frombuffer(content, np.uint8))
        self._bytes = self._flags.tobytes()
        self._at = 0

    @property
    def n_bytes(self) -> int:
        """Read so far, the last one begun counts."""
        return -(-self._at // 8)

    def number(self, width: int) -> int:
        return int(self.numbers(width, 1)[0])

    def numbers(self, width: int, count: int, *, signed: bool = False) -> Integers:
        """Read `count` numbers of `width` bits each."""
        end = self._at + width * count
        if end > len(self._flags) or width > _WIDEST:
            raise _BROKEN
        powers = np.left_shift(1, np.arange(width - 1, -1, -1), dtype=np.int64)
        values: Integers = (
            self._flags[self._at : end].reshape(count, width).astype(np.int64) @ powers
        )
        self._at = end
        if signed and width:
            values -= (values >> (width - 1)) << width
        return values

    def zeros(self) -> int:
        """Skip to behind the next one and count the zeros before it."""
        end = self._bytes.find(1, self._at)
        if end < 0:
            raise _BROKEN
        zeros, self._at = end - self._at, end + 1
        return zeros

    def rice_ends(self, count: int, parameter: int) -> list[int]:
        """Where the ones lie that end the zeros of `count` codes."""
        ends, at, find = [], self._at, self._bytes.find
        for _ in range(count):
            end = find(1, at)
            if end < 0:
                raise _BROKEN
            ends.append(end)
            at = end + 1 + parameter
        if at > len(self._bytes):
            raise _BROKEN
        self._at = at
        return ends

    def rice_values(self, ends: Integers, starts: Integers, parameter: Integers) -> Integers:
        """The numbers of Rice's code: zeros from start to end, then `parameter` plain bits."""
        low = np.zeros(len(ends), np.int64)
        for bit in range(int(parameter.max(initial=0))):
            inside = bit < parameter
            low[inside] = low[inside] << 1 | self._flags[ends[inside] + 1 + bit]
        folded = (ends - starts) << parameter | low
        values: Integers = (folded >> 1) ^ -(folded & 1)
        return values

    @property
    def at(self) -> int:
        return self._at


def read_subframe(bits: Bits, n_samples: int, width: int) -> Subframe:
    """Read one channel; `width` is that of its plain samples, bits."""
    kind = bits.number(7)  # a zero and six bits of type
    wasted = bits.zeros() + 1 if bits.number(1) else 0
    width -= wasted
    if width < 1:
        raise _BROKEN
    if kind == _CONSTANT:
        return Subframe(bits.numbers(width, 1, signed=True).repeat(n_samples), (), 0, wasted)
    if kind == _VERBATIM:
        return Subframe(bits.numbers(width, n_samples, signed=True), (), 0, wasted)
    if _FIXED <= kind < _FIXED + len(_FIXED_WEIGHTS):
        weights, shift = _FIXED_WEIGHTS[kind - _FIXED], 0
        first = bits.numbers(width, len(weights), signed=True)
    elif _LINEAR <= kind < 2 * _LINEAR:
        first = bits.numbers(width, kind - _LINEAR + 1, signed=True)
        weights, shift = _linear_weights(bits, len(first))
    else:
        raise _BROKEN
    if len(weights) > n_samples:
        raise _BROKEN
    differences = np.concatenate([first, _differences(bits, n_samples, len(weights))])
    return Subframe(differences, weights, shift, wasted)


def _linear_weights(bits: Bits, order: int) -> tuple[tuple[int, ...], int]:
    precision = bits.number(4) + 1
    shift = int(bits.numbers(5, 1, signed=True)[0])
    if precision == _INVALID_PRECISION or shift < 0:
        raise _BROKEN
    return tuple(bits.numbers(precision, order, signed=True).tolist()), shift


def _differences(bits: Bits, n_samples: int, order: int) -> Integers:
    """What the prediction left, in parts of a Rice parameter each."""
    parameter_bits = _PARAMETER_BITS.get(bits.number(2))
    n_parts = 1 << bits.number(4)
    if parameter_bits is None or n_samples % n_parts or n_samples // n_parts < order:
        raise _BROKEN
    counts = np.full(n_parts, n_samples // n_parts)
    counts[0] -= order
    ends: list[int] = []
    starts, parameters = np.zeros(n_samples - order, np.int64), np.zeros(n_parts, np.int64)
    plain: list[tuple[int, Integers]] = []
    for part, count in enumerate(counts.tolist()):
        parameter = bits.number(parameter_bits)
        first = len(ends)
        if parameter == (1 << parameter_bits) - 1:
            plain.append((first, bits.numbers(bits.number(5), count, signed=True)))
            ends += [0] * count
            continue
        parameters[part] = parameter
        starts[first : first + 1] = bits.at
        ends += bits.rice_ends(count, parameter)
        starts[first + 1 : len(ends)] = np.add(ends[first:-1], 1 + parameter)
    values = bits.rice_values(np.array(ends, np.int64), starts, parameters.repeat(counts))
    for first, given in plain:
        values[first : first + len(given)] = given
    return values
