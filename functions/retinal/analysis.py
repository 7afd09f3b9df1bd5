"""One fundus photo: the steps in order."""

import numpy as np

from functions.retinal.decode import FundusPhoto
from functions.retinal.eyeground import ASSUMED_DEG, Anatomy, Eyeground, Scale, Signs
from functions.retinal.field import (
    PIXELS_PER_DEGREE,
    Canvas,
    Field,
    between,
    bring_to_scale,
    find_field,
)
from functions.retinal.findings import written
from functions.retinal.grading import grade
from functions.retinal.lesions import PIXELS_PER_DEGREE as FINE_PIXELS_PER_DEGREE
from functions.retinal.lesions import find_lesions, with_margin
from functions.retinal.macula import Eye, Fovea, Landmarks, eye_of, find_fovea
from functions.retinal.networks import maps, network, referable_model
from functions.retinal.optic_disc import PIXELS_PER_DEGREE as DISC_PIXELS_PER_DEGREE
from functions.retinal.optic_disc import OpticDisc, find_disc
from functions.retinal.pictures import draw
from functions.retinal.quality import judge, plausible_field, plausible_vessels
from functions.retinal.referable import referable_probability, trunk_features
from functions.retinal.vessels import measure_vessels
from shared.record import Findings, StageMarker, unmarked


def analyze(
    photo: FundusPhoto,
    *,
    eye: Eye | None = None,
    field_of_view_deg: float | None = None,
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
    stage : StageMarker
        Named once for each of quality, vessels, disc, lesions and pictures.

    Raises
    ------
    UnusableRecording
        One of its subclasses, where the picture is no fundus photo or too poor to measure.
    """
    scale = Scale(field_of_view_deg or ASSUMED_DEG, field_of_view_deg is not None)
    with stage("quality"):
        field = plausible_field(find_field(photo.image), photo.file_px)
        canvas = bring_to_scale(photo.image, field, scale.degrees * PIXELS_PER_DEGREE)
        quality = judge(canvas, photo.file_px)
    with stage("vessels"):
        probable = maps(network("vessels"), canvas.rgb)[0]
        vessels = plausible_vessels(measure_vessels(probable, canvas.inside))
    with stage("disc"):
        anatomy = orient(canvas, locate_disc(photo, field, scale, canvas), eye)
    with stage("lesions"):
        fine = bring_to_scale(photo.image, field, scale.degrees * FINE_PIXELS_PER_DEGREE)
        signs = signs_of(photo, fine, anatomy, len(canvas.rgb))
    ground = Eyeground(scale, canvas, fine, quality, vessels, anatomy, signs)
    with stage("pictures"):
        pictures = draw(photo, ground)
    return written(photo, ground, pictures)


def locate_disc(photo: FundusPhoto, field: Field, scale: Scale, canvas: Canvas) -> OpticDisc | None:
    """Find the disc at a coarse scale, and outline it on the canvas of the vessels."""
    coarse = bring_to_scale(photo.image, field, scale.degrees * DISC_PIXELS_PER_DEGREE)
    probable = maps(network("disc"), coarse.rgb)[0]
    ratio = DISC_PIXELS_PER_DEGREE / PIXELS_PER_DEGREE
    on_canvas = between(probable, ratio, len(canvas.rgb))
    return find_disc(on_canvas, canvas.inside, PIXELS_PER_DEGREE)


def orient(canvas: Canvas, disc: OpticDisc | None, stated: Eye | None) -> Anatomy:
    """Tell the eye, by the stated before the seen, and estimate the fovea from the disc."""
    if disc is None:
        return Anatomy(None, stated or Eye.UNKNOWN, Eye.UNKNOWN, None)
    seen = eye_of(disc, len(canvas.rgb), PIXELS_PER_DEGREE)
    eye = stated or seen
    return Anatomy(disc, eye, seen, find_fovea(canvas, disc, eye, PIXELS_PER_DEGREE))


def signs_of(photo: FundusPhoto, fine: Canvas, anatomy: Anatomy, canvas_px: int) -> Signs:
    """Find candidates outside the disc, and grade them; `canvas_px` is the anatomy's canvas."""
    probable = maps(network("lesions"), fine.rgb)
    landmarks = landmarks_on(fine, anatomy, canvas_px)
    lesions = find_lesions(probable, fine.inside, landmarks.disc)
    features = trunk_features(network("trunk"), photo.image, fine.field)
    referable = referable_probability(referable_model(), features)
    return Signs(landmarks, lesions, grade(lesions, landmarks), referable)


def landmarks_on(fine: Canvas, anatomy: Anatomy, canvas_px: int) -> Landmarks:
    """Disc, with its margin, and fovea on the finer canvas; `canvas_px` is the other's side."""
    ratio = PIXELS_PER_DEGREE / FINE_PIXELS_PER_DEGREE
    disc, fovea = anatomy.disc, anatomy.fovea
    moved = None
    if fovea is not None:
        moved = Fovea(
            _moved(fovea.row_px, canvas_px, len(fine.rgb), ratio),
            _moved(fovea.column_px, canvas_px, len(fine.rgb), ratio),
        )
    if disc is None:
        return Landmarks(anatomy.eye, moved, None, None)
    mask = between(disc.mask.astype(np.float32), ratio, len(fine.rgb)) > 1 / 2
    diameter = disc.diameter_px / ratio
    return Landmarks(anatomy.eye, moved, with_margin(mask, diameter), diameter)


def _moved(place: float, old_size: int, new_size: int, ratio: float) -> float:
    return (place + 1 / 2 - old_size / 2) / ratio + new_size / 2 - 1 / 2
