"""What a minute of voice costs in CPU and ten minutes in memory; run it with `-s` for the figures.

The limits are twice what the method card states, because machines differ; each minute is in a
process of its own, so that its memory is its own too.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
STATUS = Path("/proc/self/status")
STATED_S = 5.0
STATED_MB = 850
FS_HZ = 48_000  # what browsers record; below it everything is cheaper
TEN = 10  # minutes

PROGRAM = f"""
import json, re, sys, time
from pathlib import Path
import numpy as np
from functions.speech.analysis import analyze
from functions.speech.sound import Sound
from functions.speech.task import Task
from local.samples.voice import reading, repetition, sustained_vowel

voices = {{
    "sustained_vowel": lambda: sustained_vowel(f0_hz=110, duration_s=60, fs_hz={FS_HZ}),
    "speech": lambda: reading(phrases=27, fs_hz={FS_HZ}),
    "diadochokinesis": lambda: repetition(syllables=355, fs_hz={FS_HZ}),
}}
task, minutes = sys.argv[1], int(sys.argv[2])
sound = Sound(np.tile(voices[task]().samples[: 60 * {FS_HZ}], minutes), {FS_HZ}, "pcm_s16le")
started_s = time.process_time()
analyze(sound, task=Task(task))
# Not ru_maxrss: a new process inherits that from the one that started it.
peak_kb = int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("{STATUS}").read_text())[1])
print(json.dumps({{
    "task": task,
    "duration_s": sound.duration_s,
    "cpu_s": time.process_time() - started_s,
    "peak_mb": peak_kb / 1024,
}}))
"""


def measured(task: str, minutes: int) -> dict[str, Any]:
    command = [sys.executable, "-c", PROGRAM, task, str(minutes)]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    sys.stdout.write(answer.stdout)
    figures: dict[str, Any] = json.loads(answer.stdout)
    return figures


@pytest.mark.skipif(not STATUS.exists(), reason="the peak of a process is read from /proc")
class TestCost:
    @pytest.mark.parametrize("task", ["sustained_vowel", "speech", "diadochokinesis"])
    def test_minute_costs_what_is_stated(self, task: str) -> None:
        figures = measured(task, 1)

        assert figures["duration_s"] == pytest.approx(60, abs=1)
        assert figures["cpu_s"] < 2 * STATED_S

    def test_ten_minutes_fit_into_the_stated_memory(self) -> None:
        figures = measured("sustained_vowel", TEN)

        assert figures["cpu_s"] < 2 * TEN * STATED_S
        assert figures["peak_mb"] < STATED_MB
