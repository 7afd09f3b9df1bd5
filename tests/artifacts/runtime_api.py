"""Starts a built artifact with the real runtime client, `awslambdaric`, without Docker.

It serves the routes of Lambda's Runtime API that the client needs on the loopback interface, those
around a snapshot among them, so a test exercises the bytes that will be shipped, with the loop, the
size limit and the start that Lambda gives them. Not imitated: memory and processor limits, freezing
between invocations, a read-only file system, streamed answers.
"""

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO, Any

from tests.conftest import INTERPRETER
from tests.waiting import PATIENCE_S, NeverHappened

# A synchronous answer may hold 6 MiB; Lambda leaves about 100 KiB for its envelope.
RESPONSE_LIMIT_BYTES = 6 * 1024 * 1024 + 100 * 1024
REGION = "eu-central-1"

# Without the packages of this environment: the artifact has to bring its own.
PYTHON = Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
RUNTIME_CLIENT = Path(__file__).parent.parent.parent / ".build" / "runtime-client"


@dataclass(frozen=True)
class Outcome:
    """What one invocation gave back."""

    ok: bool
    value: Any


class InitFailed(RuntimeError):
    """The handler could not be imported."""


class RuntimeApi:
    """The server side of the Runtime API, for one process of a function."""

    def __init__(self) -> None:
        # Whether the client has come to the point where a snapshot is taken, and back from it.
        self.restored = False
        self._waiting: queue.Queue[tuple[str, Any]] = queue.Queue()
        self._results: dict[str, queue.Queue[Outcome]] = {}
        self._ready = threading.Event()
        self._init_error: Any = None
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _routes(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        """The value of `AWS_LAMBDA_RUNTIME_API`."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    def invoke(self, event: Any, timeout_s: float = PATIENCE_S) -> Outcome:
        """Send one event and wait for the answer."""
        if not self._ready.wait(timeout_s):
            raise InitFailed(f"The function did not ask for work within {timeout_s} s")
        if self._init_error is not None:
            raise InitFailed(json.dumps(self._init_error, indent=1))
        request_id = str(uuid.uuid4())
        result = self._results[request_id] = queue.Queue()
        self._waiting.put((request_id, event))
        try:
            return result.get(timeout=timeout_s)
        except queue.Empty:
            raise NeverHappened("the function answers", timeout_s) from None

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def next(self) -> tuple[str, Any]:
        """Wait for the next event, on behalf of the function."""
        self._ready.set()
        return self._waiting.get()

    def finish(self, request_id: str, outcome: Outcome) -> None:
        """Take the function's answer, or the error that kept it from starting."""
        if request_id in self._results:
            self._results.pop(request_id).put(outcome)
        else:
            self._init_error = outcome.value
            self._ready.set()


def _routes(api: RuntimeApi) -> type[BaseHTTPRequestHandler]:
    class Routes(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

        def do_GET(self) -> None:
            if self.path.endswith("/restore/next"):
                api.restored = True
                self._answer(200, b"")
                return
            request_id, event = api.next()
            deadline_ms = int((time.time() + 60) * 1000)
            headers = {
                "Content-Type": "application/json",
                "Lambda-Runtime-Aws-Request-Id": request_id,
                "Lambda-Runtime-Deadline-Ms": str(deadline_ms),
                "Lambda-Runtime-Invoked-Function-Arn": (
                    f"arn:aws:lambda:{REGION}:123456789012:function:tested"
                ),
                "Lambda-Runtime-Trace-Id": "Root=1-00000000-000000000000000000000000",
            }
            self._answer(200, json.dumps(event).encode(), headers)

        def do_POST(self) -> None:
            body = _body(self)
            *_, request_id, kind = self.path.split("/")
            if kind == "response" and len(body) > RESPONSE_LIMIT_BYTES:
                self._answer(413, b'{"errorType": "ResponseSizeTooLarge"}')
                api.finish(request_id, Outcome(ok=False, value="ResponseSizeTooLarge"))
                return
            self._answer(202, b'{"status": "OK"}')
            value = json.loads(body or b"null")
            api.finish(request_id, Outcome(ok=kind == "response", value=value))

        def _answer(
            self, status: int, body: bytes, headers: Mapping[str, str] | None = None
        ) -> None:
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Routes


def _body(request: BaseHTTPRequestHandler) -> bytes:
    if request.headers.get("Transfer-Encoding", "").lower() != "chunked":
        return request.rfile.read(int(request.headers.get("Content-Length") or 0))
    parts = []
    while size := int(request.rfile.readline().split(b";")[0], 16):
        parts.append(request.rfile.read(size))
        request.rfile.readline()
    while request.rfile.readline().strip():  # trailers
        pass
    return b"".join(parts)


@contextlib.contextmanager
def started(
    folder: Path,
    handler: str,
    env: Mapping[str, str],
    *,
    vendored: str = "",
    log: IO[str] | None = None,
) -> Iterator[RuntimeApi]:
    """Start the function whose code lies in `folder` and yield what it is asked through."""
    api = RuntimeApi()
    path = [folder, *([folder / vendored] if vendored else []), RUNTIME_CLIENT]
    environment = {
        **INTERPRETER,
        "PYTHONPATH": os.pathsep.join(map(str, path)),
        "PYTHONDONTWRITEBYTECODE": "1",  # the file system is read-only there
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "AWS_REGION": REGION,
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "AWS_LAMBDA_FUNCTION_NAME": "tested",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1769",
        "AWS_LAMBDA_LOG_FORMAT": "JSON",
        "AWS_LAMBDA_RUNTIME_API": api.address,
        "LAMBDA_TASK_ROOT": str(folder),
        "_HANDLER": handler,
        **env,
    }
    command = [str(PYTHON), "-S", "-m", "awslambdaric", handler]
    stdout = log or subprocess.DEVNULL
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=stdout)
    try:
        yield api
    finally:
        process.kill()  # as Lambda does; waiting for work, it would not hear a request to stop
        process.wait()
        api.close()
