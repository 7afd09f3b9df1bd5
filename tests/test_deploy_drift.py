"""One function, described in five places: its folder, template.yaml, vercel.json, the lock, docs.

What is changed in one place only is named here.
"""

import copy
import json
import sys
import tomllib
from collections.abc import Callable
from enum import StrEnum
from fnmatch import fnmatchcase
from importlib import import_module
from inspect import isawaitable, signature
from typing import Any

import pytest

from functions.assistant.explanations.queries import LEASE
from functions.fhir.push.schemas import Job as FhirJob
from functions.maintenance.service import Job
from local.server import discover
from shared import settings
from shared.aws import storage
from shared.http.application import CORS
from shared.http.worker import MAX_TRIES, RETRY_AFTER_S
from tests import deployments
from tests.conftest import variables
from tests.deployments import (
    NOT_OURS,
    ROOT,
    application,
    events,
    lambdas,
    matches,
    paths,
    service,
    template,
    vercel,
)
from tests.nonempty import nonempty

FUNCTIONS = sorted(discover(ROOT))
# Whoever does what takes long by a queue has a worker, and the same pieces for it.
WORKERS = sorted(path.parent.name for path in ROOT.glob("functions/*/worker.py"))
SCHEDULED: dict[str, type[StrEnum]] = {"maintenance": Job, "fhir": FhirJob}
JOBS = {
    "maintenanceJobs": "functions.maintenance.schedule.handler",
    "fhirJobs": "functions.fhir.schedule.handler",
    "migrations": "migrations.job.handler",
    **{f"{name}Worker": f"functions.{name}.worker.handler" for name in nonempty(WORKERS)},
}


def roots(name: str) -> list[str]:
    """Where a function's paths begin: below /api/, and the console's pages beside it."""
    return [f"api/{name}", *(["console"] if name == "console" else [])]


class TestFunctions:
    def test_folders_template_and_vercel_list_the_same(self) -> None:
        answering = {name for name in lambdas() if events(name, "HttpApi")}
        listed = {"template.yaml": answering, "vercel.json": set(vercel()["services"])}

        for file, names in nonempty(listed.items()):
            missing = sorted(set(FUNCTIONS) - names)
            assert missing == [], f"{file} lacks {', '.join(missing)}"
            assert names == set(FUNCTIONS), file

    def test_all_else_is_a_job(self) -> None:
        others = lambdas().keys() - set(FUNCTIONS)
        missing = sorted(JOBS.keys() - others)
        assert missing == [], f"template.yaml lacks {', '.join(missing)}"
        idle = sorted(others - JOBS.keys())
        assert idle == [], f"template.yaml has {', '.join(idle)}, which no module of ours handles"
        assert {name: lambdas()[name]["Handler"] for name in others} == JOBS

    async def test_every_handler_is_there(self) -> None:
        for name, properties in nonempty(lambdas().items()):
            module, _, attribute = properties["Handler"].rpartition(".")
            file = f"{module.replace('.', '/')}.py"
            assert (ROOT / file).is_file(), f"{file} is missing: the handler of {name}"
            assert callable(getattr(import_module(module), attribute)), name

    @pytest.mark.parametrize("name", FUNCTIONS)
    def test_each_is_started_from_its_folder(self, name: str) -> None:
        assert lambdas()[name]["Handler"] == f"functions.{name}.app.handler"
        assert vercel()["services"][name]["entrypoint"] == f"functions/{name}/app.py"

    @pytest.mark.parametrize("name", FUNCTIONS)
    def test_vercel_gives_a_request_the_time_that_aws_gives_a_worker(self, name: str) -> None:
        """There is no queue: what AWS does later is done at once, in what the platform allows."""
        limit_s = service(name)["maxDuration"]
        workers = nonempty(job for job in lambdas() if job.endswith("Worker"))
        others = [job for job in workers if lambdas()[job]["Timeout"] != limit_s]
        assert others == [], f"template.yaml has another Timeout for {', '.join(others)}"

    @pytest.mark.parametrize("name", FUNCTIONS)
    def test_vercel_gets_no_key_that_it_ignores(self, name: str) -> None:
        assert service(name).keys() == {"maxDuration", "excludeFiles"}

    @pytest.mark.parametrize("name", FUNCTIONS)
    def test_an_artifact_leaves_the_other_functions_out(self, name: str) -> None:
        assert service(name)["excludeFiles"] == (
            f"{{!(functions|shared),!(functions|shared)/**,functions/!({name})/**}}"
        )
        assert template()["Resources"][name]["Metadata"] == {"BuildMethod": "makefile"}
        assert "CodeUri" not in template()["Resources"][name]["Properties"]

    @pytest.mark.parametrize("job", sorted(JOBS.keys() - {"migrations"}))
    def test_a_job_is_started_from_its_functions_artifact(self, job: str) -> None:
        """Built once, and uploaded once: the packager knows a folder by its contents."""
        function = JOBS[job].split(".")[1]
        resource = template()["Resources"][job]

        assert resource["Metadata"] == {"SkipBuild": True}
        assert resource["Properties"]["CodeUri"] == f".aws-sam/build/{function}"
        assert resource["Properties"]["Architectures"] == lambdas()[function]["Architectures"]

    def test_the_api_gives_up_after_the_functions_do(self) -> None:
        assert all(lambdas()[name]["Timeout"] < 30 for name in nonempty(FUNCTIONS))


class TestRoutes:
    @pytest.mark.parametrize("name", FUNCTIONS)
    async def test_api_gateway_reaches_every_path(self, name: str) -> None:
        routes = [event["Path"] for event in events(name, "HttpApi")]

        assert f"/api/{name}/health" in paths(name)
        for path in paths(name):
            reaches = any(matches(route, path) for route in routes)
            assert reaches, f"template.yaml: no event of {name} has {path}"

    @pytest.mark.parametrize("name", FUNCTIONS)
    async def test_vercel_reaches_every_path(self, name: str) -> None:
        sources = [
            rewrite["source"]
            for rewrite in vercel()["rewrites"]
            if rewrite["destination"] == {"type": "service", "service": name}
        ]

        wanted = [f"/{root}/:path*" for root in roots(name)]
        missing = sorted(set(wanted) - set(sources))

        assert missing == [], f"vercel.json lacks the rewrite of {', '.join(missing)} to {name}"
        assert sources == wanted
        assert all(
            path.startswith(tuple(f"/{root}" for root in roots(name))) for path in paths(name)
        )

    @pytest.mark.parametrize("name", FUNCTIONS)
    def test_no_route_of_another_function_is_caught(self, name: str) -> None:
        own = {path for root in roots(name) for path in (f"/{root}", f"/{root}/{{proxy+}}")}
        for event in nonempty(events(name, "HttpApi")):
            assert event["Path"] in own
            assert event["ApiId"] == {"Ref": "Api"}


class TestWorkers:
    @staticmethod
    def messages(name: str) -> dict[str, Any]:
        """What brings a worker its messages."""
        listed = events(f"{name}Worker", "SQS")
        assert len(listed) == 1, f"template.yaml: {name}Worker has to have one event of SQS"
        return listed[0]

    @pytest.mark.parametrize("name", WORKERS)
    def test_each_has_the_queue_that_its_function_fills(self, name: str) -> None:
        messages = self.messages(name)
        urls = [
            lambdas()[function]["Environment"]["Variables"].get("MEDILENS_QUEUE_URL")
            for function in (name, f"{name}Worker")
        ]
        queue = template()["Resources"][f"{name}Queue"]["Properties"]

        assert messages["Queue"] == {"Fn::GetAtt": f"{name}Queue.Arn"}
        assert messages["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert urls == [{"Ref": f"{name}Queue"}] * 2, (
            f"template.yaml: MEDILENS_QUEUE_URL of {name} and {name}Worker has to be {name}Queue"
        )
        assert queue["RedrivePolicy"]["maxReceiveCount"] == MAX_TRIES

    @pytest.mark.parametrize("name", WORKERS)
    def test_a_message_comes_again_soon_after_its_worker_can_no_longer_run(self, name: str) -> None:
        """AWS advises six times that for batches; one message at a time needs no more than once."""
        messages = self.messages(name)
        timeout_s = lambdas()[f"{name}Worker"]["Timeout"]
        visible_s = template()["Resources"][f"{name}Queue"]["Properties"]["VisibilityTimeout"]

        assert messages["BatchSize"] == 1
        assert timeout_s < visible_s <= timeout_s + 60
        # All tries together are over before the message is.
        retention_s = template()["Resources"][f"{name}Queue"]["Properties"]
        assert MAX_TRIES * visible_s + sum(RETRY_AFTER_S) < retention_s["MessageRetentionPeriod"]

    def test_a_worker_of_the_assistant_is_over_before_its_lease(self) -> None:
        """And its lease before its message comes again."""
        timeout_s = lambdas()["assistantWorker"]["Timeout"]
        visible_s = template()["Resources"]["assistantQueue"]["Properties"]["VisibilityTimeout"]
        assert timeout_s < LEASE.total_seconds() < visible_s

    @pytest.mark.parametrize("name", WORKERS)
    def test_each_is_as_large_as_its_function(self, name: str) -> None:
        sizes = [lambdas()[function]["MemorySize"] for function in (name, f"{name}Worker")]
        assert sizes[0] == sizes[1]


class TestSchedule:
    def test_both_platforms_start_every_job_at_the_same_hour(self) -> None:
        aws = {
            f"/api/{function}/jobs/{json.loads(event['Input'])['job']}": event["Schedule"]
            for function in SCHEDULED
            for event in events(f"{function}Jobs", "Schedule")
        }
        crons = {cron["path"]: cron["schedule"] for cron in vercel()["crons"]}

        assert aws.keys() == {
            f"/api/{function}/jobs/{job}" for function, jobs in SCHEDULED.items() for job in jobs
        }
        # EventBridge has a sixth field, the year, and wants one of the two days left open.
        assert {job: f"cron({at[:-1]}? *)" for job, at in crons.items()} == aws


class TestSnapStart:
    def test_every_function_that_somebody_waits_for_starts_from_a_snapshot(self) -> None:
        for name in FUNCTIONS:
            assert lambdas()[name]["SnapStart"] == {"ApplyOn": {"Ref": "SnapStart"}}
            # A snapshot is of a published version, and the API has to ask that version.
            assert lambdas()[name]["AutoPublishAlias"] == "live"
        assert template()["Parameters"]["SnapStart"]["Default"] == "PublishedVersions"

    def test_no_job_does(self) -> None:
        for name in nonempty(JOBS):
            assert lambdas()[name]["SnapStart"] == {"ApplyOn": "None"}


class TestBrowsers:
    """What a web application of another origin may send and see."""

    def test_store_takes_an_upload_with_all_that_was_signed(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("MEDILENS_STORAGE_KMS_KEY", "arn:aws:kms:nowhere-1:1:key/1")
        settings.load.cache_clear()
        sent = storage.Object("a/b", "audio/wav", 3, "00" * 32).headers
        settings.load.cache_clear()
        properties = template()["Resources"]["Uploads"]["Properties"]
        (rule,) = properties["CorsConfiguration"]["CorsRules"]

        assert len(sent) == 4
        assert rule["AllowedOrigins"] == {"Ref": "AllowedOrigins"}
        assert rule["AllowedMethods"] == ["PUT"]
        for name in sent:
            assert any(fnmatchcase(name, allowed) for allowed in rule["AllowedHeaders"]), name

    async def test_api_takes_every_method_and_header_that_a_route_reads(self) -> None:
        cors = template()["Resources"]["Api"]["Properties"]["CorsConfiguration"]
        for name in FUNCTIONS:
            for operations in application(name).openapi()["paths"].values():
                assert {method.upper() for method in operations} <= set(cors["AllowMethods"])
                for operation in operations.values():
                    read = {
                        parameter["name"]
                        for parameter in operation.get("parameters", [])
                        if parameter["in"] == "header"
                    }
                    assert read <= set(cors["AllowHeaders"])
        assert {"authorization", "content-type"} <= set(cors["AllowHeaders"])

    def test_functions_that_answer_for_themselves_say_what_the_api_says(self) -> None:
        cors = template()["Resources"]["Api"]["Properties"]["CorsConfiguration"]
        assert {
            "allow_methods": cors["AllowMethods"],
            "allow_headers": cors["AllowHeaders"],
            "expose_headers": cors["ExposeHeaders"],
            "max_age": cors["MaxAge"],
        } == CORS

    def test_the_api_exposes_what_answers_carry(self) -> None:
        cors = template()["Resources"]["Api"]["Properties"]["CorsConfiguration"]
        assert {"location", "preference-applied", "x-request-id"} <= set(cors["ExposeHeaders"])


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
        assert readers == ["migrationsRole"]
        assert [
            name
            for name, properties in lambdas().items()
            if properties["Role"] == {"Fn::GetAtt": "migrationsRole.Arn"}
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


class TestSettings:
    def test_the_template_sets_none_that_nobody_reads(self) -> None:
        given = {
            variable
            for properties in lambdas().values()
            for variable in properties["Environment"]["Variables"]
        } | set(template()["Globals"]["Function"]["Environment"]["Variables"])

        assert given - variables() - NOT_OURS == set()


def properties(changed: dict[str, Any], name: str) -> dict[str, Any]:
    outcome: dict[str, Any] = changed["Resources"][name]["Properties"]
    return outcome


def limits(changed: dict[str, Any], name: str) -> dict[str, Any]:
    outcome: dict[str, Any] = changed["services"][name]["functions"][f"functions/{name}/app.py"]
    return outcome


type Change = Callable[[dict[str, Any]], object]

OF_THE_TEMPLATE: dict[str, Change] = {
    "timeout": lambda config: properties(config, "uploads").update(Timeout=40),
    "timeout of most": lambda config: config["Globals"]["Function"].update(Timeout=30),
    "timeout of a worker": lambda config: properties(config, "speechWorker").update(Timeout=600),
    "artifact of a worker": lambda config: properties(config, "speechWorker").update(
        CodeUri=".aws-sam/build/records"
    ),
    "route": lambda config: properties(config, "speech")["Events"]["Requests"]["Properties"].update(
        Path="/api/voice/{proxy+}"
    ),
    "route left out": lambda config: properties(config, "uploads")["Events"].pop("Create"),
    "function left out": lambda config: config["Resources"].pop("cognitive"),
    "handler": lambda config: properties(config, "records").update(
        Handler="functions.uploads.app.handler"
    ),
    "schedule": lambda config: properties(config, "maintenanceJobs")["Events"]["Uploads"][
        "Properties"
    ].update(Schedule="cron(0 4 * * ? *)"),
    "version of Python": lambda config: config["Globals"]["Function"].update(Runtime="python3.12"),
}
OF_VERCEL: dict[str, Change] = {
    "ignored key": lambda config: limits(config, "records").update(memory=512),
    "time limit": lambda config: limits(config, "uploads").update(maxDuration=60),
    "route": lambda config: config["rewrites"][0].update(source="/api/heart/:path*"),
    "route left out": lambda config: config["rewrites"].pop(),
    "service left out": lambda config: config["services"].pop("cognitive"),
    "another's code": lambda config: limits(config, "speech").update(excludeFiles="tests/**"),
    "schedule": lambda config: config["crons"].pop(),
}


async def complaints() -> int:
    """How many of the tests above fail now."""
    count = 0
    for tests, functions in ((TestFunctions(), FUNCTIONS), (TestRoutes(), FUNCTIONS)):
        for name in (name for name in dir(tests) if name.startswith("test_")):
            test = getattr(tests, name)
            taken = signature(test).parameters.keys() & {"name", "job"}
            names = functions if "name" in taken else sorted(JOBS.keys() - {"migrations"})
            for arguments in [[name] for name in names] if taken else [[]]:
                count += await _fails(test, *arguments)
    count += await _fails(TestSchedule().test_both_platforms_start_every_job_at_the_same_hour)
    return count + await _fails(TestPython().test_one_version_everywhere)


async def _fails(test: Callable[..., Any], *arguments: str) -> bool:
    try:
        outcome = test(*arguments)
        if isawaitable(outcome):
            await outcome
    except (AssertionError, KeyError):
        return True
    return False


def patch(monkeypatch: pytest.MonkeyPatch, name: str, function: Callable[..., Any]) -> None:
    """Change what is read, for these tests and for what they read it by."""
    for module in (deployments, sys.modules[__name__]):
        monkeypatch.setattr(module, name, function, raising=False)


class TestDrift:
    """What is changed in one place only is noticed: these tests, tested."""

    async def test_nothing_is_complained_of_as_it_is(self) -> None:
        assert await complaints() == 0, "the tests above say what is complained of"

    @pytest.mark.parametrize("change", OF_THE_TEMPLATE)
    async def test_change_of_the_template_alone(
        self, change: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        changed = copy.deepcopy(template())
        OF_THE_TEMPLATE[change](changed)
        patch(monkeypatch, "template", lambda: changed)

        assert await complaints() > 0

    @pytest.mark.parametrize("change", OF_VERCEL)
    async def test_change_of_vercel_alone(
        self, change: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        changed = copy.deepcopy(vercel())
        OF_VERCEL[change](changed)
        patch(monkeypatch, "vercel", lambda: changed)

        assert await complaints() > 0

    async def test_path_that_the_function_alone_has(self, monkeypatch: pytest.MonkeyPatch) -> None:
        patch(monkeypatch, "paths", lambda name: {f"/api/{name}x/more"})

        assert await complaints() > 0
