import pytest

from functions.speech.norms import BIOMARKERS, NORMS, SOURCES, TASKS
from functions.speech.task import Task
from shared.biomarkers import BiomarkerStatus
from shared.norms import Circumstances, ReferenceRange, reference_range
from tests.nonempty import nonempty

VOWEL = Task.SUSTAINED_VOWEL


def limit_of(name: str, task: Task, age_years: float | None) -> ReferenceRange | None:
    return reference_range(NORMS, name, Circumstances(age_years=age_years, task=task))


class TestReferenceRange:
    @pytest.mark.parametrize(
        ("name", "value", "status"),
        [
            ("jitter_local", 1.03, BiomarkerStatus.NORMAL),
            ("jitter_local", 1.05, BiomarkerStatus.HIGH),
            ("hnr", 19.9, BiomarkerStatus.LOW),
            ("cpps", 14.4, BiomarkerStatus.LOW),
            ("cpps", 14.5, BiomarkerStatus.NORMAL),
        ],
    )
    def test_value_is_held_against_its_limit(
        self, name: str, value: float, status: BiomarkerStatus
    ) -> None:
        limit = limit_of(name, VOWEL, 40)

        assert limit is not None
        assert limit.status(value) is status

    def test_children_have_no_limits(self) -> None:
        assert all(limit_of(name, VOWEL, 17.9) is None for name in nonempty(TASKS))

    def test_unknown_age_is_taken_for_an_adult(self) -> None:
        assert limit_of("jitter_local", VOWEL, None) is not None

    @pytest.mark.parametrize(
        "name", ["f0_mean", "speech_rate", "intensity_mean", "ddk_rate", "shimmer_local"]
    )
    def test_what_depends_on_the_person_has_no_limit(self, name: str) -> None:
        assert limit_of(name, VOWEL, 40) is None

    def test_cpps_of_unknown_text_has_no_limit(self) -> None:
        assert limit_of("cpps", Task.SPEECH, 40) is None

    @pytest.mark.parametrize("name", ["jitter_local", "jitter_rap", "jitter_ppq5"])
    def test_limit_of_another_extractor_says_so(self, name: str) -> None:
        limit = limit_of(name, VOWEL, 40)

        assert limit is not None
        assert "another extractor" in limit.population


class TestCatalog:
    def test_every_limit_is_of_a_known_measure_and_source(self) -> None:
        assert set(NORMS) < set(BIOMARKERS)
        assert {norm.range.source for norms in NORMS.values() for norm in norms} == set(SOURCES)

    def test_every_measure_has_a_task(self) -> None:
        assert set(TASKS) == set(BIOMARKERS)
        assert all(TASKS.values())
