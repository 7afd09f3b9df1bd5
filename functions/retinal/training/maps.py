"""What a network of torch answers to a canvas."""

import numpy as np
import torch
from torch import nn

from functions.retinal.field import Floats
from local.training.augmentation import stack


@torch.no_grad()
def probabilities(model: nn.Module, rgb: Floats) -> Floats:
    """Maps `(channels, height, width)` of a picture `(height, width, 3)` with values of 0 to 1."""
    device = next(model.parameters()).device
    logits = model(torch.from_numpy(stack([rgb])).to(device))
    return np.asarray(torch.sigmoid(logits)[0].cpu().numpy(), np.float32)
