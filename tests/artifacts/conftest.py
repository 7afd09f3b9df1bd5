"""The artifacts that `make build` left, and how to ask each as its cloud does."""

import base64
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.server import discover
from shared.pipelines import Pipeline
from tests.artifacts.runtime_api import RuntimeApi, started
from tests.conftest import ISSUER, Addresses

ROOT = Path(__file__).parent.parent.parent
EVENTS = ROOT / "tests" / "events"
FUNCTIONS = sorted(discover(ROOT))
LAMBDAS = {
    **{name: f"functions.{name}.app.handler" for name in FUNCTIONS},
    "maintenanceJobs": "functions.maintenance.schedule.handler",
    "migrations": "migrations.job.handler",
    **{f"{pipeline}Worker": f"functions.{pipeline}.worker.handler" for pipeline in Pipeline},
}


@dataclass(frozen=True)
class Artifact:
    """What is deployed of one function to one cloud."""

    cloud: str
    name: str
    folder: Path

    def __str__(self) -> str:
        return f"{self.cloud}-{self.name}"

    @property
    def function(self) -> str | None:
        """The folder of `functions/` that it carries."""
        own = self.name.removesuffix("Jobs").removesuffix("Worker")
        return None if own == "migrations" else own


def aws(name: str) -> Artifact:
    return Artifact("aws", name, ROOT / ".aws-sam" / "build" / name)


def vercel(name: str) -> Artifact:
    services = ROOT / ".vercel" / "output" / "services"
    found = sorted((services / name / "functions").glob("*.func"))
    return Artifact("vercel", name, found[0] if found else services / name)


AWS = [aws(name) for name in LAMBDAS]
VERCEL = [vercel(name) for name in FUNCTIONS]


@dataclass(frozen=True)
class Answer:
    """An answer, whichever cloud gave it."""

    status: int
    headers: Mapping[str, str]
    body: str = field(repr=False)

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> "Answer":
        """Read what either bridge gives back; Vercel's lists the values of each header."""
        headers = {
            name.lower(): ", ".join(held) if isinstance(held, list) else held
            for name, held in value["headers"].items()
        }
        encoded = value.get("isBase64Encoded") or value.get("encoding") == "base64"
        body = base64.b64decode(value["body"]).decode() if encoded else value["body"]
        return cls(value["statusCode"], headers, body)

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Asked:
    """One running artifact that answers HTTP."""

    cloud: str
    api: RuntimeApi

    def __call__(self, request: httpx.Request) -> Answer:
        event = _to_lambda(request) if self.cloud == "aws" else _to_vercel(request)
        outcome = self.api.invoke(event)
        assert outcome.ok, outcome.value
        return Answer.of(outcome.value)


def _to_lambda(request: httpx.Request) -> dict[str, Any]:
    """Write a request into an event as API Gateway was seen to send it."""
    event: dict[str, Any] = json.loads((EVENTS / "http_api.json").read_text())
    event["rawPath"] = event["requestContext"]["http"]["path"] = request.url.path
    event["requestContext"]["http"]["method"] = request.method
    event["rawQueryString"] = request.url.query.decode()
    event["headers"] |= {name: value for name, value in request.headers.items() if name != "host"}
    if body := request.read():
        event |= {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}
    return event


def _to_vercel(request: httpx.Request) -> dict[str, Any]:
    """Write a request into an event as Vercel's bridge takes it."""
    payload = {
        "method": request.method,
        "path": request.url.raw_path.decode(),
        "headers": dict(request.headers),
        "body": base64.b64encode(request.read()).decode(),
        "encoding": "base64",
    }
    return {"Action": "Invoke", "body": json.dumps(payload)}


@pytest.fixture(scope="session")
def environment(configured: Addresses) -> dict[str, str]:
    """The settings that the template gives every function."""
    return {
        "MEDILENS_DATABASE_URL": configured.app,
        "MEDILENS_TOKEN_ISSUER": ISSUER,
        "MEDILENS_TOKEN_PUBLIC_KEY": os.environ["MEDILENS_TOKEN_PUBLIC_KEY"],
        "POWERTOOLS_LOG_LEVEL": "CRITICAL",
    }


type Start = Callable[[Artifact], Asked]


@pytest.fixture(scope="session")
def start(environment: dict[str, str]) -> Iterator[Start]:
    """Start artifacts that answer HTTP, each once: the next test finds it warm."""
    with ExitStack() as running:

        @cache
        def start(artifact: Artifact) -> Asked:
            handler, vendored = LAMBDAS[artifact.name], ""
            if artifact.cloud == "vercel":
                config = json.loads((artifact.folder / ".vc-config.json").read_text())
                handler, vendored = config["handler"], config["environment"]["PYTHONPATH"]
            api = started(artifact.folder, handler, environment, vendored=vendored)
            return Asked(artifact.cloud, running.enter_context(api))

        yield start
