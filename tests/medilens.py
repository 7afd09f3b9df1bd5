"""`make run` and `./medilens` as a person starts them: other processes, their own home and port."""

import os
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from local.child import free_port
from tests.conftest import ROOT
from tests.waiting import PATIENCE_S, wait_until

READY = "Ctrl-C stops"  # the last line before it waits

# curl that fails where the server refuses, which the documents need not say.
CURL = '#!/bin/sh\nPATH="$REAL_PATH" exec curl --fail-with-body --silent --show-error "$@"\n'


@dataclass
class Laptop:
    """A folder to work in, a home of MediLens and a port, all with nothing in them yet."""

    folder: Path
    port: int = field(default_factory=free_port)
    settings: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        programs = self.folder / ".programs"
        programs.mkdir(parents=True)
        (programs / "curl").write_text(CURL)
        (programs / "curl").chmod(0o755)
        (self.folder / "medilens").symlink_to(ROOT / "medilens")

    @property
    def home(self) -> Path:
        return self.folder / "home of medilens"

    @property
    def environment(self) -> dict[str, str]:
        """What a shell of this laptop has: no setting of the tests' own."""
        own = {name: it for name, it in os.environ.items() if not name.startswith("MEDILENS_")}
        return own | {
            "MEDILENS_HOME": str(self.home),
            "PORT": str(self.port),
            "REAL_PATH": os.environ["PATH"],
            "PATH": f"{self.folder / '.programs'}:{os.environ['PATH']}",
            "COLUMNS": "200",
            "PYTHONWARNINGS": "default",
            **self.settings,
        }

    def shell(self, script: str) -> subprocess.CompletedProcess[str]:
        """Run lines of a document in the folder; the port is this laptop's."""
        script = script.replace("127.0.0.1:8000", f"127.0.0.1:{self.port}")
        return self._run(["bash", "-euo", "pipefail", "-c", script])

    def medilens(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self._run(["./medilens", *words])

    def _run(self, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=5 * PATIENCE_S,
        )

    def api(self) -> httpx.Client:
        """A clinician's client of the stack that runs."""
        token = self.medilens("token").stdout.strip()
        return httpx.Client(
            base_url=f"http://127.0.0.1:{self.port}",
            headers={"Authorization": f"Bearer {token}"},
            timeout=PATIENCE_S,
        )

    def make_run(self) -> "MakeRun":
        return MakeRun(self)


class MakeRun:
    """One `make run`, from its start to Ctrl-C."""

    def __init__(self, laptop: Laptop) -> None:
        self._log = laptop.folder / f"make-run-{len(list(laptop.folder.glob('make-run-*')))}.log"
        with self._log.open("w") as out:
            self.process = subprocess.Popen(
                ["make", "run"],
                cwd=ROOT,
                env=laptop.environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )

    @property
    def said(self) -> str:
        return self._log.read_text()

    def ready(self) -> "MakeRun":
        def is_ready() -> bool:
            assert self.process.poll() is None, self.said
            return READY in self.said

        wait_until("make run serves", is_ready, patience_s=5 * PATIENCE_S)
        return self

    def stop(self) -> int:
        """Press Ctrl-C, which reaches every process of the terminal, and return the exit status."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(PATIENCE_S)

    def kill(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
