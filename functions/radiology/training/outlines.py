"""Train the network that outlines lungs and heart, and write it to `models/` with its card.

    python -m functions.radiology.training.outlines [--cross-validate]

Wingspan (MIT) trains; JSRT, whose licence allows measuring only, is the test by other hands. Two
networks that differ by their seed are averaged inside one graph. Needs the dependency group
`training`; where the films are expected is in tests/accuracy/README.md.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import Tensor, nn

from functions.radiology.training.films import Film, read_films
from local.training.augmentation import (
    Batch,
    DrawBatch,
    Geometry,
    Photometry,
    draw_affine,
    photometric,
    stack,
    warp,
)
from local.training.export import export
from local.training.loop import Schedule, fit
from local.training.losses import cross_entropy_and_dice
from local.training.model_card import Figure, ModelCard, Source, figure, write_card
from local.training.unet import UNet, n_parameters

FILMS = Path("../shared/data/radiology")
MODEL = Path(__file__).parents[1] / "models" / "outlines.onnx"
VERSION = "1"
WIDTHS = (8, 16, 32, 64, 64)
SIDE_PX = 256
BATCH = 8
STEPS = 2200
SEEDS = (0, 1)
FOLDS = 5
CPU_MINUTES = 45  # of both networks, from the time of their first steps
BLACK = 0
GEOMETRY = Geometry(turn_deg=14, zoom=(0.78, 1.2), shift=0.08, aspect=0.2, mirror=False)
PHOTOMETRY = Photometry(gamma=0.6, channel_gain=0.0, gain=0.15, slope=0.25, noise=0.04)


class Averaged(nn.Module):
    """The mean of the logits of several networks."""

    def __init__(self, networks: Sequence[nn.Module]) -> None:
        super().__init__()
        self.networks = nn.ModuleList(networks)

    def forward(self, image: Tensor) -> Tensor:
        return torch.stack([network(image) for network in self.networks]).mean(dim=0)


def batches(films: Sequence[Film]) -> DrawBatch:
    """Draw films in turns, each once before any a second time."""
    layers = [np.dstack([film.gray, *(255 * film.masks.astype(np.uint8))]) for film in films]
    waiting: list[int] = []

    def draw(rng: np.random.Generator) -> Batch:
        pictures, truths = [], []
        for _ in range(BATCH):
            if not waiting:
                waiting.extend(rng.permutation(len(layers)).tolist())
            layer = layers[waiting.pop()]
            height, width = layer.shape[:2]
            center, scale = (width / 2, height / 2), SIDE_PX / max(height, width)
            matrix = draw_affine(rng, center, (SIDE_PX, SIDE_PX), GEOMETRY, scale)
            drawn = warp(layer, matrix, (SIDE_PX, SIDE_PX), BLACK)
            pictures.append(photometric(drawn[..., :1], rng, PHOTOMETRY))
            truths.append(np.round(drawn[..., 1:]))
        weight = np.ones((BATCH, 1, SIDE_PX, SIDE_PX), np.float32)
        return stack(pictures), stack(truths), weight

    return draw


def trained(films: Sequence[Film], seeds: Sequence[int], steps: int, device: str) -> Averaged:
    """Train a network for each seed, and average them.

    Parameters
    ----------
    films : sequence of Film
    seeds : sequence of int
    steps : int
        Of each network.
    device : str
        Of torch, such as "cpu" or "cuda".

    Returns
    -------
    Averaged
        In the mode of evaluation.
    """
    networks = [
        fit(
            lambda: UNet(WIDTHS, 1, 3),
            batches(films),
            lambda logits, truth, weight: cross_entropy_and_dice(logits, truth, weight, 1.0),
            Schedule(steps, peak_rate=3e-3, seed=seed),
            f"seed {seed}",
            device,
        )
        for seed in seeds
    ]
    return Averaged(networks).eval()


@torch.no_grad()
def outlined(model: nn.Module, film: Film) -> npt.NDArray[np.bool_]:
    """Masks of a film at its own size, the largest region of each.

    The film is stretched to a square here, where `organs.outline` frames it in black: both see the
    same of square films alone.

    Parameters
    ----------
    model : Module
    film : Film

    Returns
    -------
    (3, height, width) ndarray of bool
        In the order of `ORGANS`; empty where no logit is positive.
    """
    small = Image.fromarray(film.gray).resize((SIDE_PX, SIDE_PX), Image.Resampling.BOX)
    picture = torch.from_numpy(np.asarray(small, np.float32) / 255)[None, None]
    size = film.gray.shape
    logits = nn.functional.interpolate(model(picture), size, mode="bicubic", align_corners=False)
    masks = []
    for mask in (logits[0] > 0).numpy():
        count, labels, regions, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8))
        masks.append(labels == 1 + np.argmax(regions[1:, 4]) if count > 1 else mask)
    return np.stack(masks)


def dice(mask: npt.NDArray[np.bool_], truth: npt.NDArray[np.bool_]) -> float:
    return float(2 * (mask & truth).sum() / (mask.sum() + truth.sum()))


def cardiothoracic_ratio(masks: npt.NDArray[np.bool_]) -> float:
    """Width of the heart over that of both lungs together, by their outermost columns.

    Parameters
    ----------
    masks : (3, height, width) ndarray of bool
        In the order of `ORGANS`, none empty.

    Returns
    -------
    float
    """
    thorax, heart = (np.flatnonzero(mask.any(axis=0)) for mask in (masks[0] | masks[1], masks[2]))
    return float(np.ptp(heart) + 1) / float(np.ptp(thorax) + 1)


def figures(model: nn.Module, films: Sequence[Film], data: str) -> dict[str, list[float]]:
    """Dice of lungs and heart and the error of the ratio, per film; prints their means."""
    rows: dict[str, list[float]] = {"lungs_dice": [], "heart_dice": [], "ctr_error": []}
    for film in films:
        masks = outlined(model, film)
        rows["lungs_dice"].append(dice(masks[0] | masks[1], film.masks[0] | film.masks[1]))
        rows["heart_dice"].append(dice(masks[2], film.masks[2]))
        error = cardiothoracic_ratio(masks) - cardiothoracic_ratio(film.masks)
        rows["ctr_error"].append(abs(error))
    print(data, *(f"{name} {np.mean(row):.4f}" for name, row in rows.items()), flush=True)
    return rows


def cross_validated(
    films: Sequence[Film], folds: Sequence[int], seeds: Sequence[int], device: str
) -> list[Figure]:
    """Figures of films that their network did not see; every fifth film is of one fold."""
    rows: dict[str, list[float]] = {}
    for fold in folds:
        others = [film for index, film in enumerate(films) if index % FOLDS != fold]
        model = trained(others, seeds, STEPS, device)
        for name, values in figures(model, films[fold::FOLDS], f"fold {fold}").items():
            rows.setdefault(name, []).extend(values)
    return [
        figure(name, values, "Wingspan, cross-validated by film") for name, values in rows.items()
    ]


def card(model: nn.Module, films: Sequence[Film], measured: list[Figure]) -> ModelCard:
    return ModelCard(
        name="chest_outlines",
        version=VERSION,
        purpose="Outlines of both lungs and the heart on frontal chest films",
        input=f"gray film on a black square, {SIDE_PX} x {SIDE_PX} px, values 0 to 1",
        output="logits of right lung, left lung and heart (the person's right)",
        architecture=f"{len(SEEDS)} U-Nets of widths {WIDTHS}, logits averaged; local "
        "normalization inside the graph",
        n_parameters=n_parameters(model),
        licence="Apache-2.0, trained on MIT-licensed films",
        trained_on=[
            Source(
                "Wingspan",
                "MIT (c) 2020 Nanqing Dong",
                "eveningdong/cardiothoracic_ratio_estimation_dataset @ "
                "9fae424e6154c4c4386da582875cb4a509b6d7ef",
                len(films),
            )
        ],
        split="The committed network has seen all films. Cross-validation leaves out every fifth "
        "film (one film a patient); JSRT is never trained on.",
        training=f"{STEPS} steps of {BATCH} films a network, AdamW, cosine from 3e-3, averaged "
        "weights. The committed weights were trained on one GPU in 166 s a network; the same "
        "command runs on a processor and gives weights that differ by rounding.",
        cpu_minutes=CPU_MINUTES,
        seeds=list(SEEDS),
        figures=measured,
        limits=[
            "Frontal films of adults; lateral films and children were not trained on",
            "Wingspan's films were resized to a square: their aspect is unknown",
            "74 % of Wingspan's films have a cardiothoracic ratio above 0.5",
        ],
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Train the outlines of lungs and heart.")
    parser.add_argument("--data", type=Path, default=FILMS)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--cross-validate", action="store_true", help="five times the time")
    given = parser.parse_args()
    films = read_films(given.data / "wingspan")
    model = trained(films, SEEDS, STEPS, given.device)
    rows = figures(model, read_films(given.data / "jsrt"), "JSRT")
    measured = [figure(name, values, "JSRT, external") for name, values in rows.items()]
    if given.cross_validate:
        measured += cross_validated(films, range(FOLDS), SEEDS, given.device)
    export(model, MODEL, (1, 1, SIDE_PX, SIDE_PX), dynamic=False)
    write_card(card(model, films, measured), MODEL)


if __name__ == "__main__":
    main()
