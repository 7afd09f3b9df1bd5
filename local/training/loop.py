"""The loop that trains a network: fixed steps and seeds, so that a rerun gives the same weights.

Adam with decoupled weight decay (Loshchilov and Hutter 2019, arXiv:1711.05101), a cosine schedule,
and the exponential average of the weights as the result. On processors with bfloat16 the mixed
precision halves the time.
"""

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from torch import Tensor, nn

from local.training.augmentation import DrawBatch

type Loss = Callable[[Tensor, Tensor, Tensor], Tensor]

LAST_RATE = 1e-5
FIRST_AVERAGED = 10  # steps: the average starts from weights that have left their random start


@dataclass(frozen=True)
class Schedule:
    """Steps, the peak of the learning rate, and the memory of the averaged weights.

    Attributes
    ----------
    steps, warm_up : int
        The rate rises in a line over `warm_up` steps, then falls along half a cosine to
        `LAST_RATE`.
    peak_rate, weight_decay : float
    average : float
        Share of itself that the average keeps at a step: 0.995 remembers some 200 steps.
    seed : int
        Of the first weights and of what is drawn.
    """

    steps: int
    peak_rate: float = 2e-3
    warm_up: int = 50
    weight_decay: float = 1e-4
    average: float = 0.995
    seed: int = 0

    def rate(self, step: int) -> float:
        if step < self.warm_up:
            return self.peak_rate * (step + 1) / self.warm_up
        done = (step - self.warm_up) / max(1, self.steps - self.warm_up)
        return LAST_RATE + (self.peak_rate - LAST_RATE) * (1 + math.cos(math.pi * done)) / 2


def fit(
    build: Callable[[], nn.Module],
    draw: DrawBatch,
    loss: Loss,
    schedule: Schedule,
    name: str,
    device: str = "cpu",
) -> nn.Module:
    """Build a network from the schedule's seed and train it.

    One thread: on a shared machine two threads wait for one another.

    Parameters
    ----------
    build : callable
        Called once, after the seed is set.
    draw : callable
        From a generator to pictures, truth and weights of one batch, (n, channels, height, width)
        each.
    loss : callable
        Of logits, truth and weights, in single precision.
    schedule : Schedule
    name : str
        Shown beside the bar.
    device : str
        Of torch. A graphics card gives weights that differ from a processor's by rounding.

    Returns
    -------
    Module
        The averaged network on the processor, in the mode of evaluation.
    """
    torch.set_num_threads(1)
    torch.manual_seed(schedule.seed)
    rng = np.random.default_rng(schedule.seed)
    model = build().to(device, memory_format=torch.channels_last).train()
    average = copy.deepcopy(model)
    optimizer = torch.optim.AdamW(
        model.parameters(), schedule.peak_rate, weight_decay=schedule.weight_decay
    )
    shown = TextColumn("{task.description} loss {task.fields[loss]:.4f}")
    with Progress(shown, MofNCompleteColumn(), TimeRemainingColumn()) as progress:
        task = progress.add_task(name, total=schedule.steps, loss=math.nan)
        for step in range(schedule.steps):
            for group in optimizer.param_groups:
                group["lr"] = schedule.rate(step)
            batch = [torch.from_numpy(part).to(device) for part in draw(rng)]
            value = _step(model, batch, loss, optimizer, device)
            _follow(average, model, schedule.average if step >= FIRST_AVERAGED else 0.0)
            progress.update(task, advance=1, loss=value)
    return average.eval().cpu()


def _step(
    model: nn.Module,
    batch: list[Tensor],
    loss: Loss,
    optimizer: torch.optim.Optimizer,
    device: str,
) -> float:
    pictures, truth, weight = batch
    optimizer.zero_grad(set_to_none=True)
    with torch.autocast(device, torch.bfloat16):
        logits = model(pictures.contiguous(memory_format=torch.channels_last))
    value = loss(logits.float(), truth, weight)
    value.backward()
    optimizer.step()
    return value.item()


@torch.no_grad()
def _follow(average: nn.Module, model: nn.Module, memory: float) -> None:
    """Move the averaged weights, and the statistics of normalization, towards the trained ones."""
    trained = model.state_dict()
    for name, held in average.state_dict().items():
        if held.dtype.is_floating_point:
            held.lerp_(trained[name], 1 - memory)
        else:
            held.copy_(trained[name])
