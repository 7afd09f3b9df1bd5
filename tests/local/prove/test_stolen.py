"""What stolen things reach is what the project says of it, and the report tells it."""

import json
from datetime import UTC, datetime

import pytest

from local.prove.attacks import Finding, NotTried
from local.prove.report import Report
from local.prove.stand import Stand
from local.prove.stolen import Reach, Theft, credentials, measured
from tests.nonempty import nonempty

NO_STORE = "no store"


async def a_store(_: Stand) -> Finding:
    """The store of the tests checks no signature; a stack of its own is asked elsewhere."""
    raise NotTried(NO_STORE)


async def test_each_thing_reaches_what_is_said_of_it(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(credentials, "a_signed_address", a_store)
    thefts = await measured(stand)
    assert len(thefts) == 7
    assert [theft.why_not for theft in thefts if not theft.reach.open] == [NO_STORE]
    for theft in nonempty(thefts):
        assert theft.reach.surprises == [], theft.what


def test_a_surprise_fails_the_report_and_stands_in_it() -> None:
    theft = Theft("A token", Reach(surprises=["everything"]))
    report = Report("http://test", datetime.now(UTC), [], thefts=[theft])
    assert report.has_failed
    told = json.loads(report.as_json())["stolen"]
    assert told == {"A token": {"came out otherwise than expected": ["everything"]}}
    assert "What stolen things reach" in report.as_html()
