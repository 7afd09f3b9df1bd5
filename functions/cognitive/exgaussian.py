"""Response times as a normal and an exponential part: the ex-Gaussian distribution.

Mean and SD of the normal part (mu, sigma) and the mean of the exponential tail (tau) are
fitted by maximum likelihood to all correct times from the floor up; nothing is trimmed
above, because the tail is what tau measures.

Deviations from Heathcote et al. (1991): mu, sigma and tau are searched with a simplex from the
moments rather than with their program, standard errors come from numeric second derivatives, and a
fit one of whose parts is below the clock's grain is none.

References
----------
.. [1] Heathcote, Popiel & Mewhort (1991). Analysis of response time distributions: an
   example using the Stroop task. Psychol Bull 109(2), 340-347.
   doi:10.1037/0033-2909.109.2.340
.. [2] Nelder & Mead (1965). A simplex method for function minimization. Comput J 7(4),
   308-313. doi:10.1093/comjnl/7.4.308
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import erfc, exp, inf, log, pi, sqrt
from statistics import fmean, stdev

from functions.cognitive.scores import Score, responded
from functions.cognitive.trials import Trial

MIN_TIMES = 40  # this project's own limit; how little fewer times tell is shown by the error
LEAST_PART_MS = 1.0  # a part below the clock's grain is none
STEPS = 400  # own choice: bounds the cost of a search that does not settle
TOLERANCE = 1e-9  # of the mean log-likelihood
FAR_TAIL = -30.0  # beyond, the normal distribution function is taken from its expansion
DIFFERENCE = 1e-3  # step of the numeric second derivatives, in log units and shares of the SD

type _Point = tuple[float, float, float]


@dataclass(frozen=True)
class ExGaussian:
    """Parameters in ms, with their standard errors; None where the curvature gives none."""

    mu: float
    sigma: float
    tau: float
    errors: _Point | None


def exgaussian_scores(name: str, trials: Sequence[Trial], floor_ms: float) -> list[Score]:
    """Score mu, sigma and tau of correct times; empty for too few, or without both parts.

    Parameters
    ----------
    name : str
        Of the task: the scores are `{name}_exgaussian_mu` and so on.
    trials : sequence of Trial
        Wrong ones are left out; slow ones are not, for they are what tau measures.
    floor_ms : float
        Faster responses are no reactions.

    Returns
    -------
    list of Score
        In ms. Without an error where the fit gives none.
    """
    times = [
        trial.rt_ms
        for trial in responded(trials, floor_ms)
        if trial.rt_ms is not None and trial.correct is not False
    ]
    fit = fit_exgaussian(times) if len(times) >= MIN_TIMES else None
    if fit is None:
        return []
    values = (fit.mu, fit.sigma, fit.tau)
    errors = fit.errors or (None, None, None)
    return [
        Score(f"{name}_exgaussian_{part}", value, len(times), error)
        for part, value, error in zip(("mu", "sigma", "tau"), values, errors, strict=True)
    ]


def fit_exgaussian(times_ms: Sequence[float]) -> ExGaussian | None:
    """Fit by maximum likelihood; None where one of the two parts vanishes.

    The times are brought to mean 0 and SD 1 and the search goes over the logarithms of sigma and
    tau, so that neither can turn negative and the tolerance means the same for fast and for slow
    people.

    Parameters
    ----------
    times_ms : sequence of float
        In any order, at least two; `exgaussian_scores` asks for `MIN_TIMES`.

    Returns
    -------
    ExGaussian or None
        All in ms. The errors are from the observed information, by the delta method for sigma and
        tau; None where it has no inverse, as in a flat likelihood.
    """
    spread = stdev(times_ms)
    if spread < LEAST_PART_MS:
        return None
    center = fmean(times_ms)
    scaled = [(time - center) / spread for time in times_ms]

    def cost(point: _Point) -> float:
        return -mean_log_likelihood(scaled, point[0], exp(point[1]), exp(point[2]))

    skew = fmean(value**3 for value in scaled)
    tail = min(0.9, max(0.2, (max(skew, 0.0) / 2) ** (1 / 3)))  # by moments [1]_
    start = (-tail, log(sqrt(1 - tail**2)), log(tail))
    best = _minimum(cost, start)
    sigma, tau = spread * exp(best[1]), spread * exp(best[2])
    if min(sigma, tau) < LEAST_PART_MS:
        return None
    variances = _variances(cost, best, len(scaled))
    errors = None
    if variances is not None:
        a, b, c = map(sqrt, variances)
        errors = (spread * a, sigma * b, tau * c)
    return ExGaussian(center + spread * best[0], sigma, tau, errors)


def mean_log_likelihood(values: Sequence[float], mu: float, sigma: float, tau: float) -> float:
    """Mean log density of the ex-Gaussian at these values.

    Beyond `FAR_TAIL` the normal distribution function is taken from its expansion: it is 0 in
    floating point there, which has no logarithm.

    Examples
    --------
    >>> round(mean_log_likelihood([0.0], mu=0.0, sigma=1.0, tau=1.0), 4)
    -1.341
    """
    head = sigma * sigma / (2 * tau * tau) - log(tau)
    total = 0.0
    for value in values:
        above = value - mu
        total += head - above / tau + _log_normal_cdf(above / sigma - sigma / tau)
    return total / len(values)


def _log_normal_cdf(z: float) -> float:
    if z > FAR_TAIL:
        return log(erfc(-z / sqrt(2)) / 2)
    return -z * z / 2 - log(-z) - log(2 * pi) / 2 + log(1 - 1 / (z * z))


def _minimum(cost: Callable[[_Point], float], start: _Point) -> _Point:
    """Search downhill with a simplex of four corners [2]_."""
    corners = [start] + [_moved(start, axis, 0.3) for axis in range(3)]
    simplex = sorted((_finite(cost, corner), corner) for corner in corners)
    for _ in range(STEPS):
        if simplex[-1][0] - simplex[0][0] < TOLERANCE:
            break
        worst = simplex[-1]
        middle = _mean([corner for _, corner in simplex[:-1]])
        reflected = _try(cost, middle, worst[1], -1.0)
        if reflected[0] < simplex[0][0]:
            simplex[-1] = min(reflected, _try(cost, middle, worst[1], -2.0))
        elif reflected[0] < simplex[-2][0]:
            simplex[-1] = reflected
        else:
            inside = _try(cost, middle, worst[1], 0.5 if reflected[0] >= worst[0] else -0.5)
            if inside[0] < min(worst[0], reflected[0]):
                simplex[-1] = inside
            else:
                best = simplex[0][1]
                simplex = [simplex[0]] + [
                    _try(cost, best, corner, 0.5) for _, corner in simplex[1:]
                ]
        simplex.sort()
    return simplex[0][1]


def _try(
    cost: Callable[[_Point], float], middle: _Point, corner: _Point, share: float
) -> tuple[float, _Point]:
    a, b, c = (m + share * (k - m) for m, k in zip(middle, corner, strict=True))
    return _finite(cost, (a, b, c)), (a, b, c)


def _finite(cost: Callable[[_Point], float], point: _Point) -> float:
    try:
        return cost(point)
    except (OverflowError, ValueError, ZeroDivisionError):
        return inf


def _mean(points: Sequence[_Point]) -> _Point:
    a, b, c = (fmean(values) for values in zip(*points, strict=True))
    return a, b, c


def _moved(point: _Point, axis: int, step: float) -> _Point:
    a, b, c = (value + step * (i == axis) for i, value in enumerate(point))
    return a, b, c


def _variances(cost: Callable[[_Point], float], best: _Point, n: int) -> _Point | None:
    """Diagonal of the inverse of the observed information; None where it has none."""
    h = DIFFERENCE

    def second(i: int, j: int) -> float:
        signs = ((1, 1), (1, -1), (-1, 1), (-1, -1))
        return sum(
            a * b * _finite(cost, _moved(_moved(best, i, a * h), j, b * h)) for a, b in signs
        ) / (4 * h * h)

    (a, b, c), (_, d, e), (_, _, f) = ([n * second(i, j) for j in range(3)] for i in range(3))
    determinant = a * (d * f - e * e) - b * (b * f - c * e) + c * (b * e - c * d)
    minors = (d * f - e * e, a * f - c * c, a * d - b * b)
    if not 0 < determinant < inf or min(minors) <= 0:
        return None
    first, middle, last = (minor / determinant for minor in minors)
    return first, middle, last
