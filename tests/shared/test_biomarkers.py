import pytest

from shared.biomarkers import Biomarker, BiomarkerStatus, catalog
from shared.norms import Circumstances, Norm, ReferenceRange, reference_range

RATE = ReferenceRange(60, 100, "a-source", "adults", critical_low=40, critical_high=130)


class TestStatus:
    @pytest.mark.parametrize(
        ("value", "status"),
        [
            (39.9, BiomarkerStatus.CRITICAL),
            (40, BiomarkerStatus.LOW),
            (59.9, BiomarkerStatus.LOW),
            (60, BiomarkerStatus.NORMAL),
            (100, BiomarkerStatus.NORMAL),
            (100.1, BiomarkerStatus.HIGH),
            (130, BiomarkerStatus.HIGH),
            (130.1, BiomarkerStatus.CRITICAL),
        ],
    )
    def test_limits_belong_to_the_range(self, value: float, status: BiomarkerStatus) -> None:
        assert RATE.status(value) is status

    @pytest.mark.parametrize("value", [-1e9, 1e9])
    def test_missing_limit_is_open(self, value: float) -> None:
        assert ReferenceRange(None, None, "a", "b").status(value) is BiomarkerStatus.NORMAL


class TestNorm:
    @pytest.mark.parametrize(
        ("given", "holds"),
        [
            (Circumstances(sex="female", age_years=40, task="vowel", duration_s=5), True),
            (Circumstances(sex="male", age_years=40, task="vowel", duration_s=5), False),
            (Circumstances(sex=None, age_years=40, task="vowel", duration_s=5), False),
            (Circumstances(sex="female", age_years=17.9, task="vowel", duration_s=5), False),
            (Circumstances(sex="female", age_years=None, task="vowel", duration_s=5), True),
            (Circumstances(sex="female", age_years=40, task="speech", duration_s=5), False),
            (Circumstances(sex="female", age_years=40, task="vowel", duration_s=2.9), False),
        ],
    )
    def test_holds_where_every_circumstance_fits(self, given: Circumstances, holds: bool) -> None:
        norm = Norm(RATE, sex="female", min_age_years=18, task="vowel", min_duration_s=3)

        assert norm.holds_in(given) is holds

    def test_without_conditions_holds_for_anybody(self) -> None:
        assert Norm(RATE).holds_in(Circumstances())


class TestReferenceRange:
    def test_first_norm_that_holds_is_taken(self) -> None:
        women = ReferenceRange(390, 460, "a", "women")
        men = ReferenceRange(390, 450, "a", "men")
        norms = {"qtc": (Norm(men, sex="male"), Norm(women))}

        assert reference_range(norms, "qtc", Circumstances(sex="male")) is men
        assert reference_range(norms, "qtc", Circumstances(sex="female")) is women

    def test_biomarker_without_norms_has_none(self) -> None:
        assert reference_range({}, "qtc", Circumstances()) is None


class TestCatalog:
    def test_lists_entries_by_name(self) -> None:
        rate = Biomarker("rate", "/min", "rhythm", "Mean rate")

        assert catalog([rate]) == {"rate": rate}

    def test_name_that_stands_twice_is_a_mistake(self) -> None:
        rate = Biomarker("rate", "/min", "rhythm", "Mean rate")

        with pytest.raises(AssertionError, match="twice"):
            catalog([rate, rate])
