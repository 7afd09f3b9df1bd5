"""The workflows call what there is, with no more rights than they need."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / ".github" / "workflows"
NAMES = sorted(path.stem for path in FOLDER.glob("*.yml"))
TEMPLATE = (ROOT / "template.yaml").read_text()

# What a deployment to AWS signs in with.
SIGN_IN = {"contents": "read", "id-token": "write"}


def workflow(name: str) -> dict[Any, Any]:
    read: dict[Any, Any] = yaml.safe_load((FOLDER / f"{name}.yml").read_text())
    return read


def steps(name: str) -> list[str]:
    jobs = workflow(name)["jobs"].values()
    return [step["run"] for job in jobs for step in job.get("steps", []) if "run" in step]


def test_there_is_one_for_each_end() -> None:
    assert NAMES == ["check", "deploy-aws", "deploy-vercel"]


@pytest.mark.parametrize("name", NAMES)
class TestEvery:
    def test_may_read_and_one_job_may_sign_in_to_aws(self, name: str) -> None:
        read = workflow(name)
        more = {
            job: own["permissions"] for job, own in read["jobs"].items() if "permissions" in own
        }

        assert read["permissions"] == {"contents": "read"}
        assert more == ({"deploy": SIGN_IN} if name == "deploy-aws" else {})

    def test_runs_once_at_a_time(self, name: str) -> None:
        assert workflow(name)["concurrency"]["group"].startswith(f"{name}-")

    def test_every_job_ends(self, name: str) -> None:
        for job in workflow(name)["jobs"].values():
            assert "uses" in job or job["timeout-minutes"] <= 60

    def test_calls_what_there_is(self, name: str) -> None:
        makefile = (ROOT / "Makefile").read_text()
        for run in steps(name):
            for target in re.findall(r"\bmake ([a-z-]+)", run):
                assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
            for output in re.findall(r"\$\(output (\w+)\)", run):
                assert re.search(rf"^  {output}:$", TEMPLATE, re.MULTILINE), output
            for script in re.findall(r"\.github/\w+", run):
                assert (ROOT / script).stat().st_mode & 0o111, script

    def test_writes_no_input_of_others_into_a_command(self, name: str) -> None:
        """`${{ }}` inside `run` is code to whoever may name a branch."""
        assert [run for run in steps(name) if "${{" in run] == []


class TestDeployments:
    @pytest.mark.parametrize("name", ["deploy-aws", "deploy-vercel"])
    def test_only_by_hand_and_after_the_check(self, name: str) -> None:
        read = workflow(name)

        assert read[True].keys() == {"workflow_dispatch"}  # YAML takes `on` for a truth
        assert read["jobs"]["deploy"]["needs"] == "check"
        assert read["jobs"]["check"] == {"uses": "./.github/workflows/check.yml"}

    def test_none_is_cancelled_by_another(self) -> None:
        """The check is called with the event of its caller, a `workflow_dispatch`."""
        cancels = {
            name: workflow(name)["concurrency"].get("cancel-in-progress", False) for name in NAMES
        }

        assert cancels == {
            "check": "${{ github.event_name != 'workflow_dispatch' }}",
            "deploy-aws": False,
            "deploy-vercel": False,
        }
        assert "github.workflow }}" in workflow("check")["concurrency"]["group"]

    def test_schema_comes_before_the_functions(self) -> None:
        aws = "\n".join(steps("deploy-aws"))
        vercel = "\n".join(steps("deploy-vercel"))

        assert aws.index(".github/migrate") < aws.index("sam deploy")
        assert vercel.index("medilens db upgrade") < vercel.index("vercel deploy")

    def test_everything_that_the_ci_runs_is_in_the_check(self) -> None:
        lines = (ROOT / ".ci/run").read_text().splitlines()
        ours = ("make ", "./medilens ")
        assert {line for line in lines if line.startswith(ours)} == {
            step for step in steps("check") if step.startswith(ours)
        }
