"""A small U-Net whose normalization is part of its graph.

Ronneberger et al. 2015, doi:10.1007/978-3-319-24574-4_28. A level is twice a 3 x 3 convolution
without bias, batch normalization and ReLU; pooling by maximum on the way down, nearest neighbor
and concatenation on the way up, a 1 x 1 convolution at the end.
"""

import itertools
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

# Local statistics are taken on a quarter of the size: a box of 9 there spans 36 pixels.
POOL = 4
BOX = 9
NOISE_VARIANCE = 4e-4  # an even area stays even: below it differences are noise of the camera
LOCAL_SCALE = 0.5
MID_GRAY = 0.5


class LocalNormalization(nn.Module):
    """Contrast against the neighborhood beside the plain value: twice the channels, no weights.

    Takes values of 0 to 1 whose height and width are multiples of `POOL`.
    """

    def forward(self, image: Tensor) -> Tensor:
        small = functional.avg_pool2d(image, POOL)
        mean = self._box(small)
        spread = torch.sqrt(
            functional.relu(self._box(small * small) - mean * mean) + NOISE_VARIANCE
        )
        local = LOCAL_SCALE * (image - self._up(mean)) / self._up(spread)
        return torch.cat([local, image - MID_GRAY], dim=1)

    @staticmethod
    def _box(image: Tensor) -> Tensor:
        return functional.avg_pool2d(image, BOX, 1, BOX // 2, count_include_pad=False)

    @staticmethod
    def _up(image: Tensor) -> Tensor:
        return functional.interpolate(
            image, scale_factor=POOL, mode="bilinear", align_corners=False
        )


def level(n_in: int, n_out: int) -> nn.Sequential:
    """Two convolutions of 3 by 3, each normalized over its batch and rectified."""
    layers: list[nn.Module] = []
    for channels in (n_in, n_out):
        layers += [
            nn.Conv2d(channels, n_out, 3, padding=1, bias=False),
            nn.BatchNorm2d(n_out),
            nn.ReLU(inplace=True),
        ]
    return nn.Sequential(*layers)


class UNet(nn.Module):
    """Logits, `(batch, n_out, height, width)`, of a picture with values of 0 to 1.

    Height and width are multiples of `size_multiple(widths)`.
    """

    def __init__(self, widths: Sequence[int], n_in: int, n_out: int) -> None:
        super().__init__()
        self.normalization = LocalNormalization()
        inputs = (2 * n_in, *widths[:-1])
        self.down = nn.ModuleList(level(*pair) for pair in zip(inputs, widths, strict=True))
        self.up = nn.ModuleList(
            level(below + beside, beside) for beside, below in itertools.pairwise(widths)
        )
        self.head = nn.Conv2d(widths[0], n_out, 1)

    def forward(self, image: Tensor) -> Tensor:
        features = self.normalization(image)
        passed = []
        for depth, block in enumerate(self.down):
            features = block(functional.max_pool2d(features, 2) if depth else features)
            passed.append(features)
        passed.pop()
        for block in reversed(self.up):
            larger = functional.interpolate(features, scale_factor=2, mode="nearest")
            features = block(torch.cat([larger, passed.pop()], dim=1))
        return self.head(features)


def size_multiple(widths: Sequence[int]) -> int:
    """What height and width must be multiples of; others fail where levels are joined."""
    return max(POOL, 2 ** (len(widths) - 1))


def n_parameters(model: nn.Module) -> int:
    return sum(weights.numel() for weights in model.parameters())
