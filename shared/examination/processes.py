"""Where an analysis runs: here, or in a process beside that stalls nobody and can be ended.

A sandbox of Lambda serves one request at a time, so there it runs here. On Vercel and a laptop one
process serves many: there each analysis goes to a warm process of its own through a pipe.
"""

import atexit
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache, partial
from queue import LifoQueue
from threading import Timer
from typing import TYPE_CHECKING, BinaryIO, cast

import anyio
from anyio.lowlevel import RunVar
from anyio.to_thread import run_sync

from shared.errors import Unavailable
from shared.examination import analyst, pipe
from shared.examination.analysis_ended import AnalysisAborted, AnalysisCrashed, AnalysisTooLong
from shared.examination.pipe import Job
from shared.examination.run import Analyze, Run
from shared.examination.run import run as run_here
from shared.public_environment import public_environment
from shared.recording import RecordingFile
from shared.settings import ONE_MEGABYTE, AnalysisSettings, load

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


# Starting Python and loading a pipeline's libraries, once a process.
START_LIMIT_S = 60


class AnalysisProcess:
    """A process that analyzes one recording at a time, started when the first one comes."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, job: Job, *, limit_s: float) -> Run:
        """Have a recording analyzed; blocks, so call it in a thread.

        Raises
        ------
        AnalysisCrashed
        """
        try:
            with self._ended_after(START_LIMIT_S) as process:
                pipe.send(cast("BinaryIO", process.stdin), job)
                pipe.receive(cast("BinaryIO", process.stdout))
        except (EOFError, BrokenPipeError) as failure:
            self.end()
            raise AnalysisCrashed from failure
        began = time.monotonic()
        try:
            with self._ended_after(limit_s) as process:
                outcome = pipe.receive(cast("BinaryIO", process.stdout))
        except EOFError:
            self.end()
            elapsed_s = time.monotonic() - began
            refusal = AnalysisTooLong(limit_s) if elapsed_s >= limit_s else AnalysisAborted()
            return Run.refused(refusal, round(1000 * elapsed_s))
        if isinstance(outcome, Run):
            return outcome
        raise AnalysisCrashed

    @contextmanager
    def _ended_after(self, limit_s: float) -> Iterator[subprocess.Popen[bytes]]:
        """Wait for the process no longer than this; its end ends the waiting."""
        process = self._started()
        timer = Timer(limit_s, process.kill)
        timer.start()
        try:
            yield process
        finally:
            timer.cancel()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(  # noqa: S603  # this Python, a module of ours
                [sys.executable, "-c", f"from {analyst.__name__} import main; main()"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=public_environment() | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            )
            atexit.register(self.end)
        return self._process

    def end(self) -> None:
        """End the process; the next recording starts another."""
        process, self._process = self._process, None
        atexit.unregister(self.end)
        if process is None:
            return
        process.kill()
        with suppress(BrokenPipeError):  # part of a job may be on its way
            process.__exit__(None, None, None)


@cache
def _idle() -> LifoQueue[AnalysisProcess]:
    """The processes of this one that nobody uses, the warmest first."""
    idle: LifoQueue[AnalysisProcess] = LifoQueue()
    for _ in range(load(AnalysisSettings).processes):
        idle.put(AnalysisProcess())
    return idle


# Whoever waits for a process waits without a thread, which others need.
_seats: RunVar[anyio.CapacityLimiter] = RunVar("analyses")


def _limiter() -> anyio.CapacityLimiter:
    try:
        return _seats.get()
    except LookupError:
        seats = anyio.CapacityLimiter(load(AnalysisSettings).processes)
        _seats.set(seats)
        return seats


async def run[Fields: DataclassInstance](
    analyze: Analyze[Fields], files: tuple[RecordingFile, ...], fields: Fields
) -> Run:
    """Analyze a recording, wherever this deployment does.

    Raises
    ------
    AnalysisCrashed
    Unavailable
        So many wait already that nobody would wait for this one.
    """
    settings = load(AnalysisSettings)
    if not settings.processes:
        return await run_sync(run_here, analyze, files, fields)
    memory_bytes = settings.analysis_memory_mb * ONE_MEGABYTE
    job = Job(cast("Analyze[DataclassInstance]", analyze), files, fields, memory_bytes)
    seats = _limiter()
    with anyio.move_on_after(settings.analysis_timeout_s) as patience:
        await seats.acquire()
    if patience.cancelled_caught:
        raise Unavailable("Too many analyses wait. Nothing was stored; try again.")
    try:
        return await run_sync(partial(_run_beside, job, settings.analysis_timeout_s))
    finally:
        seats.release()


def end_all() -> None:
    """End the processes that nobody uses, and forget how many there may be."""
    idle = _idle()
    while not idle.empty():
        idle.get().end()
    _idle.cache_clear()


def _run_beside(job: Job, limit_s: float) -> Run:
    idle = _idle()
    process = idle.get()
    try:
        return process.run(job, limit_s=limit_s)
    finally:
        idle.put(process)
