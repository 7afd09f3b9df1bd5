"""What people look at: the border with axes and sectors, the colors, the change, and the mask."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from functions.dermatology.colors import color_map
from functions.dermatology.standard import SIDE_PX
from shared.record import Picture
from shared.science.images.overlay import Overlay, Stroke, mask_picture

if TYPE_CHECKING:
    from functions.dermatology.evolution import Evolution
    from functions.dermatology.lesion import Lesion
    from functions.dermatology.scale import Scale

AXIS_REACH = 0.62  # of the longest extent, from the center
LABEL_REACH = 0.56
BAR_MM = (1, 2, 5, 10, 20, 50)
BAR_PLACE = (0.06, 0.95)  # of width and height
MAX_BAR = 0.4  # of the width
SECTORS = 8
COLOR_WORDS = {
    "white": "white",
    "red": "red",
    "light_brown": "light brown",
    "dark_brown": "dark brown",
    "blue_gray": "blue-gray",
    "black": "black",
}


def draw(
    lesion: "Lesion",
    size_px: tuple[int, int],
    scale: "Scale | None",
    change: "Evolution | None",
) -> tuple[Picture, ...]:
    """Draw all pictures of one lesion; `size_px` is (width, height) of the picture as sent."""
    drawn = [outline(lesion, size_px, scale), color_swatches(lesion)]
    if change is not None and change.earlier_mask is not None:
        drawn.append(both_outlines(lesion, change))
    mask = lesion.border.placed(lesion.shape)
    share = 100 * float(mask.mean())
    alt = f"White where the lesion is, {share:.1f} percent of the picture."
    return (*drawn, mask_picture("lesion_mask", mask, size_px, alt))


def outline(lesion: "Lesion", size_px: tuple[int, int], scale: "Scale | None") -> Picture:
    """The close-up with border, the two axes, eight sectors, and a scale bar where it is known."""
    overlay = Overlay(lesion.border.close_up.picture)
    overlay.outline(lesion.border.mask, Stroke.SOLID, "border of the lesion")
    for number, axis in enumerate(lesion.asymmetry.axes):
        angle = np.deg2rad(axis.angle_deg)
        words = f"axis {number + 1}: {'asymmetric' if axis.is_asymmetric else 'symmetric'}"
        stroke = (Stroke.DASHED, Stroke.DOTTED)[number]
        ends = _place(lesion, angle, -AXIS_REACH), _place(lesion, angle, AXIS_REACH)
        overlay.line(*ends, stroke, words)
    for number, sector in enumerate(lesion.sectors):
        angle = (number + 1 / 2) * 2 * np.pi / SECTORS
        mark = f"{number + 1}{'!' if sector.is_abrupt else ''}"
        overlay.label(_place(lesion, angle, LABEL_REACH), mark)
    if scale is not None:
        _scale_bar(overlay, lesion, scale)
    abrupt = [str(n + 1) for n, sector in enumerate(lesion.sectors) if sector.is_abrupt]
    alt = (
        f"The lesion's border, two axes of which {lesion.asymmetry.score} are asymmetric, and eight"
        f" sectors, numbered clockwise; abrupt (!): {', '.join(abrupt) or 'none'}."
    )
    return overlay.picture("lesion_outline", alt)


def _place(lesion: "Lesion", angle_rad: float, reach: float) -> tuple[float, float]:
    """Column and row at an angle from the long axis, so many longest extents from the center."""
    row, column = lesion.view.center
    angle = lesion.view.axis_rad + angle_rad
    away = reach * (lesion.longest_px / lesion.border.close_up.scale)
    return column + away * np.cos(angle), row + away * np.sin(angle)


def _scale_bar(overlay: Overlay, lesion: "Lesion", scale: "Scale") -> None:
    height, width = lesion.border.mask.shape
    px_per_mm = 1 / (scale.mm_per_px * lesion.sent_per_close_up)
    length_mm = max((mm for mm in BAR_MM if mm * px_per_mm <= MAX_BAR * width), default=None)
    if length_mm is None:
        return
    x, y = BAR_PLACE[0] * width, BAR_PLACE[1] * height
    overlay.line((x, y), (x + length_mm * px_per_mm, y), Stroke.BROKEN, f"{length_mm} mm")


def color_swatches(lesion: "Lesion") -> Picture:
    """The lesion at its fixed size, each named color outlined and written in the legend."""
    overlay = Overlay(lesion.view.picture)
    overlay.outline(lesion.view.mask, Stroke.SOLID, "border of the lesion")
    named = color_map(lesion.view.absorbance)
    listed = _shares_in_words(lesion.shares)
    strokes = (Stroke.DASHED, Stroke.DOTTED, Stroke.BROKEN)
    present = sorted(lesion.shares.items(), key=lambda item: -item[1])[: len(strokes)]
    for stroke, (name, share) in zip(strokes, present, strict=False):
        place = 1 + list(lesion.shares).index(name)
        zone = (named == place) & lesion.view.mask
        if zone.any():
            overlay.outline(zone, stroke, f"{COLOR_WORDS[name]}: {100 * share:.0f} %")
    alt = f"Colors of the lesion: {listed}. Drawn at a fixed size of {SIDE_PX} pixels."
    return overlay.picture("lesion_colors", alt)


def _shares_in_words(shares: Mapping[str, float]) -> str:
    told = [f"{COLOR_WORDS[name]} {100 * share:.0f} %" for name, share in shares.items() if share]
    return ", ".join(told) or "none of the six"


def both_outlines(lesion: "Lesion", change: "Evolution") -> Picture:
    """The present outline and the earlier one laid over it."""
    assert change.earlier_mask is not None
    overlay = Overlay(lesion.border.close_up.picture)
    overlay.outline(lesion.border.mask, Stroke.SOLID, "border now")
    overlay.outline(change.earlier_mask, Stroke.DASHED, "border at the earlier visit")
    how = (
        f"area now {change.area_ratio:.2f} of then"
        if change.area_ratio is not None
        else "drawn at equal size, for a scale is unknown"
    )
    return overlay.picture("lesion_evolution", f"Outlines now and at the earlier visit; {how}.")
