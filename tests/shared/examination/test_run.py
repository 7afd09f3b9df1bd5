"""A run of an analysis: its steps in order, and its refusal where it refused."""

from dataclasses import dataclass

import pytest

from shared.errors import Unavailable, UnreadableUpload, UnusableRecording
from shared.examination.analysis_ended import AnalysisAborted, AnalysisTooLong
from shared.examination.run import Run, StageClock, run
from shared.record import Findings, Picture, StageMarker
from shared.recording import RecordingFile
from shared.vocabulary import StageStatus

FILES = (RecordingFile("a.csv", b"1"),)
PICTURE = Picture("strip", "image/png", b"", "A strip.")
FINDINGS = Findings({}, (), None, None, None, pictures=(PICTURE,))


@dataclass(frozen=True)
class Form:
    refuses: type[UnreadableUpload | UnusableRecording] | None = None


def analyze(_: tuple[RecordingFile, ...], form: Form, stage: StageMarker) -> Findings:
    with stage("decode"):
        pass
    with stage("beats"):
        if form.refuses:
            raise form.refuses("there are none")
    return FINDINGS


def test_an_analysis_leaves_its_findings_and_its_steps() -> None:
    done = run(analyze, FILES, Form())
    assert done.findings is FINDINGS
    assert done.pictures == (PICTURE,)
    assert [(s.stage_name, s.stage_index, s.status) for s in done.stages] == [
        ("decode", 0, StageStatus.COMPLETED),
        ("beats", 1, StageStatus.COMPLETED),
    ]


@pytest.mark.parametrize("refusal", [UnreadableUpload, UnusableRecording])
def test_a_refusal_is_kept_by_the_step_that_refused(
    refusal: type[UnreadableUpload | UnusableRecording],
) -> None:
    done = run(analyze, FILES, Form(refusal))
    assert done.findings is None
    assert done.pictures == ()
    decode, beats = done.stages
    assert decode.error_code is None
    assert (beats.status, beats.error_code, beats.error_message) == (
        StageStatus.FAILED,
        refusal.code,
        "there are none",
    )


def test_our_own_failures_are_no_refusal_of_a_recording() -> None:
    def analyze(_: object, _form: Form, stage: StageMarker) -> Findings:
        with stage("decode"):
            raise Unavailable("the store does not answer")

    with pytest.raises(Unavailable):
        run(analyze, FILES, Form())


def test_a_refusal_outside_every_step_is_a_mistake_of_the_pipeline() -> None:
    def analyze(_: object, _form: Form, stage: StageMarker) -> Findings:
        with stage("decode"):
            pass
        raise UnusableRecording("nobody knows where")

    with pytest.raises(AssertionError):
        run(analyze, FILES, Form())


def test_a_step_that_failed_is_timed_too() -> None:
    clock = StageClock()
    with pytest.raises(UnusableRecording), clock("decode"):
        raise UnusableRecording("nothing in it")
    (step,) = clock.stages
    assert step.duration_ms >= 0
    assert step.started_at is not None


def test_a_step_that_crashed_has_no_refusal_to_tell() -> None:
    clock = StageClock()
    with pytest.raises(ZeroDivisionError), clock("decode"):
        raise ZeroDivisionError
    assert clock.stages[0].error_code is None


@pytest.mark.parametrize(
    ("refusal", "said"), [(AnalysisTooLong(2.5), "2.5 s"), (AnalysisAborted(), "damaged")]
)
def test_a_run_that_was_ended_from_outside_is_one_failed_step(
    refusal: UnusableRecording, said: str
) -> None:
    ended = Run.refused(refusal, 2_500)
    (step,) = ended.stages
    assert (step.error_code, step.duration_ms) == (refusal.code, 2_500)
    assert said in (step.error_message or "")
    assert ended.findings is None
