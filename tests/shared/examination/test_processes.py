"""Analyses in a process beside: what they give, what ends them, and whom they keep waiting."""

import asyncio
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from functions.cardiology import service as cardiology
from functions.cardiology.service import EcgFields
from local.samples.ecg import Episode, Rhythm, synthesize
from local.samples.ecg_files import csv_file
from shared import settings
from shared.errors import Unavailable
from shared.examination import processes
from shared.examination.analysis_ended import AnalysisCrashed
from shared.examination.run import Analyze, Run
from shared.examination.run import run as run_here
from shared.record import Findings, StageMarker
from shared.recording import RecordingFile
from shared.vocabulary import StageStatus

# While an analysis holds the lock of its own interpreter, nothing else of it has a turn: a few come
# before and after. Beside it there are a hundred.
TURNS_OF_ONE_INTERPRETER = 20
FOUND = Findings(result={}, biomarkers=(), quality_score=None, confidence=None, risk=None)


@dataclass(frozen=True)
class Fields:
    """What each of these analyses is told, and what it tells."""

    seconds: float = 0
    megabytes: int = 0


def wait(_: tuple[RecordingFile, ...], fields: Fields, stage: StageMarker) -> Findings:
    with stage("wait"):
        time.sleep(fields.seconds)
    return replace(FOUND, result={"pid": os.getpid(), "environment": dict(os.environ)})


def swell(_: tuple[RecordingFile, ...], fields: Fields, stage: StageMarker) -> Findings:
    with stage("swell"):
        return replace(FOUND, result={"bytes": len(bytearray(fields.megabytes * 1_000_000))})


def abort(_: tuple[RecordingFile, ...], _fields: Fields, _stage: StageMarker) -> Findings:
    os.abort()


def err(_: tuple[RecordingFile, ...], _fields: Fields, stage: StageMarker) -> Findings:
    with stage("err"):
        raise ZeroDivisionError


def chatter(_: tuple[RecordingFile, ...], _fields: Fields, stage: StageMarker) -> Findings:
    with stage("chatter"):
        os.write(1, b"a library says something\n")
    return FOUND


def hold_interpreter(_: tuple[RecordingFile, ...], _f: Fields, stage: StageMarker) -> Findings:
    """As a native engine does that never gives the interpreter's lock back."""
    with stage("hold"):
        sum(range(20_000_000))
    return FOUND


@pytest.fixture
def beside(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """One process, with 200 MB for each analysis and more time than a busy machine takes."""
    for name, value in {"PROCESSES": "1", "TIMEOUT_S": "60", "MEMORY_MB": "200"}.items():
        monkeypatch.setenv(f"MEDILENS_ANALYSIS_{name}", value)
    monkeypatch.setenv("MEDILENS_DATABASE_URL", "postgresql://secret@somewhere/else")
    settings.load.cache_clear()
    processes.end_all()
    yield monkeypatch
    processes.end_all()


def limit(beside: pytest.MonkeyPatch, limit_s: float) -> None:
    beside.setenv("MEDILENS_ANALYSIS_TIMEOUT_S", str(limit_s))
    settings.load.cache_clear()


async def analyzed(analyze: Analyze[Fields], fields: Fields | None = None) -> Run:
    return await processes.run(analyze, (), fields or Fields())


def result(run: Run) -> dict[str, object]:
    assert run.findings is not None
    return dict(run.findings.result)


@pytest.mark.usefixtures("beside")
class TestBeside:
    async def test_a_recording_gives_the_same_as_in_this_process(self) -> None:
        episode = Episode(Rhythm.SINUS, 20, rate_bpm=70)
        files = (csv_file(synthesize([episode], fs_hz=250, leads=("II",))),)
        there = await processes.run(cardiology.analyze, files, EcgFields())
        here = run_here(cardiology.analyze, files, EcgFields())

        assert there.findings == here.findings
        assert [stage.stage_name for stage in there.stages] == [
            stage.stage_name for stage in here.stages
        ]

    async def test_what_cannot_be_read_is_refused_by_the_same_stage(self) -> None:
        files = (RecordingFile("a.csv", b"not a recording"),)
        there = await processes.run(cardiology.analyze, files, EcgFields())
        here = run_here(cardiology.analyze, files, EcgFields())

        assert there.findings is None
        assert there.stages[-1].error_code == here.stages[-1].error_code

    async def test_the_process_stays_warm_and_knows_no_secret(self) -> None:
        first, second = result(await analyzed(wait)), result(await analyzed(wait))

        assert first["pid"] == second["pid"] != os.getpid()
        assert "secret" not in str(first["environment"])

    async def test_what_takes_too_long_is_ended_and_the_next_is_analyzed(
        self, beside: pytest.MonkeyPatch
    ) -> None:
        limit(beside, 2)
        run = await analyzed(wait, Fields(seconds=600))
        limit(beside, 60)

        assert (run.findings, run.stages[-1].status) == (None, StageStatus.FAILED)
        assert run.stages[-1].error_code == "analysis-too-long"
        assert result(await analyzed(wait))

    async def test_what_needs_too_much_memory_is_refused(self) -> None:
        run = await analyzed(swell, Fields(megabytes=2_000))

        assert run.stages[-1].error_code == "analysis-too-large"
        assert result(await analyzed(swell, Fields(megabytes=50)))

    async def test_what_ends_its_process_is_refused_and_the_next_is_analyzed(self) -> None:
        run = await analyzed(abort)

        assert run.stages[-1].error_code == "analysis-aborted"
        assert result(await analyzed(wait))

    async def test_a_mistake_of_ours_stays_one(self) -> None:
        with pytest.raises(AnalysisCrashed):
            await analyzed(err)
        assert result(await analyzed(wait))

    async def test_what_a_library_prints_is_no_result(self) -> None:
        assert (await analyzed(chatter)).findings == FOUND

    async def test_nobody_else_waits_for_it(self) -> None:
        """An analysis that holds the interpreter's lock is not this interpreter's."""
        await analyzed(wait)
        turns, analysis = 0, asyncio.create_task(analyzed(hold_interpreter))
        while not analysis.done():
            turns += 1
            await asyncio.sleep(0.005)

        assert (await analysis).stages[-1].error_code is None
        assert turns > TURNS_OF_ONE_INTERPRETER

    async def test_whoever_waits_too_long_for_a_process_is_told_to_come_again(
        self, beside: pytest.MonkeyPatch
    ) -> None:
        """The first is through before its time is up; the third waits twice as long as it took."""
        limit(beside, 8)
        waiting = [asyncio.create_task(analyzed(wait, Fields(seconds=5))) for _ in range(3)]
        outcomes = await asyncio.gather(*waiting, return_exceptions=True)

        assert {type(outcome) for outcome in outcomes} == {Run, Unavailable}


class TestWhere:
    @pytest.mark.parametrize(
        ("platform", "number"),
        [
            ({}, 1),
            ({"AWS_EXECUTION_ENV": "AWS_Lambda_python3.13"}, 0),
            ({"AWS_EXECUTION_ENV": "AWS_Lambda_python3.13", "VERCEL_REGION": "fra1"}, 1),
        ],
    )
    def test_a_process_that_serves_one_request_analyzes_itself(
        self, monkeypatch: pytest.MonkeyPatch, platform: dict[str, str], number: int
    ) -> None:
        for name in ("AWS_EXECUTION_ENV", "VERCEL_REGION", "MEDILENS_ANALYSIS_PROCESSES"):
            monkeypatch.delenv(name, raising=False)
        for name, value in platform.items():
            monkeypatch.setenv(name, value)

        assert settings.AnalysisSettings.read().processes == number
