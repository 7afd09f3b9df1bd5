"""How far a score can be trusted: the standard errors of a session, and what chance does.

Errors are those of one session: what a person would scatter by if it were repeated at once. How a
score moves from day to day is not among them; that is measured by retests (`shared/examination`).
"""

from collections.abc import Callable, Sequence
from math import exp, lgamma, log, sqrt
from statistics import NormalDist, fmean, stdev, variance

STANDARD_NORMAL = NormalDist()
MIN_FOR_ERROR = 5  # below this the order statistics around the median are the extremes themselves
JACKKNIFE_GROUPS = 10  # leaves a tenth out at a time, enough for a quantile to move


def mean_error(values: Sequence[float]) -> float | None:
    """Standard error of a mean; None for fewer than two values.

    Trials are taken as independent; where a person drifts, the error is larger than this.
    """
    return stdev(values) / sqrt(len(values)) if len(values) > 1 else None


def median_error(values: Sequence[float]) -> float | None:
    """Estimate the standard error of a median from its own order statistics.

    Distribution-free, so the long right tail of reaction times does no harm.

    Parameters
    ----------
    values : sequence of float
        In any order.

    Returns
    -------
    float or None
        None for fewer than `MIN_FOR_ERROR` values.

    References
    ----------
    .. [1] Price & Bonett (2001). Estimating the variance of the sample median.
       J Stat Comput Simul 68(3), 295-305. doi:10.1080/00949650108812071

    Examples
    --------
    >>> round(median_error([1, 2, 3, 4, 5, 6, 7, 8, 9]), 2)
    1.45
    """
    n = len(values)
    if n < MIN_FOR_ERROR:
        return None
    ordered = sorted(values)
    rank = max(1, round((n + 1) / 2 - sqrt(n)))
    outside = 2 * binomial_tail(n - rank + 1, n, 0.5)
    width = STANDARD_NORMAL.inv_cdf(1 - outside / 2)
    return (ordered[n - rank] - ordered[rank - 1]) / (2 * width)


def proportion_error(successes: int, n: int) -> float:
    """Standard error of a proportion, with two successes and two failures added.

    The plain formula gives 0 for a faultless session, which claims a certainty nobody has.

    Parameters
    ----------
    successes, n : int
        `n` may be 0.

    Returns
    -------
    float
        As a fraction: of a score in percent it is a hundredth.

    References
    ----------
    .. [1] Agresti & Coull (1998). Approximate is better than "exact" for interval
       estimation of binomial proportions. doi:10.1080/00031305.1998.10480550
    """
    adjusted = (successes + 2) / (n + 4)
    return sqrt(adjusted * (1 - adjusted) / (n + 4))


def variation_error(values: Sequence[float]) -> float | None:
    """Standard error of the coefficient of variation (SD over mean), as a fraction.

    References
    ----------
    .. [1] Vangel (1996). Confidence intervals for a normal coefficient of variation.
       doi:10.1080/00031305.1996.10473537
    """
    if len(values) < MIN_FOR_ERROR:
        return None
    cv = stdev(values) / fmean(values)
    return cv * sqrt(1 / (2 * (len(values) - 1)) + cv**2 / len(values))


def grouped_jackknife_error[T](
    observations: Sequence[T], statistic: Callable[[Sequence[T]], float | None]
) -> float | None:
    """Leave a tenth of the observations out at a time and see how the statistic moves.

    Leaving out groups instead of single values also works for quantiles.

    References
    ----------
    .. [1] Shao & Wu (1989). A general theory for jackknife variance estimation.
       Ann Stat 17(3), 1176-1197. doi:10.1214/aos/1176347263
    """
    groups = JACKKNIFE_GROUPS
    if len(observations) < 2 * groups:
        return None
    estimates: list[float] = []
    for left_out in range(groups):
        remaining = [
            observation for i, observation in enumerate(observations) if i % groups != left_out
        ]
        estimate = statistic(remaining)
        if estimate is None:
            return None
        estimates.append(estimate)
    return sqrt((groups - 1) ** 2 / groups * variance(estimates))


def combined_error(*errors: float | None) -> float | None:
    """Standard error of a sum or difference of independent scores.

    Returns
    -------
    float or None
        None where any of them has none: an unknown error is not zero.

    Examples
    --------
    >>> combined_error(3.0, 4.0), combined_error(3.0, None)
    (5.0, None)
    """
    known = [error for error in errors if error is not None]
    return sqrt(sum(error**2 for error in known)) if len(known) == len(errors) else None


def session_reliability(standard_error: float | None, between_people_sd: float) -> float | None:
    """Share of the variance between people that this session's error leaves over.

    1 - SE² / SD², the classical definition with the error of this very session;
    never below 0.
    """
    if standard_error is None:
        return None
    return max(0.0, 1 - standard_error**2 / between_people_sd**2)


def binomial_tail(least: int, n: int, chance: float) -> float:
    """Probability of at least so many successes in n trials, also for n in the thousands.

    Examples
    --------
    >>> round(binomial_tail(8, 10, 0.5), 4)
    0.0547
    """
    up, down = log(chance), log(1 - chance)
    all_ways = lgamma(n + 1)
    return sum(
        exp(all_ways - lgamma(k + 1) - lgamma(n - k + 1) + k * up + (n - k) * down)
        for k in range(least, n + 1)
    )


def longest_plausible_run(n: int, share: float, chance: float = 0.01) -> int:
    """Length that a run of one answer exceeds with probability `chance` at most.

    A run longer than r is expected n (1 - share) share^r times at most.
    """
    run = 1
    while n * (1 - share) * share**run > chance and run < n:
        run += 1
    return run
