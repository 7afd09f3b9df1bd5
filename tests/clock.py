"""Tests marked `clock` at moments at which programs err: `python -m tests.clock [DATE | --today]`.

libfaketime moves the clock of pytest, of the Postgres that it starts and so of `now()`; a file
says by how much, and every test marked `clock` begins at the moment itself.
"""

import os
import select
import subprocess
import sys
import time
from collections.abc import Mapping, MutableMapping
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import SupportsIndex

LIBRARIES = ("/usr/lib/*/faketime", "/usr/lib64/faketime", "/usr/lib/faketime")
MARK = "pytest.mark.clock"

# The time zone is the one whose clocks change; the database's own is always UTC.
MOMENTS: Mapping[str, tuple[datetime, str]] = {
    "last second of a month": (datetime(2027, 1, 31, 23, 59, 59, tzinfo=UTC), "UTC"),
    "first second of a month": (datetime(2027, 5, 1, tzinfo=UTC), "UTC"),
    "last second of a year": (datetime(2027, 12, 31, 23, 59, 59, tzinfo=UTC), "UTC"),
    "29 February": (datetime(2028, 2, 29, 12, 30, tzinfo=UTC), "UTC"),
    "clocks go forward": (datetime(2027, 3, 28, 0, 59, 59, tzinfo=UTC), "Europe/Berlin"),
    "clocks go back": (datetime(2027, 10, 31, 0, 59, 59, tzinfo=UTC), "Europe/Berlin"),
}

# Processes are started, and the schema is made, a little earlier.
START_S = 60.0

MOMENT, REAL_MINUS_MONOTONIC, OFFSET = "CLOCK_MOMENT", "CLOCK_REAL", "FAKETIME_TIMESTAMP_FILE"
FAKED = ("LD_PRELOAD", OFFSET, "FAKETIME_NO_CACHE", "FAKETIME_DONT_FAKE_MONOTONIC")


def begin_at_moment(environment: Mapping[str, str] = os.environ, *, earlier_s: float = 0) -> None:
    """Set the clock of every process to the moment, or a little earlier."""
    real = time.monotonic() + float(environment[REAL_MINUS_MONOTONIC])
    wanted = datetime.fromisoformat(environment[MOMENT]).timestamp() - earlier_s
    place = Path(environment[OFFSET])
    written = place.with_suffix(".new")
    written.write_text(f"{wanted - real:+.3f}\n")
    written.chmod(0o644)  # the database's user reads it too
    written.rename(place)


def sleep(seconds: float | SupportsIndex, /) -> None:
    """Sleep without the system call for it, which libfaketime gives a wrong moment to wait for."""
    select.select([], [], [], float(seconds))


def pass_on(child_environment: MutableMapping[str, str]) -> None:
    """Let child processes, whose environment is otherwise empty, have the same clock."""
    child_environment.update({name: os.environ[name] for name in FAKED if name in os.environ})


def library() -> Path | None:
    """Return libfaketime, wherever the system's package has put it."""
    root = Path("/")
    places = (place for folder in LIBRARIES for place in root.glob(f"{folder[1:]}/libfaketimeMT*"))
    return next(places, None)


def run(name: str, library: Path) -> int:
    """Run the marked tests at one moment, and return pytest's exit status."""
    moment, zone = MOMENTS[name]
    sys.stdout.write(f"{name}: {moment:%Y-%m-%d %H:%M:%S} UTC, time zone {zone}\n")
    sys.stdout.flush()
    with TemporaryDirectory(prefix="medilens-clock-") as folder:
        Path(folder).chmod(0o755)
        environment = {
            **os.environ,
            "LD_PRELOAD": str(library),
            OFFSET: f"{folder}/offset",
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "TZ": zone,
            MOMENT: moment.isoformat(),
            REAL_MINUS_MONOTONIC: str(time.time() - time.monotonic()),
        }
        begin_at_moment(environment, earlier_s=START_S)
        command = [sys.executable, "-m", "pytest", "-m", "clock", "-q", "-p", "no:cacheprovider"]
        return subprocess.run([*command, *marked()], env=environment, check=False).returncode


def marked() -> list[str]:
    """Return the modules that have marked tests: importing all others would take longer."""
    modules = Path(__file__).parent.rglob("test_*.py")
    return sorted(str(module) for module in modules if MARK in module.read_text())


def todays() -> str:
    """Return the moment whose turn it is today."""
    names = list(MOMENTS)
    return names[date.today().toordinal() % len(names)]  # noqa: DTZ011  # any zone will do


def main(words: list[str]) -> int:
    path = library()
    if path is None:
        sys.stderr.write("The clock is moved by libfaketime: apt-get install faketime\n")
        return 1
    names = [todays()] if words == ["--today"] else words or list(MOMENTS)
    return max(run(name, path) for name in names)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
