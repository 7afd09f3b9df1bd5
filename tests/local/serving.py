"""The functions on a real port, with the laptop's own store and queue."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn

from local.queue import MemoryQueue
from local.server import Server, discover
from local.signatures import REGION
from local.storage import BUCKET, DiskStore
from shared import settings
from shared.aws.signing import Credentials
from tests.conftest import ROOT
from tests.waiting import wait_until


@contextmanager
def served(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, DiskStore]]:
    """Serve, and yield the address and the store."""
    store = DiskStore.open(folder / "storage", Credentials("local", "secret"))
    queue = MemoryQueue(store.credentials)
    config = uvicorn.Config(
        Server(discover(ROOT), more=[*store.routes(), *queue.routes()]),
        port=0,
        log_level="critical",
        lifespan="off",
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    wait_until("the server listens", lambda: server.started)
    url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    for name, value in {
        "STORAGE_BUCKET": BUCKET,
        "STORAGE_ENDPOINT": url,
        "QUEUE_URL": f"{url}/queue",
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "secret",
    }.items():
        monkeypatch.setenv(f"MEDILENS_{name}", value)
    settings.load.cache_clear()
    yield url, store
    server.should_exit = True
    thread.join()
    monkeypatch.undo()
    settings.load.cache_clear()
