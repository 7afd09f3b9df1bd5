"""Tables that can be read, in a file and in a terminal, and in the documentation."""

import io
import json

import pytest
from rich.console import Console

from bench import report, tables
from bench.competitors import OBVIOUS
from bench.subjects import Operation

LONG = "ours, NullPool, PgBouncer and TLS"


@pytest.fixture
def figures(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """One table of many wide columns."""
    head = ["subject", *(f"an operation of number {n}" for n in range(12))]
    rows = [[LONG, *["1.23"] * 12]]
    monkeypatch.setattr(report, "tables", lambda _: [("Client CPU", head, rows)])
    return {}


class TestShow:
    def test_a_pipe_gets_every_word_on_one_line(self, figures: dict[str, object]) -> None:
        written = io.StringIO()

        report.show(figures, Console(file=written, width=80))

        assert LONG in written.getvalue()
        assert "an operation of number 11" in written.getvalue()

    def test_a_narrow_terminal_loses_nothing(self, figures: dict[str, object]) -> None:
        written = io.StringIO()

        report.show(figures, Console(file=written, width=100, force_terminal=True, no_color=True))

        assert "…" not in written.getvalue()
        assert max(len(line) for line in written.getvalue().splitlines()) > 80


class TestAdvantageRows:
    def test_each_figure_stands_under_its_own_heading_whatever_order_it_was_kept_in(self) -> None:
        values = {
            "ours": {"buffers": 10.0, "mean_ms": 1.0, "ms": 2.0},
            OBVIOUS: {"mean_ms": 3.0, "ms": 4.0, "buffers": 1000.0},
        }
        growth = {"1000000": {who: {"work": {Operation.HISTORY: it}} for who, it in values.items()}}

        title, head, rows = tables.advantage_rows(growth)

        assert title == "A history of the obvious design, as multiples of ours"
        assert dict(zip(head, rows[0], strict=True)) == {
            "values": "1,000,000",
            "least server time": "2",
            "mean server time": "3",
            "pages": "100",
        }


@pytest.mark.skipif(not report.RESULTS.exists(), reason="the full bench has not run here")
class TestPage:
    def test_the_documentation_shows_what_was_measured(self) -> None:
        figures = json.loads(report.RESULTS.read_text())

        assert report.markdown(figures) in report.PAGE.read_text()
