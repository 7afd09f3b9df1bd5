"""What a network of torch answers to a canvas."""

import numpy as np
import torch
from torch import nn

from functions.retinal.canvas import Floats
from local.training.augmentation import stack


def probabilities(model: nn.Module, rgb: Floats) -> Floats:
    """Maps `(channels, height, width)` of a picture `(height, width, 3)` with values of 0 to 1."""
    return batch_maps(model, stack([rgb]))[0]


@torch.no_grad()
def batch_maps(model: nn.Module, batch: Floats) -> Floats:
    """Maps `(n, channels, height, width)` of a batch of pictures of the same shape."""
    device = next(model.parameters()).device
    logits = model(torch.from_numpy(batch).to(device))
    return np.asarray(torch.sigmoid(logits).cpu().numpy(), np.float32)
