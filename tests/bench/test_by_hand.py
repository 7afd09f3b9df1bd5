"""The statements of the repositories, sent by hand."""

from bench.by_hand import Statement


class TestStatement:
    def test_what_is_new_in_a_request_takes_the_place_of_what_was_sent(self) -> None:
        sent = Statement("SELECT $1, $2", ("id", "limit"), {"id": "old", "limit": 20})

        assert sent.filled({"id": "new", "unknown": 1}) == ["new", 20]
