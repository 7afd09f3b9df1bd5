"""What a pipeline found, in the lines that a report begins with, read from its results table."""

from collections.abc import Iterator

from functions.fhir.reports.content import Entry
from functions.fhir.reports.pipelines import reported
from shared.record import StoredExamination


def findings(examination: StoredExamination) -> Iterator[Entry]:
    """Yield the lines of an examination; one that failed says where and why."""
    if examination.result is None:
        yield from _failure(examination)
        return
    for name, words in reported(examination.pipeline).lines(examination.result):
        if words:
            yield Entry(name, words)


def _failure(examination: StoredExamination) -> Iterator[Entry]:
    stage = examination.stages[-1] if examination.stages else None
    if stage is None or not stage.error_code:
        yield Entry("Result", f"No measurement: the analysis is {examination.status}.")
        return
    reason = stage.error_message or stage.error_code
    yield Entry("Result", f"No measurement: the analysis ended at '{stage.stage_name}'. {reason}")
