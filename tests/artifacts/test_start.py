"""How what is deployed starts, and what it writes into the log."""

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from shared.pipelines import PipelineName
from tests.artifacts.conftest import (
    FUNCTIONS,
    Start,
    analysis,
    every_cloud,
    on_aws,
    request,
    sample,
)
from tests.artifacts.runtime_api import InitFailed, started
from tests.conftest import Clinic
from tests.waiting import wait_until


class TestStart:
    @pytest.mark.parametrize("function", FUNCTIONS)
    async def test_from_a_snapshot(self, function: str, start: Start, clinic: Clinic) -> None:
        """All other tests ask a sandbox that went through the hooks before it was asked."""
        ask = start(on_aws(function))
        answer = ask(request(clinic, "GET", f"/api/{function}/health?deep=1"))

        assert answer.status == 200
        assert ask.api.restored

    @pytest.mark.parametrize("kind", ["on-demand", "snap-start"])
    def test_without_a_setting_it_does_not_and_says_which(
        self, kind: str, environment: dict[str, str]
    ) -> None:
        unset = {**environment, "AWS_LAMBDA_INITIALIZATION_TYPE": kind}
        del unset["MEDILENS_DATABASE_URL"]
        with (
            started(on_aws("records").folder, "functions.records.app.handler", unset) as api,
            pytest.raises(InitFailed) as failure,
        ):
            api.invoke({})

        told = str(failure.value)
        assert "Settings to put right in the function's environment" in told
        assert "MEDILENS_DATABASE_URL" in told


class TestLog:
    @every_cloud
    @pytest.mark.parametrize("pipeline", PipelineName)
    async def test_one_line_a_request_and_one_an_analysis_with_their_metrics(
        self, on: Any, pipeline: PipelineName, start: Start, clinic: Clinic
    ) -> None:
        ask = start(on(pipeline))
        request_id = uuid4().hex
        answer = ask(analysis(clinic, sample(pipeline), **{"x-request-id": request_id}))
        told = written(ask.log, request_id)
        (requested,), (analyzed,) = lines(told, "request"), lines(told, "analysis")

        assert answer.status == 201
        assert requested["route"] == f"/api/{pipeline}/analyze"
        assert requested["status"] == 201
        for line, name in ((requested, "duration_ms"), (analyzed, "processing_time_ms")):
            (directive,) = line["_aws"]["CloudWatchMetrics"]
            assert directive["Namespace"] == "medilens"
            assert name in {metric["Name"] for metric in directive["Metrics"]}
        assert analyzed["quality"] == answer.json()["quality_score"]
        assert {f"{stage['stage_name']}_ms" for stage in answer.json()["stages"]} <= set(analyzed)
        for private in (answer.json()["id"], answer.json()["subject_id"], clinic.identity):
            assert private not in told


def written(log: Path, request_id: str) -> str:
    """What is said of a request; its own line may come just after its answer."""

    def told() -> list[str] | None:
        of_request = [line for line in log.read_text().splitlines() if request_id in line]
        return of_request if any('"message":"request"' in line for line in of_request) else None

    return "\n".join(wait_until(f"the log's line of request {request_id}", told))


def lines(text: str, message: str) -> list[dict[str, Any]]:
    told = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    return [line for line in told if line.get("message") == message]
