"""A trained network as an ONNX file of at most three megabytes, and a check that it is the same."""

import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from torch import Tensor, nn

OPSET = 17
MAX_BYTES = 3_000_000
AGREEMENT = 1e-3  # of a probability


class Probabilities(nn.Module):
    """A network of logits with the sigmoid behind it."""

    def __init__(self, logits: nn.Module) -> None:
        super().__init__()
        self.logits = logits

    def forward(self, image: Tensor) -> Tensor:
        return torch.sigmoid(self.logits(image))


def export(model: nn.Module, path: Path, sample_nchw: Sequence[int], *, dynamic: bool) -> None:
    """Write `model` to `path`, and compare its answer there with its answer here.

    Parameters
    ----------
    sample_nchw
        Size of the picture that traces the graph; with `dynamic`, any height and width it takes.

    Raises
    ------
    ValueError
        The file is too large for the repository, or onnxruntime disagrees with torch.
    """
    model = model.eval().to("cpu")
    sample = torch.rand(*sample_nchw, generator=torch.Generator().manual_seed(0))
    axes = {0: "n", 2: "height", 3: "width"} if dynamic else {0: "n"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter without dynamo is the one that is small
        torch.onnx.export(
            model, (sample,), str(path), input_names=["image"], output_names=["output"],
            opset_version=OPSET, dynamo=False,
            dynamic_axes={"image": axes, "output": axes if dynamic else {0: "n"}},
        )  # fmt: skip
    if path.stat().st_size > MAX_BYTES:
        raise ValueError(f"{path} has {path.stat().st_size} bytes; {MAX_BYTES} are allowed")
    with torch.no_grad():
        here = model(sample).numpy()
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (there,) = session.run(None, {"image": sample.numpy()})
    difference = float(np.abs(here - there).max())
    if not difference <= AGREEMENT:
        raise ValueError(f"{path}: onnxruntime differs from torch by {difference:.3g}")
