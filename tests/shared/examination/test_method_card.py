"""A method card: what it says to callers, and how measured values are written in its terms."""

from typing import Any

import pytest

from shared import settings
from shared.biomarkers import Biomarker, BiomarkerStatus, catalog
from shared.examination.method_card import MethodCard
from shared.examination.provenance import provenance_of
from shared.examination.values import cited, in_order
from shared.norms import Norm, ReferenceRange
from shared.pipelines import PipelineName
from shared.record import Findings, Measured, ModelUsed, RiskPoint

RANGE = ReferenceRange(60, 100, "somebody-1996", "adults", 40, 150)
CARD = MethodCard(
    pipeline=PipelineName.CARDIOLOGY,
    version="2.1.0",
    formats=("EDF",),
    limits={"min_fs_hz": 50.0},
    biomarkers=catalog(
        [
            Biomarker("heart_rate", "/min", "rhythm", "Beats a minute"),
            Biomarker("sdnn", "ms", "variability", "Spread of intervals"),
        ]
    ),
    norms={"heart_rate": (Norm(RANGE),)},
    sources={"somebody-1996": "Somebody (1996). A range."},
)


class TestInfo:
    def test_each_biomarker_is_told_with_its_ranges(self) -> None:
        rate, sdnn = CARD.info().biomarkers
        assert (rate.name, rate.unit, rate.ranges[0].critical_high) == ("heart_rate", "/min", 150)
        assert (sdnn.name, sdnn.ranges) == ("sdnn", [])

    def test_sources_of_the_ranges_are_spelled_out(self) -> None:
        info = CARD.info()
        assert info.sources[info.biomarkers[0].ranges[0].source].startswith("Somebody (1996)")


class TestValues:
    def test_come_in_the_order_of_the_catalog(self) -> None:
        values = in_order(CARD, (Measured("sdnn", 40.0), Measured("heart_rate", 70.0)))
        assert [value.name for value in values] == ["heart_rate", "sdnn"]

    def test_carry_the_range_that_they_were_held_against(self) -> None:
        (value,) = in_order(CARD, (Measured("heart_rate", 110.0, range=RANGE),))
        assert (value.status, value.unit) == (BiomarkerStatus.HIGH, "/min")
        assert (value.normal_range_min, value.normal_range_max) == (60, 100)
        assert (value.population, value.citation) == ("adults", "Somebody (1996). A range.")

    def test_without_a_range_are_not_judged(self) -> None:
        (value,) = in_order(CARD, (Measured("sdnn", 40.0),))
        assert value.status is BiomarkerStatus.UNCLASSIFIED
        assert (value.source, value.citation, value.normal_range_max) == (None, None, None)

    @pytest.mark.parametrize(("task", "method"), [(None, "2.1.0"), ("stroop 3", "2.1.0, stroop 3")])
    def test_name_what_made_them(self, task: str | None, method: str) -> None:
        (value,) = in_order(CARD, (Measured("sdnn", 40.0, method=task),))
        assert value.method == method

    def test_what_the_catalog_lacks_is_a_mistake(self) -> None:
        with pytest.raises(KeyError, match="pulse"):
            in_order(CARD, (Measured("pulse", 70.0),))

    def test_a_rule_that_fired_is_cited(self) -> None:
        point = cited(CARD, RiskPoint("fast", 40.0, "somebody-1996"))
        assert point.citation == "Somebody (1996). A range."


class TestProvenance:
    @pytest.fixture(autouse=True)
    def released(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("MEDILENS_CODE_VERSION", "v1.2.0")
        settings.load.cache_clear()

    def test_names_the_code_and_what_had_a_say(self) -> None:
        model = ModelUsed("chest-2", "ab" * 32)
        findings = Findings({}, (), None, None, None, parameters={"lead": "II"}, models=(model,))
        told: Any = provenance_of(CARD, findings, {"input_sha256": "cd"})
        assert (told["pipeline_version"], told["code_version"]) == ("2.1.0", "v1.2.0")
        assert told["models"] == [{"name": "chest-2", "sha256": "ab" * 32}]
        assert (told["parameters"], told["input_sha256"]) == ({"lead": "II"}, "cd")

    def test_of_a_failed_analysis_names_no_model(self) -> None:
        told = provenance_of(CARD, None, {})
        assert (told["models"], told["parameters"]) == ([], {})
