"""Domain scores: how far a person's scores lie from a norm that fits them, or why none does.

A z-score is given only by a norm of the same mode and task version, for a person within
its ages. Positive is always the better direction. No z-score is a finding of illness.

Deviations: a z-score is given with its error rather than the t of [1]_; how uncertain a small
norm is enters that error, together with the error of the session itself.

References
----------
.. [1] Crawford & Howell (1998). Comparing an individual's test score against norms derived
   from small samples. Clin Neuropsychol 12(4), 482-486. doi:10.1076/clin.12.4.482.7241
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean

from functions.cognitive.norms import BIOMARKERS, Domain, ScoreBiomarker
from functions.cognitive.reliability import STANDARD_NORMAL, combined_error
from functions.cognitive.samples import SAMPLES, Sample
from functions.cognitive.scores import Score
from functions.cognitive.sitenorms import Person, SiteNorm
from functions.cognitive.trials import Mode
from shared.vocabulary import Sex

MIN_TESTS = 2  # one test is a test score, not a domain
INTERVAL = 0.90  # as of reliable change, which the same people read beside it


@dataclass(frozen=True)
class Standing:
    """One score against one norm.

    Attributes
    ----------
    biomarker : str
        The score's name.
    z, z_error : float
        Standard deviations of the norm, and the error of that.
    norm : str
        Where the norm is from.
    norm_key : str or None
        The site's own norm where it was one.
    """

    biomarker: str
    z: float
    z_error: float
    norm: str
    norm_key: str | None = None


@dataclass(frozen=True)
class DomainScore:
    """A domain's mean z with its 90 % interval, or the reason why there is none.

    Attributes
    ----------
    domain : Domain
        What the tests have in common.
    z : float or None
        Mean of the tests, in standard deviations of the norms; higher is better.
    interval : tuple of float, or None
        Lower and upper end, in the same.
    standings : tuple of Standing
        The tests of which it is the mean.
    reason : str or None
        Why there is no mean.
    """

    domain: Domain
    z: float | None
    interval: tuple[float, float] | None
    standings: tuple[Standing, ...]
    reason: str | None


@dataclass(frozen=True)
class Examinee:
    """Who took the task and how it was given, as far as it is known."""

    mode: Mode
    age_years: float | None = None
    sex: Sex | None = None
    education_years: float | None = None

    @property
    def person(self) -> Person | None:
        """What a site's norm needs to know; None where a part of it is missing."""
        if self.age_years is None or self.education_years is None or self.sex is None:
            return None
        return Person(self.age_years, self.sex, self.education_years)


@dataclass(frozen=True)
class Norms:
    """The norms of the site, the newest first, and published samples behind them."""

    site: Sequence[SiteNorm] = ()
    samples: Sequence[Sample] = SAMPLES

    def of_site(self, biomarker: str, mode: Mode, version: str | None) -> SiteNorm | None:
        """The site's newest norm of this very task, as it was given."""
        wanted = (biomarker, mode, version)
        fitting = (
            norm for norm in self.site if (norm.biomarker, norm.mode, norm.version) == wanted
        )
        return next(fitting, None)

    def sample(
        self, biomarker: str, mode: Mode, version: str | None, age_years: float
    ) -> Sample | None:
        """The first published sample of this very task and age."""
        made_so = (
            sample
            for sample in self.samples
            if version is not None
            and (sample.biomarker, sample.mode, sample.version) == (biomarker, mode, version)
        )
        return next((sample for sample in made_so if sample.holds_at(age_years)), None)


def domain_scores(
    scores: Sequence[tuple[Score, str | None]], examinee: Examinee, norms: Norms
) -> tuple[DomainScore, ...]:
    """Give each domain the mean z of its tests, or the reason why it has none.

    The errors of a domain's tests are taken as independent in the interval of their mean.

    Parameters
    ----------
    scores : sequence of (Score, str or None)
        Each with its task's version; only the primary score of a task counts.
    examinee : Examinee
    norms : Norms
        A site's own norm is asked before a published sample.

    Returns
    -------
    tuple of DomainScore
        One for every domain, in the order of `Domain`.
    """
    standings: dict[Domain, list[Standing]] = {domain: [] for domain in Domain}
    refusals: dict[Domain, list[str]] = {domain: [] for domain in Domain}
    for score, version in scores:
        biomarker = BIOMARKERS.get(score.name)
        if biomarker is None or not biomarker.primary:
            continue
        standing = _standing(biomarker, score, version, examinee, norms)
        if isinstance(standing, Standing):
            standings[biomarker.category].append(standing)
        else:
            refusals[biomarker.category].append(standing)
    return tuple(_domain(domain, standings[domain], refusals[domain]) for domain in Domain)


def _domain(domain: Domain, standings: Sequence[Standing], refusals: Sequence[str]) -> DomainScore:
    if len(standings) < MIN_TESTS:
        reason = f"{len(standings)} of at least {MIN_TESTS} tests have a norm that fits."
        text = " ".join([reason, *dict.fromkeys(refusals)])
        return DomainScore(domain, None, None, tuple(standings), text)
    z = fmean(standing.z for standing in standings)
    error = combined_error(*(standing.z_error for standing in standings)) or 0.0
    half = STANDARD_NORMAL.inv_cdf((1 + INTERVAL) / 2) * error / len(standings)
    return DomainScore(domain, z, (z - half, z + half), tuple(standings), None)


def _standing(
    biomarker: ScoreBiomarker,
    score: Score,
    version: str | None,
    examinee: Examinee,
    norms: Norms,
) -> Standing | str:
    """Set one score against the site's norm, else a published sample; else say why not."""
    if score.standard_error is None:
        return f"{score.name} has no standard error."
    if examinee.age_years is None:
        return "The age is not known."
    norm = norms.of_site(score.name, examinee.mode, version)
    if norm is not None:
        return _against_site(biomarker, score, examinee.person, norm)
    sample = norms.sample(score.name, examinee.mode, version, examinee.age_years)
    if sample is None:
        return f"{score.name}: no norm of this mode, task version and age."
    return _against_sample(biomarker, score, sample)


def _against_site(
    biomarker: ScoreBiomarker, score: Score, person: Person | None, norm: SiteNorm
) -> Standing | str:
    if person is None:
        return "Sex or school years are not known, which the site's norm needs."
    if not norm.ages[0] <= person.age_years <= norm.ages[1]:
        return (
            f"{score.name}: the site's norm holds for ages {norm.ages[0]:.0f}-{norm.ages[1]:.0f}."
        )
    error = combined_error(score.standard_error, norm.expectation_error(person))
    z = biomarker.better * (score.value - norm.expected(person)) / norm.residual_sd
    z_error = (error or 0.0) / norm.residual_sd
    return Standing(score.name, z, z_error, f"site norm, n = {norm.n}", norm.key)


def _against_sample(biomarker: ScoreBiomarker, score: Score, sample: Sample) -> Standing:
    error = combined_error(score.standard_error, sample.sd / sqrt(sample.n))
    z = biomarker.better * (score.value - sample.mean) / sample.sd
    norm = f"{sample.source}: {sample.population}, n = {sample.n}"
    return Standing(score.name, z, (error or 0.0) / sample.sd, norm)
