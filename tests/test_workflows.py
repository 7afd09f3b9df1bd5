"""The workflows call what there is, with no more rights than they need."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.nonempty import nonempty

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / ".github" / "workflows"
NAMES = sorted(path.stem for path in FOLDER.glob("*.yml"))
TEMPLATE = (ROOT / "template.yaml").read_text()

# What each workflow needs beyond reading the code: to sign in to AWS, to fetch another run's work.
MORE = {
    "deploy-aws": {"deploy": {"contents": "read", "id-token": "write"}},
    "rollback-aws": {"deploy": {"contents": "read", "actions": "read", "id-token": "write"}},
}
DEPLOYMENTS = ["deploy-aws", "deploy-vercel", "preview-vercel"]
ROLLBACKS = ["rollback-aws", "rollback-vercel"]
# What a tag may be moved to is decided elsewhere; a commit is what it is.
PINNED = re.compile(r"uses: [\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")


def workflow(name: str) -> dict[Any, Any]:
    read: dict[Any, Any] = yaml.safe_load((FOLDER / f"{name}.yml").read_text())
    return read


def steps(name: str) -> list[str]:
    jobs = workflow(name)["jobs"].values()
    return [step["run"] for job in jobs for step in job.get("steps", []) if "run" in step]


def test_there_is_one_for_each_end() -> None:
    assert ["check", *DEPLOYMENTS, *ROLLBACKS] == NAMES


@pytest.mark.parametrize("name", NAMES)
class TestEvery:
    def test_may_read_and_no_more_than_it_needs(self, name: str) -> None:
        read = workflow(name)
        more = {
            job: own["permissions"] for job, own in read["jobs"].items() if "permissions" in own
        }

        assert read["permissions"] == {"contents": "read"}
        assert more == MORE.get(name, {})

    def test_actions_of_others_are_pinned_by_their_commit(self, name: str) -> None:
        lines = (FOLDER / f"{name}.yml").read_text().splitlines()
        used = [line.strip().removeprefix("- ") for line in lines if "uses:" in line]
        others = [line for line in used if line != "uses: ./.github/workflows/check.yml"]

        assert others
        assert [line for line in others if not PINNED.match(line)] == []

    def test_runs_once_at_a_time(self, name: str) -> None:
        group = workflow(name)["concurrency"]["group"]
        assert group.startswith(f"{name.replace('rollback', 'deploy')}-")

    def test_every_job_ends(self, name: str) -> None:
        for job in nonempty(workflow(name)["jobs"].values()):
            assert "uses" in job or job["timeout-minutes"] <= 60

    def test_calls_what_there_is(self, name: str) -> None:
        makefile = (ROOT / "Makefile").read_text()
        run = "\n".join(steps(name))
        targets = re.findall(r"\bmake ([a-z-]+)", run)
        scripts = re.findall(r"\.github/[\w-]+", run)

        assert targets + scripts
        for target in targets:
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
        for output in re.findall(r"\$\(output (\w+)\)", run):
            assert re.search(rf"^  {output}:$", TEMPLATE, re.MULTILINE), output
        for script in scripts:
            assert (ROOT / script).stat().st_mode & 0o111, script

    def test_writes_no_input_of_others_into_a_command(self, name: str) -> None:
        """`${{ }}` inside `run` is code to whoever may name a branch."""
        assert [run for run in nonempty(steps(name)) if "${{" in run] == []


class TestDeployments:
    @pytest.mark.parametrize("name", DEPLOYMENTS)
    def test_only_by_hand_and_after_the_check(self, name: str) -> None:
        read = workflow(name)

        triggers = read[True]  # YAML takes `on` for a truth
        assert [triggers] == ["workflow_dispatch"] or list(triggers) == ["workflow_dispatch"]
        assert read["jobs"]["deploy"]["needs"] == "check"
        assert read["jobs"]["check"]["uses"] == "./.github/workflows/check.yml"

    @pytest.mark.parametrize("name", [*DEPLOYMENTS, *ROLLBACKS])
    def test_none_is_cancelled_by_another(self, name: str) -> None:
        assert workflow(name)["concurrency"]["cancel-in-progress"] is False

    def test_check_of_a_deployment_is_not_cancelled_by_a_push(self) -> None:
        """It is called with the event of its caller, a `workflow_dispatch`."""
        concurrency = workflow("check")["concurrency"]
        expected = "${{ github.event_name != 'workflow_dispatch' }}"
        assert concurrency["cancel-in-progress"] == expected
        assert "github.workflow }}" in concurrency["group"]

    @pytest.mark.parametrize("name", [*DEPLOYMENTS[:2], *ROLLBACKS])
    def test_environment_is_one_of_two_and_chosen(self, name: str) -> None:
        environment = workflow(name)[True]["workflow_dispatch"]["inputs"]["environment"]

        assert environment["options"] == ["staging", "production"]
        assert environment["required"]
        assert "default" not in environment
        assert workflow(name)["jobs"]["deploy"]["environment"] == "${{ inputs.environment }}"

    @pytest.mark.parametrize("name", [*DEPLOYMENTS, "rollback-aws"])
    def test_what_was_checked_is_what_is_deployed(self, name: str) -> None:
        """Nothing is built a second time."""
        deploy = workflow(name)["jobs"]["deploy"]["steps"]
        downloaded = [step for step in deploy if "download-artifact" in step.get("uses", "")]
        matches = [
            step["with"]
            for step in workflow("check")["jobs"]["artifacts"]["steps"]
            if "upload-artifact" in step.get("uses", "")
        ]

        assert [step["with"]["name"] for step in downloaded] == [matches[0]["name"]]
        assert not any("make build" in step for step in steps(name))
        assert any(
            f"tar --extract --gzip --file {matches[0]['path']}" in step for step in steps(name)
        )

    def test_no_stack_is_meant_by_default(self) -> None:
        for name in ("deploy-aws", "rollback-aws"):
            assert "||" not in str(workflow(name)["jobs"]["deploy"]["env"])
        assert "stack_name" not in (ROOT / "samconfig.toml").read_text()

    def test_schema_comes_before_the_functions(self) -> None:
        aws = "\n".join(steps("deploy-aws"))
        vercel = "\n".join(steps("deploy-vercel"))

        assert aws.index("deploy-aws schema") < aws.index("deploy-aws functions")
        assert vercel.index("medilens db upgrade") < vercel.index("deploy-vercel production")

    @pytest.mark.parametrize("name", ROLLBACKS)
    def test_a_rollback_leaves_the_schema(self, name: str) -> None:
        assert not re.search(r"schema|alive|db (up|down)grade|migrate", "\n".join(steps(name)))

    def test_everything_that_the_ci_runs_is_in_the_check(self) -> None:
        lines = (ROOT / ".ci/run").read_text().splitlines()
        ours = ("make ", "./medilens ")
        commands = {line.removeprefix("step ") for line in lines if line.startswith("step ")}
        assert {command for command in commands if command.startswith(ours)} == {
            step for step in steps("check") if step.startswith(ours)
        }


FAKE_AWS = """#!/usr/bin/env bash
echo "$*" >>"$CALLS"
case "$*" in
  *"describe-stacks"*"StackStatus"*) printf '%s\\n' "$STATE_TOLD"; exit "$STATE_RC" ;;
  *"describe-stacks"*"MigrationFunction"*) echo the-job ;;
  *"lambda invoke"*) echo "{$INVOKED}"; echo '{"after": "head"}' >"${@: -1}" ;;
esac
"""
NO_STACK = (
    "An error occurred (ValidationError) when calling the DescribeStacks operation:"
    " Stack with id medilens-staging does not exist"
)


class Deployment:
    """The script of a deployment to AWS, with an AWS that answers as it is told."""

    def __init__(self, folder: Path) -> None:
        self.calls = folder / "calls"
        self.calls.touch()
        program = folder / "aws"
        program.write_text(FAKE_AWS)
        program.chmod(0o755)
        built = folder / ".aws-sam" / "build" / "migrations"
        built.mkdir(parents=True)
        (built / "job.py").write_text("job = 1")
        (folder / ".build").mkdir()
        shutil.copytree(ROOT / ".github", folder / ".github")
        self.environment = {
            "PATH": f"{folder}:{os.environ['PATH']}",
            "CALLS": str(self.calls),
            "STACK_NAME": "medilens-staging",
            "AWS_REGION": "eu-central-1",
            "STATE_TOLD": "UPDATE_COMPLETE",
            "STATE_RC": "0",
            "INVOKED": "",
        }
        self.script = folder / ".github" / "deploy-aws"

    def run(self, step: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.script), step],
            env=self.environment | environment,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def deployment(tmp_path: Path) -> Deployment:
    return Deployment(tmp_path)


class TestSchemaOfTheStack:
    def test_it_is_upgraded_by_the_new_job_in_the_stack_that_is_there(
        self, deployment: Deployment
    ) -> None:
        done = deployment.run("schema")
        calls = deployment.calls.read_text()

        assert done.returncode == 0, done.stderr
        assert '"after": "head"' in done.stdout
        assert calls.index("update-function-code --function-name the-job") < calls.index("invoke")

    def test_without_a_stack_it_waits(self, deployment: Deployment) -> None:
        done = deployment.run("schema", STATE_TOLD=NO_STACK, STATE_RC="254")

        assert done.returncode == 0, done.stderr
        assert "There is no stack medilens-staging yet" in done.stdout
        assert "invoke" not in deployment.calls.read_text()

    @pytest.mark.parametrize(
        "told",
        [
            "An error occurred (AccessDenied) when calling the DescribeStacks operation: no",
            "Could not connect to the endpoint URL",
            "An error occurred (Throttling) when calling the DescribeStacks operation: Rate",
        ],
    )
    def test_trouble_of_aws_is_not_taken_for_a_stack_that_is_not_there(
        self, deployment: Deployment, told: str
    ) -> None:
        done = deployment.run("schema", STATE_TOLD=told, STATE_RC="254")

        assert done.returncode != 0
        assert told in done.stderr

    @pytest.mark.parametrize("state", ["ROLLBACK_COMPLETE", "UPDATE_IN_PROGRESS"])
    def test_a_stack_that_cannot_take_it_is_said_to_be_so(
        self, deployment: Deployment, state: str
    ) -> None:
        done = deployment.run("schema", STATE_TOLD=state)

        assert done.returncode != 0
        assert state in done.stderr

    def test_a_job_that_raised_ends_the_deployment(self, deployment: Deployment) -> None:
        done = deployment.run("schema", INVOKED='"FunctionError": "Unhandled"')
        assert done.returncode != 0


class TestFunctions:
    def test_what_was_built_goes_to_the_named_stack_with_the_variables(
        self, deployment: Deployment
    ) -> None:
        folder = deployment.script.parent.parent
        (folder / ".build" / "commit").write_text("abc123\n")
        uv = folder / "uv"
        uv.write_text('#!/usr/bin/env bash\nprintf "%s|" "$@" >>"$CALLS"; echo >>"$CALLS"\n')
        uv.chmod(0o755)
        done = deployment.run("functions", VARIABLES='{"TOKEN_ISSUER": "https://x"}')
        parameters, deploy = (line.split("|") for line in deployment.calls.read_text().splitlines())

        assert done.returncode == 0, done.stderr
        assert parameters[-4:-1] == [
            *("--variables", '{"TOKEN_ISSUER": "https://x"}'),
            "CodeVersion=abc123",
        ]
        for option, value in (
            ("--stack-name", "medilens-staging"),
            ("--region", "eu-central-1"),
            ("--parameter-overrides", "file://.build/deployment.yaml"),
        ):
            assert deploy[deploy.index(option) + 1] == value

    def test_a_parameter_of_the_command_goes_before_a_variable(
        self, deployment: Deployment
    ) -> None:
        """A rollback shifts all requests at once, whatever the environment says."""
        assert "functions TrafficShift=AllAtOnce" in "\n".join(steps("rollback-aws"))
        assert deployment.run("nothing").returncode != 0


class TestVariables:
    NEEDED = ("DEPLOY_ROLE_ARN", "TOKEN_ISSUER", "ALLOWED_ORIGINS", "ALARM_EMAIL")

    def test_every_missing_one_is_named(self, deployment: Deployment) -> None:
        done = deployment.run("variables", STACK_NAME="", TOKEN_ISSUER="https://x")

        assert done.returncode == 1
        told = done.stderr.rpartition(": ")[2].split()
        assert told == ["STACK_NAME", "DEPLOY_ROLE_ARN", "ALLOWED_ORIGINS", "ALARM_EMAIL"]

    def test_none_missing_is_fine(self, deployment: Deployment) -> None:
        given = dict.fromkeys(self.NEEDED, "x")
        assert deployment.run("variables", **given).returncode == 0

    def test_the_runbook_has_them_all(self) -> None:
        runbook = (ROOT / "docs" / "deploy.md").read_text()
        for name in (*self.NEEDED, "AWS_REGION", "STACK_NAME"):
            assert f"`{name}`" in runbook


class TestBot:
    def test_everything_that_is_pinned_is_watched(self) -> None:
        read = yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_text())
        watched = {update["package-ecosystem"]: update for update in read["updates"]}

        assert watched.keys() == {"github-actions", "uv", "npm"}
        for folder in watched["uv"]["directories"]:
            assert (ROOT / folder.lstrip("/") / "uv.lock").exists()
        npm = ROOT / watched["npm"]["directory"].lstrip("/")
        assert (npm / "package-lock.json").exists()


def test_owners_are_of_what_there_is() -> None:
    lines = (ROOT / ".github" / "CODEOWNERS").read_text().splitlines()
    for line in nonempty(line for line in lines if line and not line.startswith("#")):
        place, owner = line.split()
        assert owner.startswith("@")
        assert place == "*" or (ROOT / place.strip("/")).exists(), place
