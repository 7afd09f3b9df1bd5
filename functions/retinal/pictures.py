"""What people look at: vessels and disc over the photo, and masks of one bit."""

import numpy as np

from functions.retinal.canvas import Canvas, on_photo
from functions.retinal.decode import FundusPhoto
from functions.retinal.eyeground import Eyeground
from functions.retinal.field import Mask
from functions.retinal.lesions import Lesion
from functions.retinal.vessels import ZONE_B
from shared.record import Picture
from shared.science.images.overlay import Overlay, Stroke, mask_picture

FOVEA_ARM_PX = 10
LESION_STROKES = {Lesion.HEMORRHAGE: Stroke.SOLID, Lesion.HARD_EXUDATE: Stroke.DOTTED}
LESION_MASKS = {"hemorrhage_mask": Lesion.HEMORRHAGE, "exudate_mask": Lesion.HARD_EXUDATE}


def draw(photo: FundusPhoto, ground: Eyeground) -> tuple[Picture, ...]:
    masks = [_mask("vessel_mask", ground.vessels.mask, photo, ground.canvas, "Vessels")]
    if ground.anatomy.disc is not None:
        disc = ground.anatomy.disc.mask
        masks.append(_mask("disc_mask", disc, photo, ground.canvas, "Optic disc"))
    fine = ground.lesions.canvas
    masks += [
        _mask(name, ground.lesions.masks[lesion], photo, fine, f"Candidates of {lesion}")
        for name, lesion in LESION_MASKS.items()
    ]
    return (vessel_overlay(ground), lesion_overlay(ground), *masks)


def _mask(name: str, mask: Mask, photo: FundusPhoto, canvas: Canvas, what: str) -> Picture:
    marked = on_photo(mask.astype(np.float32), canvas, photo.image.size) > 1 / 2
    share = float(marked.mean())
    alt = f"{what}, white on black at the photo's size: {share:.1%} of it is marked."
    return mask_picture(name, marked, photo.size_px, alt)


def _base(canvas: Canvas) -> Overlay:
    shown = np.where(canvas.inside[..., None], canvas.rgb, 0)
    return Overlay(np.round(shown * 255).astype(np.uint8))


def vessel_overlay(ground: Eyeground) -> Picture:
    """Outlines of vessels and disc, zone B, and the fovea's estimated place."""
    overlay = _base(ground.canvas)
    vessels, anatomy = ground.vessels, ground.anatomy
    overlay.outline(vessels.mask, Stroke.SOLID, f"vessels, {vessels.density:.1%} of the field")
    words = [f"Vessels cover {vessels.density:.1%} of the field."]
    disc = anatomy.disc
    if disc is not None:
        center = (disc.column_px, disc.row_px)
        overlay.outline(disc.mask, Stroke.DASHED, "optic disc")
        for index, radius in enumerate(ZONE_B):
            legend = None if index else "zone B, where calibers are measured"
            overlay.circle(center, radius * disc.diameter_px, Stroke.DOTTED, legend)
        words.append(f"The optic disc lies {_side(disc.column_px, ground.canvas)} of the middle.")
    if anatomy.fovea is not None:
        place = anatomy.fovea.column_px, anatomy.fovea.row_px
        overlay.cross(place, FOVEA_ARM_PX, Stroke.BROKEN, "fovea, estimated")
        words.append("A cross marks the estimated fovea.")
    return overlay.picture("vessels", " ".join(["Fundus photo.", *words]))


def lesion_overlay(ground: Eyeground) -> Picture:
    """Outlines of the candidates of hemorrhages and hard exudate, and the fovea's surround."""
    lesions, anatomy = ground.lesions, ground.anatomy
    overlay = _base(lesions.canvas)
    words = (
        f"{lesions.hemorrhages} candidates of hemorrhages are outlined, and hard exudate over "
        f"{lesions.share(Lesion.HARD_EXUDATE):.2%} of the field."
    )
    for lesion, stroke in LESION_STROKES.items():
        overlay.spots(lesions.masks[lesion], stroke, f"candidates of {lesion}")
    if anatomy.fovea is not None and anatomy.disc is not None:
        zoom = lesions.canvas.field_px / ground.canvas.field_px
        shift = (len(lesions.canvas.rgb) - zoom * len(ground.canvas.rgb)) / 2
        place = shift + zoom * anatomy.fovea.column_px, shift + zoom * anatomy.fovea.row_px
        reach = zoom * anatomy.disc.diameter_px
        overlay.circle(place, reach, Stroke.BROKEN, "a disc diameter around the fovea, estimated")
        words += " A circle marks a disc diameter around the estimated fovea."
    return overlay.picture("lesions", f"Fundus photo. {words}")


def _side(column: float, canvas: Canvas) -> str:
    return "left" if column < len(canvas.rgb) / 2 else "right"
