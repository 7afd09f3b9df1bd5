import pytest

from functions.cardiology.norms import BIOMARKERS, NORMS, SOURCES
from shared.biomarkers import BiomarkerStatus
from shared.norms import Circumstances, ReferenceRange, reference_range
from shared.vocabulary import Sex
from tests.nonempty import nonempty


def limit_of(
    name: str, *, sex: Sex | None, age_years: int | None, analyzed_s: float
) -> ReferenceRange | None:
    return reference_range(NORMS, name, Circumstances(sex, age_years, duration_s=analyzed_s))


class TestNorms:
    def test_every_range_names_a_known_biomarker_and_source(self) -> None:
        assert NORMS.keys() <= BIOMARKERS.keys()
        assert {norm.range.source for norms in NORMS.values() for norm in norms} <= SOURCES.keys()

    def test_every_source_has_a_doi(self) -> None:
        assert all("doi:10." in citation for citation in nonempty(SOURCES.values()))


class TestReferenceRange:
    @pytest.mark.parametrize(
        ("sex", "status"),
        [
            ("male", BiomarkerStatus.HIGH),
            ("female", BiomarkerStatus.NORMAL),
            (None, BiomarkerStatus.NORMAL),
        ],
    )
    def test_qtc_limit_depends_on_sex(self, sex: Sex | None, status: BiomarkerStatus) -> None:
        limit = limit_of("qtc_fridericia", sex=sex, age_years=50, analyzed_s=10)

        assert limit is not None
        assert limit.status(455) is status

    def test_child_gets_no_adult_limit(self) -> None:
        assert limit_of("heart_rate", sex=None, age_years=7, analyzed_s=10) is None

    def test_sdnn_of_five_minutes_is_not_held_against_a_day(self) -> None:
        assert limit_of("sdnn", sex=None, age_years=50, analyzed_s=300) is None
        assert limit_of("sdnn", sex=None, age_years=50, analyzed_s=80_000) is not None

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
        limit = limit_of("heart_rate", sex=None, age_years=None, analyzed_s=10)

        assert limit is not None
        assert limit.status(rate) is status
