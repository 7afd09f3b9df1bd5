"""The commands of docs/deploy.md and operating.md that need no account, run as they are written."""

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
RUNBOOK = "".join((ROOT / "docs" / f"{name}.md").read_text() for name in ("deploy", "operating"))

# What has been run when this runs.
TARGETS = {"make build", "make test-artifacts"}

OFFLINE = re.findall(r"<!-- run offline -->\n```sh\n(.*?)```", RUNBOOK, re.DOTALL)
COMMANDS = [line for block in OFFLINE for line in block.splitlines()]


class TestCommands:
    def test_there_are_some(self) -> None:
        assert set(COMMANDS) > TARGETS

    @pytest.mark.parametrize("command", sorted(set(COMMANDS) - TARGETS))
    def test_it_succeeds(self, command: str, tmp_path: Path) -> None:
        environment = {
            **os.environ,
            "SAM_CLI_TELEMETRY": "0",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": str(tmp_path / "none"),
        }
        environment.pop("VIRTUAL_ENV", None)
        words = shlex.split(command)
        done = subprocess.run(
            words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr

    @pytest.mark.parametrize(
        "target", sorted(set(re.findall(r"\bmake ([a-z][a-z-]*)", RUNBOOK)) - {"sure"})
    )
    def test_every_make_target_is_there(self, target: str) -> None:
        assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)

    def test_every_output_and_parameter_is_in_the_template(self) -> None:
        template = (ROOT / "template.yaml").read_text()
        outputs = set(re.findall(r"\$\(output (\w+)\)", RUNBOOK))
        parameters = set(
            re.findall(r"\b([A-Z][A-Za-z]+)=(?:https|on-call|sandbox|\$\(git)", RUNBOOK)
        )

        assert outputs
        assert parameters >= {"TokenIssuer", "AllowedOrigins"}
        for name in outputs | parameters:
            assert re.search(rf"^  {name}:$", template, re.MULTILINE), name
