"""`medilens explain`: an explanation and its facts, printed."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from functions.assistant.explanations.schemas import EXPLANATION, ExplanationRead
from local import explaining
from local.cli import app
from local.client import Refused
from shared.permissions import RoleName
from tests.conftest import Clinic
from tests.factories.examinations import stored


@pytest.fixture(autouse=True)
def running(url: str, clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server of the tests in the place of a stack."""

    @contextmanager
    def found() -> Iterator[Any]:
        yield SimpleNamespace(url=url, token=clinic.token)

    monkeypatch.setattr(explaining, "found_or_started", found)


async def test_it_prints_sentences_and_their_facts(clinic: Clinic) -> None:
    assessment = await stored(clinic, heart_rate=74.1)
    done = await asyncio.to_thread(CliRunner().invoke, app, ["explain", str(assessment)])
    assert done.exit_code == 0, done.output
    assert "Your heart rate was 74.1 per minute." in done.output
    assert "F2 measure heart_rate (normal) name: heart rate, value: 74.1" in done.output
    assert "engine template, facts sha256 " in done.output


def test_it_says_that_a_models_words_may_come() -> None:
    pending = ExplanationRead.model_validate(EXPLANATION | {"status": "pending"})
    complete = ExplanationRead.model_validate(EXPLANATION)
    assert list(explaining.lines(pending))[-1].endswith(f"/explanations/{pending.id}")
    assert list(explaining.lines(pending))[:-1] == list(explaining.lines(complete))


async def test_it_prints_a_history(clinic: Clinic) -> None:
    await stored(clinic, heart_rate=74.1)
    person = str(clinic.person_id(RoleName.PATIENT))
    chosen = ["--biomarker", "heart_rate", "--days", "30"]
    done = await asyncio.to_thread(
        CliRunner().invoke, app, ["explain", "--subject", person, *chosen]
    )
    assert done.exit_code == 0, done.output
    assert "Your heart rate was measured once. It was 74.1 per minute. [F2]" in done.output
    assert "measurements before the last 30 days" in done.output


async def test_an_assessment_that_there_is_not_is_refused(clinic: Clinic) -> None:
    assert clinic.roles
    done = await asyncio.to_thread(CliRunner().invoke, app, ["explain", str(uuid4())])
    assert isinstance(done.exception, Refused)
