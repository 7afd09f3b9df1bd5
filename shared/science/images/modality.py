"""Whether a picture is of the kind that a pipeline measures: the first of two looks.

A small network names the kind; what passes it is refused later where the parts of its kind, such as
two lungs and a heart, cannot be found. `models/modality.json` has its figures.
"""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from shared.errors import UnusableRecording
from shared.record import ModelUsed
from shared.science.models.network import load_network

MODEL = Path(__file__).parent / "models" / "modality.onnx"
SIDE_PX = 56


class Modality(StrEnum):
    """The kinds of pictures; a fourth answer of the network is "none of them"."""

    FUNDUS = "fundus"
    CHEST = "chest"
    LESION = "lesion"


WORDS = {
    Modality.FUNDUS: "a photograph of the fundus of an eye",
    Modality.CHEST: "a frontal chest radiograph",
    Modality.LESION: "a photograph of a skin lesion",
}
NEITHER = "none of the pictures that are measured here"


class WrongModality(UnusableRecording):
    """The file is a picture, but not of the kind that the pipeline measures."""

    code = "wrong-modality"
    title = "Another kind of picture"

    def __init__(self, likely: str, expected: str) -> None:
        super().__init__(f"The picture looks like {likely}; expected {expected}.")


@dataclass(frozen=True)
class Likeness:
    """How much a picture is like each kind, 0-1; the rest to 1 is like none of them."""

    probabilities: dict[Modality, float]
    used: ModelUsed

    @property
    def words(self) -> str:
        best = max(self.probabilities, key=self.probabilities.__getitem__)
        rest = 1 - sum(self.probabilities.values())
        return NEITHER if rest > self.probabilities[best] else WORDS[best]


def require_modality(rgb: npt.NDArray[np.uint8], expected: Modality) -> Likeness:
    """Refuse a picture that looks more like another kind, or like none, than like what is expected.

    Parameters
    ----------
    rgb : (height, width, 3) ndarray of uint8
        Upright; squeezed to a square of `SIDE_PX`, so that nothing small can be told.
    expected : Modality

    Returns
    -------
    Likeness
        Its probability of what is expected may be below one half: it is the largest of the four.

    Raises
    ------
    WrongModality
        With what it looks like.
    """
    likeness = likeness_of(rgb)
    if likeness.words != WORDS[expected]:
        raise WrongModality(likeness.words, WORDS[expected])
    return likeness


def likeness_of(rgb: npt.NDArray[np.uint8]) -> Likeness:
    """Ask the network of `models/modality.onnx`, with a softmax over the kinds and "none of them".

    Parameters
    ----------
    rgb : (height, width, 3) ndarray of uint8

    Returns
    -------
    Likeness
    """
    network = load_network(MODEL)
    small = Image.fromarray(rgb).resize((SIDE_PX, SIDE_PX), Image.Resampling.BOX)
    picture = np.asarray(small, np.float32).transpose(2, 0, 1)[None] / 255
    logits = network(np.ascontiguousarray(picture))[0].astype(np.float64)
    shares = np.exp(logits - logits.max())
    shares /= shares.sum()
    named = dict(zip(Modality, shares[: len(Modality)].tolist(), strict=True))
    return Likeness(named, network.used)
