"""What a biomarker differs by between two sessions of people who did not change.

The standard deviation of such differences comes from a few dozen people, and another few
dozen give another one. The band is therefore a tolerance interval [1]_: with 95 % confidence
90 % of the people who have not changed lie inside. The plain 1.645 SD would hold 90 % of them
only if the SD were known exactly; for another sample it is as often too narrow as too wide.

References
----------
.. [1] Howe (1969). Two-sided tolerance limits for normal populations: some improvements.
   J Am Stat Assoc 64(326), 610-620.
.. [2] Wilson & Hilferty (1931). The distribution of chi-square. Proc Natl Acad Sci 17(12),
   684-688. doi:10.1073/pnas.17.12.684
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist
from types import MappingProxyType

BAND = 0.90  # two-sided, the usual level of a reliable-change index
DETECTABLE = 0.95  # two-sided, the usual level of a minimal detectable change
CONFIDENCE = 0.95  # that a band from n people holds as many of the others as it says

UNKNOWN_RETEST_ERROR = (
    "How much this value differs between sessions without any change is not known."
)


@dataclass(frozen=True)
class Retest:
    """How one biomarker differs between two sessions of people who did not change.

    Attributes
    ----------
    difference_sd : float
        Standard deviation of second minus first, in the biomarker's unit.
    practice : float
        Mean of second minus first: what having done it once is worth.
    n : int
        People measured twice.
    interval : str
        Time between the sessions, in words.
    practice_days : (float, float)
        How many days apart two sessions may lie for `practice` to be expected of them.
    """

    difference_sd: float
    practice: float
    n: int
    interval: str
    source: str
    practice_days: tuple[float, float]


_HEDGE = (
    "Measured with MediLens' scoring on the trials of Hedge, Powell & Sumner (2018), study 1: "
    "young adults in a laboratory, 240 trials of each kind; a shorter task differs more between "
    "sessions. doi:10.3758/s13428-017-0935-1"
)

_THREE_WEEKS = (14.0, 28.0)  # within a week of what was measured; this project's own limit


def _hedge(difference_sd: float, practice: float, n: int) -> Retest:
    return Retest(difference_sd, practice, n, "about 3 weeks", _HEDGE, _THREE_WEEKS)


# Biomarkers whose retest error is known; every other one has no verdict. For the flanker
# two people of 47 are left out, because the source holds one file under both their names.
RETESTS: Mapping[str, Retest] = MappingProxyType(
    {
        "flanker_effect": _hedge(21.7, -9.8, 45),
        "flanker_median": _hedge(32.5, -18.4, 45),
        "flanker_accuracy": _hedge(6.4, -1.3, 45),
        "flanker_variability": _hedge(4.2, -0.3, 45),
        "flanker_error_effect": _hedge(5.3, 0.3, 45),
        "stroop_effect": _hedge(29.7, -16.8, 47),
        "stroop_median": _hedge(48.7, -31.3, 47),
        "stroop_accuracy": _hedge(4.4, -1.0, 47),
        "stroop_variability": _hedge(4.0, -0.9, 47),
        "stroop_error_effect": _hedge(4.4, -0.7, 47),
        "flanker_gratton_effect": _hedge(35.0, -0.1, 45),
        "stroop_gratton_effect": _hedge(64.9, -8.8, 47),
        "stroop_exgaussian_mu": _hedge(52.9, -5.0, 47),
        "stroop_exgaussian_sigma": _hedge(20.1, 7.4, 47),
        "stroop_exgaussian_tau": _hedge(59.9, -25.8, 47),
    }
)


def tolerance_factor(level: float, n: int) -> float:
    """How many SDs of n people hold that share of all others, with 95 % confidence [1]_.

    Examples
    --------
    >>> round(tolerance_factor(0.90, 47), 2)
    2.01
    """
    freedom = n - 1
    spread = 2 / (9 * freedom)
    quantile = NormalDist().inv_cdf(1 - CONFIDENCE)
    least = freedom * (1 - spread + quantile * sqrt(spread)) ** 3  # of chi-square [2]_
    two_sided = NormalDist().inv_cdf((1 + level) / 2)
    return two_sided * sqrt(freedom * (1 + 1 / n) / least)
