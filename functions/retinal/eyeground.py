"""What a fundus photo shows, before it is written down: the parts that the steps hand on."""

from dataclasses import dataclass
from typing import Any

from functions.retinal.canvas import Canvas
from functions.retinal.lesions import Lesions
from functions.retinal.macula import Eye, Fovea
from functions.retinal.optic_disc import OpticDisc
from functions.retinal.quality import Quality
from functions.retinal.vessels import Vessels
from shared.science.images.modality import Likeness

ASSUMED_DEG = 45.0


@dataclass(frozen=True)
class Scale:
    """The camera's angle, and whether somebody stated it."""

    degrees: float
    stated: bool


@dataclass(frozen=True)
class Anatomy:
    """Disc, eye and fovea on the canvas of the vessels.

    `by_disc` is the eye that the disc's side tells, `eye` the stated eye, or else that.
    """

    disc: OpticDisc | None
    eye: Eye
    by_disc: Eye
    fovea: Fovea | None


@dataclass(frozen=True)
class Eyeground:
    """All that was found on one photo.

    Attributes
    ----------
    scale : Scale
        The camera's angle, stated or assumed.
    canvas : Canvas
        The photo at the scale of the measures.
    quality : Quality
        Numbers of the photo and their limits.
    vessels : Vessels
        The mask of the vessels on the canvas.
    anatomy : Anatomy
        Disc, eye and fovea.
    lesions : Lesions
        Candidates of lesions.
    referable : float
        Probability (0-1) of referable retinopathy.
    findings : mapping of str to float, or None
        What the operator's model says of each of its labels; None without a model.
    """

    scale: Scale
    canvas: Canvas
    quality: Quality
    vessels: Vessels
    anatomy: Anatomy
    lesions: Lesions
    referable: float
    likeness: Likeness
    findings: list[dict[str, Any]] | None
