"""What a snapshot of a started function holds, and what each copy of it makes anew."""

import json
import random
import subprocess
import sys
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from local.server import discover
from shared import settings
from shared.database import engine, sign_of_life
from shared.pipelines import PipelineName
from shared.runtime import snapshot
from shared.settings import ServiceSettings
from tests.conftest import INTERPRETER, ROOT

# Runs as Lambda does up to the snapshot, settings checked, and says what would be in it.
UNTIL_THE_SNAPSHOT = """
import json, os, sys
from importlib import import_module
import_module(f"functions.{sys.argv[1]}.app")
import snapshot_restore_py as hooks
for hook, args, kwargs in hooks.get_before_snapshot():
    hook(*args, **kwargs)
from shared.aws import secrets
from shared.database import engine
network = {f"socket:[{line.split()[9]}]" for kind in ("tcp", "tcp6")
           for line in open(f"/proc/self/net/{kind}").readlines()[1:]}
print(json.dumps({
    "imported": sorted(sys.modules),
    "hooks": [len(hooks.get_before_snapshot()), len(hooks.get_after_restore())],
    "engines": len(engine._engines),
    "secrets": secrets._adopt_secret.cache_info().currsize,
    "connected": sorted({os.readlink(f"/proc/self/fd/{fd}") for fd in os.listdir("/proc/self/fd")
                         if os.path.islink(f"/proc/self/fd/{fd}")} & network),
}))
"""


def started(function: str, kind: str) -> dict[str, Any]:
    environment = {
        **INTERPRETER,
        "PYTHONPATH": str(ROOT),
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "AWS_REGION": "nowhere-1",
        "AWS_LAMBDA_INITIALIZATION_TYPE": kind,
        "MEDILENS_TOKEN_ISSUER": "https://clerk.example.org",
        "MEDILENS_STORAGE_BUCKET": "recordings",
        # Whoever asked for it would fail: there is no such region, and there are no credentials.
        "MEDILENS_SECRET_ARN": "arn:aws:secretsmanager:nowhere-1:1:secret:none",
    }
    done = subprocess.run(
        [sys.executable, "-c", UNTIL_THE_SNAPSHOT, function],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    held: dict[str, Any] = json.loads(done.stdout)
    return held


class TestSnapshot:
    @pytest.mark.parametrize("function", sorted(discover(ROOT)))
    def test_holds_what_requests_import_and_nothing_that_ages(self, function: str) -> None:
        held = started(function, "snap-start")

        assert held["hooks"] == [2, 2]
        assert {"shared.aws.secrets", "shared.aws.storage"} <= set(held["imported"])
        if function in set(PipelineName):
            assert {f"functions.{function}.analysis", f"functions.{function}.decode"} <= set(
                held["imported"]
            )
        assert (held["engines"], held["secrets"], held["connected"]) == (0, 0, [])

    def test_is_not_thought_of_elsewhere(self) -> None:
        held = started("records", "on-demand")
        assert held["hooks"] == [0, 0]


class TestRenew:
    def test_two_copies_go_on_differently(self) -> None:
        state = random.getstate()
        drawn = []
        for _ in range(2):
            random.setstate(state)
            snapshot.renew()
            drawn.append([random.random() for _ in range(3)])

        assert drawn[0] != drawn[1]

    def test_settings_are_read_again(self, monkeypatch: pytest.MonkeyPatch) -> None:
        settings.load(ServiceSettings)
        monkeypatch.setenv("MEDILENS_CODE_VERSION", "restored")
        snapshot.renew()

        assert settings.load(ServiceSettings).code_version == "restored"

    async def test_connections_are_made_anew(self, reconfigure: Any) -> None:
        reconfigure(database_pool="sandbox")
        before: AsyncEngine = engine.current()
        await sign_of_life.ping()
        engine.forget_connections()
        await sign_of_life.ping()

        assert engine.current() is not before
        await before.dispose()
