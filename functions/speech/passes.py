"""The two passes of the pitch, compared: where the first leaves the range of the second.

`compare(first, second, search) -> Passes`. The second pass follows one register of a person. A
voice that jumps by an octave for a moment is then followed at half of its frequency, as steadily as
if nothing had happened. The first pass here searches everywhere and judges each frame by itself: it
shows the jump.

No paper is followed; Hirst's two passes (see `course.py`) have no such check. The limit below was
set on labelled vowels and on synthetic jumps.
"""

from dataclasses import dataclass

import numpy as np

from functions.speech.contour import Contour, PitchRange
from functions.speech.praat import WIDEST_RANGE_HZ
from functions.speech.sound import Flags
from shared.science.signals import spans

# Longer than any tracking error at the edge of a real vowel, shorter than a change that is heard.
MIN_EXCURSION_S = 0.15


@dataclass(frozen=True)
class Pass:
    """One pass in numbers."""

    search: PitchRange
    f0_mean_hz: float
    f0_sd_hz: float


@dataclass(frozen=True)
class Passes:
    """Both passes, and the time that the first spends outside of the range of the second.

    Attributes
    ----------
    first, second : Pass
    excursion_s : float
        0 where they agree.
    extremes_hz : (float, float) or None
        Lowest and highest pitch outside.
    """

    first: Pass
    second: Pass
    excursion_s: float
    extremes_hz: tuple[float, float] | None

    @property
    def disagree(self) -> bool:
        return self.excursion_s > 0

    @property
    def sentence(self) -> str:
        """What to tell people where the passes disagree."""
        wide, narrow = self.first, self.second
        return (
            f"For {self.excursion_s:.1f} s the pitch jumps out of its range, by an octave or to "
            f"another register, or it was mistaken: searched from {wide.search.floor_hz:.0f} to "
            f"{wide.search.ceiling_hz:.0f} Hz it is {wide.f0_mean_hz:.0f} Hz with a standard "
            f"deviation of {wide.f0_sd_hz:.1f} Hz, from {narrow.search.floor_hz:.0f} to "
            f"{narrow.search.ceiling_hz:.0f} Hz it is {narrow.f0_mean_hz:.0f} Hz with "
            f"{narrow.f0_sd_hz:.1f} Hz"
        )


def compare(first: Contour, second: Contour, search: PitchRange) -> Passes:
    """Compare both passes over one stretch of a vowel.

    Parameters
    ----------
    first, second : Contour
        Pitch (Hz) within the stretch, NaN where unvoiced.
    search : PitchRange
        Where the second pass looked.

    Returns
    -------
    Passes
        Its excursions last `MIN_EXCURSION_S` or more at a stretch: shorter ones are errors.
    """
    # NaN is neither below nor above.
    outside = (first.values < search.floor_hz) | (first.values > search.ceiling_hz)
    lasting = runs_of(outside, first.step_s, MIN_EXCURSION_S)
    away_hz = first.values[lasting]
    return Passes(
        first=numbers(first, PitchRange(*WIDEST_RANGE_HZ)),
        second=numbers(second, search),
        excursion_s=float(lasting.sum()) * first.step_s,
        extremes_hz=(float(away_hz.min()), float(away_hz.max())) if len(away_hz) else None,
    )


def numbers(contour: Contour, search: PitchRange) -> Pass:
    """Return one pass in numbers, NaN with fewer than two voiced frames."""
    voiced = contour.values[contour.present]
    if len(voiced) < 2:
        return Pass(search, float("nan"), float("nan"))
    return Pass(search, float(voiced.mean()), float(voiced.std(ddof=1)))


def runs_of(flags: Flags, step_s: float, least_s: float) -> Flags:
    """Only the runs of true flags that last long enough."""
    lasting = np.zeros(len(flags), bool)
    for start, stop in spans(flags):
        lasting[start:stop] = (stop - start) * step_s >= least_s
    return lasting
