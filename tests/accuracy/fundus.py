"""Labelled fundus photos for accuracy tests; README.md gives origin and licence of each set."""

from collections.abc import Iterator

from functions.retinal.canvas import PIXELS_PER_DEGREE, Canvas, Floats, bring_to_scale, on_photo
from functions.retinal.field import Mask
from functions.retinal.training import photos
from functions.retinal.training.photos import Photo
from tests.accuracy.sets import DATA


def drive() -> Iterator[tuple[Photo, Canvas, Mask, Mask]]:
    """Photos of DRIVE on their canvas, with vessels and field as drawn on the photo."""
    for photo, vessels, field in photos.drive(DATA):
        scale = photo.degrees * PIXELS_PER_DEGREE
        yield photo, bring_to_scale(photo.image, photo.field, scale), vessels, field


def on_file(values: Floats, canvas: Canvas, photo: Photo) -> Floats:
    return on_photo(values, canvas, photo.image.size)
