import pytest

from functions.cardiology.norms import BIOMARKERS, NORMS, SOURCES, reference_range
from shared.vocabulary import BiomarkerStatus


class TestNorms:
    def test_every_range_names_a_known_biomarker_and_source(self) -> None:
        assert NORMS.keys() <= BIOMARKERS.keys()
        assert {norm.range.source for norms in NORMS.values() for norm in norms} <= SOURCES.keys()

    def test_every_source_has_a_doi(self) -> None:
        assert all("doi:10." in citation for citation in SOURCES.values())


class TestReferenceRange:
    @pytest.mark.parametrize(
        ("sex", "status"),
        [
            ("male", BiomarkerStatus.HIGH),
            ("female", BiomarkerStatus.NORMAL),
            (None, BiomarkerStatus.NORMAL),
        ],
    )
    def test_qtc_limit_depends_on_sex(self, sex: str | None, status: BiomarkerStatus) -> None:
        found = reference_range("qtc_fridericia", sex=sex, age_years=50, analyzed_s=10)

        assert found is not None
        assert found.status(455) is status

    def test_child_gets_no_adult_limit(self) -> None:
        assert reference_range("heart_rate", sex=None, age_years=7, analyzed_s=10) is None

    def test_sdnn_of_five_minutes_is_not_held_against_a_day(self) -> None:
        assert reference_range("sdnn", sex=None, age_years=50, analyzed_s=300) is None
        assert reference_range("sdnn", sex=None, age_years=50, analyzed_s=80_000) is not None

    @pytest.mark.parametrize(
        ("rate", "status"),
        [
            (35, BiomarkerStatus.CRITICAL),
            (55, BiomarkerStatus.LOW),
            (75, BiomarkerStatus.NORMAL),
            (110, BiomarkerStatus.HIGH),
            (150, BiomarkerStatus.CRITICAL),
        ],
    )
    def test_heart_rate_is_graded(self, rate: float, status: BiomarkerStatus) -> None:
        found = reference_range("heart_rate", sex=None, age_years=None, analyzed_s=10)

        assert found is not None
        assert found.status(rate) is status
