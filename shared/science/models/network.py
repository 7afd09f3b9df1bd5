"""A network that comes with a function: an ONNX file and its card, checked against each other.

What a network does to its input before the first weight, such as normalization, is part of its
graph: training and analysis cannot drift apart.
"""

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime

from shared.errors import OurMistake
from shared.record import ModelUsed

type Floats = npt.NDArray[np.float32]

FATAL_ONLY = 4  # the runtime would print what it finds odd


@dataclass(frozen=True)
class Network:
    """A loaded network; calling it gives its first output."""

    session: onnxruntime.InferenceSession
    used: ModelUsed

    def __call__(self, picture: Floats) -> Floats:
        """Return the output for one batch `(n, channels, height, width)` of values of 0 to 1."""
        (answer,) = self.session.run(None, {self.session.get_inputs()[0].name: picture})[:1]
        return np.asarray(answer, np.float32)


def open_session(model: bytes) -> onnxruntime.InferenceSession:
    """Open a graph on one processor thread: the same input gives the same bits.

    Parameters
    ----------
    model : bytes
        An ONNX file, its weights within it.

    Returns
    -------
    InferenceSession

    Raises
    ------
    Exception
        Of the runtime's own types, one for every step of loading.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = FATAL_ONLY
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


@cache
def load_network(path: Path) -> Network:
    """Load an ONNX file, once per process; the card beside it has the suffix .json.

    Parameters
    ----------
    path : Path

    Returns
    -------
    Network
        From (n, channels, height, width) ndarray of float32 to its first output.

    Raises
    ------
    OurMistake
        If the sha256 of the file is not the one of the card.
    """
    content = path.read_bytes()
    card = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    sha256 = hashlib.sha256(content).hexdigest()
    if sha256 != card["sha256"]:
        raise OurMistake(f"{path.name} is not the file that its card describes.")
    return Network(open_session(content), ModelUsed(card["name"], sha256, str(card["version"])))
