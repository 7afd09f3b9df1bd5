"""Size, import time and memory of every artifact, in a fresh interpreter with shipped bytecode.

Run `make build`, then `uv run python -m bench.cold_start`. Processor time is the least of several
rounds in which all subjects take turns, and is told as a ratio to the bare stack of that run.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent
BUILT = ROOT / ".aws-sam" / "build"
DELIVERED = ROOT / ".vercel" / "output" / "services"
DOCUMENT = ROOT / "docs" / "performance.md"

PYTHON = Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
ROUNDS = 15

# What the whole stack stands on, imported by nothing of ours.
BARE = "bare stack"
BARE_MODULES = "fastapi, mangum, sqlmodel, asyncpg"

# Not ru_maxrss: a new process inherits that from the one that started it.
PROBE = """
import time
started = time.process_time()
import {modules}
spent = time.process_time() - started
import json, re
peak_kb = int(re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1])
print(json.dumps([spent * 1000, peak_kb / 1024]))
"""

# The calls of Python and C functions that importing takes: the same number on every machine and in
# every run, so a test can hold a start to it.
COUNTER = """
import sys
calls = 0
def count(frame, event, argument):
    global calls
    calls += event in ("call", "c_call")
sys.setprofile(count)
import {modules}
sys.setprofile(None)
print(calls)
"""


@dataclass(frozen=True)
class Start:
    """What importing costs: processor time and the most memory the process had."""

    cpu_ms: float
    memory_mib: float


def imported(folder: Path, modules: str) -> Start:
    """Import in a new process that has nothing but the artifact."""
    return Start(*json.loads(probed(folder, PROBE.format(modules=modules))))


def calls(folder: Path, modules: str) -> int:
    """Count the calls that importing takes, in a new process that has nothing but the artifact."""
    return int(probed(folder, COUNTER.format(modules=modules)))


def probed(folder: Path, program: str) -> str:
    own = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    alone = {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"}
    done = subprocess.run(
        [str(PYTHON), "-S", "-W", "ignore", "-c", program],
        cwd=folder,
        env=own | alone,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def least(subjects: Mapping[str, tuple[Path, str]], rounds: int = ROUNDS) -> dict[str, Start]:
    """Return each subject's best start; they take turns, so that all meet the same load."""
    starts: dict[str, list[Start]] = {name: [] for name in subjects}
    for _ in range(rounds):
        for name, (folder, modules) in subjects.items():
            starts[name].append(imported(folder, modules))
    return {
        name: Start(min(start.cpu_ms for start in own), min(start.memory_mib for start in own))
        for name, own in starts.items()
    }


def subjects() -> dict[str, tuple[Path, str]]:
    """Every function, and first the bare stack, which stands in each artifact."""
    lambdas = built_lambdas()
    return {BARE: (BUILT / "records", BARE_MODULES)} | {
        name: (BUILT / lambdas[name]["CodeUri"], entry(name)) for name in sorted(lambdas)
    }


def built_lambdas() -> dict[str, dict[str, Any]]:
    """Return the properties of each function, as the built template has them."""
    template = yaml.safe_load((BUILT / "template.yaml").read_text())
    return {
        name: resource["Properties"]
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::Serverless::Function"
    }


def entry(name: str) -> str:
    """Return the module that a function is started by: its handler's, as the template has it."""
    handler: str = built_lambdas()[name]["Handler"]
    return handler.rpartition(".")[0]


def size_mib(folder: Path, suffix: str = "") -> float:
    files = (path for path in folder.rglob(f"*{suffix}") if path.is_file())
    return sum(path.stat().st_size for path in files) / 2**20


def sizes_mib(name: str) -> tuple[float, ...]:
    """On Lambda, of that bytecode, and on Vercel, which has no workers and no job."""
    delivered = (DELIVERED / name / "functions").glob("*.func")
    return (
        size_mib(BUILT / name),
        size_mib(BUILT / name, ".pyc"),
        sum(size_mib(function) for function in delivered),
    )


def table(starts: Mapping[str, Start]) -> str:
    bare = starts[BARE]
    counts = {name: calls(*subject) for name, subject in subjects().items()}
    lines = [
        "| function | CPU, ms | ratio | calls | MiB | ratio | AWS, MiB | bytecode | Vercel |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for name, start in starts.items():
        sizes = " | ".join(f"{size:.0f}" if size else "" for size in sizes_mib(name))
        lines.append(
            f"| {name} | {start.cpu_ms:.0f} | {start.cpu_ms / bare.cpu_ms:.2f} |"
            f" {counts[name] / counts[BARE]:.2f} |"
            f" {start.memory_mib:.0f} | {start.memory_mib / bare.memory_mib:.2f} | {sizes} |"
        )
    return "\n".join(lines)


def write(text: str) -> None:
    """Put the table between its marks."""
    document = DOCUMENT.read_text()
    marks = re.compile(r"(<!-- artifacts: begin -->\n).*(<!-- artifacts: end -->)", re.DOTALL)
    written, count = marks.subn(lambda figures: f"{figures[1]}\n{text}\n\n{figures[2]}", document)
    assert count == 1, f"{DOCUMENT} has no place for the table of artifacts"
    DOCUMENT.write_text(written)


if __name__ == "__main__":
    write(table(least(subjects())))
