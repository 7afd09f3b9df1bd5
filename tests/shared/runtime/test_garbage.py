"""Garbage is looked for after a start, and not among what it made."""

import json
import subprocess
import sys

import pytest

from tests.conftest import ROOT

PROGRAM = """
import gc, json
own = gc.get_threshold()
import functions
meanwhile = gc.get_threshold()
import functions.{entry}
print(json.dumps([own, meanwhile, gc.get_threshold(), gc.get_freeze_count()]))
"""


class TestStart:
    @pytest.mark.parametrize(
        "entry", ["records.app", "cardiology.worker", "maintenance.app", "maintenance.schedule"]
    )
    def test_search_is_put_off_and_taken_up_again(self, entry: str) -> None:
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM.format(entry=entry)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        own, meanwhile, afterwards, frozen = json.loads(done.stdout)

        assert meanwhile[0] > 100 * own[0]
        assert afterwards == own
        assert frozen > 10_000
