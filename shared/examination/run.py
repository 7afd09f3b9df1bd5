"""One run of an analysis: its steps timed, its refusal kept, in whatever process it happens."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from shared.errors import MediLensError, UnreadableUpload, UnusableRecording
from shared.record import Findings, Picture, Stage, StageMarker
from shared.recording import RecordingFile
from shared.vocabulary import StageStatus

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

# What a pipeline does with the files, the fields of its form and a clock for its steps.
type Analyze[Fields: DataclassInstance] = Callable[
    [tuple[RecordingFile, ...], Fields, StageMarker], Findings
]


@dataclass
class StageClock:
    """Times the steps of an analysis and keeps which one failed."""

    stages: list[Stage] = field(default_factory=list)

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        started_at = datetime.now(UTC)
        failure: MediLensError | None = None
        try:
            yield
        except MediLensError as error:
            failure = error
            raise
        finally:
            self.stages.append(
                Stage(
                    stage_name=name,
                    stage_index=len(self.stages),
                    status=StageStatus.FAILED if failure else StageStatus.COMPLETED,
                    duration_ms=round(1000 * (time.perf_counter() - started)),
                    started_at=started_at,
                    error_code=failure.code if failure else None,
                    error_message=failure.detail if failure else None,
                )
            )


@dataclass(frozen=True)
class Run:
    """What one run of an analysis left; without findings its last stage says why."""

    findings: Findings | None
    stages: tuple[Stage, ...]
    processing_time_ms: int

    @property
    def pictures(self) -> tuple[Picture, ...]:
        return self.findings.pictures if self.findings else ()

    @classmethod
    def refused(cls, failure: UnusableRecording, processing_time_ms: int) -> "Run":
        """Return a run that ended as a whole, with none of its own steps to say where."""
        stage = Stage(
            stage_name="analyze",
            stage_index=0,
            status=StageStatus.FAILED,
            duration_ms=processing_time_ms,
            error_code=failure.code,
            error_message=failure.detail,
        )
        return cls(None, (stage,), processing_time_ms)


def run[Fields: DataclassInstance](
    analyze: Analyze[Fields], files: tuple[RecordingFile, ...], fields: Fields
) -> Run:
    """Analyze a recording; what cannot be read or used is a run without findings."""
    clock = StageClock()
    started = time.perf_counter()
    findings, failed = None, False
    try:
        findings = analyze(files, fields, clock)
    except (UnreadableUpload, UnusableRecording):
        # The clock has kept which step refused, and why.
        failed = True
    elapsed_ms = round(1000 * (time.perf_counter() - started))
    assert failed == (clock.stages[-1].status == StageStatus.FAILED)
    return Run(findings, tuple(clock.stages), elapsed_ms)
