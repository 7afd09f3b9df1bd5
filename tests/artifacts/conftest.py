"""The artifacts that `make build` left, and how to ask each as its cloud does."""

import base64
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.samples.catalog import SAMPLES, Sample
from local.server import discover
from shared.permissions import RoleName
from shared.pipelines import PipelineName
from tests.artifacts.runtime_api import RuntimeApi, started
from tests.conftest import IDENTITY_KEY, ISSUER, MASTER_KEY, Addresses, Clinic
from tests.deployments import lambdas, template
from tests.sqs import Queue

ROOT = Path(__file__).parent.parent.parent
EVENTS = ROOT / "tests" / "events"
RECORDED_AT = (datetime.now(UTC) - timedelta(days=1)).isoformat()
FUNCTIONS = sorted(discover(ROOT))

CRON_SECRET = "of-the-schedule-alone"
URL = "https://a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com"

# What no two answers have in common: when, how long, and as which record.
VARYING = {"id", "session_id", "created_at", "completed_at", "processing_time_ms", "duration_ms"}


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


def on_aws(name: str) -> Artifact:
    """Workers and the schedule are started from their function's folder."""
    shared = str(lambdas()[name]["CodeUri"]).removeprefix(".aws-sam/build/")
    return Artifact("aws", name, ROOT / ".aws-sam" / "build" / (name if shared == "." else shared))


def on_vercel(name: str) -> Artifact:
    services = ROOT / ".vercel" / "output" / "services"
    paths = sorted((services / name / "functions").glob("*.func"))
    return Artifact("vercel", name, paths[0] if paths else services / name)


every_cloud = pytest.mark.parametrize("on", [on_aws, on_vercel])

AWS = [on_aws(name) for name in lambdas()]
BUILT = [artifact for artifact in AWS if artifact.folder.name == artifact.name]
VERCEL = [on_vercel(name) for name in FUNCTIONS]


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
    log: Path

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


def request(clinic: Clinic, method: str, path: str, **parts: Any) -> httpx.Request:
    """What a clinician asks; headers may be added."""
    headers = {"authorization": f"Bearer {clinic.token(RoleName.CLINICIAN)}"}
    headers |= parts.pop("headers", {})
    return httpx.Request(method, URL + path, headers=headers, **parts)


def analysis(clinic: Clinic, sample: Sample, **headers: str) -> httpx.Request:
    """A recording as multipart, which both bridges carry as base64."""
    return request(
        clinic,
        "POST",
        f"/api/{sample.pipeline}/analyze",
        files=[("file", (entry.name, entry.content)) for entry in sample.make()],
        data={"recorded_at": RECORDED_AT, **sample.fields},
        headers=headers,
    )


def sample(pipeline: PipelineName) -> Sample:
    """The first one that `make run` shows of a pipeline."""
    matches = [sample for sample in SAMPLES if sample.pipeline == pipeline]
    assert matches, f"local/samples/catalog.py has no sample of {pipeline}"
    return matches[0]


async def local_answer(clinic: Clinic, sent: httpx.Request) -> Answer:
    async with clinic.client(None) as client:
        answer = await client.send(sent)
    return Answer(answer.status_code, answer.headers, answer.text)


def lasting(value: Any) -> Any:
    """Return an answer without what no two have in common, the ids inside addresses too."""
    match value:
        case dict():
            return {
                name: f"…/{entry.rpartition('/')[2]}" if name == "href" else lasting(entry)
                for name, entry in value.items()
                if name not in VARYING
            }
        case list():
            return [lasting(entry) for entry in value]
    return value


@pytest.fixture(scope="session")
def queue(aws: str) -> Queue:
    return Queue(aws)


@pytest.fixture(scope="session")
def environment(configured: Addresses, aws: str) -> dict[str, str]:
    """The settings that the template gives every function, and those of the tests' own cloud."""
    given = template()["Globals"]["Function"]["Environment"]["Variables"]
    store = ("MEDILENS_STORAGE_", "MEDILENS_AWS_")
    return {
        "MEDILENS_DATABASE_URL": configured.app,
        "MEDILENS_IDENTITY_KEY": IDENTITY_KEY,
        "MEDILENS_MASTER_KEY": MASTER_KEY,
        "MEDILENS_TOKEN_ISSUER": ISSUER,
        "MEDILENS_TOKEN_PUBLIC_KEY": os.environ["MEDILENS_TOKEN_PUBLIC_KEY"],
        "MEDILENS_CRON_SECRET": CRON_SECRET,
        "MEDILENS_MAX_REQUEST_BYTES": str(given["MEDILENS_MAX_REQUEST_BYTES"]),
        "POWERTOOLS_METRICS_NAMESPACE": "medilens",
        **{name: value for name, value in os.environ.items() if name.startswith(store)},
    }


type Start = Callable[..., Asked]


@pytest.fixture(scope="session")
def start(
    environment: dict[str, str], queue: Queue, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Start]:
    """Start artifacts, each once and as the template says: the next test finds it warm.

    Settings that are given by name are added to those of every function.
    """
    logs = tmp_path_factory.mktemp("logs")
    with ExitStack() as running:

        @cache
        def start(artifact: Artifact, **settings: str) -> Asked:
            handler, vendored = lambdas()[artifact.name]["Handler"], ""
            more = {f"MEDILENS_{name.upper()}": value for name, value in settings.items()}
            if artifact.cloud == "vercel":
                config = json.loads((artifact.folder / ".vc-config.json").read_text())
                handler, vendored = config["handler"], config["environment"]["PYTHONPATH"]
            else:
                more["MEDILENS_QUEUE_URL"] = queue.url
                if artifact.name == artifact.function:
                    more["AWS_LAMBDA_INITIALIZATION_TYPE"] = "snap-start"
            log = logs / f"{artifact}.log"
            stdout = running.enter_context(log.open("a"))
            api = started(
                artifact.folder, handler, environment | more, vendored=vendored, log=stdout
            )
            return Asked(artifact.cloud, running.enter_context(api), log)

        yield start
