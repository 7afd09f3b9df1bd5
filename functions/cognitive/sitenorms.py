"""An organization's own norm: a regression of a score on age, sex and education.

Published norms rarely fit a task as it is given on one's own screens, so a site makes its
own from its valid sessions, at least `MIN_SESSIONS` of them, and the number is shown.

Deviations: the square of age always belongs to the regression, and the spread around it is taken
for the same at every age; [1]_ test both, for which a site's sample is rarely large enough.

References
----------
.. [1] Van Breukelen & Vlaeyen (2005). Norming clinical questionnaires with multiple
   regression. Psychol Assess 17(3), 336-344. doi:10.1037/1040-3590.17.3.336
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean

from functions.cognitive.trials import Mode
from shared.errors import UnusableRecording
from shared.vocabulary import Sex

MIN_SESSIONS = 50  # own choice: ten a coefficient, with which the SD is known within a tenth
SINGULAR = 1e-10  # of the largest entry: a smaller pivot is rounding
YEARS = 10.0  # ages and school years enter in decades, which keeps the equations well scaled

type Design = Sequence[tuple[float, ...]]


class TooFewSessions(UnusableRecording):
    """A norm of this organization would rest on too few sessions."""

    code = "too-few-sessions"
    title = "No norm can be fitted"

    def __init__(self, people: int) -> None:
        super().__init__(
            f"Found {people} people with a valid session whose age, sex and school years are known;"
            f" a norm needs at least {MIN_SESSIONS}."
        )


class NoVariety(UnusableRecording):
    """The sessions' people do not differ enough for a regression."""

    code = "no-variety"
    title = "No norm can be fitted"

    def __init__(self) -> None:
        super().__init__("Ages, sexes or school years are too alike to be told apart.")


@dataclass(frozen=True)
class Person:
    age_years: float
    sex: Sex
    education_years: float


@dataclass(frozen=True)
class SiteNorm:
    """What the site expects of a person, fitted by least squares.

    Attributes
    ----------
    coefficients : tuple of float
        Of 1, age, age², male, school years; ages and years in decades from their center.
    inverse : tuple of tuple of float
        (X'X)⁻¹, for the error of a prediction.
    ages : (float, float)
        The sample's ages; nobody outside is given an expectation.
    key : str or None
        Under which the site keeps it, for the provenance.
    """

    biomarker: str
    mode: Mode
    version: str | None
    n: int
    coefficients: tuple[float, ...]
    inverse: tuple[tuple[float, ...], ...]
    residual_sd: float
    ages: tuple[float, float]
    age_center: float
    education_center: float
    key: str | None = None

    def expected(self, person: Person) -> float:
        """The score that the regression expects of this person."""
        terms = _terms(person, self.age_center, self.education_center)
        return sum(c * x for c, x in zip(self.coefficients, terms, strict=True))

    def expectation_error(self, person: Person) -> float:
        """Standard error of `expected`: how uncertain a norm from n sessions is here."""
        terms = _terms(person, self.age_center, self.education_center)
        leverage = sum(
            a * value * b
            for a, row in zip(terms, self.inverse, strict=True)
            for value, b in zip(row, terms, strict=True)
        )
        return self.residual_sd * sqrt(max(0.0, leverage))


def fit_site_norm(
    biomarker: str,
    values: Sequence[float],
    people: Sequence[Person],
    mode: Mode,
    version: str | None = None,
) -> SiteNorm:
    """Fit score ~ age + age² + sex + education on a site's valid sessions, one a person.

    Parameters
    ----------
    biomarker : str
    values : sequence of float
        In the biomarker's unit, in the order of `people`.
    people : sequence of Person
        Each once: two sessions of one person would make the norm look surer than it is.
    mode : Mode
    version : str or None
        Of the task; a norm holds for this mode and version alone.

    Returns
    -------
    SiteNorm
        Its residual SD is that of n less five coefficients.

    Raises
    ------
    TooFewSessions
        With fewer than `MIN_SESSIONS`.
    NoVariety
        If the people are too alike for the equations to have one solution, or their values do not
        differ from what the regression expects.
    """
    if len(values) < MIN_SESSIONS:
        raise TooFewSessions(len(values))
    age_center = fmean(person.age_years for person in people)
    education_center = fmean(person.education_years for person in people)
    design = [_terms(person, age_center, education_center) for person in people]
    beta, inverse = _least_squares(design, values)
    residual_sd = _residual_sd(design, values, beta)
    if residual_sd == 0:
        raise NoVariety
    ages = [person.age_years for person in people]
    return SiteNorm(
        biomarker=biomarker,
        mode=mode,
        version=version,
        n=len(values),
        coefficients=tuple(beta),
        inverse=tuple(map(tuple, inverse)),
        residual_sd=residual_sd,
        ages=(min(ages), max(ages)),
        age_center=age_center,
        education_center=education_center,
    )


def _least_squares(
    design: Design, values: Sequence[float]
) -> tuple[list[float], list[list[float]]]:
    """Solve the normal equations; return the coefficients and (X'X)⁻¹."""
    terms = range(len(design[0]))
    inverse = _inverse([[sum(row[i] * row[j] for row in design) for j in terms] for i in terms])
    moments = [sum(row[i] * y for row, y in zip(design, values, strict=True)) for i in terms]
    beta = [sum(a * b for a, b in zip(row, moments, strict=True)) for row in inverse]
    return beta, inverse


def _residual_sd(design: Design, values: Sequence[float], beta: Sequence[float]) -> float:
    residuals = [
        y - sum(b * x for b, x in zip(beta, row, strict=True))
        for row, y in zip(design, values, strict=True)
    ]
    return sqrt(sum(r * r for r in residuals) / (len(values) - len(beta)))


def _terms(person: Person, age_center: float, education_center: float) -> tuple[float, ...]:
    age = (person.age_years - age_center) / YEARS
    education = (person.education_years - education_center) / YEARS
    return (1.0, age, age * age, float(person.sex == "male"), education)


def _inverse(matrix: list[list[float]]) -> list[list[float]]:
    """Gauss-Jordan elimination with row exchanges; the matrix is 5 by 5."""
    size = len(matrix)
    scale = max(abs(value) for row in matrix for value in row)
    rows = [[*row, *(float(i == j) for j in range(size))] for i, row in enumerate(matrix)]
    for column in range(size):
        pivot = max(range(column, size), key=lambda i: abs(rows[i][column]))
        if abs(rows[pivot][column]) < SINGULAR * scale:
            raise NoVariety
        rows[column], rows[pivot] = rows[pivot], rows[column]
        head = rows[column][column]
        rows[column] = [value / head for value in rows[column]]
        for i in range(size):
            if i != column:
                factor = rows[i][column]
                rows[i] = [a - factor * b for a, b in zip(rows[i], rows[column], strict=True)]
    return [row[size:] for row in rows]
