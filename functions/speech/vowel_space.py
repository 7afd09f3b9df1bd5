"""The space that /a/, /i/ and /u/ span: how far articulation reaches.

`vowel_space(a, i, u) -> VowelSpace` from the formants of the three vowels, held one after the other
in one recording; `held_vowels(f0) -> Spans` finds them.

The area is that of the triangle in F1 and F2; the ratio is the formant centralization ratio of
Sapir et al. (2010), doi:10.1044/1092-4388(2009/08-0184), which grows as vowels are centralized and
varies less between speakers than the area.

Deviations from Sapir et al. (2010): they take the vowels from repeated phrases; here they are
held, which widens the space, so their figures are no norms for it.
"""

from dataclasses import dataclass

from functions.speech.contour import Contour
from functions.speech.prosody import Spans
from shared.errors import UnusableRecording
from shared.science.signals import split_at_gaps

CORNERS = ("a", "i", "u")
MIN_VOWEL_S = 0.3  # own choice: longer than a vowel in speech, so none that was merely said
MAX_GAP_S = 0.1  # without voice within one vowel
EDGE_SHARE = 0.2  # of a vowel on both sides: its transitions


class NotThreeVowels(UnusableRecording):
    """The recording does not hold three vowels one after the other."""

    code = "not-three-vowels"

    def __init__(self, vowels: int) -> None:
        super().__init__(
            f"Found {vowels} held vowels of {MIN_VOWEL_S:g} s or more; expected three, /a/, /i/ "
            "and /u/ in this order with a rest between them."
        )


class NotCornerVowels(UnusableRecording):
    """The recording holds three vowels, but not /a/, /i/ and /u/ in this order."""

    code = "not-corner-vowels"

    def __init__(self) -> None:
        super().__init__(
            "The three vowels are not /a/, /i/ and /u/ in this order: /a/ must have the highest "
            "first formant and /i/ the highest second."
        )


@dataclass(frozen=True)
class Corner:
    """First and second formant (Hz) of one vowel."""

    f1_hz: float
    f2_hz: float


@dataclass(frozen=True)
class VowelSpace:
    """Area of the triangle (kHz squared), and the centralization ratio (1 and less is wide)."""

    area_khz2: float
    centralization_ratio: float


def held_vowels(f0: Contour) -> Spans:
    """Find the middle of each of three vowels.

    Parameters
    ----------
    f0 : Contour
        Hz; NaN where unvoiced. A gap above `MAX_GAP_S` parts two vowels.

    Returns
    -------
    tuple of (start_s, end_s)
        Without `EDGE_SHARE` on both sides.

    Raises
    ------
    NotThreeVowels
        If there are fewer or more.
    """
    times_s = f0.times_s[f0.present]
    held = [
        (float(part[0]), float(part[-1]))
        for part in split_at_gaps(times_s, MAX_GAP_S)
        if len(part) and part[-1] - part[0] >= MIN_VOWEL_S
    ]
    if len(held) != len(CORNERS):
        raise NotThreeVowels(len(held))
    return tuple(
        (start_s + EDGE_SHARE * (end_s - start_s), end_s - EDGE_SHARE * (end_s - start_s))
        for start_s, end_s in held
    )


def vowel_space(a: Corner, i: Corner, u: Corner) -> VowelSpace:
    """Measure area and centralization of three vowels.

    Parameters
    ----------
    a, i, u : Corner

    Returns
    -------
    VowelSpace

    Raises
    ------
    NotCornerVowels
        If /a/ has not the highest first formant, or /i/ not the highest second: another order or
        other vowels would give an area, too.

    Examples
    --------
    >>> space = vowel_space(Corner(800, 1300), Corner(300, 2300), Corner(300, 800))
    >>> round(space.area_khz2, 3), round(space.centralization_ratio, 2)
    (0.375, 0.87)
    """
    if a.f1_hz <= max(i.f1_hz, u.f1_hz) or i.f2_hz <= max(a.f2_hz, u.f2_hz):
        raise NotCornerVowels
    across = (i.f1_hz - a.f1_hz) * (u.f2_hz - a.f2_hz) - (u.f1_hz - a.f1_hz) * (i.f2_hz - a.f2_hz)
    return VowelSpace(
        area_khz2=abs(across) / 2 / 1e6,
        centralization_ratio=(u.f2_hz + a.f2_hz + i.f1_hz + u.f1_hz) / (i.f2_hz + a.f1_hz),
    )
