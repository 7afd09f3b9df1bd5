"""Whether more than one person speaks, by turns that lie in two separate groups of pitch.

`has_several_speakers(f0) -> bool` from the pitch contour of running speech. One person's pitch may
fall into two groups as well, by octave errors, creak or falsetto, but these come and go within a
phrase; two people take turns.
"""

from itertools import pairwise

import numpy as np

from functions.speech.contour import Contour
from functions.speech.sound import Flags, Floats

# Two groups of log F0 are apart by Ashman's D, doi:10.1086/117248 (above 2 is separation; a split
# of one even spread already reaches 3.5).
MIN_GAP_ST, MIN_ASHMAN_D = 6.0, 4.0
MIN_TURN_S = 1.0  # at a stretch, pauses included: a phrase-final creak is shorter
MIN_TURN_VOICED_S = 0.4  # of it, as much as any voice needs here (`course.MIN_VOICED_S`)
MIN_SHARE = 0.2  # of the voiced time, in the turns of each
MIN_IN_TURNS = 0.9  # of the voiced time lies in turns, not in changes to and fro


def has_several_speakers(f0: Contour) -> bool:
    """Tell whether the pitch alternates between two groups, a turn at a time.

    Parameters
    ----------
    f0 : Contour
        Hz, of running speech.

    Returns
    -------
    bool
        False of two voices of like pitch: they cannot be told apart by it.
    """
    semitones = 12 * np.log2(f0.values[f0.present])
    if len(semitones) < 2:
        return False
    lower, upper = two_groups(semitones)
    if not len(lower) or not len(upper):
        return False
    gap_st = float(upper.mean() - lower.mean())
    spread_st = float(np.sqrt((lower.var() + upper.var()) / 2))
    if gap_st < MIN_GAP_ST or gap_st < MIN_ASHMAN_D * spread_st:
        return False
    low_s, high_s = time_in_turns(f0.times_s[f0.present], semitones > lower.max(), f0.step_s)
    voiced_s = len(semitones) * f0.step_s
    return min(low_s, high_s) > MIN_SHARE * voiced_s and low_s + high_s > MIN_IN_TURNS * voiced_s


def time_in_turns(times_s: Floats, is_high: Flags, step_s: float) -> tuple[float, float]:
    """Voiced time (s) in the turns of the lower and of the upper group."""
    borders = np.r_[0, 1 + np.flatnonzero(np.diff(is_high)), len(is_high)]
    in_turns = {False: 0.0, True: 0.0}
    for start, stop in pairwise(borders.tolist()):
        voiced_s = (stop - start) * step_s
        if times_s[stop - 1] - times_s[start] >= MIN_TURN_S and voiced_s >= MIN_TURN_VOICED_S:
            in_turns[bool(is_high[start])] += voiced_s
    return in_turns[False], in_turns[True]


def two_groups(values: Floats) -> tuple[Floats, Floats]:
    """Split values at the middle of the two means, until it stays (k-means in one dimension).

    Parameters
    ----------
    values : (n,) ndarray of float64
        At least two.

    Returns
    -------
    lower, upper : (m,) ndarray of float64
        `upper` is empty where all values are equal.
    """
    middle = float(values.min() + values.max()) / 2
    for _ in range(50):  # converges within a few steps
        lower, upper = values[values <= middle], values[values > middle]
        if not len(upper):
            return lower, upper
        moved = float(lower.mean() + upper.mean()) / 2
        if moved == middle:
            break
        middle = moved
    return lower, upper
