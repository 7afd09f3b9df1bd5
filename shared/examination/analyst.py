"""The process that analyzes: takes one job after the other from its pipe until that is closed.

An analysis holds the interpreter's lock for a second at a time and decodes whatever somebody sent.
Here it keeps nobody waiting, and it can be ended.
"""

import os
import pickle
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from shared.errors import UnusableRecording
from shared.examination.run import Analyze, Run, run
from shared.recording import RecordingFile
from shared.runtime.observability import FailuresLogged

if sys.platform != "win32":  # nor is there a /proc
    import resource

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

HEADER_BYTES = 8

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


@dataclass(frozen=True)
class Job:
    """An analysis as it travels: the function by its name, what it is given, what it may take."""

    analyze: "Analyze[DataclassInstance]"
    files: tuple[RecordingFile, ...]
    fields: "DataclassInstance"
    memory_bytes: int


class Begun:
    """What is sent back when all is loaded that the job names, and the analysis begins."""


class Crashed:
    """What is sent back where the fault is ours; the log of this process says which."""


def send(pipe: BinaryIO, message: object) -> None:
    body = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    pipe.write(len(body).to_bytes(HEADER_BYTES))
    pipe.write(body)
    pipe.flush()


def receive(pipe: BinaryIO) -> object:
    """Return the next message.

    Both ends are this program's own, so what is unpickled is what it pickled.

    Raises
    ------
    EOFError
        The other end is gone.
    """
    size = int.from_bytes(_exactly(pipe, HEADER_BYTES))
    message: object = pickle.loads(_exactly(pipe, size))  # noqa: S301  # see above
    return message


def _exactly(pipe: BinaryIO, size: int) -> bytes:
    body = pipe.read(size)
    if len(body) < size:
        raise EOFError
    return body


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
