"""Signal detection: telling sensitivity from willingness to say yes.

Deviations: the correction [1]_ is applied to every session, extreme or not; the error [2]_ is
computed from the corrected rates, so that a faultless session has one as well.

References
----------
.. [1] Hautus (1995). Corrections for extreme proportions and their biasing effects on
   estimated values of d'. Behav Res Methods 27, 46-51. doi:10.3758/BF03203619
.. [2] Gourevitch & Galanter (1967). A significance test for one parameter isosensitivity
   functions. Psychometrika 32, 25-33. doi:10.1007/BF02289402
"""

from dataclasses import dataclass
from math import sqrt

from functions.cognitive.reliability import STANDARD_NORMAL


@dataclass(frozen=True)
class Detection:
    """Sensitivity d', criterion c, and the standard error that both share d' with."""

    d_prime: float
    criterion: float
    d_prime_error: float

    @property
    def criterion_error(self) -> float:
        """Half of that of d', since c is half a sum where d' is a difference."""
        return self.d_prime_error / 2


def detection(hits: int, signals: int, false_alarms: int, noise: int) -> Detection:
    """Measure d' and c with the log-linear correction [1]_ and d' its error [2]_.

    H' = (hits + 0.5) / (signals + 1), F' likewise; d' = z(H') - z(F');
    c = -(z(H') + z(F')) / 2.

    Examples
    --------
    >>> found = detection(hits=20, signals=25, false_alarms=10, noise=25)
    >>> round(found.d_prime, 2), round(found.criterion, 2)
    (1.04, -0.28)
    """
    hit_rate = (hits + 0.5) / (signals + 1)
    false_rate = (false_alarms + 0.5) / (noise + 1)
    z_hit, z_false = STANDARD_NORMAL.inv_cdf(hit_rate), STANDARD_NORMAL.inv_cdf(false_rate)
    variance = _rate_variance(hit_rate, signals, z_hit) + _rate_variance(false_rate, noise, z_false)
    return Detection(z_hit - z_false, -(z_hit + z_false) / 2, sqrt(variance))


def _rate_variance(rate: float, n: int, z: float) -> float:
    return rate * (1 - rate) / (n * STANDARD_NORMAL.pdf(z) ** 2)
