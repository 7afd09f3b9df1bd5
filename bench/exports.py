"""What a bulk export of 10,000 assessments takes: time, requests, and the memory of its process.

`uv run python -m bench.exports [ASSESSMENTS]`, at most as many as the bench's first organization
has. The store is one in this machine's memory; the
process that is measured serves the routes and does nothing else.
"""

import asyncio
import json
import logging
import multiprocessing
import shutil
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from httpx import ASGITransport, AsyncClient
from moto.server import ThreadedMotoServer
from rich.console import Console

from bench.asgi import app_of
from bench.data import VALUES_PER_ASSESSMENT
from bench.memory import peak_mb
from bench.session import Session, session
from bench.subjects import configured
from shared.aws import requests

ASSESSMENTS = 10_000
MEMORY_LIMIT_MB = 300
SLICE_LIMIT_S = 20.0


def exports(here: Session, assessments: int) -> Mapping[str, Any]:
    """Export everything of one organization, in a process of its own."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    store = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    store.start()
    host, port = store.get_host_and_port()
    with configured(_settings(here, f"http://{host}:{port}")):
        requests.call("s3", "PUT", f"http://{host}:{port}/exports", {}).close()
        here.load(assessments * VALUES_PER_ASSESSMENT, obvious=False)
        context = multiprocessing.get_context("spawn")
        with context.Pool(1) as pool:
            measured: Mapping[str, Any] = pool.apply(_exported, (here.headers(),))
    store.stop()
    return measured


def _settings(here: Session, storage: str) -> Mapping[str, str]:
    return {
        "MEDILENS_DATABASE_URL": here.cluster.app_url,
        "MEDILENS_STORAGE_BUCKET": "exports",
        "MEDILENS_STORAGE_ENDPOINT": storage,
        "MEDILENS_AWS_REGION": "us-east-1",
        "MEDILENS_AWS_ACCESS_KEY_ID": "key",
        "MEDILENS_AWS_SECRET_ACCESS_KEY": "secret",
    }


def _exported(headers: dict[str, str]) -> Mapping[str, Any]:
    return asyncio.run(_export(headers))


async def _export(headers: dict[str, str]) -> Mapping[str, Any]:
    transport, idle_mb = ASGITransport(app_of("fhir")), peak_mb()
    began, polls_s = time.perf_counter(), list[float]()
    async with AsyncClient(transport=transport, base_url="http://bench", headers=headers) as client:
        begun = await client.get("/api/fhir/$export")
        begun.raise_for_status()
        manifest = await _manifest(client, begun.headers["content-location"], polls_s)
    return {
        "seconds": time.perf_counter() - began,
        "polls": len(polls_s),
        "longest_poll_s": max(polls_s),
        "idle_mb": idle_mb,
        "peak_mb": peak_mb(),
        "files": len(manifest["output"]),
        "resources": sum(entry["count"] for entry in manifest["output"]),
        "reports": sum(
            entry["count"] for entry in manifest["output"] if entry["type"] == "DiagnosticReport"
        ),
    }


async def _manifest(client: AsyncClient, place: str, polls_s: list[float]) -> Any:
    """Ask until the export is there, and add how long each answer took."""
    while True:
        asked = time.perf_counter()
        answer = await client.get(place, timeout=60)
        polls_s.append(time.perf_counter() - asked)
        if answer.status_code == 200:
            return answer.json()


def main() -> None:
    assessments = int(sys.argv[1]) if len(sys.argv) > 1 else ASSESSMENTS
    folder = Path(tempfile.mkdtemp(prefix="medilens-bench-"))
    try:
        with session(folder) as here:
            measured = exports(here, assessments)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    Console().print_json(json.dumps(measured))
    is_fine = measured["peak_mb"] <= MEMORY_LIMIT_MB and measured["longest_poll_s"] <= SLICE_LIMIT_S
    raise SystemExit(0 if is_fine else 1)


if __name__ == "__main__":
    main()
