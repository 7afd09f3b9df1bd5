"""Cross-entropy and soft Dice, over the pixels that have a label."""

import torch
from torch import Tensor
from torch.nn import functional

SMOOTH = 1.0  # pixels: an empty mask that is answered by an empty mask costs nothing


def cross_entropy_and_dice(
    logits: Tensor, truth: Tensor, weight: Tensor, dice_weight: float
) -> Tensor:
    """Binary cross-entropy plus `dice_weight` times one minus the soft Dice, squared denominator.

    Parameters
    ----------
    logits, truth : (batch, channels, height, width) Tensor
        The truth of 0 to 1, soft labels too.
    weight : Tensor
        The same, or one channel: 0 where there is no label, such as outside the field of view.
    dice_weight : float
        Entropy is a mean over the labeled pixels, Dice one over the channels of the whole batch.

    Returns
    -------
    Tensor
        A scalar.
    """
    weight = weight.expand_as(truth)
    entropy = functional.binary_cross_entropy_with_logits(logits, truth, weight, reduction="sum")
    chance = torch.sigmoid(logits) * weight
    labels = truth * weight
    over = (0, 2, 3)
    both = 2 * (chance * labels).sum(over) + SMOOTH
    either = (chance * chance).sum(over) + (labels * labels).sum(over) + SMOOTH
    return entropy / weight.sum().clamp(min=1) + dice_weight * (1 - both / either).mean()
