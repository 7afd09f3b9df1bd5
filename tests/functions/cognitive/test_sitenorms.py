"""A site's norm recovers the law its sessions follow, and refuses what cannot carry one."""

from dataclasses import replace
from random import Random
from typing import get_args

import numpy as np
import pytest

from functions.cognitive.sitenorms import (
    NoVariety,
    Person,
    SiteNorm,
    TooFewSessions,
    fit_site_norm,
)
from functions.cognitive.trials import Mode
from shared.vocabulary import Sex


def sample(n: int, *, noise: float = 20.0) -> tuple[list[float], list[Person]]:
    """Scores that rise with age, faster when old, and fall with school years."""
    random = Random(n)
    people = [
        Person(random.uniform(20, 80), random.choice(get_args(Sex)), random.uniform(8, 18))
        for _ in range(n)
    ]
    return [law(person) + random.gauss(0, noise) for person in people], people


def law(person: Person) -> float:
    return (
        300 + 0.05 * person.age_years**2 - 4 * person.education_years - 15 * (person.sex == "male")
    )


def fitted(n: int = 200, *, noise: float = 20.0) -> SiteNorm:
    values, people = sample(n, noise=noise)
    return fit_site_norm("choice_reaction_median", values, people, Mode.WEB)


class TestFitSiteNorm:
    def test_exact_law_is_recovered(self) -> None:
        norm = fitted(60, noise=1e-3)
        person = Person(63, "female", 12)

        assert norm.expected(person) == pytest.approx(law(person), abs=0.01)

    def test_coefficients_equal_those_of_least_squares(self) -> None:
        values, people = sample(80)
        norm = fit_site_norm("x", values, people, Mode.WEB)
        age = np.array([p.age_years - norm.age_center for p in people]) / 10
        education = np.array([p.education_years - norm.education_center for p in people]) / 10
        is_male = np.array([float(p.sex == "male") for p in people])
        design = np.column_stack([np.ones(80), age, age**2, is_male, education])

        expected, residual, *_ = np.linalg.lstsq(design, np.array(values))

        assert norm.coefficients == pytest.approx(expected)
        assert norm.residual_sd == pytest.approx(np.sqrt(residual[0] / (80 - 5)))

    def test_spread_and_number_are_kept(self) -> None:
        norm = fitted()

        assert norm.n == 200
        assert norm.residual_sd == pytest.approx(20, rel=0.15)

    def test_forty_nine_sessions_are_too_few(self) -> None:
        values, people = sample(49)
        with pytest.raises(TooFewSessions, match="Found 49"):
            fit_site_norm("x", values, people, Mode.WEB)

    def test_people_all_of_one_age_are_refused(self) -> None:
        values, people = sample(60)
        with pytest.raises(NoVariety):
            fit_site_norm("x", values, [replace(p, age_years=40) for p in people], Mode.WEB)

    def test_scores_without_any_spread_are_refused(self) -> None:
        _, people = sample(60)
        with pytest.raises(NoVariety):
            fit_site_norm("x", [0.0] * 60, people, Mode.WEB)


class TestSiteNorm:
    def test_expectation_is_surest_in_the_middle(self) -> None:
        norm = fitted()

        middle = norm.expectation_error(Person(norm.age_center, "male", 13))
        edge = norm.expectation_error(Person(80, "male", 18))

        assert 0 < middle < edge < norm.residual_sd
