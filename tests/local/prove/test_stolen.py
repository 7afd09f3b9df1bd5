"""What stolen things reach is what the project says of it, and the report tells it."""

import json
from datetime import UTC, datetime

import pytest

from local.prove.report import Report
from local.prove.stand import Stand
from local.prove.stolen import Reach, Theft, measured
from tests.nonempty import nonempty


@pytest.mark.usefixtures("aws")
async def test_each_thing_reaches_what_is_said_of_it(stand: Stand) -> None:
    thefts = await measured(stand)
    assert len(thefts) == 7
    for theft in nonempty(thefts):
        assert theft.reach.surprises == [], theft.what
        assert theft.why_not is None, theft.what
        assert theft.reach.open, theft.what


def test_a_surprise_fails_the_report_and_stands_in_it() -> None:
    theft = Theft("A token", Reach(surprises=["everything"]))
    report = Report("http://test", datetime.now(UTC), [], thefts=[theft])
    assert report.has_failed
    told = json.loads(report.as_json())["stolen"]
    assert told == {"A token": {"came out otherwise than expected": ["everything"]}}
    assert "What stolen things reach" in report.as_html()
