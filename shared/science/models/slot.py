"""The slot for an operator's own network over pictures.

MediLens ships none that names a disease. An operator who has evidence for a population installs an
ONNX file and its manifest (`manifest.py`); both are checked when they are loaded, and a difference
ends the analysis: no value is ever made up.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from shared.record import ModelUsed
from shared.science.models.manifest import Activation, Manifest, parse
from shared.science.models.network import open_session
from shared.science.models.preprocessing import Floats, prepared
from shared.science.models.unusable import UnusableModel

# How a graph says that its weights lie in another file: a key of onnx.proto's StringStringEntry.
EXTERNAL = b"\x0a\x08location\x12"
TOLERANCE = 1e-4  # of a probability, by rounding
RANK = 4


@dataclass(frozen=True)
class OperatorModel:
    """An operator's network, checked against its manifest."""

    manifest: Manifest
    session: Any

    @property
    def name(self) -> str:
        return self.manifest.name

    @property
    def used(self) -> ModelUsed:
        return ModelUsed(self.manifest.name, self.manifest.sha256, self.manifest.version)

    @property
    def attribution(self) -> str:
        """Say whose the findings are."""
        used = self.manifest
        return f"Findings are those of the operator's model {used.name}: {used.intended_use}"

    def probabilities(self, picture: Floats) -> dict[str, float]:
        """Return the probability of each label.

        Parameters
        ----------
        picture : ndarray of float32, shape (height, width) or (height, width, 3)
            Values of 0 to 1.

        Raises
        ------
        UnusableModel
            If the network answers with something else.
        """
        batch = prepared(picture, self.manifest.input)
        values = probabilities_of(self.session, self.manifest, batch)
        return dict(zip(self.manifest.output.labels, values.tolist(), strict=True))

    def findings(self, picture: Floats) -> list[dict[str, Any]]:
        """Return each label's probability, and whether it reaches the label's threshold, if any.

        Raises
        ------
        UnusableModel
        """
        cuts = self.manifest.thresholds
        return [
            {
                "label": label,
                "probability": probability,
                "threshold": cuts.get(label),
                "is_above": None if label not in cuts else probability >= cuts[label],
            }
            for label, probability in self.probabilities(picture).items()
        ]


def installed(manifest_path: Path | None, expected_sha256: str | None) -> OperatorModel | None:
    """Return the model that a deployment's settings name, if they name one.

    Raises
    ------
    UnusableModel
        A wrong one ends the analysis.
    """
    if manifest_path is None or expected_sha256 is None:
        return None
    return load_operator_model(manifest_path, expected_sha256)


@cache
def load_operator_model(manifest_path: Path, expected_sha256: str) -> OperatorModel:
    """Load and check a manifest and the network beside it, once per process.

    Raises
    ------
    UnusableModel
        Saying what differs.
    """
    content = _read(manifest_path, "its manifest")
    if hashlib.sha256(content).hexdigest() != expected_sha256:
        raise UnusableModel("its manifest has another sha256 than the deployment names")
    manifest = parse(content)
    graph = _read(manifest_path.with_name(manifest.file), f"its file {manifest.file}")
    if hashlib.sha256(graph).hexdigest() != manifest.sha256:
        raise UnusableModel(f"{manifest.file} has another sha256 than its manifest names")
    if EXTERNAL in graph:
        raise UnusableModel(f"{manifest.file} keeps weights in other files; save it as one file")
    session = _opened(graph, manifest)
    require_shapes(session, manifest)
    shape = manifest.input
    zeros = np.zeros((1, shape.channels, shape.height, shape.width), np.float32)
    probabilities_of(session, manifest, zeros)
    return OperatorModel(manifest, session)


def _read(path: Path, what: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as missing:
        raise UnusableModel(f"{what} cannot be read") from missing


def _opened(graph: bytes, manifest: Manifest) -> Any:
    try:
        return open_session(graph)
    except Exception as damage:  # the runtime raises types of its own for every step of loading
        raise UnusableModel(
            f"{manifest.file} is no ONNX graph that this runtime opens (opset or operators)"
        ) from damage


def require_shapes(session: Any, manifest: Manifest) -> None:
    """Compare names and sizes of a graph with its manifest.

    Raises
    ------
    UnusableModel
        Saying what differs. A size that the graph leaves open is none: `probabilities_of` on zeros
        then tells whether the network takes what the manifest states.
    """
    inputs = {given.name: given.shape for given in session.get_inputs()}
    outputs = {given.name: given.shape for given in session.get_outputs()}
    wanted = manifest.input
    if list(inputs) != [wanted.name]:
        raise UnusableModel(f"its inputs are {_listed(inputs)}; the manifest names {wanted.name}")
    if manifest.output.name not in outputs:
        raise UnusableModel(
            f"its outputs are {_listed(outputs)}; the manifest names {manifest.output.name}"
        )
    sizes = inputs[wanted.name]
    if len(sizes) != RANK:
        raise UnusableModel(f"its input has {len(sizes)} axes; expected {RANK}")
    stated = ("channels", wanted.channels), ("rows", wanted.height), ("columns", wanted.width)
    for (name, expected), size in zip(stated, sizes[1:], strict=True):
        if isinstance(size, int) and size != expected:
            raise UnusableModel(f"its input has {size} {name}; the manifest says {expected}")


def probabilities_of(session: Any, manifest: Manifest, batch: Floats) -> npt.NDArray[np.float64]:
    """Run a network on a batch of one and check what it answers.

    Parameters
    ----------
    session : InferenceSession
    manifest : Manifest
    batch : (1, channels, height, width) ndarray of float32
        Of `preprocessing.prepared`.

    Returns
    -------
    (n_labels,) ndarray of float64
        0-1, in the order of the manifest's labels, after its activation.

    Raises
    ------
    UnusableModel
        If it does not run, answers with another number of values, with values that are no numbers,
        or beyond 0 and 1 by more than rounding.
    """
    try:
        (answer,) = session.run([manifest.output.name], {manifest.input.name: batch})
    except Exception as damage:  # as above
        raise UnusableModel("it does not run on its stated input") from damage
    values = np.asarray(answer, np.float64).reshape(-1)
    if len(values) != len(manifest.output.labels):
        raise UnusableModel(
            f"it answers with {len(values)} values; its manifest names "
            f"{len(manifest.output.labels)} labels"
        )
    activated = _activated(values, manifest.output.activation)
    if not np.isfinite(activated).all():
        raise UnusableModel("it answers with values that are no numbers")
    if activated.min() < -TOLERANCE or activated.max() > 1 + TOLERANCE:
        raise UnusableModel(
            f"it answers {activated.min():.3g} to {activated.max():.3g}; expected probabilities"
        )
    return np.clip(activated, 0, 1)


def _activated(values: npt.NDArray[np.float64], activation: Activation) -> npt.NDArray[np.float64]:
    if activation is Activation.SIGMOID:
        return 1 / (1 + np.exp(-np.clip(values, -500, 500)))
    if activation is Activation.SOFTMAX:
        shares = np.exp(values - values.max())
        return np.asarray(shares / shares.sum())
    return values


def _listed(names: Sequence[str] | dict[str, Any]) -> str:
    return ", ".join(names) or "none"
