"""The bench's own arithmetic."""

import json
from xml.etree import ElementTree as ET

import pytest

from bench import plots
from bench.asgi import Answer
from bench.concurrency import Latency, Tenant, judged
from bench.counts import page_limits
from bench.data import (
    ASSESSMENTS_OF_THE_FIRST,
    ASSESSMENTS_PER_PERSON,
    PEOPLE_PER_ORGANIZATION,
    VALUES_PER_ASSESSMENT,
    Person,
    people_for,
)
from bench.timing import as_json


class TestPeopleFor:
    @pytest.mark.parametrize("values", [100_000, 1_000_000, 10_000_000])
    def test_so_many_people_have_so_many_values(self, values: int) -> None:
        others = people_for(values) - 1

        assessments = ASSESSMENTS_OF_THE_FIRST + others * ASSESSMENTS_PER_PERSON

        assert assessments * VALUES_PER_ASSESSMENT == values


class TestPerson:
    def test_neighbors_share_an_organization_up_to_its_size(self) -> None:
        last, next_one = Person(PEOPLE_PER_ORGANIZATION), Person(PEOPLE_PER_ORGANIZATION + 1)

        assert last.organization == Person(1).organization
        assert next_one.organization != last.organization
        assert last.id != next_one.id


class TestPageLimits:
    def test_the_small_tables_of_every_change_may_not_read_more_than_they_do(self) -> None:
        assert page_limits(100_000) == (29, 40)

    def test_what_is_required_holds_from_a_million_values_to_ten(self) -> None:
        # Thirty, and the key's page for each of six checks of a seal.
        assert page_limits(1_000_000) == page_limits(10_000_000) == (36, None)
        assert page_limits(50_000_000) == (None, None)


class TestLatency:
    def test_percentiles_are_in_milliseconds(self) -> None:
        latency = Latency.of([n / 1000 for n in range(1, 1001)])

        assert latency.p50 == pytest.approx(500, rel=0.01)
        assert latency.p99 == pytest.approx(990, rel=0.01)
        assert latency.longest == 1000


TENANT = Tenant(0, {}, frozenset({"ours"}), "theirs")


def listed(*people: str) -> Answer:
    body = json.dumps({"items": [{"subject_id": person} for person in people]})
    return Answer(200, {}, body.encode())


class TestJudged:
    def test_what_is_ours_is_right(self) -> None:
        assert judged(listed("ours", "ours"), TENANT, foreign=False) == (False, 2, 0)

    def test_a_row_of_another_organization_is_counted(self) -> None:
        assert judged(listed("ours", "theirs"), TENANT, foreign=False) == (False, 2, 1)

    def test_who_asks_for_a_stranger_is_told_of_nobody(self) -> None:
        assert judged(Answer(404, {}, b""), TENANT, foreign=True) == (False, 0, 0)
        assert judged(listed(), TENANT, foreign=True) == (True, 0, 0)

    def test_a_refusal_of_what_is_ours_is_wrong(self) -> None:
        assert judged(Answer(404, {}, b""), TENANT, foreign=False) == (True, 0, 0)


class TestAsJson:
    def test_what_was_not_measured_is_null(self) -> None:
        assert as_json({"create": {"ours": None}}) == {"create": {"ours": None}}


class TestPlots:
    def test_bars_grow_with_what_they_show(self) -> None:
        picture = plots.bars("CPU", "ms", {"list": {"ours": 1.0, "theirs": 10.0}})

        _paper, ours, theirs = (
            float(rect.attrib["width"])
            for rect in ET.fromstring(picture.content).iterfind(".//{*}rect")
        )

        assert 0 < ours < theirs

    def test_a_flat_series_is_a_flat_line(self) -> None:
        picture = plots.lines("pages", "rows", "pages", {"ours": [(10.0, 5.0), (100.0, 5.0)]})

        heights = {
            circle.attrib["cy"]
            for circle in ET.fromstring(picture.content).iterfind(".//{*}circle")
        }

        assert len(heights) == 1
