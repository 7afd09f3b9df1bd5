"""A z-score needs a norm that fits in mode, version and age; else the reason is given."""

from dataclasses import replace

import pytest

from functions.cognitive.domains import DomainScore, Examinee, Norms, domain_scores
from functions.cognitive.norms import Domain
from functions.cognitive.samples import Sample
from functions.cognitive.scores import Score
from functions.cognitive.sitenorms import SiteNorm
from functions.cognitive.trials import Mode

EXAMINEE = Examinee(Mode.WEB, 40, "female", 12)
STROOP = Sample("stroop_effect", 80, 20, 100, Mode.WEB, "s", "adults", (20, 60), "1")
GO_NO_GO = Sample("go_no_go_d_prime", 3, 0.5, 100, Mode.WEB, "s", "adults", (20, 60), "1")
NORMS = Norms(samples=(STROOP, GO_NO_GO))
SCORES = [
    (Score("stroop_effect", 100, 120, standard_error=10), "1"),
    (Score("go_no_go_d_prime", 3.5, 100, standard_error=0.25), "1"),
]
FLAT = SiteNorm(
    biomarker="stroop_effect",
    mode=Mode.WEB,
    version="1",
    n=60,
    coefficients=(80.0, 0.0, 0.0, 0.0, 0.0),
    inverse=tuple(tuple(0.0 for _ in range(5)) for _ in range(5)),
    residual_sd=20.0,
    ages=(20, 60),
    age_center=40,
    education_center=12,
    key="kept",
)


def executive(
    scores: list[tuple[Score, str | None]], examinee: Examinee = EXAMINEE, norms: Norms = NORMS
) -> DomainScore:
    return next(d for d in domain_scores(scores, examinee, norms) if d.domain is Domain.EXECUTIVE)


class TestDomainScores:
    def test_domain_is_the_mean_z_in_the_better_direction(self) -> None:
        domain = executive(list(SCORES))

        # A larger cost is worse (-1), a larger d' better (+1).
        assert [s.z for s in domain.standings] == [pytest.approx(-1), pytest.approx(1)]
        assert domain.z == pytest.approx(0)
        assert domain.interval is not None
        assert domain.interval[0] < 0 < domain.interval[1]

    def test_interval_follows_from_the_errors(self) -> None:
        domain = executive(list(SCORES))

        # Each z has the score's error of half an SD and the norm's of a tenth.
        error = (2 * (0.5**2 + 0.1**2)) ** 0.5 / 2
        assert domain.interval is not None
        assert domain.interval[1] == pytest.approx(1.6449 * error, abs=1e-3)

    def test_one_test_is_no_domain(self) -> None:
        domain = executive(list(SCORES[:1]))

        assert domain.z is None
        assert domain.reason is not None
        assert "1 of at least 2" in domain.reason

    @pytest.mark.parametrize(
        "examinee",
        [
            replace(EXAMINEE, mode=Mode.PAPER),
            replace(EXAMINEE, age_years=61),
            replace(EXAMINEE, age_years=None),
        ],
    )
    def test_wrong_mode_or_age_gives_no_z(self, examinee: Examinee) -> None:
        assert executive(list(SCORES), examinee).standings == ()

    def test_wrong_version_gives_no_z(self) -> None:
        assert executive([(score, "2") for score, _ in SCORES]).standings == ()

    def test_site_norm_comes_first_and_shows_its_n(self) -> None:
        domain = executive(list(SCORES), norms=replace(NORMS, site=(FLAT,)))

        assert domain.standings[0].norm == "site norm, n = 60"
        assert domain.standings[0].norm_key == "kept"
        assert domain.standings[0].z == pytest.approx(-1)

    def test_newest_site_norm_of_the_version_counts(self) -> None:
        other, older = replace(FLAT, version="2"), replace(FLAT, n=50)

        domain = executive(list(SCORES), norms=Norms(site=(other, FLAT, older)))

        assert domain.standings[0].norm == "site norm, n = 60"

    @pytest.mark.parametrize(
        ("norm", "examinee", "reason"),
        [
            (replace(FLAT, mode=Mode.COMPUTER), EXAMINEE, "no norm of this mode"),
            (replace(FLAT, version=None), EXAMINEE, "no norm of this mode, task version"),
            (replace(FLAT, ages=(50, 60)), EXAMINEE, "ages 50-60"),
            (FLAT, replace(EXAMINEE, sex=None), "school years are not known"),
            (FLAT, replace(EXAMINEE, education_years=None), "school years are not known"),
        ],
    )
    def test_site_norm_that_does_not_fit_is_refused_with_the_reason(
        self, norm: SiteNorm, examinee: Examinee, reason: str
    ) -> None:
        domain = executive(list(SCORES), examinee, Norms(site=(norm,)))

        assert domain.reason is not None
        assert reason in domain.reason

    def test_score_without_error_gives_no_z(self) -> None:
        domain = executive([(replace(score, standard_error=None), v) for score, v in SCORES])

        assert domain.standings == ()
