"""The report shows what was tried, and nothing that is secret."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from local.prove.attacks import Attack, Finding, Needs, NotTried, Outcome, Result, try_attack
from local.prove.report import Report
from local.prove.stand import Stand

AT = datetime(2026, 11, 28, tzinfo=UTC)
SECRETS = {
    "token": "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1c2VyX2FkYSJ9.c2lnbmF0dXJlLWNhbmFyeQ",
    "service key": "mlk_canaryOfAKeyThatNobodyMaySee0123456789",
    "secret of a webhook": "whsec_Y2FuYXJ5LW9mLWEtc2VjcmV0LW9mLWEtd2ViaG9vaw==",
    "password": "canary-of-a-password",
    "signature": "f00dcanary00f00dcanary00f00dcanary00",
    "name that was planted": "Canaryella",
}
SENT = (
    "{token} {service key} {secret of a webhook} postgres://medilens_app:{password}@db/medilens"
    " https://store/file?X-Amz-Signature={signature} {name that was planted} <script>"
)


async def held(_: Stand) -> Finding:
    return Finding(held=True, sent="GET /", came_back="404")


ATTACK = Attack(1, "a title", "404", ("164.312(a)(1)",), Needs.OUTSIDE, held, "tenants")


def report_of(**changed: object) -> Report:
    sent = SENT.format_map(SECRETS)
    result = Result(ATTACK, Outcome.HELD, sent, sent, 1)
    return Report(
        "https://api.example.org",
        AT,
        [replace(result, **changed)],  # type: ignore[arg-type]
        {"routes": ["GET /api/new"]},
        [sent],
        frozenset({SECRETS["name that was planted"]}),
    )


@pytest.mark.parametrize("kind", SECRETS)
def test_nothing_secret_is_in_it(kind: str) -> None:
    report = report_of()
    assert SECRETS[kind] not in report.as_json()
    assert SECRETS[kind] not in report.as_html()


def test_as_json_it_has_every_attack_with_its_rules() -> None:
    told = json.loads(report_of(sent="GET /", came_back="404").as_json())

    assert told["counts"] == {"held": 1, "failed": 0, "not tried": 0}
    assert told["attacks"] == [
        {
            "number": 1,
            "name": "tenants.held",
            "title": "a title",
            "expected": "404",
            "rules": ["164.312(a)(1)"],
            "needs": "outside",
            "outcome": "held",
            "sent": "GET /",
            "came_back": "404",
            "duration_ms": 1,
        }
    ]
    assert told["untouched"] == {"routes": ["GET /api/new"]}


def test_as_html_nothing_of_it_runs() -> None:
    page = report_of().as_html()
    assert "<script" not in page
    assert "GET /api/new" in page


@pytest.mark.parametrize(
    ("outcome", "has_failed"),
    [(Outcome.HELD, False), (Outcome.FAILED, True), (Outcome.NOT_TRIED, True)],
)
def test_it_fails_with_an_attack_and_where_nothing_was_tried(
    outcome: Outcome, has_failed: bool
) -> None:
    assert report_of(outcome=outcome).has_failed is has_failed


class TestOutcomes:
    async def test_a_mistake_of_an_attack_is_no_success(self) -> None:
        async def mistaken(_: Stand) -> Finding:
            raise KeyError("items")

        result = await try_attack(Stand("http://test"), replace(ATTACK, run=mistaken))
        assert (result.outcome, result.came_back) == (Outcome.FAILED, "KeyError: 'items'")

    async def test_what_was_tried_on_nothing_was_not_tried(self) -> None:
        async def nothing(_: Stand) -> Finding:
            return Finding.of([])

        result = await try_attack(Stand("http://test"), replace(ATTACK, run=nothing))
        assert result.outcome is Outcome.NOT_TRIED

    async def test_from_outside_nothing_is_tried_that_needs_the_database(self) -> None:
        result = await try_attack(Stand("http://test"), replace(ATTACK, needs=Needs.STACK))
        assert result.outcome is Outcome.NOT_TRIED

    def test_of_several_findings_those_that_did_not_hold_are_told(self) -> None:
        good = Finding(held=True, sent="GET /a", came_back="404")
        bad = Finding(held=False, sent="GET /b", came_back="200")
        merged = Finding.of([good, bad, good])
        assert merged == replace(bad, came_back="200\n1 of 3 failed")
        with pytest.raises(NotTried):
            Finding.of([])
