"""ONNX graphs made here, byte by byte (the protocol buffers of onnx.proto, IR version 8).

The graph is a classifier's: mean over the picture, one linear layer, sigmoid.
"""

import struct
from collections.abc import Sequence

FLOAT = 1


def number(field: int, value: int) -> bytes:
    return varint(field << 3) + varint(value)


def varint(value: int) -> bytes:
    written = bytearray()
    while value > 0x7F:
        written.append(0x80 | value & 0x7F)
        value >>= 7
    return bytes([*written, value])


def block(field: int, content: bytes | str) -> bytes:
    content = content.encode() if isinstance(content, str) else content
    return varint(field << 3 | 2) + varint(len(content)) + content


def tensor(name: str, dims: Sequence[int], values: Sequence[float], *, external: bool) -> bytes:
    head = b"".join(number(1, dim) for dim in dims) + number(2, FLOAT) + block(8, name)
    if external:
        place = block(13, block(1, "location") + block(2, "weights.bin"))
        return head + place + number(14, 1)
    return head + block(9, struct.pack(f"<{len(values)}f", *values))


def value_info(name: str, dims: Sequence[int | str]) -> bytes:
    shape = b"".join(
        block(1, block(2, dim) if isinstance(dim, str) else number(1, dim)) for dim in dims
    )
    return block(1, name) + block(2, block(1, number(1, FLOAT) + block(2, shape)))


def node(operation: str, inputs: Sequence[str], output: str) -> bytes:
    return b"".join(block(1, name) for name in inputs) + block(2, output) + block(4, operation)


def classifier(
    weights: Sequence[Sequence[float]],
    bias: Sequence[float],
    *,
    size: tuple[int, int] = (32, 32),
    opset: int = 17,
    external: bool = False,
) -> bytes:
    """Sigmoid of `weights` (n_labels, n_channels) times the mean of each channel, plus `bias`."""
    n_labels, n_channels = len(weights), len(weights[0])
    columns = [
        weights[label][channel] for channel in range(n_channels) for label in range(n_labels)
    ]
    nodes = [
        node("GlobalAveragePool", ["x"], "mean"),
        node("Flatten", ["mean"], "flat"),
        node("Gemm", ["flat", "w", "b"], "z"),
        node("Sigmoid", ["z"], "p"),
    ]
    graph = b"".join(block(1, node) for node in nodes) + block(2, "classifier")
    graph += block(5, tensor("w", [n_channels, n_labels], columns, external=external))
    graph += block(5, tensor("b", [n_labels], bias, external=False))
    graph += block(11, value_info("x", ["n", n_channels, *size]))
    graph += block(12, value_info("p", ["n", n_labels]))
    return number(1, 8) + block(7, graph) + block(8, block(1, "") + number(2, opset))
