"""What a fundus photo shows, before it is written down: the parts that the steps hand on."""

from dataclasses import dataclass

from functions.retinal.field import Canvas
from functions.retinal.grading import Grading
from functions.retinal.lesions import Lesions
from functions.retinal.macula import Eye, Fovea, Landmarks
from functions.retinal.optic_disc import OpticDisc
from functions.retinal.quality import Quality
from functions.retinal.vessels import Vessels

ASSUMED_DEG = 45.0


@dataclass(frozen=True)
class Scale:
    """The camera's angle, and whether somebody stated it."""

    degrees: float
    stated: bool


@dataclass(frozen=True)
class Anatomy:
    """Disc, eye and fovea on the canvas of the vessels.

    `seen` is the eye that the disc's side tells, `eye` the stated eye, or else that.
    """

    disc: OpticDisc | None
    eye: Eye
    seen: Eye
    fovea: Fovea | None


@dataclass(frozen=True)
class Signs:
    """Signs of diabetic retinopathy, on the fine canvas."""

    landmarks: Landmarks
    lesions: Lesions
    grading: Grading
    referable: float


@dataclass(frozen=True)
class Eyeground:
    """All that was found on one photo; `canvas` is that of the vessels, `fine` of the lesions."""

    scale: Scale
    canvas: Canvas
    fine: Canvas
    quality: Quality
    vessels: Vessels
    anatomy: Anatomy
    signs: Signs
