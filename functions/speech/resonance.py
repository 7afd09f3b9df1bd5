"""The resonances of a vowel, and how far they can be believed.

`formants_of(part, ceiling_hz) -> tuple[Formant, ...]`. A formant is known no better than the
harmonics sample it: by about a quarter of the pitch (Lindblom 1962; Vallabha & Tuller 2002,
doi:10.1016/S0167-6393(01)00049-8). In a high voice the linear prediction follows single harmonics,
and its track jumps between them.

Deviations: the quarter of the pitch stands for the error of one frame and one formant; here it
lowers the confidence of a median over the vowel, whose own error may well be smaller.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from functions.speech import praat

NUMBERS = (1, 2, 3)  # the fourth and fifth depend on the ceiling more than on the vowel
# Synthetic vowels of known formants: up to 300 Hz nine in ten F1 are within 17 %, F2 within 20 %;
# above, up to 30 and 87 %.
MAX_F0_HZ = 300.0
# Of its median. Labelled vowels below 230 Hz: 1 to 6 %; where a track jumps: 20 % and more.
MAX_SPREAD = 0.10
HARMONIC_SHARE = 0.25  # Lindblom (1962): the error, as a share of the pitch


@dataclass(frozen=True)
class Formant:
    """The track of one formant.

    Attributes
    ----------
    median_hz : float
        NaN where there is no track.
    spread : float
        The middle half of its values as a share of the median.
    """

    median_hz: float
    spread: float

    @property
    def jumps(self) -> bool:
        return not self.spread <= MAX_SPREAD  # NaN where there is no track

    def confidence(self, f0_hz: float) -> float:
        """1 less the part of itself by which the pitch leaves it open."""
        return max(0.0, 1 - HARMONIC_SHARE * f0_hz / self.median_hz)


def formants_of(part: Any, ceiling_hz: float) -> tuple[Formant, ...]:
    """Measure the first three formants of a part of a vowel.

    Parameters
    ----------
    part : parselmouth.Sound
    ceiling_hz : float
        Up to which `praat.N_FORMANTS` are looked for, by the sex.

    Returns
    -------
    tuple of Formant
        From the lowest.
    """
    tracks = praat.formants(part, ceiling_hz)
    return tuple(formant(tracks, number) for number in NUMBERS)


def formant(tracks: Any, number: int) -> Formant:
    """Median and spread of one track; NaN where there is none."""
    contour = praat.formant_contour(tracks, number)
    values_hz = contour.values[contour.present]
    if not len(values_hz):
        return Formant(float("nan"), float("nan"))
    low_hz, high_hz = np.quantile(values_hz, [0.25, 0.75])
    median_hz = praat.formant_median_hz(tracks, number)
    return Formant(median_hz, float(high_hz - low_hz) / median_hz)
