"""The process that analyzes: takes one job after the other from its pipe until that is closed.

An analysis holds the interpreter's lock for a second at a time and decodes whatever somebody sent.
Here it keeps nobody waiting, and it can be ended.
"""

import os
import signal
import sys
from pathlib import Path
from typing import BinaryIO

from shared.errors import UnusableRecording
from shared.examination.pipe import Begun, Crashed, Job, receive, send
from shared.examination.run import Run, run
from shared.runtime.observability import FailuresLogged

if sys.platform != "win32":  # nor is there a /proc
    import resource


# Below every request of the process that waits for it.
NICENESS = 5


class AnalysisTooLarge(UnusableRecording):
    """The analysis asked for more memory than any recording should need."""

    code = "analysis-too-large"

    def __init__(self) -> None:
        super().__init__(
            "The analysis of this recording needs more memory than it may have. Send a shorter part"
            " of it, or one at a lower sampling rate."
        )


def work(jobs: BinaryIO, results: BinaryIO) -> None:
    """Answer each job with its run, until no more come."""
    while True:
        try:
            job = receive(jobs)
        except EOFError:
            return
        assert isinstance(job, Job)
        send(results, Begun())
        send(results, _outcome(job))


def _outcome(job: Job) -> Run | Crashed:
    _limit_memory(job.memory_bytes)
    with FailuresLogged():  # the next job is somebody else's
        try:
            return run(job.analyze, job.files, job.fields)
        except MemoryError:
            return Run.refused(AnalysisTooLarge(), 0)
    return Crashed()


def _limit_memory(more_bytes: int) -> None:
    """Let this process grow by so much from where it stands; only Linux says where that is."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except FileNotFoundError:
        return
    limit = pages * resource.getpagesize() + more_bytes
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that waits
    os.nice(NICENESS)
    # What a library prints must not end up among the results.
    results = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    work(sys.stdin.buffer, results)
