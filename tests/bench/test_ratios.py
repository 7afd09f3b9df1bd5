"""What divides what, and what fails a run."""

from bench.competitors import BY_HAND, DATA_LAYER, DRIVER, WARM
from bench.ratios import DATA_LAYER_TARGETS, DRIVER_GATE, GATE, RATIOS, REQUEST_TARGETS, far_off
from bench.subjects import Operation
from bench.verdict import failures

TARGETS = [*REQUEST_TARGETS.values(), *DATA_LAYER_TARGETS.values()]


def timed(**cpu_ms: float) -> dict[str, dict[str, dict[str, float]]]:
    """Every operation, taking each subject so long."""
    ours = dict.fromkeys((WARM, DATA_LAYER), cpu_ms["ours"])
    named = {**ours, DRIVER: 1.0, BY_HAND: 1.0}
    values = {name: {"cpu_ms": ms, "wall_ms": ms} for name, ms in named.items()}
    return dict.fromkeys(Operation, values)


class TestRatio:
    def test_one_subjects_figure_is_divided_by_anothers(self) -> None:
        assert RATIOS[0].values(timed(ours=4.0)) == dict.fromkeys(Operation, 4.0)

    def test_who_was_not_measured_has_none(self) -> None:
        pooled = next(ratio for ratio in RATIOS if "PgBouncer" in ratio.name)

        assert pooled.values(timed(ours=4.0)) == {}


class TestFarOff:
    def test_a_miss_that_may_be_noise_passes(self) -> None:
        assert list(far_off(timed(ours=GATE * min(TARGETS)))) == []

    def test_a_miss_beyond_noise_is_named_with_its_target(self) -> None:
        members = list(far_off(timed(ours=DRIVER_GATE * max(TARGETS) + 1)))

        assert len(members) == len(TARGETS)
        assert "create + commit: 19.0, target 6" in members[0]


GOOD = {
    "counts": [{"what": "round trips: ours: list", "number": 3, "limit": 3}],
    "pages": {"100000": [{"what": "pages: reading", "number": 23, "limit": 23}]},
    "operations": {"client": timed(ours=1.0)},
    "care": {"nothing": {"failed": 0, "deadlocks": 0}},
    "concurrency": {"steady": {"errors": 0, "foreign_rows": 0}, "full": {}},
    "overload": {"statuses": {"200": 5, "503": 2}, "with_retry_after": 2},
}


class TestFailures:
    def test_what_is_as_it_must_be_has_none(self) -> None:
        assert failures(GOOD) == []

    def test_a_part_that_was_not_measured_is_no_failure(self) -> None:
        assert failures(GOOD | {"care": None, "concurrency": {}, "overload": {}}) == []

    def test_a_count_above_its_limit(self) -> None:
        counts = [{"what": "round trips: ours: list", "number": 4, "limit": 3}]

        assert failures(GOOD | {"counts": counts}) == ["round trips: ours: list: 4, limit 3"]

    def test_a_page_more(self) -> None:
        pages = {"100000": [{"what": "pages: reading", "number": 24, "limit": 23}]}

        assert failures(GOOD | {"pages": pages}) == ["pages: reading: 24, limit 23"]

    def test_a_row_of_another_organization(self) -> None:
        load = {"steady": {"errors": 0, "foreign_rows": 1}}

        assert failures(GOOD | {"concurrency": load}) == ["many clients, steady: 1 foreign rows"]

    def test_a_request_that_fails_while_a_table_is_cared_for(self) -> None:
        care = {"a month vacuumed": {"failed": 2, "deadlocks": 0}}

        assert failures(GOOD | {"care": care}) == ["a month vacuumed: 2 requests failed"]

    def test_a_deadlock_of_a_table_that_is_cared_for_with_a_request(self) -> None:
        care = {"24 months added": {"failed": 0, "deadlocks": 1}}

        assert failures(GOOD | {"care": care}) == ["24 months added: 1 deadlocks with requests"]

    def test_a_refusal_of_another_kind_or_without_retry_after(self) -> None:
        overload = {"statuses": {"200": 1, "500": 1, "503": 2}, "with_retry_after": 1}

        assert failures(GOOD | {"overload": overload}) == [
            "overload: answers of other kinds: {'500': 1}",
            "overload: 2 answers 503, 1 with Retry-After",
        ]
