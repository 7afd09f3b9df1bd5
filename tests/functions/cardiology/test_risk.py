from dataclasses import replace
from typing import Any

import pytest

from functions.cardiology.conduction import Block
from functions.cardiology.norms import SOURCES
from functions.cardiology.risk import Signs, risk
from shared.vocabulary import RiskLevel, Sex

HEALTHY = Signs(
    heart_rate_bpm=70,
    has_fibrillation=False,
    blocks=(),
    longest_ventricular_run_s=None,
    pause_s=1.0,
    ventricular_beats=0,
    n_beats=1000,
    pr_ms=160,
    qrs_ms=90,
    qtc_ms=410,
    sex=None,
    is_adult=True,
)


class TestRisk:
    def test_nothing_seen_is_low_without_points(self) -> None:
        judgment = risk(HEALTHY)

        assert judgment is not None
        assert (judgment.score, judgment.level, judgment.points) == (0, RiskLevel.LOW, ())

    def test_nothing_measured_is_no_risk_at_all(self) -> None:
        assert risk(replace(HEALTHY, heart_rate_bpm=None)) is None

    @pytest.mark.parametrize(
        ("change", "level"),
        [
            ({"heart_rate_bpm": 38}, RiskLevel.CRITICAL),
            ({"heart_rate_bpm": 131}, RiskLevel.CRITICAL),
            ({"heart_rate_bpm": 115}, RiskLevel.MODERATE),
            ({"heart_rate_bpm": 47}, RiskLevel.MODERATE),
            ({"has_fibrillation": True}, RiskLevel.HIGH),
            ({"pause_s": 3.0}, RiskLevel.HIGH),
            ({"pause_s": 2.9}, RiskLevel.LOW),
            ({"longest_ventricular_run_s": 1.2}, RiskLevel.CRITICAL),
            ({"ventricular_beats": 130}, RiskLevel.HIGH),
            ({"qtc_ms": 505}, RiskLevel.CRITICAL),
            ({"qrs_ms": 130}, RiskLevel.MODERATE),
            ({"pr_ms": 220}, RiskLevel.MODERATE),
        ],
    )
    def test_each_rule_fires_alone(self, change: dict[str, Any], level: RiskLevel) -> None:
        judgment = risk(replace(HEALTHY, **change))

        assert judgment is not None
        assert judgment.level is level
        assert {point.source for point in judgment.points} <= SOURCES.keys()

    @pytest.mark.parametrize(("sex", "fires"), [("male", True), ("female", False), (None, False)])
    def test_qtc_limit_depends_on_sex(self, sex: Sex | None, fires: bool) -> None:
        judgment = risk(replace(HEALTHY, qtc_ms=455, sex=sex))

        assert judgment is not None
        assert bool(judgment.points) is fires

    def test_score_is_the_highest_point_not_a_sum(self) -> None:
        judgment = risk(replace(HEALTHY, has_fibrillation=True, pause_s=4, qrs_ms=130))

        assert judgment is not None
        assert judgment.score == 60
        assert [point.score for point in judgment.points] == [60, 60, 40]

    def test_the_point_of_several_blocks_names_the_one_that_is_scored(self) -> None:
        judgment = risk(replace(HEALTHY, blocks=(Block.MOBITZ, Block.COMPLETE)))

        assert judgment is not None
        assert [(point.rule, point.score) for point in judgment.points] == [(Block.COMPLETE, 75)]

    def test_limits_of_adults_are_not_those_of_a_child(self) -> None:
        judgment = risk(replace(HEALTHY, heart_rate_bpm=135, pr_ms=210, is_adult=False))

        assert judgment is not None
        assert judgment.points == ()
