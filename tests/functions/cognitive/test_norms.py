"""The catalog is complete, cited and free of claims."""

import re

import pytest

from functions.cognitive.norms import BIOMARKERS, SOURCES, Domain
from functions.cognitive.samples import SAMPLES, SPREAD
from shared.examination.retest import RETESTS

UNITS = {"ms", "s", "/s", "%", "1", "{item}", "{list}", "{word}", "{count}"}


class TestCatalog:
    @pytest.mark.parametrize("name", BIOMARKERS)
    def test_every_biomarker_is_named_and_cited(self, name: str) -> None:
        biomarker = BIOMARKERS[name]

        assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name)
        assert biomarker.unit in UNITS
        assert biomarker.source in SOURCES
        assert biomarker.better in (-1, 0, 1)

    def test_every_primary_score_has_a_better_direction(self) -> None:
        primaries = [biomarker for biomarker in BIOMARKERS.values() if biomarker.primary]

        assert {primary.category for primary in primaries} == set(Domain)
        assert all(primary.better for primary in primaries)

    def test_retest_figures_are_of_known_biomarkers(self) -> None:
        assert set(RETESTS) <= set(BIOMARKERS)


class TestSources:
    @pytest.mark.parametrize("key", SOURCES)
    def test_every_source_has_a_doi(self, key: str) -> None:
        assert re.search(r"doi:10\.\d{4,}/\S+", SOURCES[key])


class TestSamples:
    def test_samples_are_of_known_biomarkers_with_their_n(self) -> None:
        for sample in SAMPLES:
            assert sample.biomarker in BIOMARKERS
            assert sample.source in SOURCES
            assert sample.n > 1
            assert sample.sd > 0
        assert len(SPREAD) == len(SAMPLES)
