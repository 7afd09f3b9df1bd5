"""How well a group's scores agree with themselves: halves of a session, and two sessions."""

from collections.abc import Sequence
from statistics import correlation, fmean, stdev


def spearman_brown(half_correlation: float) -> float:
    """Reliability of the whole test from the correlation of its halves."""
    return 2 * half_correlation / (1 + half_correlation)


def split_half_reliability(halves: Sequence[tuple[float, float]]) -> float | None:
    """Reliability of a score in a group, from everybody's odd and even halves.

    Parameters
    ----------
    halves : sequence of (float, float)
        One pair a person. One person has no correlation: for a single session use
        `session_reliability`.

    Returns
    -------
    float or None
        Corrected by Spearman and Brown; None for fewer than three people or without spread.
    """
    odd, even = [pair[0] for pair in halves], [pair[1] for pair in halves]
    if len(halves) < 3 or stdev(odd) == 0 or stdev(even) == 0:
        return None
    return spearman_brown(correlation(odd, even))


def retest_agreement(pairs: Sequence[tuple[float, float]]) -> float:
    """Intraclass correlation ICC(2,1) of two sessions: absolute agreement, single scores.

    Parameters
    ----------
    pairs : sequence of (float, float)
        First and second session, one pair a person, at least three people.

    References
    ----------
    .. [1] Shrout & Fleiss (1979). Intraclass correlations: uses in assessing rater
       reliability. Psychol Bull 86(2), 420-428. doi:10.1037/0033-2909.86.2.420
    """
    n, sessions = len(pairs), 2
    people = [fmean(pair) for pair in pairs]
    occasions = [fmean(pair[i] for pair in pairs) for i in range(sessions)]
    grand = fmean(people)
    between = sessions * sum((mean - grand) ** 2 for mean in people) / (n - 1)
    practice = n * sum((mean - grand) ** 2 for mean in occasions) / (sessions - 1)
    total = sum((value - grand) ** 2 for pair in pairs for value in pair)
    residual = (total - between * (n - 1) - practice) / ((n - 1) * (sessions - 1))
    return (between - residual) / (
        between + (sessions - 1) * residual + sessions * (practice - residual) / n
    )
