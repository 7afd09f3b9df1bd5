"""What the first start shows: a line a sample, and no end where one is refused."""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from rich.console import Console

from local import demo, showcase
from local.client import Client
from local.samples.catalog import Sample
from local.showcase import SHOWN
from shared import examples
from shared.permissions import RoleName
from shared.pipelines import PipelineName
from shared.recording import RecordingFile

BIOMARKER = examples.WHOLE["biomarkers"][0]
PROBLEM = {
    "type": "urn:medilens:problem:no-signal",
    "title": "No signal",
    "status": 422,
    "code": "no-signal",
    "detail": "Lead II is flat.",
    "instance": "r-1",
}


def sample(name: str) -> Sample:
    def make() -> Sequence[RecordingFile]:
        return [RecordingFile("a.csv", name.encode())]

    return Sample(name, PipelineName.CARDIOLOGY, 3, make, {"sex": "female"})


class Stage:
    """A server that measures what it is told to, and what it was sent."""

    def __init__(self) -> None:
        self.whole: dict[str, Any] = dict(examples.WHOLE)
        self.bodies: list[str] = []
        self.keys: list[str] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, json=examples.PIPELINE)
        self.bodies.append(request.read().decode())
        self.keys.append(request.headers["idempotency-key"])
        if "flat" in self.bodies[-1]:
            return httpx.Response(422, json=PROBLEM)
        return httpx.Response(201, json=self.whole)

    def show(self) -> str:
        target = io.StringIO()
        showcase.show(None, Console(file=target, width=200))  # type: ignore[arg-type]
        return target.getvalue()


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    stage = Stage()

    @contextmanager
    def of(*_: object) -> Iterator[Client]:
        transport = httpx.MockTransport(stage.answer)
        yield Client(httpx.Client(base_url="http://test", transport=transport))

    monkeypatch.setattr(Client, "of", of)
    monkeypatch.setattr(showcase, "SAMPLES", [sample("first"), sample("flat"), sample("last")])
    monkeypatch.setattr(showcase, "missing_engine", lambda _: None)
    return stage


def test_refusal_takes_the_place_of_what_was_found(stage: Stage) -> None:
    shown = stage.show()
    assert shown.count("Lead II is flat.") == 1
    assert shown.count("quality ") == 2


def test_first_measures_are_told_and_the_rest_is_counted(stage: Stage) -> None:
    names = [f"measure_{number}" for number in range(SHOWN + 2)]
    stage.whole["biomarkers"] = [{**BIOMARKER, "name": name} for name in names]
    shown = stage.show()
    assert [name for name in names if name in shown] == names[:SHOWN]
    assert "and 2 more" in shown


def test_as_many_as_are_shown_have_no_rest(stage: Stage) -> None:
    stage.whole["biomarkers"] = [BIOMARKER] * SHOWN
    assert "more" not in stage.show()


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"risk_score": None, "risk_level": None}, "no rule of risk applies"),
        ({"risk_score": 71.6, "risk_level": "high"}, "risk high (72)"),
        ({"quality_score": None}, "quality unknown, "),
        ({"quality_score": 0.876}, "quality 0.88, "),
    ],
)
def test_risk_and_quality_are_told_in_words(
    stage: Stage, told: dict[str, object], words: str
) -> None:
    stage.whole |= told
    assert words in stage.show()


def test_second_start_stores_nothing_twice(stage: Stage) -> None:
    stage.show()
    stage.show()
    assert stage.keys[:3] == stage.keys[3:]
    assert len(set(stage.keys)) == 3


def test_samples_are_of_the_demo_patient_and_of_their_age(stage: Stage) -> None:
    stage.show()
    assert str(demo.person_id(RoleName.PATIENT)) in stage.bodies[0]
    assert 'name="recorded_at"' in stage.bodies[0]


def test_what_cannot_run_here_is_said_and_left_out(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    reason = "Speech needs Praat."
    monkeypatch.setattr(
        showcase, "missing_engine", lambda it: reason if it == PipelineName.SPEECH else None
    )
    speech = Sample("vowel", PipelineName.SPEECH, 1, list, {})
    monkeypatch.setattr(showcase, "SAMPLES", [sample("first"), speech])
    shown = stage.show()
    assert reason in shown
    assert "vowel" not in shown
    assert len(stage.bodies) == 1
