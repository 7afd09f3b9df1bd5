"""What the networks that ship find on a labelled photo."""

from functions.retinal.canvas import PIXELS_PER_DEGREE, bring_to_scale
from functions.retinal.lesions import Lesions, lesions_of
from functions.retinal.macula import eye_of, find_fovea
from functions.retinal.networks import network
from functions.retinal.optic_disc import locate_disc
from functions.retinal.training.photos import Photo


def lesions_on(photo: Photo) -> Lesions:
    canvas = bring_to_scale(photo.image, photo.field, photo.degrees * PIXELS_PER_DEGREE)
    disc = locate_disc(photo.image, canvas, photo.degrees, network("disc"))
    fovea = None
    if disc is not None:
        eye = eye_of(disc, len(canvas.rgb), PIXELS_PER_DEGREE)
        fovea = find_fovea(canvas, disc, eye, PIXELS_PER_DEGREE)
    return lesions_of(photo.image, canvas, photo.degrees, (disc, fovea), network("lesions"))
