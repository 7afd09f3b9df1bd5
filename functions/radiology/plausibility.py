"""Whether the outlines can be those of a frontal chest film: refuse rather than guess.

Limits leave room around what is outlined on the 170 films of Wingspan.
"""

from collections.abc import Iterator

from functions.radiology.organs import Organ, Organs
from shared.errors import UnusableRecording

LUNG_AREA = (0.04, 0.30)  # of the film, either lung
LUNGS_AREA = (0.10, 0.55)
HEART_AREA = (0.035, 0.26)
LUNG_RATIO = (0.38, 1.5)  # left over right
MIN_DOMINANCE = 0.85
MIN_CERTAINTY = 0.86
MAX_TILT = 0.16  # rows between the centers of the lungs, in shares of the film
EDGE = 0.005  # a lung that ends within this share of the edge may be cut


class ImplausibleFilm(UnusableRecording):
    """Lungs and heart were not found where they are on a frontal chest film."""

    code = "not-a-frontal-chest-film"
    title = "No frontal chest film"

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(
            f"This cannot be measured as a frontal chest film: {'; '.join(reasons)}. Send a whole "
            "frontal film, upright, with both lungs in it."
        )


def require_plausible(organs: Organs) -> None:
    """Refuse outlines that cannot be those of a frontal chest film.

    Raises
    ------
    ImplausibleFilm
        Naming everything that is missing; only where nothing is, everything that is misplaced, for
        places and areas say little of an organ that was not found.
    """
    reasons = list(missing(organs)) or list(misplaced(organs))
    if reasons:
        raise ImplausibleFilm(reasons)


def missing(organs: Organs) -> Iterator[str]:
    """Yield what was not found, or not in one piece."""
    for name, organ in named(organs):
        if not organ.mask.any():
            yield f"no {name} was found"
        elif organ.dominance < MIN_DOMINANCE:
            yield f"the {name} was found in several pieces"
        elif organ.certainty < MIN_CERTAINTY:
            yield f"the {name} is not clear enough (certainty {organ.certainty:.2f})"


def misplaced(organs: Organs) -> Iterator[str]:
    """Yield what is found and does not fit the rest."""
    right, left, heart = organs.right_lung, organs.left_lung, organs.heart
    if not right.center[0] < heart.center[0] < left.center[0]:
        yield "right lung, heart and left lung do not follow each other from left to right"
    if heart.center[1] < min(right.center[1], left.center[1]):
        yield "the heart lies above the lungs"
    if abs(right.center[1] - left.center[1]) > MAX_TILT:
        yield "the lungs lie at different heights"
    yield from disproportionate(right, left, heart)


def disproportionate(right: Organ, left: Organ, heart: Organ) -> Iterator[str]:
    for name, area, limits in (
        ("the right lung covers", right.area, LUNG_AREA),
        ("the left lung covers", left.area, LUNG_AREA),
        ("the lungs cover", right.area + left.area, LUNGS_AREA),
        ("the heart covers", heart.area, HEART_AREA),
    ):
        if not limits[0] <= area <= limits[1]:
            yield f"{name} {area:.0%} of the film"
    if not LUNG_RATIO[0] <= left.area / right.area <= LUNG_RATIO[1]:
        yield f"the left lung is {left.area / right.area:.1f} times as large as the right"


def named(organs: Organs) -> tuple[tuple[str, Organ], ...]:
    return (
        ("right lung", organs.right_lung),
        ("left lung", organs.left_lung),
        ("heart", organs.heart),
    )
