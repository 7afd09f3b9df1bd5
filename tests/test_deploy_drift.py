"""One function, described in five places: its folder, template.yaml, vercel.json, the lock, docs.

What is changed in one place only is named here.
"""

import json
import re
import tomllib
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from fastapi import FastAPI
from fastapi.routing import APIRoute

from functions.maintenance.service import Job
from local.server import discover
from shared import settings
from shared.pipelines import Pipeline
from shared.worker import MAX_TRIES

ROOT = Path(__file__).parent.parent

# Set for the functions by the platforms' own libraries.
NOT_OURS = {"POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_SERVICE_NAME"}


class TemplateLoader(yaml.SafeLoader):
    """Reads the short forms of CloudFormation's functions: `!Ref Api` becomes {"Ref": "Api"}."""

    def short_form(self, suffix: str, node: yaml.Node) -> dict[str, Any]:
        name = suffix if suffix == "Ref" else f"Fn::{suffix}"
        match node:
            case yaml.SequenceNode():
                return {name: self.construct_sequence(node, deep=True)}
            case yaml.ScalarNode():
                return {name: self.construct_scalar(node)}
        raise TypeError(f"{suffix} takes a text or a list")


TemplateLoader.add_multi_constructor("!", TemplateLoader.short_form)


@cache
def template() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.load((ROOT / "template.yaml").read_text(), TemplateLoader)
    return loaded


@cache
def vercel() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((ROOT / "vercel.json").read_text())
    return loaded


def lambdas() -> dict[str, dict[str, Any]]:
    """Each function of the template with its own properties over those of all."""
    common = template()["Globals"]["Function"]
    return {
        name: common | resource["Properties"]
        for name, resource in template()["Resources"].items()
        if resource["Type"] == "AWS::Serverless::Function"
    }


def events(name: str, kind: str) -> list[dict[str, Any]]:
    found = lambdas()[name].get("Events", {}).values()
    return [event["Properties"] for event in found if event["Type"] == kind]


def service(name: str) -> dict[str, Any]:
    limits: dict[str, Any] = vercel()["services"][name]["functions"][f"functions/{name}/app.py"]
    return limits


# Whatever imports a function is an async test: Mangum looks for a running loop.
def application(name: str) -> FastAPI:
    app = import_module(f"functions.{name}.app").app
    assert isinstance(app, FastAPI)
    return app


def paths(name: str) -> set[str]:
    """Every path that the function answers, its parameters filled in."""
    found = {route.path for route in application(name).routes if isinstance(route, APIRoute)}
    return {re.sub(r"\{[^}]+\}", "something", path) for path in found}


def matches(route: str, path: str) -> bool:
    """Whether API Gateway sends `path` to `route`: {proxy+} is one segment or more, never none."""
    pattern = re.escape(route).replace(re.escape("{proxy+}"), ".+")
    return re.fullmatch(pattern, path) is not None


FUNCTIONS = sorted(discover(ROOT))
JOBS = {
    "maintenanceJobs": "functions.maintenance.schedule.handler",
    "migrations": "migrations.job.handler",
    **{f"{pipeline}Worker": f"functions.{pipeline}.worker.handler" for pipeline in Pipeline},
}


class TestFunctions:
    def test_folders_template_and_vercel_list_the_same(self) -> None:
        answering = {name for name in lambdas() if events(name, "HttpApi")}

        assert answering == set(FUNCTIONS)
        assert vercel()["services"].keys() == set(FUNCTIONS)

    def test_all_else_is_a_job(self) -> None:
        others = lambdas().keys() - set(FUNCTIONS)
        assert {name: lambdas()[name]["Handler"] for name in others} == JOBS

    async def test_every_handler_is_there(self) -> None:
        for name, properties in lambdas().items():
            module, _, attribute = properties["Handler"].rpartition(".")
            assert callable(getattr(import_module(module), attribute)), name

    @pytest.mark.parametrize("name", FUNCTIONS)
    def test_each_is_started_from_its_folder(self, name: str) -> None:
        assert lambdas()[name]["Handler"] == f"functions.{name}.app.handler"
        assert vercel()["services"][name]["entrypoint"] == f"functions/{name}/app.py"

    @pytest.mark.parametrize("name", FUNCTIONS)
    def test_memory_and_time_limit_are_the_same_on_both_platforms(self, name: str) -> None:
        assert service(name)["memory"] == lambdas()[name]["MemorySize"]
        assert service(name)["maxDuration"] == lambdas()[name]["Timeout"]

    @pytest.mark.parametrize("name", FUNCTIONS)
    def test_an_artifact_leaves_the_other_functions_out(self, name: str) -> None:
        assert service(name)["excludeFiles"] == (
            f"{{!(functions|shared),!(functions|shared)/**,functions/!({name})/**}}"
        )
        assert template()["Resources"][name]["Metadata"] == {"BuildMethod": "makefile"}

    def test_the_api_gives_up_after_the_functions_do(self) -> None:
        assert all(lambdas()[name]["Timeout"] < 30 for name in FUNCTIONS)


class TestRoutes:
    @pytest.mark.parametrize("name", FUNCTIONS)
    async def test_api_gateway_reaches_every_path(self, name: str) -> None:
        routes = [event["Path"] for event in events(name, "HttpApi")]

        for path in paths(name):
            assert any(matches(route, path) for route in routes), path

    @pytest.mark.parametrize("name", FUNCTIONS)
    async def test_vercel_reaches_every_path(self, name: str) -> None:
        sources = [
            rewrite["source"]
            for rewrite in vercel()["rewrites"]
            if rewrite["destination"] == {"type": "service", "service": name}
        ]

        assert sources == [f"/api/{name}/:path*"]
        assert all(path.startswith(f"/api/{name}") for path in paths(name))

    @pytest.mark.parametrize("name", FUNCTIONS)
    def test_no_route_of_another_function_is_caught(self, name: str) -> None:
        for event in events(name, "HttpApi"):
            assert event["Path"] in {f"/api/{name}", f"/api/{name}/{{proxy+}}"}
            assert event["ApiId"] == {"Ref": "Api"}


class TestWorkers:
    @pytest.mark.parametrize("pipeline", Pipeline)
    def test_each_has_the_queue_that_its_function_fills(self, pipeline: Pipeline) -> None:
        (messages,) = events(f"{pipeline}Worker", "SQS")
        variables = lambdas()[pipeline]["Environment"]["Variables"]
        queue = template()["Resources"][f"{pipeline}Queue"]["Properties"]

        assert messages["Queue"] == {"Fn::GetAtt": f"{pipeline}Queue.Arn"}
        assert messages["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert variables == {"MEDILENS_QUEUE_URL": {"Ref": f"{pipeline}Queue"}}
        assert queue["RedrivePolicy"]["maxReceiveCount"] == MAX_TRIES
        # What AWS asks for, so that a message does not come again while it is worked on.
        assert queue["VisibilityTimeout"] >= 6 * lambdas()[f"{pipeline}Worker"]["Timeout"]

    @pytest.mark.parametrize("pipeline", Pipeline)
    def test_each_is_as_large_as_its_function(self, pipeline: Pipeline) -> None:
        sizes = [lambdas()[name]["MemorySize"] for name in (pipeline, f"{pipeline}Worker")]
        assert sizes[0] == sizes[1]


class TestSchedule:
    def test_both_platforms_start_every_job_at_the_same_hour(self) -> None:
        aws = {
            json.loads(event["Input"])["job"]: event["Schedule"]
            for event in events("maintenanceJobs", "Schedule")
        }
        crons = {
            cron["path"].removeprefix("/api/maintenance/jobs/"): cron["schedule"]
            for cron in vercel()["crons"]
        }

        assert aws.keys() == set(Job)
        # EventBridge has a sixth field, the year, and wants one of the two days left open.
        assert {job: f"cron({at[:-1]}? *)" for job, at in crons.items()} == aws


class TestMigrationJob:
    def test_one_at_a_time_and_by_no_event(self) -> None:
        job = lambdas()["migrations"]

        assert job["ReservedConcurrentExecutions"] == 1
        assert "Events" not in job
        assert job["SnapStart"] == {"ApplyOn": "None"}

    def test_alone_reads_the_direct_address(self) -> None:
        secret = {"Ref": "MigrationSecret"}
        readers = [
            name
            for name, resource in template()["Resources"].items()
            if resource["Type"] == "AWS::IAM::Role" and str(secret) in str(resource)
        ]
        assert readers == ["MigrationRole"]
        assert [
            name
            for name, properties in lambdas().items()
            if properties["Role"] == {"Fn::GetAtt": "MigrationRole.Arn"}
        ] == ["migrations"]


class TestPython:
    def test_one_version_everywhere(self) -> None:
        version = (ROOT / ".python-version").read_text().strip()
        project = tomllib.loads((ROOT / "pyproject.toml").read_text())

        assert template()["Globals"]["Function"]["Runtime"] == f"python{version}"
        assert project["project"]["requires-python"].startswith(f">={version}")
        assert project["tool"]["mypy"]["python_version"] == version

    @pytest.mark.parametrize("name", [*FUNCTIONS, "migrations"])
    def test_each_has_a_group_of_dependencies_and_its_export(self, name: str) -> None:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text())
        folder = ROOT / ("" if name == "migrations" else "functions") / name

        assert name in project["dependency-groups"]
        assert "--hash=sha256:" in (folder / "requirements.txt").read_text()


def known_settings() -> set[str]:
    kinds = settings.Settings.__subclasses__()
    return {f"MEDILENS_{name.upper()}" for kind in kinds for name in kind.model_fields}


class TestSettings:
    def test_the_template_sets_none_that_nobody_reads(self) -> None:
        given = {
            variable
            for properties in lambdas().values()
            for variable in properties["Environment"]["Variables"]
        } | set(template()["Globals"]["Function"]["Environment"]["Variables"])

        assert given - known_settings() - NOT_OURS == set()
