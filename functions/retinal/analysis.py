"""One fundus photo: the steps in order."""

import numpy as np
from PIL import Image

from functions.retinal.canvas import PIXELS_PER_DEGREE, Canvas, Floats, bring_to_scale
from functions.retinal.decode import FundusPhoto
from functions.retinal.eyeground import ASSUMED_DEG, Anatomy, Eyeground, Scale
from functions.retinal.field import find_field
from functions.retinal.findings import written
from functions.retinal.lesions import lesions_of
from functions.retinal.macula import Eye, eye_of, find_fovea
from functions.retinal.networks import network, referable_model
from functions.retinal.optic_disc import OpticDisc, locate_disc
from functions.retinal.pictures import draw
from functions.retinal.quality import judge, plausible_field, plausible_vessels
from functions.retinal.referable import referable_probability, trunk_features
from functions.retinal.vessels import vessels_of
from shared.record import Findings, StageMarker, unmarked
from shared.science.images.modality import Modality, require_modality
from shared.science.models.slot import OperatorModel


def analyze(
    photo: FundusPhoto,
    *,
    eye: Eye | None = None,
    field_of_view_deg: float | None = None,
    model: OperatorModel | None = None,
    stage: StageMarker = unmarked,
) -> Findings:
    """Measure one photo.

    Parameters
    ----------
    photo : FundusPhoto
    eye : Eye, optional
        As stated; the side of the disc tells it otherwise.
    field_of_view_deg : float, optional
        Of the camera; 45 degrees are assumed otherwise.
    model : OperatorModel, optional
        The operator's, over the whole photo.
    stage : StageMarker
        Named once for each of quality, modality, vessels, disc, lesions, screening and pictures.

    Raises
    ------
    UnusableRecording
        One of its subclasses, where the picture is no fundus photo or too poor to measure.
    UnusableModel
        Where the operator's model is not what its manifest says.
    """
    scale = Scale(field_of_view_deg or ASSUMED_DEG, field_of_view_deg is not None)
    with stage("quality"):
        field = plausible_field(find_field(photo.image), photo.file_px)
        canvas = bring_to_scale(photo.image, field, scale.degrees * PIXELS_PER_DEGREE)
        quality = judge(canvas, photo.file_px)
    with stage("modality"):
        likeness = require_modality(np.asarray(photo.image), Modality.FUNDUS)
    with stage("vessels"):
        vessels = plausible_vessels(vessels_of(canvas, network("vessels")))
    with stage("disc"):
        disc = locate_disc(photo.image, canvas, scale.degrees, network("disc"))
        anatomy = orient(canvas, disc, eye)
    with stage("lesions"):
        places = anatomy.disc, anatomy.fovea
        lesions = lesions_of(photo.image, canvas, scale.degrees, places, network("lesions"))
    with stage("screening"):
        features = trunk_features(network("trunk"), photo.image, field) | lesions.features()
        referable = referable_probability(referable_model(), features)
        named = None if model is None else model.findings(unit(photo.image))
    ground = Eyeground(
        scale, canvas, quality, vessels, anatomy, lesions, referable, likeness, named
    )
    with stage("pictures"):
        pictures = draw(photo, ground)
    return written(photo, ground, pictures, model)


def unit(image: Image.Image) -> Floats:
    """Return a picture's values as an operator's model takes them.

    Parameters
    ----------
    image : Image
        RGB of 8 bits.

    Returns
    -------
    (height, width, 3) ndarray of float32
        0-1.
    """
    scaled: Floats = np.asarray(image, np.float32) / np.float32(255)
    return scaled


def orient(canvas: Canvas, disc: OpticDisc | None, stated: Eye | None) -> Anatomy:
    """Tell the eye, by the stated before the seen, and estimate the fovea from the disc."""
    if disc is None:
        return Anatomy(None, stated or Eye.UNKNOWN, Eye.UNKNOWN, None)
    by_disc = eye_of(disc, len(canvas.rgb), PIXELS_PER_DEGREE)
    eye = stated or by_disc
    return Anatomy(disc, eye, by_disc, find_fovea(canvas, disc, eye, PIXELS_PER_DEGREE))
