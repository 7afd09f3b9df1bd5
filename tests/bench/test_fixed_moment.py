"""The quick gate counts the same pages at whatever moment it is run."""

from pathlib import Path

import pytest

from bench.counts import page_limits
from bench.run import QUICK_ROWS, fixed_pages
from bench.session import session

pytestmark = pytest.mark.clock


class TestFixedPages:
    def test_pages_do_not_depend_on_the_moment(self, tmp_path: Path) -> None:
        with session(tmp_path) as here:
            reading, whole = (count.number for count in fixed_pages(here))

        limits = page_limits(QUICK_ROWS)
        assert reading == limits[0]
        assert limits[1] is not None
        assert reading < whole <= limits[1]
