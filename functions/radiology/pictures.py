"""What people look at: outlines with the measured widths, zones, and the masks themselves."""

import numpy as np

from functions.radiology.film import Film
from functions.radiology.heart_size import HeartSize
from functions.radiology.organs import Organ, Organs
from functions.radiology.zones import LEVELS, Zones
from shared.record import Picture
from shared.science.images.overlay import Overlay, Stroke, mask_picture


def draw(
    film: Film, organs: Organs, size: HeartSize, ratio: float | None, zones: Zones
) -> tuple[Picture, ...]:
    return (
        outlines(film, organs, size, ratio),
        densities(film, organs, zones),
        mask_picture("lung_mask", organs.lungs, film.size_px, "Both lungs, white on black."),
        mask_picture("heart_mask", organs.heart.mask, film.size_px, "The heart, white on black."),
    )


def outlines(film: Film, organs: Organs, size: HeartSize, ratio: float | None) -> Picture:
    """Lungs and heart with the two lines whose lengths make the ratio."""
    overlay = Overlay(shown(film))
    overlay.outline(organs.right_lung.mask, Stroke.SOLID, "Right lung")
    overlay.outline(organs.left_lung.mask, Stroke.BROKEN, "Left lung")
    overlay.outline(organs.heart.mask, Stroke.DASHED, "Heart")
    for line, stroke in zip(size.lines, (Stroke.DASHED, Stroke.DOTTED), strict=True):
        start, end = (tuple(value / film.scale for value in p) for p in (line.start, line.end))
        overlay.line((start[0], start[1]), (end[0], end[1]), stroke, f"Width of the {line.name}")
    told = "not given" if ratio is None else f"{ratio:.2f}"
    overlay.label((6, 6), f"CTR {told}")
    alt = (
        f"Chest film with outlined lungs and heart. Heart {size.heart_width_px:.0f} px wide, "
        f"thorax {size.thorax_width_px:.0f} px, cardiothoracic ratio {told}."
    )
    return overlay.picture("outlines", alt)


def densities(film: Film, organs: Organs, zones: Zones) -> Picture:
    """The six zones, each with its percentile."""
    overlay = Overlay(shown(film))
    overlay.outline(organs.right_lung.mask, Stroke.SOLID, "Right lung")
    overlay.outline(organs.left_lung.mask, Stroke.BROKEN, "Left lung")
    told = []
    for side, lung in (("right", organs.right_lung), ("left", organs.left_lung)):
        edges = zones.edges[side]
        _edges(overlay, lung, edges, "Borders of the thirds" if side == "right" else None)
        for level, top, bottom in zip(LEVELS, edges[:-1], edges[1:], strict=True):
            value = zones.opacity.get((side, level))
            if value is not None:
                column = lung.center[0] * film.gray.shape[1]
                overlay.label((column - 10, (top + bottom) / 2), f"{value:.0f}")
                told.append(f"{side} {level} {value:.0f}")
    alt = (
        "Chest film with six lung zones; percentile of each zone's gray among all lung pixels: "
        f"{', '.join(told)}. A description of the film, not a finding."
    )
    return overlay.picture("zones", alt)


def _edges(overlay: Overlay, lung: Organ, edges: tuple[float, ...], words: str | None) -> None:
    """Draw the borders between thirds, across the lung."""
    first, end = lung.columns
    for number, edge in enumerate(edges[1:-1]):
        told = None if number else words
        overlay.line((first, edge), (end, edge), Stroke.DOTTED, told)


def shown(film: Film) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.round(film.gray * 255).astype(np.uint8)
